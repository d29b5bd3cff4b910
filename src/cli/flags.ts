import { InvalidArgumentError, Option } from 'commander';

const collect = (value: string, before: readonly string[] | undefined): string[] => [
  ...(before ?? []),
  value,
];

/** Refuses an empty path: usually a variable is not set, and as a path it would mean the working directory. */
function path(text: string): string {
  if (text !== '') return text;
  throw new InvalidArgumentError('It is empty; check that the variable is set.');
}

const paths = (text: string, before: readonly string[] | undefined): string[] => collect(path(text), before);

function number(least: number, most: number, whole: boolean): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= least && value <= most && (!whole || Number.isInteger(value)))
      return value;
    throw new InvalidArgumentError(`It must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}.`);
  };
}

/** Every flag of every command, once. Help, environment variables, completion and reference come from here. */
const FLAG_FACTORIES = {
  file: () =>
    new Option('-f, --file <path>', 'desired-state file, directory or - (stdin); repeatable').argParser(
      paths,
    ),
  account: () => new Option('--account <id>', 'only this account; error if the files are for others'),
  target: () =>
    new Option('--target <name>', 'only webhooks matching this name (*, ?); repeatable').argParser(collect),
  previous: () =>
    new Option(
      '--previous <path>',
      'last deployed state, to detect rotations and removals: path or git:REV',
    ).argParser(path),
  rotate: () =>
    new Option('--rotate <name>', 'rotate the secret of this webhook; repeatable').argParser(collect),
  replace: () => new Option('--replace <name>', 'replace this webhook; repeatable').argParser(collect),
  allowDelete: () =>
    new Option(
      '--allow-delete <name>',
      'allow deleting this webhook beyond the delete limit; repeatable',
    ).argParser(collect),
  allowDetach: () =>
    new Option(
      '--allow-detach <name>',
      'allow deleting this webhook although policies use it; repeatable',
    ).argParser(collect),
  allowLiteralSecrets: () =>
    new Option('--allow-literal-secrets', 'warn about literal secrets instead of refusing them'),
  envAllow: () =>
    new Option(
      '--env-allow <pattern>',
      'read only environment variables that match this pattern; repeatable',
    ).argParser(collect),
  secretDir: () =>
    new Option('--secret-dir <dir>', 'additional directory for secret files; repeatable').argParser(collect),
  out: () => new Option('--out <file>', 'save the plan, for "apply PLANFILE"').argParser(path),
  detailedExitcode: () => new Option('--detailed-exitcode', 'exit 2 if there are changes'),
  format: () =>
    new Option('--format <kind>', 'output format').choices(['text', 'json', 'markdown']).default('text'),
  plainFormat: () => new Option('--format <kind>', 'output format').choices(['text', 'json']).default('text'),
  report: () =>
    new Option(
      '--report <kind=file>',
      'also write a report: json, markdown, html, gitlab, sarif or junit; repeatable',
    ).argParser(collect),
  events: () => new Option('--events <file>', 'write progress events to this file as NDJSON'),
  autoApprove: () => new Option('--auto-approve', 'skip the approval prompt'),
  expectDigest: () => new Option('--expect-digest <sha>', 'apply only if the plan has this digest'),
  parallelism: () =>
    new Option('--parallelism <n>', 'maximum number of concurrent operations')
      .argParser(number(1, 1000, true))
      .default(10),
  timeout: () =>
    new Option('--timeout <seconds>', 'timeout of each request')
      .argParser(number(0.001, 3600, false))
      .default(30),
  retries: () =>
    new Option('--retries <n>', 'maximum retries of a read').argParser(number(0, 100, true)).default(4),
  retryDelay: () =>
    new Option('--retry-delay <ms>', 'initial delay between retries')
      .argParser(number(0, 600_000, false))
      .default(500),
  settle: () =>
    new Option('--settle <seconds>', 'how long to wait for a write to become visible')
      .argParser(number(0, 3600, false))
      .default(10),
  patience: () =>
    new Option('--settle <seconds>', 'how long to wait for the result')
      .argParser(number(0, 3600, false))
      .default(30),
  apiUrl: () => new Option('--api-url <url>', 'address of the API (CLOUDFLARE_BASE_URL)'),
  shard: () => new Option('--shard <i/n>', 'process only this shard of the accounts, or auto'),
  check: () => new Option('--check', 'exit 1 if a webhook that a policy uses is failing'),
  port: () =>
    new Option('--port <n>', 'port to listen on; 0 picks a free port')
      .argParser(number(0, 65_535, true))
      .default(8787),
  data: () => new Option('--data <file>', 'store the data in this JSON file'),
  latency: () =>
    new Option('--latency <ms>', 'delay each response by this')
      .argParser(number(0, 600_000, false))
      .default(0),
  quirks: () =>
    new Option(
      '--quirks <list>',
      'change uncertain behavior of the API, for example put-url=applied,list-lag=500',
    ),
  logLevel: () =>
    new Option('--log-level <level>', 'log verbosity on stderr')
      .choices(['error', 'warn', 'info', 'debug'])
      .default('info'),
  color: () => new Option('--no-color', 'disable color'),
  quiet: () => new Option('--quiet', 'print only the result and errors'),
} satisfies Record<string, () => Option>;

