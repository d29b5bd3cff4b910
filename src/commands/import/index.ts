import { API_FLAGS, FILE_FLAGS } from '../../cli/flags.js';
import type { Command } from '../../cli/run.js';

export const importCommand: Command = {
  name: 'import',
  argument: {
    name: 'name',
    about: 'only this webhook (*, ?) or id:ID; all if not given',
    required: false,
    several: true,
  },
  about: 'write the live webhooks to a desired-state file',
  flags: ['importFile', ...FILE_FLAGS.filter((name) => name !== 'file'), 'update', 'policies', ...API_FLAGS],
  examples: [
    'hookwright import -f hookwright.yaml',
    'hookwright import "Ops Slack" -f hookwright.yaml --update --policies',
  ],
  load: async () => (await import('./run-import.js')).importLive,
};
