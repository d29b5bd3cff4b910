import { GLOBAL_FLAGS, makeFlag } from '../cli/flags.js';
import type { Command, Run } from '../cli/run.js';
import { HookwrightError } from '../core/errors.js';
import { EXIT, type ExitCode } from '../core/exit-codes.js';

export const completionCommand: Command = {
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
  load: () => Promise.resolve(completion),
};

/** Prints the script that completes commands and flags in a shell. */
function completion({ argument, commands, out }: Run): Promise<ExitCode> {
  const shell = SHELLS.find((name) => name === argument);
  if (!shell) throw new HookwrightError('usage', `completion takes one of ${SHELLS.join(', ')}.`);
  out.result(completionScript(shell, commands));
  return Promise.resolve(EXIT.done);
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

type Word = { readonly word: string; readonly about: string };
type Choice = { readonly flag: string; readonly values: readonly string[] };

/** What can be typed after one command. */
type Completed = {
  readonly command: Command;
  readonly flags: readonly Word[];
  /** Flags and the argument (`''`) that take one of a few values. */
  readonly choices: readonly Choice[];
  /** Flags that take a file or folder. */
  readonly files: readonly string[];
};

/** A completion script for a shell, made from the commands' own definitions. */
export function completionScript(shell: Shell, commands: readonly Command[]): string {
  const completed = commands.map(completedOf);
  switch (shell) {
    case 'bash':
      return bash(completed);
    case 'zsh':
      return zsh(completed);
    case 'fish':
      return fish(completed);
  }
}

function completedOf(command: Command): Completed {
  const options = [...command.flags, ...GLOBAL_FLAGS].map(makeFlag);
  const words = (option: ReturnType<typeof makeFlag>): Word[] =>
    [option.short, option.long].flatMap((word) => (word ? [{ word, about: option.description }] : []));
  const choices = options.flatMap((option) =>
    option.argChoices
      ? words(option).map(({ word }) => ({ flag: word, values: option.argChoices ?? [] }))
      : [],
  );
  const argument = command.argument?.choices ? [{ flag: '', values: command.argument.choices }] : [];
  return {
    command,
    flags: [...options.flatMap(words), { word: '--help', about: 'print help' }],
    choices: [...argument, ...choices],
    files: options
      .filter((option) => /<(path|file|dir)/.test(option.flags))
      .flatMap((option) => words(option).map(({ word }) => word)),
  };
}

const namesOf = (completed: readonly Completed[]): string =>
  completed.map(({ command }) => command.name).join(' ');

function bash(completed: readonly Completed[]): string {
  const cases = completed.map(({ command, flags, choices, files }) => {
    const byFlag = choices
      .filter(({ flag }) => flag !== '')
      .map(
        ({ flag, values }) =>
          `      ${flag}) COMPREPLY=($(compgen -W "${values.join(' ')}" -- "$cur")); return;;`,
      );
    const fileFlags =
      files.length > 0 ? [`      ${files.join('|')}) COMPREPLY=($(compgen -f -- "$cur")); return;;`] : [];
    const argument = choices.find(({ flag }) => flag === '')?.values ?? [];
    const words = [...flags.map(({ word }) => word), ...argument].join(' ');
    return [
      `  ${command.name})`,
      ...(byFlag.length + fileFlags.length > 0
        ? ['    case "$prev" in', ...byFlag, ...fileFlags, '    esac']
        : []),
      `    COMPREPLY=($(compgen -W "${words}" -- "$cur"))`,
      ...(command.argument && argument.length === 0
        ? ['    [[ $cur == -* ]] || COMPREPLY+=($(compgen -f -- "$cur"))']
        : []),
      '    ;;',
    ].join('\n');
  });
  return `# hookwright completion for bash: source <(hookwright completion bash)
_hookwright() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}"
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W "${namesOf(completed)} help --version --help" -- "$cur"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
}
complete -o filenames -F _hookwright hookwright
`;
}

const zshText = (text: string): string =>
  text.replaceAll("'", "'\\''").replaceAll(/[[\]:]/g, (c) => `\\${c}`);

function zsh(completed: readonly Completed[]): string {
  const cases = completed.map(({ command, flags, choices, files }) => {
    const lines = flags.map(({ word, about }) => {
      const values = choices.find(({ flag }) => flag === word)?.values;
      const taken = values ? `:value:(${values.join(' ')})` : files.includes(word) ? ':file:_files' : '';
      return `        '*${word}[${zshText(about)}]${taken}'`;
    });
    const argument = choices.find(({ flag }) => flag === '')?.values;
    const rest = command.argument
      ? [
          argument
            ? `        '1:${command.argument.name}:(${argument.join(' ')})'`
            : `        '1:${command.argument.name}:_files'`,
        ]
      : [];
    return `      ${command.name})\n        _arguments \\\n${[...lines, ...rest].join(' \\\n')}\n        ;;`;
  });
  return `#compdef hookwright
# hookwright completion for zsh: hookwright completion zsh > "\${fpath[1]}/_hookwright"
_hookwright() {
  local context state line
  _arguments -C '1:command:->command' '*::arguments:->arguments'
  case $state in
    command)
      local -a commands
      commands=(
${completed.map(({ command: { name, about } }) => `        '${name}:${zshText(about)}'`).join('\n')}
      )
      _describe command commands
      ;;
    arguments)
      case $line[1] in
${cases.join('\n')}
      esac
      ;;
  esac
}
compdef _hookwright hookwright
`;
}

const fishText = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function fish(completed: readonly Completed[]): string {
  const first = completed.map(
    ({ command: { name, about } }) =>
      `complete -c hookwright -n __fish_use_subcommand -a ${name} -d ${fishText(about)}`,
  );
  const rest = completed.flatMap(({ command, flags, choices, files }) => {
    const where = `complete -c hookwright -n '__fish_seen_subcommand_from ${command.name}'`;
    const argument = choices.find(({ flag }) => flag === '')?.values;
    const lines = flags.map(({ word, about }) => {
      const name = word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`;
      const values = choices.find(({ flag }) => flag === word)?.values;
      const taken = values ? ` -x -a ${fishText(values.join(' '))}` : files.includes(word) ? ' -r -F' : '';
      return `${where} ${name}${taken} -d ${fishText(about)}`;
    });
    const extra = argument
      ? [`${where} -a ${fishText(argument.join(' '))}`]
      : command.argument
        ? [`${where} -F`]
        : [];
    return [...lines, ...extra];
  });
  return `# hookwright completion for fish: hookwright completion fish | source\ncomplete -c hookwright -f\n${[...first, ...rest].join('\n')}\n`;
}