export type FlagName = keyof typeof FLAG_FACTORIES;

export function makeFlag(name: FlagName): Option {
  return FLAG_FACTORIES[name]();
}

/** Flags that help shows only with `--all`. */
export const ADVANCED: ReadonlySet<FlagName> = new Set([
  'allowLiteralSecrets',
  'envAllow',
  'secretDir',
  'shard',
  'expectDigest',
  'events',
  'apiUrl',
  'timeout',
  'retries',
  'retryDelay',
  'settle',
  'parallelism',
  'logLevel',
  'color',
  'quiet',
]);

/** Flags that approve changes have no variable: an environment can outlive the change that was approved. */
const COMMAND_LINE_ONLY: ReadonlySet<FlagName> = new Set([
  'autoApprove',
  'rotate',
  'replace',
  'allowDelete',
  'allowDetach',
  'allowLiteralSecrets',
]);

/** Returns the variable that sets the flag, or `undefined` for those that approve, allow, rotate or replace. */
export function variableOf(name: FlagName): string | undefined {
  const long = makeFlag(name).long?.slice(2);
  return COMMAND_LINE_ONLY.has(name) || long === undefined
    ? undefined
    : `HOOKWRIGHT_${long.toUpperCase().replaceAll('-', '_')}`;
}

/** The values of the flags; absent if a flag was not given or the command does not have it. */
export type Options = {
  readonly file?: readonly string[];
  readonly account?: string;
  readonly target?: readonly string[];
  readonly previous?: string;
  readonly rotate?: readonly string[];
  readonly replace?: readonly string[];
  readonly allowDelete?: readonly string[];
  readonly allowDetach?: readonly string[];
  readonly allowLiteralSecrets?: boolean;
  readonly envAllow?: readonly string[];
  readonly secretDir?: readonly string[];
  readonly out?: string;
  readonly detailedExitcode?: boolean;
  readonly format?: 'text' | 'json' | 'markdown';
  readonly report?: readonly string[];
  readonly events?: string;
  readonly autoApprove?: boolean;
  readonly expectDigest?: string;
  readonly parallelism?: number;
  readonly timeout?: number;
  readonly retries?: number;
  readonly retryDelay?: number;
  readonly settle?: number;
  readonly apiUrl?: string;
  readonly shard?: string;
  readonly check?: boolean;
  readonly port?: number;
  readonly data?: string;
  readonly latency?: number;
  readonly quirks?: string;
  readonly logLevel?: 'error' | 'warn' | 'info' | 'debug';
  readonly color?: boolean;
  readonly quiet?: boolean;
};
