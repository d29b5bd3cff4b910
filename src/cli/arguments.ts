import { Command as Program, CommanderError, type Option } from 'commander';
import { usageError } from '../core/errors.js';
import type { ExitCode } from '../core/exit-codes.js';
import { shellWord } from '../text/layout.js';
import { didYouMean } from '../text/suggestions.js';
import { DEFAULTS, type FlagName, FLAGS, GLOBAL_FLAGS, makeFlag, type Options, variableOf } from './flags.js';
import { type Io, widthOf } from './io.js';
import { type Command, VERSION } from './run.js';

/**
 * Calls `run` with the options from the arguments or, if not there, from the environment. Throws `usage` for
 * invalid arguments; returns `undefined` for help and version.
 */
export async function parseAndRun(
  argv: readonly string[],
  io: Io,
  commands: readonly Command[],
  run: (command: Command, args: readonly string[], options: Options) => Promise<ExitCode>,
): Promise<ExitCode | undefined> {
  let exit: ExitCode | undefined;
  const program = new Program('hookwright')
    .description('Plan and apply Cloudflare notification webhooks from a YAML file in Git.')
    .version(VERSION, '--version', 'print the version')
    // Flags after a command belong to the command: `-f --version` names a file.
    .enablePositionalOptions()
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command');
  settings(program, io);
  for (const command of commands) {
    const shell = new Program(command.name).description(command.about).helpOption('-h, --help', 'print help');
    program.addCommand(shell);
    addArgument(shell, command);
    // Only a command that the arguments can mean gets its flags: adding all flags would take 4 ms.
    if (!argv.includes(command.name)) continue;
    complete(shell, command, { io, all: argv.includes('--all') }, async (args, options) => {
      exit = await run(command, args, options);
    });
  }
  program.addHelpText('after', '\nStart with: hookwright demo');
  try {
    await program.parseAsync([...withoutHelpCommand(argv, commands)], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw usageError(usageText(error, argv, commands));
  }
  return exit;
}

/**
 * Makes `help apply` mean `apply --help`, and `help` or `help help` mean `--help`: for its help command,
 * commander takes the exit code of the process, which is 1 until the run has ended.
 */
function withoutHelpCommand(argv: readonly string[], commands: readonly Command[]): readonly string[] {
  if (argv[0] !== 'help') return argv;
  const asked = argv.slice(1).find((word) => !word.startsWith('-')) ?? 'help';
  if (asked === 'help') return ['--help'];
  return commands.some(({ name }) => name === asked) ? [asked, '--help'] : argv;
}

/** Returns commander's message, the suggested word, and the command that prints help. */
function usageText(
  { code, message }: CommanderError,
  argv: readonly string[],
  commands: readonly Command[],
): string {
  const named = commands.find(({ name }) => name === argv[0]);
  const text =
    code === 'commander.help' ? helpText(argv) : message.replace(/^error: (command-argument )?/, '');
  const [, kind, wrong = ''] = /^unknown (option|command) '(.+)'$/s.exec(text) ?? [];
  const lines = [text];
  if (kind === 'command') lines.push(...commandHint(wrong, argv[argv.indexOf(wrong) + 1], commands));
  if (kind === 'option') lines.push(...optionHint(wrong, argv[argv.indexOf(wrong) + 1], named, commands));
  const choices = named?.argument?.choices;
  if (code === 'commander.missingArgument' && choices) lines.push(`Pass one of ${choices.join(', ')}.`);
  if (code === 'commander.excessArguments' && named?.flags.includes('file')) {
    const file = argv.find((word, i) => /\.ya?ml$/.test(word) && !argv[i - 1]?.startsWith('-'));
    const example = file === undefined ? '.' : `: hookwright ${named.name} -f ${shellWord(file)}`;
    lines.push(`Pass a desired-state file with -f${example}`);
  }
  if (code !== 'commander.help') lines.push(`See: hookwright ${named ? `${named.name} ` : ''}--help`);
  return lines.join('\n');
}

function commandHint(wrong: string, next: string | undefined, commands: readonly Command[]): string[] {
  const instead = INSTEAD_OF_COMMANDS.get(`${wrong} ${next ?? ''}`) ?? INSTEAD_OF_COMMANDS.get(wrong);
  if (instead !== undefined) return [instead];
  const near = didYouMean(
    wrong,
    commands.map(({ name }) => name),
  );
  return near === undefined ? [] : [`Did you mean ${near}?`];
}

/** A flag of Terraform has one dash, and its value follows an equals sign: `-out=plan.json`. */
function optionHint(
  wrong: string,
  next: string | undefined,
  command: Command | undefined,
  commands: readonly Command[],
): string[] {
  const [, name = '', value = ''] = /^-*([^=]*)(.*)$/s.exec(wrong) ?? [];
  // A format or a file follows these in other tools.
  const output = value.slice(1) || (next ?? '');
  const isFile = ['o', 'output', 'out-file', 'output-file'].includes(name) && /\.[^.]+$/.test(output);
  if (isFile && command?.flags.includes('out')) return [`Did you mean --out ${output}?`];
  if ((isFile || (name === 'out' && output)) && command?.flags.includes('importFile'))
    return [`Did you mean -f ${output}?`];
  const options = [...(command?.flags ?? []), ...(command ? GLOBAL_FLAGS : [])].map(makeFlag);
  const words = [...options.map(({ long }) => long ?? ''), '--help', ...(command ? [] : ['--version'])];
  const long = `--${name}`;
  const instead = words.includes(long) ? undefined : INSTEAD_OF_FLAGS.get(name);
  const flag = /pass (--[a-z-]+)/.exec(instead ?? '')?.[1];
  if (instead !== undefined && (flag === undefined || !command || words.includes(flag))) return [instead];
  if (command && instead?.startsWith(APPROVE)) return [NO_PROMPT];
  const owners = commands.filter(({ flags }) => flags.some((flag) => makeFlag(flag).long === long));
  if (!words.includes(long) && owners.length > 0)
    return [`${long} is a flag of: ${owners.map(({ name: owner }) => `hookwright ${owner}`).join(', ')}`];
  const near = words.includes(long) ? long : didYouMean(long, words);
  if (near === undefined) return [];
  const takesValue = options.some((option) => option.long === near && option.required);
  return [`Did you mean ${near}${takesValue ? value : ''}?`];
}

/** Commander reports help as an error if no command is given, or an unknown one after `help`. */
function helpText(argv: readonly string[]): string {
  const asked = argv[0] === 'help' ? argv[1] : undefined;
  return asked === undefined ? 'No command was given.' : `unknown command '${asked}'`;
}

function settings(program: Program, io: Io): void {
  program
    .exitOverride()
    // Commander does not suggest options that help hides.
    .showSuggestionAfterError(false)
    .configureHelp({ optionDescription })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      // Errors are thrown and printed once, by the caller; only help that was not requested comes here.
      writeErr: (text) => {
        if (!text.startsWith('error:')) io.stderr.write(text);
      },
      getOutHelpWidth: () => widthOf(io.stdout, 100),
      getErrHelpWidth: () => widthOf(io.stderr, 100),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}

/** Returns the description on one line; commander would use two. */
function optionDescription({ description, argChoices, defaultValue, negate }: Option): string {
  const initial: unknown = negate ? undefined : defaultValue;
  if (argChoices)
    return `${description}: ${argChoices.map((each) => (each === initial ? `${each} (default)` : each)).join(', ')}`;
  return initial === undefined ? description : `${description} (default: ${JSON.stringify(initial)})`;
}

function addArgument(program: Program, { argument }: Command): void {
  if (!argument) {
    program.allowExcessArguments(false);
    return;
  }
  const { about, choices } = argument;
  const made = program.createArgument(argumentUsage(argument), about);
  program.addArgument(choices ? made.choices([...choices]) : made);
}

/** `<name>`, `[name]` or `[name...]`. */
export function argumentUsage({ name, required, several }: NonNullable<Command['argument']>): string {
  const whole = several ? `${name}...` : name;
  return required ? `<${whole}>` : `[${whole}]`;
}

/** Adds the flags, the examples and the action to a subcommand. */
function complete(
  program: Program,
  command: Command,
  { io, all }: { readonly io: Io; readonly all: boolean },
  run: (args: readonly string[], options: Options) => Promise<void>,
): void {
  settings(program, io);
  const flags = [...command.flags, ...GLOBAL_FLAGS];
  const made = new Map(flags.map((name) => [name, makeFlag(name)] as const));
  for (const [name, option] of made) {
    program.addOption(FLAGS[name].advanced ? option.hideHelp(!all).helpGroup('Advanced options:') : option);
  }
  const examples = command.examples.map((example) => `  $ ${example}`).join('\n');
  const details = command.details ? `\n\n${command.details()}` : '';
  const more = all ? details : `\n\nAll options: hookwright help ${command.name} --all`;
  program.addHelpText('after', `\nExamples:\n${examples}${more}`);
  program.action(async () => {
    fromEnvironment(program, made, io.env);
    await run(program.args, { ...DEFAULTS, ...program.opts<Partial<Options>>() });
  });
}

/** Applies variables to flags that are not on the command line. */
function fromEnvironment(program: Program, made: ReadonlyMap<FlagName, Option>, env: Io['env']): void {
  for (const [name, option] of made) {
    const variable = variableOf(name);
    const text = variable === undefined ? undefined : env[variable];
    if (variable === undefined || text === undefined) continue;
    // Empty counts as unset, except for a list of allowed names: an empty list allows nothing.
    if (text === '' && name !== 'envAllow') continue;
    // The variable can be set for a whole job that plans and applies; commands without this format print
    // text.
    if (name === 'plainFormat' && text === 'markdown') continue;
    const key = option.attributeName();
    if (program.getOptionValueSource(key) === 'cli') continue;
    program.setOptionValueWithSource(key, valueOf(option, variable, text), 'env');
  }
}

function valueOf(option: Option, variable: string, text: string): unknown {
  if (option.isBoolean() || option.negate) {
    if (!/^(1|true|yes|0|false|no)$/i.test(text))
      throw usageError(`${variable} must be true or false, not ${JSON.stringify(text)}.`);
    return /^(1|true|yes)$/i.test(text) !== option.negate;
  }
  try {
    if (option.argChoices && !option.argChoices.includes(text)) {
      throw usageError(
        `${variable} must be one of ${option.argChoices.join(', ')}, not ${JSON.stringify(text)}.`,
      );
    }
    if (!option.parseArg) return text;
    if (text === '') return [];
    // Several values are written one per line. A block of YAML ends with a newline.
    const lines = text.replace(/\n$/, '').split('\n');
    return lines.reduce<unknown>((before, line) => option.parseArg?.(line, before), undefined);
  } catch (error) {
    if (error instanceof CommanderError)
      throw usageError(`${variable}: ${error.message}`.replace(': It must', ' must'));
    throw error;
  }
}

const DELETE = 'To delete webhooks, list their names under "absent" in the file, then run: hookwright apply';
const CREATE = 'To create a webhook, add it under "webhooks" in the file, then run: hookwright apply';
const RENAME = 'To rename a webhook, change its name in the file and list the old name under "previously".';
const REPLACE = 'To replace a webhook, run: hookwright apply --replace NAME';
const SEE_CHANGES = 'To see what apply would change, run: hookwright plan';
const CARRY_OUT = 'To carry out the plan, run: hookwright apply';
const VALIDATE = 'To check the file, run: hookwright validate';
const IMPORT = 'To write a file from the live webhooks, run: hookwright import -f hookwright.yaml';
const LIST = 'To list the live webhooks, run: hookwright status';
const NO_STATE = 'There is no state file: every plan reads the live webhooks.';

/** Commands of Terraform, kubectl and dnscontrol, and what to do instead. */
const INSTEAD_OF_COMMANDS = new Map(
  Object.entries({
    add: CREATE,
    check: VALIDATE,
    create: CREATE,
    delete: DELETE,
    deploy: CARRY_OUT,
    destroy: DELETE,
    diff: SEE_CHANGES,
    drift: SEE_CHANGES,
    export: IMPORT,
    fmt: `There is no formatter; use one for YAML. ${VALIDATE}`,
    get: LIST,
    graph: 'To draw which policies use which webhooks, run: hookwright plan --report html=plan.html',
    init: `There is nothing to initialize. ${IMPORT}`,
    lint: VALIDATE,
    list: LIST,
    login: 'Set CLOUDFLARE_API_TOKEN. To check the token, run: hookwright doctor',
    ls: LIST,
    new: CREATE,
    output: 'To print the live webhooks as JSON, run: hookwright status --format json',
    preview: SEE_CHANGES,
    pull: IMPORT,
    push: CARRY_OUT,
    refresh: `${NO_STATE} To see what changed, run: hookwright plan`,
    remove: DELETE,
    rename: RENAME,
    replace: REPLACE,
    rm: DELETE,
    rotate: 'To rotate a secret, change its "version" in the file, or run: hookwright apply --rotate NAME',
    state: `${NO_STATE} To list them, run: hookwright status`,
    'state mv': `${NO_STATE} ${RENAME}`,
    'state rm': `${NO_STATE} To leave a webhook alone, remove its entry and list its name under "ignore".`,
    sync: CARRY_OUT,
    taint: REPLACE,
    verify: VALIDATE,
    workspace:
      'There are no workspaces. Describe each account in a document of its own; --account ID selects one.',
  }),
);

const JSON_FORMAT = 'For JSON, pass --format json.';
const MORE_OUTPUT = 'For more output, pass --log-level debug.';
const TOKEN =
  'Pass the token in the environment variable CLOUDFLARE_API_TOKEN: other users can read a command line.';
const APPROVE = 'To skip the approval prompt, pass --auto-approve.';
const NO_PROMPT = 'This command does not ask for approval; leave this flag out.';

/** Flags of the same tools, without dashes and value. */
const INSTEAD_OF_FLAGS = new Map(
  Object.entries({
    'api-token': TOKEN,
    approve: APPROVE,
    chdir: 'Change to the directory first: cd DIR && hookwright plan',
    destroy: DELETE,
    debug: MORE_OUTPUT,
    'dry-run': SEE_CHANGES,
    force: `${APPROVE} A guard has no general override; its message says how to proceed.`,
    input: APPROVE,
    json: JSON_FORMAT,
    o: JSON_FORMAT,
    output: JSON_FORMAT,
    lock: 'There is no state file to lock; leave this flag out.',
    'lock-timeout': 'There is no state file to lock; leave this flag out.',
    refresh: `${NO_STATE} Leave this flag out.`,
    'refresh-only': `${NO_STATE} Leave this flag out.`,
    state: `${NO_STATE} Leave this flag out.`,
    token: TOKEN,
    var: 'There are no variables. In the file, refer to an environment variable: { env: NAME }',
    'var-file': 'There are no variables. In the file, refer to an environment variable: { env: NAME }',
    verbose: MORE_OUTPUT,
    v: 'To print the version, run: hookwright version',
    V: 'To print the version, run: hookwright version',
    y: APPROVE,
    yes: APPROVE,
  }),
);
