import { FILE_FLAGS } from '../../cli/flags.js';
import type { Command } from '../../cli/run.js';

export const testCommand: Command = {
  name: 'test',
  argument: { name: 'name', about: 'name of the webhook, or id:ID', required: true },
  about: 'send a test alert through a policy of the webhook, after a prompt',
  flags: [
    ...FILE_FLAGS,
    'autoApprove',
    'plainFormat',
    'apiUrl',
    'timeout',
    'retries',
    'retryDelay',
    'parallelism',
    'testTimeout',
  ],
  examples: ['hookwright test "Ops Slack"', 'hookwright test id:b115d5ec15c641ee8b7692c449b5227b'],
  load: async () => (await import('./run-test.js')).test,
};
