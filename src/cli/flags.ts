import { InvalidArgumentError, Option } from 'commander';

const collect = (value: string, before: readonly string[] | undefined): string[] => [
  ...(before ?? []),
  value,
];

/** An empty path is most often a variable that was not set; taken as a path it would mean this folder. */
function path(text: string): string {
  if (text !== '') return text;
  throw new InvalidArgumentError('It is empty: is a variable not set?');
}

const paths = (text: string, before: readonly string[] | undefined): string[] => collect(path(text), before);

function number(least: number, most: number, whole: boolean): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= least && value <= most && (!whole || Number.isInteger(value)))
      return value;
    throw new InvalidArgumentError(`It takes a ${whole ? 'whole ' : ''}number from ${least} to ${most}.`);
  };
}

/** Every flag of every command, once. Help, environment variables, completion and reference come from here. */
const MAKERS = {
  file: () =>
    new Option('-f, --file <path>', 'desired state: file, folder or - (stdin); repeatable').argParser(paths),
  account: () => new Option('--account <id>', 'only this account; a file for another one is refused'),
  target: () =>
    new Option('--target <name>', 'only webhooks of this name (* and ? match); repeatable').argParser(
      collect,
    ),
  previous: () =>
    new Option('--previous <path>', 'what was deployed last, to see rotations: file or git:REV').argParser(
      path,
    ),
  rotate: () =>
    new Option('--rotate <name>', 'set the secret of this webhook anew; repeatable').argParser(collect),
  replace: () => new Option('--replace <name>', 'replace this webhook; repeatable').argParser(collect),
  allowDelete: () =>
    new Option('--allow-delete <name>', 'let it be deleted where too many would be; repeatable').argParser(
      collect,
    ),
  allowDetach: () =>
    new Option('--allow-detach <name>', 'let it be deleted although policies use it; repeatable').argParser(
      collect,
    ),
  allowLiteralSecrets: () =>
    new Option('--allow-literal-secrets', 'only warn of secrets written into the file'),
  envAllow: () =>
    new Option('--env-allow <pattern>', 'only variables of this name may be read; repeatable').argParser(
      collect,
    ),
  secretDir: () =>
    new Option('--secret-dir <dir>', 'a folder that secret files may be in; repeatable').argParser(collect),
  out: () => new Option('--out <file>', 'save the plan, for "apply PLANFILE"').argParser(path),
  detailedExitcode: () => new Option('--detailed-exitcode', 'exit 2 if there are changes'),
  format: () =>
    new Option('--format <kind>', 'form of the result').choices(['text', 'json', 'markdown']).default('text'),
  plainFormat: () =>
    new Option('--format <kind>', 'form of the result').choices(['text', 'json']).default('text'),
  report: () =>
    new Option(
      '--report <kind=file>',
      'also write json, markdown, html, gitlab, sarif or junit; repeatable',
    ).argParser(collect),
  events: () => new Option('--events <file>', 'write what happens as NDJSON while it happens'),
  autoApprove: () => new Option('--auto-approve', 'do not ask'),
  expectDigest: () => new Option('--expect-digest <sha>', 'carry out only the plan that has this digest'),
  parallelism: () =>
    new Option('--parallelism <n>', 'how much is under way at once')
      .argParser(number(1, 1000, true))
      .default(10),
  timeout: () =>
    new Option('--timeout <seconds>', 'for one request').argParser(number(0.001, 3600, false)).default(30),
  retries: () =>
    new Option('--retries <n>', 'how often a read is tried again').argParser(number(0, 100, true)).default(4),
  retryDelay: () =>
    new Option('--retry-delay <ms>', 'the first pause before that')
      .argParser(number(0, 600_000, false))
      .default(500),
  settle: () =>
    new Option('--settle <seconds>', 'how long a read that disproves a write is repeated')
      .argParser(number(0, 3600, false))
      .default(10),
  patience: () =>
    new Option('--settle <seconds>', 'how long to wait for the outcome')
      .argParser(number(0, 3600, false))
      .default(30),
  apiUrl: () => new Option('--api-url <url>', 'where the API is (CLOUDFLARE_BASE_URL)'),
  shard: () => new Option('--shard <i/n>', 'only the accounts of this share, or auto'),
  check: () => new Option('--check', 'exit 1 if a webhook that a policy uses is failing'),
  port: () => new Option('--port <n>', '0: a free one').argParser(number(0, 65_535, true)).default(8787),
  data: () => new Option('--data <file>', 'keep the data in this JSON file'),
  latency: () =>
    new Option('--latency <ms>', 'answer so much later').argParser(number(0, 600_000, false)).default(0),
  quirks: () =>
    new Option('--quirks <list>', 'how disputed points behave, for example put-url=applied,list-lag=500'),
  logLevel: () =>
    new Option('--log-level <level>', 'what is told on stderr')
      .choices(['error', 'warn', 'info', 'debug'])
      .default('info'),
  color: () => new Option('--no-color', 'no colour'),
  quiet: () => new Option('--quiet', 'only the result and errors'),
} satisfies Record<string, () => Option>;

export type FlagName = keyof typeof MAKERS;

export function makeFlag(name: FlagName): Option {
  return MAKERS[name]();
}

/** Seldom needed: help leaves them out until it is asked for all. */
export const SELDOM: ReadonlySet<FlagName> = new Set([
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

/** Approvals are given on the command line, where they are seen, not by an environment that lasts. */
const BY_HAND: ReadonlySet<FlagName> = new Set([
  'autoApprove',
  'rotate',
  'replace',
  'allowDelete',
  'allowDetach',
  'allowLiteralSecrets',
]);

/** The variable that sets the flag, or `undefined` for those that approve, allow, rotate or replace. */
export function variableOf(name: FlagName): string | undefined {
  const long = makeFlag(name).long?.slice(2);
  return BY_HAND.has(name) || long === undefined
    ? undefined
    : `HOOKWRIGHT_${long.toUpperCase().replaceAll('-', '_')}`;
}

/** What the flags came to; absent where a flag was not given, or is not one of the command's. */
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
