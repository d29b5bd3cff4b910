import type { DesiredSecret, DesiredUrl, Spec } from '../../core/desired.js';
import { HookwrightError } from '../../core/errors.js';
import { secretsNeeded } from '../../core/guards.js';
import { type Guard, type ShownAccountPlan, specsOf } from '../../core/plan.js';
import type { Credentials, Environment } from '../../core/ports.js';
import type { Secret } from '../../core/secret.js';
import { VariableRules } from './credential-variables.js';
import {
  type Field,
  type Readable,
  readValue,
  type ReadFile,
  type SecretReading,
  unusable,
} from './read-secret.js';

/** Holds every value that the specs of a run refer to. Each is read once, before the first write. */
export class SecretStore {
  readonly #values = new Map<string, SecretReading>();
  readonly #rules: VariableRules;

  constructor(
    private readonly env: Environment,
    private readonly readFile: ReadFile,
    /** Patterns of `--env-allow`. Absent: any variable that does not hold another tool's credential. */
    envAllow: readonly string[] | undefined,
    /** Called with each value that is read, so that it can be redacted from other output. */
    private readonly onSecretRead: (secret: Secret) => void = () => undefined,
  ) {
    this.#rules = new VariableRules(env, envAllow);
  }

  /**
   * Reads the values that an account's actions need. Returns the guards that stop them: one that lists all
   * missing or invalid values, and `secret-needed` if a URL was not known when the plan was made.
   */
  async preflight({
    actions,
    guards,
  }: Pick<ShownAccountPlan, 'actions' | 'guards'>): Promise<readonly Guard[]> {
    const missing = await this.#missing(specsOf(actions));
    const isKnown = guards.some(({ code }) => code === 'secret-needed');
    return [...(isKnown ? [] : secretsNeeded(actions, (spec) => this.urlOf(spec))), ...missing];
  }

  async #missing(specs: readonly Spec[]): Promise<Guard[]> {
    const problems: { name: string; message: string }[] = [];
    for (const spec of specs) {
      for (const reading of [await this.#read('url', spec.url), await this.#read('secret', spec.secret)]) {
        if (reading && !reading.ok) problems.push({ name: spec.name, message: reading.error.message });
      }
    }
    if (problems.length === 0) return [];
    const list = problems.map(({ name, message }) => `${JSON.stringify(name)}: ${message}`);
    return [
      {
        code: 'secret-missing',
        message: `Missing or invalid secrets: ${list.join('; ')}. Set or correct them where "hookwright apply" runs.`,
        names: [...new Set(problems.map(({ name }) => name))],
      },
    ];
  }

  /** Returns the URL of a spec; `undefined` if {@link preflight} could not read it. */
  urlOf({ url }: Spec): string | undefined {
    if (url.kind === 'literal') return url.url;
    const reading = this.#values.get(keyOf('url', url));
    return reading?.ok ? reading.value.reveal() : undefined;
  }

  /** Returns the values of a spec that passed {@link preflight}. */
  credentialsOf({ url, secret }: Spec): Credentials {
    return {
      url: url.kind === 'literal' ? url.url : this.#value('url', url),
      ...(secret && secret.kind !== 'none' && { secret: this.#value('secret', secret) }),
    };
  }

  /** Reads a value once. Returns `undefined` if there is nothing to read. */
  async #read(
    field: Field,
    value: DesiredUrl | DesiredSecret | undefined,
  ): Promise<SecretReading | undefined> {
    if (!value || value.kind === 'none' || value.kind === 'hidden' || 'url' in value) return undefined;
    const key = keyOf(field, value);
    const known = this.#values.get(key);
    if (known) return known;
    const reading = await this.#readAllowed(field, value);
    if (reading.ok) this.onSecretRead(reading.value);
    this.#values.set(key, reading);
    return reading;
  }

  /** Refuses another tool's credential: does not read its variable, nor use a file that contains it. */
  async #readAllowed(field: Field, value: Readable): Promise<SecretReading> {
    if (value.kind === 'env') {
      const refusal = this.#rules.refusalOf(value.env);
      if (refusal) return unusable(`the environment variable ${value.env} ${refusal.text}`);
    }
    const reading = await readValue(field, value, this.env, this.readFile);
    if (value.kind !== 'file' || !reading.ok) return reading;
    const refusal = this.#rules.refusalOfValue(reading.value.reveal());
    return refusal ? unusable(`the file ${value.file} ${refusal.text}`) : reading;
  }

  #value(field: Field, value: DesiredUrl | DesiredSecret): Secret {
    const reading = this.#values.get(keyOf(field, value));
    if (reading?.ok) return reading.value;
    throw new HookwrightError('internal', 'A secret was asked for that the preflight did not read.');
  }
}

function keyOf(field: Field, value: DesiredUrl | DesiredSecret): string {
  if (value.kind === 'env') return `${field} env:${value.env}`;
  if (value.kind === 'file') return `${field} file:${value.path}`;
  return 'value' in value ? `literal:${value.value.reveal()}` : value.kind;
}
