// npm run model: checks thousands of random runs at every request. Shrinks failures and prints them.
//   --runs N (1000), --seed S (from the clock), --no-shrink, --out FOLDER: also write failing seeds there,
//   --server PATH: use another stand-in, a module that exports a class `FakeCloudflare`
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1000) % 1_000_000) },
    server: { type: 'string' },
    out: { type: 'string' },
    'no-shrink': { type: 'boolean', default: false },
  },
});
const root = path.resolve(import.meta.dirname, '../..');
const jest = path.join(root, 'node_modules/jest/bin/jest.js');
const config = path.join(root, 'jest.model.config.mjs');
if (values.out) mkdirSync(values.out, { recursive: true });
const env = {
  ...process.env,
  HOOKWRIGHT_MODEL_RUNS: values.runs,
  HOOKWRIGHT_MODEL_SEED: values.seed,
  HOOKWRIGHT_MODEL_SHRINK: values['no-shrink'] ? 'no' : 'yes',
  ...(values.server && { HOOKWRIGHT_MODEL_SERVER: path.resolve(values.server) }),
  ...(values.out && { HOOKWRIGHT_MODEL_OUT: path.resolve(values.out) }),
};
const child = spawn(
  process.execPath,
  ['--experimental-vm-modules', '--no-warnings', jest, '--config', config, '--runInBand'],
  {
    cwd: root,
    env,
    stdio: 'inherit',
  },
);
child.on('close', (code) => (process.exitCode = code ?? 1));
