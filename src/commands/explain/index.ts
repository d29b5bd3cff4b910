import type { Command } from '../../cli/run.js';

export const explainCommand: Command = {
  name: 'explain',
  argument: {
    name: 'code',
    about: 'code of an error, guard or note',
    required: true,
    suggestions: async () => (await import('./run-explain.js')).CODES,
  },
  about: 'explain an error, guard or note code',
  flags: [],
  examples: ['hookwright explain in-use', 'hookwright explain unlisted-undecided'],
  load: async () => (await import('./run-explain.js')).explain,
};
