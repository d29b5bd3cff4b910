import type { Command } from '../../cli/run.js';

export const explainCommand: Command = {
  name: 'explain',
  argument: {
    name: 'code',
    about: 'all codes if not given',
    required: false,
    suggestions: async () => (await import('./run-explain.js')).CODES,
  },
  about: 'explain an error, guard or note code',
  flags: [],
  examples: ['hookwright explain', 'hookwright explain in-use'],
  load: async () => (await import('./run-explain.js')).explain,
};
