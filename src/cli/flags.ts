import { InvalidArgumentError, Option } from 'commander';
import type { Loaded } from '../config/load.js';
import { type Environment, RUN_DEFAULTS } from '../core/ports.js';
import { didYouMean } from '../text/suggestions.js';

/** A flag: everything that help, variables, completion and the reference say about it. */
type Flag<Value> = {
  readonly usage: string;
  readonly about: string;
  readonly parse?: (text: string, before: Value | undefined) => Value;
  readonly choices?: readonly (Value & string)[];
  readonly initial?: Value;
} & Traits;

type Traits = {
  /** What a value can begin with, for completion. */
  readonly prefixes?: readonly string[];
  /** Help shows it only with `--all`. */
  readonly advanced?: boolean;
  /** It approves, allows, rotates or replaces, so it has no variable: that would outlast the decision. */
  readonly commandLineOnly?: boolean;
};
type WithInitial<Value> = Flag<Value> & { readonly initial: Value };

const advanced: Traits = { advanced: true };
const decision: Traits = { commandLineOnly: true };

/** Refuses an empty path: it usually means an unset variable, and would select the working directory. */
function path(given: string): string {
  if (given !== '') return given;
  throw new InvalidArgumentError('It is empty; check that the variable is set.');
}

const flag = <Value>(
  usage: string,
  about: string,
  more: Omit<Flag<Value>, 'usage' | 'about'> = {},
): Flag<Value> => ({ usage, about, ...more });

const text = flag<string>;
const toggle = flag<boolean>;

/** Refuses several patterns in one value, because together they would match no variable. */
function variablePattern(given: string): string {
  if (/^[\w*?]*$/.test(given)) return given;
  const parts = given.split(/(?:\\n|[^\w*?])+/).filter((part) => part !== '');
  if (parts.length < 2)
    throw new InvalidArgumentError('A pattern can contain only letters, digits, _, * and ?.');
  throw new InvalidArgumentError(
    'A pattern can contain only letters, digits, _, * and ?. ' +
      `Repeat the flag for each pattern: ${parts.map((part) => `--env-allow '${part}'`).join(' ')}. ` +
      `In the variable, write one pattern per line: export HOOKWRIGHT_ENV_ALLOW=$'${parts.join('\\n')}'`,
  );
}

function digest(given: string): string {
  if (/^[\da-f]{64}$/i.test(path(given))) return given.toLowerCase();
  throw new InvalidArgumentError(
    'A digest has 64 hexadecimal digits. Copy it from the output of plan, where it follows "Digest:".',
  );
}

/** A flag that can be repeated. */
const list = (
  usage: string,
  about: string,
  traits: Traits & { readonly each?: (text: string) => string } = {},
): Flag<readonly string[]> => {
  const { each = String, ...rest } = traits;
  return flag(usage, `${about}; repeatable`, {
    parse: (value, before = []) => [...before, each(value)],
    ...rest,
  });
};

const choice = <Value extends string>(
  usage: string,
  about: string,
  choices: readonly Value[],
  traits: Traits & { readonly initial: NoInfer<Value> },
): WithInitial<Value> => ({ usage, about, choices, ...traits });

type Range = {
  readonly initial: number;
  readonly least?: number;
  readonly most: number;
  readonly whole?: boolean;
};

const number = (
  usage: string,
  about: string,
  { initial, least = 0, most, whole = false, ...traits }: Range & Traits,
): WithInitial<number> => ({
  usage,
  about,
  initial,
  parse: (given) => {
    const value = Number(given);
    if (given.trim() !== '' && value >= least && value <= most && (!whole || Number.isInteger(value)))
      return value;
    throw new InvalidArgumentError(`It must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}.`);
  },
  ...traits,
});

export const REPORT_KINDS = ['json', 'markdown', 'html', 'gitlab', 'sarif', 'junit'] as const;
const MAX_SECONDS = 3600;
const MAX_MS = 600_000;

