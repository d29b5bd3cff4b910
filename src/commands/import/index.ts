import { API_FLAGS, FILE_FLAGS } from '../../cli/flags.js';
import type { Command } from '../../cli/run.js';

export const importCommand: Command = {
  name: 'import',
  about: 'write the live webhooks to a desired-state file',
  flags: [...FILE_FLAGS, ...API_FLAGS],
  examples: [
    'hookwright import -f hookwright.yaml',
    'hookwright import --account 023e105f4ecef8ad9ca31a8372d0c353',
  ],
  load: async () => (await import('./run-import.js')).importLive,
};
