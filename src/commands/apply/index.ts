import { API_FLAGS, FILE_FLAGS, PLAN_FLAGS } from '../../cli/flags.js';
import type { Command } from '../../cli/run.js';

export const applyCommand: Command = {
  name: 'apply',
  argument: {
    name: 'planfile',
    about: 'a saved plan to apply exactly, without a prompt',
    required: false,
  },
  about: 'apply the file to the account',
  flags: [
    ...FILE_FLAGS,
    ...PLAN_FLAGS,
    'autoApprove',
    'expectDigest',
    'format',
    'report',
    'events',
    ...API_FLAGS,
  ],
  examples: ['hookwright apply', 'hookwright apply plan.json'],
  load: async () => (await import('./run-apply.js')).runApply,
};
