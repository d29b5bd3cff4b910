import type { DesiredSecret, DesiredUrl, Reference, Spec } from '../../core/desired.js';
import { HookwrightError } from '../../core/errors.js';
import { secretsNeeded } from '../../core/guards.js';
import { type Guard, type ShownAccountPlan, specsOf } from '../../core/plan.js';
import type { Credentials, Environment } from '../../core/ports.js';
import type { Secret } from '../../core/secret.js';
import { VariableRules } from './credential-variables.js';
import { readSecret, readUrl, type ReadFile, type SecretReading, unusable } from './read-secret.js';

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
      for (const reading of [await this.#readUrl(spec), await this.#readSecret(spec.secret)]) {
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
    const reading = this.#values.get(urlKey(url));
    return reading?.ok ? reading.value.reveal() : undefined;
  }

  /** Returns the values of a spec that passed {@link preflight}. */
  credentialsOf(spec: Spec): Credentials {
    const secret = spec.secret && spec.secret.kind !== 'none' ? this.#value(keyOf(spec.secret)) : undefined;
    const url = spec.url.kind === 'literal' ? spec.url.url : this.#value(urlKey(spec.url));
    return { url, ...(secret && { secret }) };
  }

  async #readUrl({ url }: Spec): Promise<SecretReading | undefined> {
    if (url.kind === 'literal' || url.kind === 'hidden') return undefined;
    return this.#once(urlKey(url), () => this.#allowed(url, () => readUrl(url, this.env, this.readFile)));
  }

  async #readSecret(secret: DesiredSecret | undefined): Promise<SecretReading | undefined> {
    if (!secret || secret.kind === 'none') return undefined;
    const read = (): Promise<SecretReading> => readSecret(secret, this.env, this.readFile);
    return this.#once(keyOf(secret), secret.kind === 'literal' ? read : () => this.#allowed(secret, read));
  }

  /** Refuses another tool's credential: does not read its variable, nor use a file that contains it. */
  async #allowed(reference: Reference, read: () => Promise<SecretReading>): Promise<SecretReading> {
    if (reference.kind === 'env') {
      const refusal = this.#rules.refusalOf(reference.env);
      if (!refusal) return read();
      return unusable(`the environment variable ${reference.env} ${refusal.text}`);
    }
    const reading = await read();
    const refusal = reading.ok ? this.#rules.refusalOfValue(reading.value.reveal()) : undefined;
    return refusal ? unusable(`the file ${reference.file} ${refusal.text}`) : reading;
  }

  async #once(key: string, read: () => Promise<SecretReading>): Promise<SecretReading> {
    const known = this.#values.get(key);
    if (known) return known;
    const reading = await read();
    if (reading.ok) this.onSecretRead(reading.value);
    this.#values.set(key, reading);
    return reading;
  }

  #value(key: string): Secret {
    const reading = this.#values.get(key);
    if (reading?.ok) return reading.value;
    throw new HookwrightError('internal', 'A secret was asked for that the preflight did not read.');
  }
}

/** The hidden URL of a saved plan has no value. Plans with a missing URL are refused earlier. */
const urlKey = (url: Exclude<DesiredUrl, { kind: 'literal' }>): string =>
  url.kind === 'hidden' ? 'hidden' : `url:${keyOf(url)}`;

function keyOf(secret: Exclude<DesiredSecret, { kind: 'none' }>): string {
  switch (secret.kind) {
    case 'env':
      return `env:${secret.env}`;
    case 'file':
      return `file:${secret.path}`;
    case 'literal':
      return `literal:${secret.value.reveal()}`;
  }
}
