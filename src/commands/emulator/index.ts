import type { Command } from '../../cli/run.js';
import { formatQuirksHelp } from '../../emulator/quirks.js';

export const emulatorCommand: Command = {
  name: 'emulator',
  about: "run a local emulator of Cloudflare's alerting API",
  flags: ['port', 'data', 'latency', 'quirks'],
  examples: [
    'hookwright emulator --port 8787 --data account.json',
    'hookwright emulator --quirks put-url=applied',
  ],
  details: () => `Quirks (the first value is the default; N and MS are 0):\n${formatQuirksHelp()}`,
  load: async () => (await import('./run-emulator.js')).emulator,
};
