import { API_FLAGS, FILE_FLAGS } from '../../cli/flags.js';
import type { Command } from '../../cli/run.js';

export const doctorCommand: Command = {
  name: 'doctor',
  about: 'check the token, account, file and network',
  flags: [...FILE_FLAGS, 'plainFormat', ...API_FLAGS],
  examples: ['hookwright doctor', 'hookwright doctor --format json'],
  load: async () => (await import('./run-doctor.js')).doctor,
};
