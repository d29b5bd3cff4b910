const DELETE = 'To delete webhooks, list their names under "absent" in the file, then run: hookwright apply';
const NO_STATE = 'There is no state file: every plan reads the live webhooks.';

/** Commands of Terraform, kubectl and dnscontrol, and what to do instead. */
const COMMANDS: Readonly<Record<string, string>> = {
  delete: DELETE,
  destroy: DELETE,
  diff: 'To see what apply would change, run: hookwright plan',
  fmt: 'There is no formatter; use one for YAML. To check the file, run: hookwright validate',
  get: 'To list the live webhooks, run: hookwright status',
  graph: 'To draw which policies use which webhooks, run: hookwright plan --report html=plan.html',
  init: 'There is nothing to initialize. To write a file from the live webhooks, run: hookwright import -f hookwright.yaml',
  list: 'To list the live webhooks, run: hookwright status',
  login: 'Set CLOUDFLARE_API_TOKEN. To check the token, run: hookwright doctor',
  output: 'To print the live webhooks as JSON, run: hookwright status --format json',
  preview: 'To see what apply would change, run: hookwright plan',
  push: 'To carry out the plan, run: hookwright apply',
  refresh: `${NO_STATE} To see what changed, run: hookwright plan`,
  state: `${NO_STATE} To list them, run: hookwright status`,
  'state mv': `${NO_STATE} To rename a webhook, change its name in the file and list the old name under "previously".`,
  'state rm': `${NO_STATE} To leave a webhook alone, remove its entry and list its name under "ignore".`,
  taint: 'To replace a webhook, run: hookwright apply --replace NAME',
  workspace:
    'There are no workspaces. Describe each account in a document of its own; --account ID selects one.',
};

const JSON_FORMAT = 'For JSON, pass --format json.';
const APPROVE = 'To skip the approval prompt, pass --auto-approve.';

/** Flags of theirs, without dashes and value. */
const FLAGS: Readonly<Record<string, string>> = {
  approve: APPROVE,
  chdir: 'Change to the directory first: cd DIR && hookwright plan',
  destroy: DELETE,
  'dry-run': 'To see what apply would change, run: hookwright plan',
  input: APPROVE,
  json: JSON_FORMAT,
  o: JSON_FORMAT,
  output: JSON_FORMAT,
  lock: 'There is no state file to lock; leave this flag out.',
  'lock-timeout': 'There is no state file to lock; leave this flag out.',
  refresh: `${NO_STATE} Leave this flag out.`,
  'refresh-only': `${NO_STATE} Leave this flag out.`,
  state: `${NO_STATE} Leave this flag out.`,
  var: 'There are no variables. In the file, refer to an environment variable: { env: NAME }',
  'var-file': 'There are no variables. In the file, refer to an environment variable: { env: NAME }',
  v: 'To print the version, run: hookwright version',
  V: 'To print the version, run: hookwright version',
  y: APPROVE,
  yes: APPROVE,
};

/** What to do instead of a command that hookwright does not have, or `undefined`. */
export function insteadOfCommand(command: string, subcommand = ''): string | undefined {
  return own(COMMANDS, `${command} ${subcommand}`) ?? own(COMMANDS, command);
}

/** What to do instead of a flag that hookwright does not have, or `undefined`. */
export function insteadOfFlag(name: string): string | undefined {
  return own(FLAGS, name);
}

function own(table: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
