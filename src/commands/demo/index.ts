import type { Command } from '../../cli/run.js';

export const demoCommand: Command = {
  name: 'demo',
  about: 'run a short tour on the emulator',
  flags: [],
  examples: ['hookwright demo', 'hookwright demo --no-color'],
  load: async () => (await import('./run-demo.js')).demo,
};