/** Every flag of every command. */
export const FLAGS = {
  file: list('-f, --file <path>', 'desired-state file, directory or - for stdin (default: hookwright.yaml)', {
    each: path,
  }),
  importFile: {
    ...list('-f, --file <path>', '', { each: path }),
    about: 'desired-state file to write to; printed if not given',
  },
  account: text('--account <id>', 'only this account; error if the files are for others'),
  target: list('--target <name>', 'only this webhook (*, ?) or policy:NAME'),
  previous: text(
    '--previous <path>',
    'deployed state, to detect rotations and removals: path or git:REV[:PATH]',
    { parse: path },
  ),
  rotate: list('--rotate <name>', 'rotate the secret of this webhook', decision),
  replace: list('--replace <name>', 'replace this webhook', decision),
  allowDelete: list('--allow-delete <name>', 'exempt this webhook from the delete limit', decision),
  allowDetach: list('--allow-detach <name>', 'allow deleting a webhook that policies use', decision),
  allowLiteralSecrets: toggle('--allow-literal-secrets', 'allow literal secrets, with a warning', {
    advanced: true,
    commandLineOnly: true,
  }),
  envAllow: list('--env-allow <pattern>', 'read only variables that match this pattern', {
    ...advanced,
    each: variablePattern,
  }),
  secretDir: list('--secret-dir <dir>', 'additional directory for secret files', {
    ...advanced,
    each: path,
  }),
  out: text('--out <file>', 'save the plan, for "apply PLANFILE"', { parse: path }),
  detailedExitcode: toggle('--detailed-exitcode', 'exit 2 if there are changes'),
  format: choice('--format <kind>', 'output format', ['text', 'json', 'markdown'], { initial: 'text' }),
  plainFormat: choice('--format <kind>', 'output format', ['text', 'json'], { initial: 'text' }),
  report: list(
    '--report <kind=file>',
    `also write a report: ${REPORT_KINDS.slice(0, -1).join(', ')} or ${REPORT_KINDS.at(-1) ?? ''}`,
    {
      prefixes: REPORT_KINDS.map((kind) => `${kind}=`),
    },
  ),
  events: text('--events <file>', 'write progress events as NDJSON', {
    ...advanced,
    parse: path,
  }),
  autoApprove: toggle('--auto-approve', 'skip the approval prompt', { commandLineOnly: true }),
  expectDigest: text('--expect-digest <sha>', 'apply only if the plan has this digest', { parse: digest }),
  parallelism: number('--parallelism <n>', 'number of concurrent requests', {
    initial: RUN_DEFAULTS.parallelism,
    least: 1,
    most: 1000,
    whole: true,
    ...advanced,
  }),
  timeout: number('--timeout <seconds>', 'timeout of each request', {
    initial: RUN_DEFAULTS.timeoutMs / 1000,
    least: 0.001,
    most: MAX_SECONDS,
    ...advanced,
  }),
  retries: number('--retries <n>', 'retries of a read or of a refused test message', {
    initial: RUN_DEFAULTS.retries,
    most: 100,
    whole: true,
    ...advanced,
  }),
  retryDelay: number('--retry-delay <ms>', 'initial delay between retries', {
    initial: RUN_DEFAULTS.retryDelayMs,
    most: MAX_MS,
    ...advanced,
  }),
  settle: number('--settle <seconds>', 'wait for a write to become visible', {
    initial: RUN_DEFAULTS.settleMs / 1000,
    most: MAX_SECONDS,
    ...advanced,
  }),
  testTimeout: number('--settle <seconds>', 'wait for the result', {
    initial: 30,
    most: MAX_SECONDS,
  }),
  apiUrl: text('--api-url <url>', 'address of the API (CLOUDFLARE_BASE_URL)', advanced),
  shard: text(
    '--shard <i/n>',
    'process only this shard of the accounts; auto or auto/N: that of the CI job',
    advanced,
  ),
  update: toggle('--update', 'also change entries that differ from the live webhooks'),
  policies: toggle('--policies', 'also write which policies send to the webhooks'),
  check: toggle('--check', 'exit 1 if a webhook in use is failing, or an enabled policy has no recipient'),
  port: number('--port <n>', 'port to listen on; 0 picks a free port', {
    initial: 8787,
    most: 65_535,
    whole: true,
  }),
  data: text('--data <file>', 'store the data in this JSON file', { parse: path }),
  latency: number('--latency <ms>', 'delay each response by this', { initial: 0, most: MAX_MS }),
  quirks: text(
    '--quirks <list>',
    'change uncertain behavior of the API, such as put-url=applied; listed with --help --all',
  ),
  logLevel: choice('--log-level <level>', 'log verbosity on stderr', ['error', 'warn', 'info', 'debug'], {
    initial: 'info',
    ...advanced,
  }),
  color: toggle('--no-color', 'disable color', advanced),
  quiet: toggle('--quiet', 'print only the result and errors', advanced),
};

export type FlagName = keyof typeof FLAGS;
const FLAG_NAMES = Object.keys(FLAGS) as readonly FlagName[];

