import type { ExitCode } from '../core/exit-codes.js';
import type { FlagName } from '../cli/flags.js';
import type { Run } from '../cli/run.js';

/** One command: its help, its flags, and its code. */
export type Command = {
  readonly name: string;
  readonly argument?: {
    readonly name: string;
    readonly about: string;
    readonly required: boolean;
    readonly choices?: readonly string[];
  };
  readonly about: string;
  readonly flags: readonly FlagName[];
  readonly examples: readonly string[];
  /** Loaded only when it runs, so that no command waits for another's libraries. */
  readonly load: () => Promise<(run: Run) => Promise<ExitCode>>;
};

const FILES = ['file', 'account', 'allowLiteralSecrets', 'envAllow', 'secretDir'] as const;
const API = ['apiUrl', 'timeout', 'retries', 'retryDelay', 'settle', 'parallelism'] as const;
const PLANNING = ['target', 'shard', 'previous', 'rotate', 'replace', 'allowDelete', 'allowDetach'] as const;
export const EVERYWHERE = ['logLevel', 'color', 'quiet'] as const;

export const COMMANDS: readonly Command[] = [
  {
    name: 'validate',
    about: 'check desired-state files, offline',
    flags: [...FILES, 'plainFormat', 'report'],
    examples: ['hookwright validate', 'hookwright validate -f webhooks/ --report sarif=faults.sarif'],
    load: async () => (await import('./validate/run-validate.js')).validate,
  },
  {
    name: 'plan',
    about: 'show the changes that apply would make; writes nothing',
    flags: [...FILES, ...PLANNING, 'out', 'detailedExitcode', 'format', 'report', ...API],
    examples: ['hookwright plan', 'hookwright plan --previous git:deployed --out plan.json'],
    load: async () => (await import('./plan/run-plan.js')).plan,
  },
  {
    name: 'apply',
    argument: {
      name: 'planfile',
      about: 'a saved plan to apply exactly, without a prompt',
      required: false,
    },
    about: 'apply the file to the account',
    flags: [
      ...FILES,
      ...PLANNING,
      'autoApprove',
      'expectDigest',
      'format',
      'report',
      'events',
      ...API,
      'settle',
    ],
    examples: ['hookwright apply', 'hookwright apply plan.json'],
    load: async () => (await import('./apply/run-apply.js')).apply,
  },
  {
    name: 'show',
    argument: { name: 'planfile', about: 'a saved plan, written by "plan --out"', required: true },
    about: 'show a saved plan',
    flags: ['format', 'report'],
    examples: ['hookwright show plan.json', 'hookwright show plan.json --format markdown'],
    load: async () => (await import('./show/run-show.js')).show,
  },
  {
    name: 'import',
    about: 'write the live webhooks to a desired-state file',
    flags: [...FILES, ...API],
    examples: [
      'hookwright import -f hookwright.yaml',
      'hookwright import --account 023e105f4ecef8ad9ca31a8372d0c353',
    ],
    load: async () => (await import('./import/run-import.js')).importLive,
  },
  {
    name: 'status',
    about: 'show live webhooks, their health, and the policies that use them',
    flags: [...FILES, 'check', 'plainFormat', ...API],
    examples: ['hookwright status', 'hookwright status --check --format json'],
    load: async () => (await import('./status/run-status.js')).status,
  },
  {
    name: 'test',
    argument: { name: 'name', about: 'name of the webhook, or id:ID', required: true },
    about: 'send a test alert through a policy of the webhook',
    flags: [...FILES, 'plainFormat', 'apiUrl', 'timeout', 'retries', 'retryDelay', 'parallelism', 'patience'],
    examples: ['hookwright test "Ops Slack"', 'hookwright test id:b115d5ec15c641ee8b7692c449b5227b'],
    load: async () => (await import('./test/run-test.js')).test,
  },
  {
    name: 'doctor',
    about: 'check the token, account, file and network for problems',
    flags: [...FILES, 'plainFormat', ...API],
    examples: ['hookwright doctor', 'hookwright doctor --format json'],
    load: async () => (await import('./doctor/run-doctor.js')).doctor,
  },
  {
    name: 'schema',
    argument: {
      name: 'kind',
      about: 'schema to print (default: desired)',
      required: false,
      choices: ['desired', 'plan', 'events'],
    },
    about: 'print a JSON Schema',
    flags: [],
    examples: ['hookwright schema > hookwright.schema.json', 'hookwright schema plan'],
    load: async () => (await import('./schema.js')).schema,
  },
  {
    name: 'emulator',
    about: "run a local emulator of Cloudflare's alerting API",
    flags: ['port', 'data', 'latency', 'quirks'],
    examples: [
      'hookwright emulator --port 8787 --data account.json',
      'hookwright emulator --quirks put-url=applied',
    ],
    load: async () => (await import('./emulator/run-emulator.js')).emulator,
  },
  {
    name: 'demo',
    about: 'run a short tour on the emulator: drift, plan, apply, empty plan',
    flags: [],
    examples: ['hookwright demo', 'hookwright demo --no-color'],
    load: async () => (await import('./demo/run-demo.js')).demo,
  },
  {
    name: 'explain',
    argument: { name: 'code', about: 'code of an error, guard or note', required: true },
    about: 'explain an error, guard or note code',
    flags: [],
    examples: ['hookwright explain in-use', 'hookwright explain unlisted-undecided'],
    load: async () => (await import('./explain/run-explain.js')).explain,
  },
  {
    name: 'completion',
    argument: {
      name: 'shell',
      about: 'shell to complete for',
      required: true,
      choices: ['bash', 'zsh', 'fish'],
    },
    about: 'print a shell completion script',
    flags: [],
    examples: ['source <(hookwright completion bash)', 'hookwright completion fish | source'],
    load: async () => (await import('./completion.js')).completion,
  },
];
