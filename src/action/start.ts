import path from 'node:path';
import { runAction } from './action.js';

// Bundled as dist/action.js, next to the command, which it runs with the runner's own Node.
process.exitCode = await runAction({
  env: process.env,
  write: (text) => process.stdout.write(text),
  command: [process.execPath, path.join(import.meta.dirname, 'hookwright.cjs')],
  onSignal: (listener) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, listener);
  },
});
