import { FLAGS, GLOBAL_FLAGS, makeFlag, type FlagName } from '../cli/flags.js';
import type { Command, Run } from '../cli/run.js';
import { EXIT, type ExitCode } from '../core/exit-codes.js';

const SCRIPTS: Readonly<Record<string, (completed: readonly Completed[]) => string>> = { bash, zsh, fish };

/** Prints the script that completes commands and flags in a shell. */
export async function completion({ args: [shell = ''], commands, out }: Run): Promise<ExitCode> {
  const completed = await Promise.all(commands.map(completedOf));
  const help = { name: 'help', about: 'print help for a command' };
  const names = { name: 'command', values: commands.map(({ name }) => name) };
  out.result(SCRIPTS[shell]?.([...completed, { ...help, flags: [], argument: names }]) ?? '');
  return EXIT.done;
}

/** Everything that can follow one command. */
type Completed = {
  readonly name: string;
  readonly about: string;
  readonly flags: readonly CompletedFlag[];
  /** Without `values`, it is a file. */
  readonly argument?: { readonly name: string; readonly values?: readonly string[] };
};
type CompletedFlag = {
  /** `--file`, or `-f`. */
  readonly word: string;
  readonly about: string;
  readonly takes: Value;
};
/** What follows a flag. `words`: the choices, or the prefixes of a file. */
type Value = {
  readonly kind: 'nothing' | 'text' | 'file' | 'choice' | 'prefixes';
  readonly words: string;
};

async function completedOf({ name, about, argument, flags }: Command): Promise<Completed> {
  const values = argument?.choices ?? (await argument?.suggestions?.());
  return {
    name,
    about,
    flags: [
      ...[...flags, ...GLOBAL_FLAGS].flatMap(completedFlags),
      { word: '--help', about: 'print help', takes: { kind: 'nothing', words: '' } },
    ],
    ...(argument && { argument: { name: argument.name, ...(values && { values }) } }),
  };
}

function completedFlags(name: FlagName): readonly CompletedFlag[] {
  const { short, long, description: about, flags, argChoices } = makeFlag(name);
  const words = (argChoices ?? FLAGS[name].prefixes ?? []).join(' ');
  const plain = /<(path|file|dir)/.test(flags) ? 'file' : flags.includes('<') ? 'text' : 'nothing';
  const takes: Value = { kind: argChoices ? 'choice' : words === '' ? plain : 'prefixes', words };
  return [short, long].flatMap((word) => (word === undefined ? [] : [{ word, about, takes }]));
}

const namesOf = (completed: readonly Completed[]): string => completed.map(({ name }) => name).join(' ');

function bash(completed: readonly Completed[]): string {
  return `# hookwright completion for bash: source <(hookwright completion bash)
_hookwright() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}"
  # Bash splits --flag=value into three words.
  if [[ $cur == = ]]; then cur=
  elif [[ $prev == = ]]; then prev="\${COMP_WORDS[COMP_CWORD-2]}"
  elif [[ $cur == --*=* ]]; then prev="\${cur%%=*}" cur="\${cur#*=}"
  fi
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W "${namesOf(completed)} --version --help" -- "$cur"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${completed.map(bashCase).join('\n')}
  esac
}
complete -o filenames -F _hookwright hookwright
`;
}

function bashCase({ name, flags, argument }: Completed): string {
  const files = 'COMPREPLY=($(compgen -f -- "$cur")); return;;';
  const after = flags.flatMap(({ word, takes: { kind, words } }) => {
    const choices = `COMPREPLY=($(compgen -W "${words}" -- "$cur")); return;;`;
    return {
      nothing: [],
      text: [`${word}) return;;`],
      file: [`${word}) ${files}`],
      choice: [`${word}) ${choices}`],
      prefixes: [
        `${word}) compopt -o nospace; ${choices}`,
        `${words.replaceAll('=', '').replaceAll(' ', '|')}) ${files}`,
      ],
    }[kind];
  });
  const words = [...flags.map(({ word }) => word), ...(argument?.values ?? [])].join(' ');
  return [
    `  ${name})`,
    '    case "$prev" in',
    ...after.map((line) => `      ${line}`),
    '    esac',
    `    COMPREPLY=($(compgen -W "${words}" -- "$cur"))`,
    ...(argument && !argument.values ? ['    [[ $cur == -* ]] || COMPREPLY+=($(compgen -f -- "$cur"))'] : []),
    '    ;;',
  ].join('\n');
}

