import { API_FLAGS, FILE_FLAGS } from '../../cli/flags.js';
import type { Command } from '../../cli/run.js';

export const statusCommand: Command = {
  name: 'status',
  about: 'show live webhooks, their health and their policies',
  flags: [...FILE_FLAGS, 'check', 'plainFormat', ...API_FLAGS],
  examples: ['hookwright status', 'hookwright status --check --format json'],
  load: async () => (await import('./run-status.js')).status,
};