/** Groups of flags that several commands share. */
export const FILE_FLAGS = ['file', 'account', 'allowLiteralSecrets', 'envAllow', 'secretDir'] as const;
export const API_FLAGS = ['apiUrl', 'timeout', 'retries', 'retryDelay', 'settle', 'parallelism'] as const;
/** These flags decide what the plan is, so a saved plan does not accept them. */
export const PLAN_FLAGS = [
  'target',
  'shard',
  'previous',
  'rotate',
  'replace',
  'allowDelete',
  'allowDetach',
] as const;
export const GLOBAL_FLAGS = ['logLevel', 'color', 'quiet'] as const;

type Row<Name extends FlagName> = (typeof FLAGS)[Name];
type ValueOf<Name extends FlagName> = Row<Name> extends Flag<infer Value> ? Value : never;
/** These flags set an option with the name of another flag. */
type Alias = 'importFile' | 'plainFormat' | 'testTimeout';
type NameWithInitial = {
  [Name in FlagName]: Row<Name> extends { readonly initial: unknown } ? Name : never;
}[FlagName];

/** The parsed flags of a command. Flags with a default always have a value. */
export type Options = {
  readonly [Name in Exclude<NameWithInitial, Alias>]: ValueOf<Name>;
} & { readonly [Name in Exclude<FlagName, NameWithInitial | Alias>]?: ValueOf<Name> };

/** The defaults of all flags. A command can override them. */
export const DEFAULTS = Object.fromEntries(
  Object.entries(FLAGS).flatMap(([name, flag]) => ('initial' in flag ? [[name, flag.initial]] : [])),
) as Options;

/** Returns the flag as a commander option. */
export function makeFlag(name: FlagName): Option {
  const { usage, about, parse, choices, initial }: Flag<unknown> = FLAGS[name] as Flag<unknown>;
  const option = new Option(usage, about);
  if (choices) option.choices([...choices]);
  else if (parse) option.argParser(parse);
  return initial === undefined ? option : option.default(initial);
}

/** Returns the flag as written on the command line: `--allow-delete`. */
export function longName(name: FlagName): string {
  return /--[a-z-]+/.exec(FLAGS[name].usage)?.[0] ?? name;
}

/** Returns the variable that sets the flag; `undefined` for those that approve, allow, rotate or replace. */
export function variableOf(name: FlagName): string | undefined {
  return FLAGS[name].commandLineOnly ? undefined : variableName(name);
}

/** Returns the variable name of the flag, even if the variable has no effect. */
export function variableName(name: FlagName): string {
  return `HOOKWRIGHT_${longName(name).slice(2).toUpperCase().replaceAll('-', '_')}`;
}

const PREFIX = 'HOOKWRIGHT_';
/** Install scripts use it for the version. */
const OF_OTHERS: ReadonlySet<string> = new Set(['HOOKWRIGHT_VERSION']);

/** The environment variables that the files of a run refer to; warns about those that have no effect. */
export class FileVariables {
  readonly #names = new Set<string>();
  /** Whether all names are known. False without files, with errors, or if a document has no account. */
  #isComplete = false;
  #hasRead = false;

  /** Adds the variables that files refer to. */
  add({ accounts, diagnostics, counts }: Loaded): void {
    const isWhole = !diagnostics.some(({ severity }) => severity === 'error');
    this.#isComplete = isWhole && accounts.length >= counts.documents && (this.#isComplete || !this.#hasRead);
    this.#hasRead = true;
    for (const { url, secret } of accounts.flatMap(({ webhooks }) => webhooks)) {
      for (const reference of [url, secret]) {
        if (reference?.kind === 'env') this.#names.add(reference.env);
      }
    }
  }

  /** Returns a warning for each non-empty `HOOKWRIGHT_…` variable that no flag has and no file refers to. */
  warnings(env: Environment): string[] {
    const known = new Set(FLAG_NAMES.flatMap((flag) => variableOf(flag) ?? []));
    const suffixes = [...known].map((name) => name.slice(PREFIX.length));
    return Object.entries(env).flatMap(([name, value]) => {
      if (!name.startsWith(PREFIX) || value === undefined || value === '') return [];
      if (known.has(name) || OF_OTHERS.has(name) || this.#names.has(name)) return [];
      const decision = FLAG_NAMES.find((flag) => variableName(flag) === name);
      const near = didYouMean(name.slice(PREFIX.length), suffixes);
      // A file could still refer to it, unless it is a misspelling.
      if (!this.#isComplete && decision === undefined && near === undefined) return [];
      const meant = near === undefined ? '' : ` Did you mean ${PREFIX}${near}?`;
      const hint = decision === undefined ? meant : ` Pass ${longName(decision)} on the command line.`;
      return [`Warning: the environment variable ${name} has no effect.${hint}`];
    });
  }
}
