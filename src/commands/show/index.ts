import type { Command } from '../../cli/run.js';

export const showCommand: Command = {
  name: 'show',
  argument: { name: 'planfile', about: 'written by "plan --out"', required: true },
  about: 'show a saved plan',
  flags: ['format', 'report'],
  examples: ['hookwright show plan.json', 'hookwright show plan.json --format markdown'],
  load: async () => (await import('./run-show.js')).show,
};
