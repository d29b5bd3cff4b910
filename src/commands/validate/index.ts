import { FILE_FLAGS } from '../../cli/flags.js';
import type { Command } from '../../cli/run.js';

export const validateCommand: Command = {
  name: 'validate',
  about: 'check desired-state files, offline',
  flags: [...FILE_FLAGS, 'plainFormat', 'report'],
  examples: ['hookwright validate', 'hookwright validate -f webhooks/ --report sarif=errors.sarif'],
  load: async () => (await import('./run-validate.js')).validate,
};
