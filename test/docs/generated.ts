import desired from '../../schemas/hookwright.schema.json' with { type: 'json' };
import { argumentUsage } from '../../src/cli/arguments.js';
import { GLOBAL_FLAGS } from '../../src/cli/flags.js';
import type { Command } from '../../src/cli/run.js';
import { COMMANDS } from '../../src/commands/commands.js';
import { makeFlag, type FlagName } from '../../src/cli/flags.js';
import { ERROR_CODES } from '../../src/core/errors.js';
import { EXIT, exitOfError } from '../../src/core/exit-codes.js';
import { keysOf } from './schema-keys.js';

const code = (text: string): string => `\`${text}\``;

function commands(): string {
  const rows = COMMANDS.map(({ name, argument, about }) =>
    argument
      ? `- ${code(`${name} ${argumentUsage(argument)}`)}: ${about}${takes(argument)}`
      : `- ${code(name)}: ${about}`,
  );
  return rows.join('\n');
}

/** The first choice is the default of an optional argument. */
function takes({ name, about, choices, required }: NonNullable<Command['argument']>): string {
  if (!choices) return `; ${code(name)}: ${about}`;
  return `: ${choices.join(', ')}${required ? '' : ` (default ${choices[0] ?? ''})`}`;
}

function flags(): string {
  const names = [...new Set<FlagName>([...COMMANDS.flatMap((command) => command.flags), ...GLOBAL_FLAGS])];
  const users = (name: FlagName): string =>
    GLOBAL_FLAGS.some((each) => each === name)
      ? 'All commands'
      : COMMANDS.filter((command) => command.flags.includes(name))
          .map((command) => command.name)
          .join(', ');
  const item = (name: FlagName): string => {
    const flag = makeFlag(name);
    const initial: unknown = flag.negate ? undefined : flag.defaultValue;
    const choices = flag.argChoices ? `: ${flag.argChoices.join(', ')}` : '';
    const byDefault = initial === undefined ? '' : `; default ${JSON.stringify(initial).replaceAll('"', '')}`;
    const about = flag.description.replace('; repeatable', '');
    const more = about === flag.description ? '' : '…';
    return `- ${code(flag.flags)}${more}: ${about}${choices}${byDefault}`;
  };
  return [...new Set(names.map(users))]
    .map((group) => [`${group}:`, '', ...names.filter((name) => users(name) === group).map(item)].join('\n'))
    .join('\n\n');
}

/** Of those that no error code names. */
const EXIT_MEANINGS: Readonly<Partial<Record<keyof typeof EXIT, string>>> = {
  done: 'done, or no changes',
  failed: 'any other error',
  changesPending: 'there are changes (only `plan --detailed-exitcode`)',
  partlyApplied: 'partly applied',
  sigint: 'interrupted (SIGINT)',
  sigterm: 'interrupted (SIGTERM)',
};

function exitCodes(): string {
  const rows = (Object.keys(EXIT) as (keyof typeof EXIT)[]).map((name) => {
    const errors = ERROR_CODES.filter((error) => exitOfError(error) === EXIT[name]);
    return `- ${EXIT[name]}: ${EXIT_MEANINGS[name] ?? `error ${errors.map(code).join(', ')}`}`;
  });
  return rows.join('\n');
}

function fileFormat(): string {
  const fields = keysOf(desired, { opened: ['webhooks[]', 'policies[]', 'strategy'] }).map((key) => {
    const initial = key.initial === '"replace"' ? ', default `replace`' : '';
    return `- ${code(key.path)} (${key.type}${key.required ? ', required' : ''}${initial}): ${key.description}`;
  });
  const forms = keysOf({ ...desired.definitions.reference }, {}).map(
    ({ path, description }) => `- ${code(path)}: ${description}`,
  );
  return `${fields.join('\n')}\n\nA reference (\`url\`, \`secret\`) has:\n\n${forms.join('\n')}`;
}

/** What goes between `<!-- generated: NAME -->` and `<!-- /generated: NAME -->`. */
export const GENERATED: Readonly<Record<string, () => string>> = {
  commands,
  flags,
  'exit-codes': exitCodes,
  'file-format': fileFormat,
};