const zshText = (text: string): string =>
  text.replaceAll("'", "'\\''").replaceAll(/[[\]:]/g, (c) => `\\${c}`);

function zsh(completed: readonly Completed[]): string {
  return `#compdef hookwright
# hookwright completion for zsh: hookwright completion zsh > "\${fpath[1]}/_hookwright"
_hookwright() {
  local context state line
  _arguments -C '1:command:->command' '*::arguments:->arguments'
  case $state in
    command)
      local -a commands
      commands=(
${completed.map(({ name, about }) => `        '${name}:${zshText(about)}'`).join('\n')}
      )
      _describe command commands
      ;;
    arguments)
      case $line[1] in
${completed.map(zshCase).join('\n')}
      esac
      ;;
  esac
}
# Loaded from fpath, this file is the function and is called right away; sourced, it only declares it.
if [[ $funcstack[1] == _hookwright ]]; then _hookwright "$@"; else compdef _hookwright hookwright; fi
`;
}

function zshCase({ name, flags, argument }: Completed): string {
  const lines = flags.map(
    // The value of a long flag can also follow "=".
    ({ word, about, takes }) =>
      `'*${word}${word.startsWith('--') && takes.kind !== 'nothing' ? '=' : ''}[${zshText(about)}]${zshValue(takes)}'`,
  );
  if (argument) {
    const values = argument.values ? `(${argument.values.join(' ')})` : '_files';
    lines.push(`'1:${argument.name}:${values}'`);
  }
  const indented = lines.map((line) => `          ${line}`).join(' \\\n');
  return `        ${name})\n          _arguments \\\n${indented}\n          ;;`;
}

function zshValue({ kind, words }: Value): string {
  return {
    nothing: '',
    text: ':value: ',
    file: ':file:_files',
    choice: `:value:(${words})`,
    // A prefix, followed by a file.
    prefixes: `:report:{ if compset -P "*="; then _files; else compadd -S "" -- ${words}; fi }`,
  }[kind];
}

const fishText = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function fish(completed: readonly Completed[]): string {
  const first = completed.map(
    ({ name, about }) => `complete -c hookwright -n __fish_use_subcommand -a ${name} -d ${fishText(about)}`,
  );
  const lines = completed.flatMap(fishLines);
  return `# hookwright completion for fish: hookwright completion fish | source
complete -c hookwright -f
${[...first, ...lines].join('\n')}
`;
}

function fishLines({ name, flags, argument }: Completed): readonly string[] {
  // Only the first word is the command: "help plan" is not "plan".
  const where = `complete -c hookwright -n 'test (count (commandline -opc)) -gt 1; and test (commandline -opc)[2] = ${name}'`;
  const lines = flags.map(({ word, about, takes }) => {
    const option = word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`;
    return `${where} ${option}${fishValue(takes)} -d ${fishText(about)}`;
  });
  if (argument)
    lines.push(`${where} ${argument.values ? `-a ${fishText(argument.values.join(' '))}` : '-F'}`);
  return lines;
}

function fishValue({ kind, words }: Value): string {
  return {
    nothing: '',
    text: ' -x',
    file: ' -r -F',
    choice: ` -x -a ${fishText(words)}`,
    // A prefix, followed by a file.
    prefixes: ` -r -F -a ${fishText(words)}`,
  }[kind];
}
