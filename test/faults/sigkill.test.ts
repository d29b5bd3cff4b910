import { spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Emulator } from '../../src/emulator/emulator.js';
import { ACCOUNT } from '../support/core/builders.js';
import { watchInvariants } from '../support/invariants.js';

const BUILT = path.resolve('dist');
const KILLS = Number(process.env['HOOKWRIGHT_KILLS'] ?? 20);
const LATENCY_MS = 12;

const FILE = `\
account_id: ${ACCOUNT}
unlisted: keep
absent: [Gone, Gone too]
ignore: ["dash-*"]
webhooks:
  - { name: New one, url: https://one.example/cf, secret: { env: ONE } }
  - { name: New two, url: https://two.example/cf }
  - { name: New three, url: https://three.example/cf }
  - { name: Pager, url: https://pager.example/cf, previously: [Old pager] }
  - { name: Audit, url: https://audit.example/v2, secret: { env: AUDIT } }
  - { name: Trail, url: https://trail.example/v2 }
`;

const EXPECTED = [
  'Audit https://audit.example/v2 audit-secret',
  'New one https://one.example/cf one-secret',
  'New three https://three.example/cf',
  'New two https://two.example/cf',
  'Pager https://pager.example/cf',
  'Stranger https://stranger.example/cf',
  'Trail https://trail.example/v2',
  'dash-x https://dash.example/cf',
];

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hookwright-sigkill-'));
  await writeFile(path.join(folder, 'hookwright.yaml'), FILE);
  // A copy, so that a build during the test cannot delete the command.
  await writeFile(path.join(folder, 'package.json'), '{"type":"module"}');
  await cp(BUILT, path.join(folder, 'dist'), { recursive: true });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function start(emulator: Emulator): { readonly child: ChildProcess; readonly exit: Promise<number | null> } {
  const env = {
    PATH: process.env['PATH'],
    CLOUDFLARE_API_TOKEN: 'token',
    CLOUDFLARE_BASE_URL: emulator.url,
    ONE: 'one-secret',
    AUDIT: 'audit-secret',
    CI: 'true',
  };
  const args = [
    path.join('dist', 'hookwright.cjs'),
    'apply',
    '--auto-approve',
    '--quiet',
    '--parallelism',
    '3',
  ];
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: 'ignore' });
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, exit };
}

function seeded(): Emulator {
  const emulator = new Emulator({ latency: LATENCY_MS });
  emulator.seed(
    ACCOUNT,
    [
      { name: 'Old pager', url: 'https://pager.example/cf' },
      { name: 'Audit', url: 'https://audit.example/v1', secret: 'audit-secret' },
      { name: 'Trail', url: 'https://trail.example/v1' },
      { name: 'Gone', url: 'https://gone.example/cf' },
      { name: 'Gone too', url: 'https://gone.example/cf' },
      { name: 'Stranger', url: 'https://stranger.example/cf' },
      { name: 'dash-x', url: 'https://dash.example/cf' },
    ],
    [
      { name: 'Edge', uses: ['Audit', 'Trail', 'Old pager'] },
      { name: 'Keys', uses: ['Trail', 'Stranger'], email: ['ops@example.com'] },
    ],
  );
  return emulator;
}

/** Kills an apply some milliseconds after its first request, and reruns it. `undefined`: it was over. */
async function killOnce(afterMs: number): Promise<readonly string[] | undefined> {
  const emulator = seeded();
  const destination = ({ name }: { readonly name: string }): string =>
    name.replace(/ \[hookwright: replaces [0-9a-f]{8}\]$/, '').replace('Old pager', 'Pager');
  const invariants = watchInvariants(emulator.view, { destination });
  let began = (): void => undefined;
  const listed = new Promise<void>((resolve) => (began = resolve));
  emulator.onRequest = (request, view) => {
    began();
    invariants.hook(request, view);
  };
  await emulator.start();
  try {
    const first = start(emulator);
    await Promise.race([listed, first.exit]);
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    const killed = first.child.kill('SIGKILL');
    await first.exit;
    const exit = await start(emulator).exit;
    const names = emulator.account(ACCOUNT).webhooks.map(({ name, url, secret = '' }) => {
      return `${name} ${url} ${secret}`.trim();
    });
    const broken = [...invariants.finish()];
    if (exit !== 0) broken.push(`the second apply ends with ${exit}`);
    if (names.sort().join() !== EXPECTED.join()) broken.push(`at the end: ${names.join('; ')}`);
    return killed ? broken : broken.length > 0 ? broken : undefined;
  } finally {
    await emulator.stop();
  }
}

test(
  'after a kill at any moment, the next apply finishes',
  async () => {
    const lastsMs = await (async () => {
      const emulator = await seeded().start();
      const exit = await start(emulator).exit;
      const [first, last] = [emulator.requests[0], emulator.requests.at(-1)];
      await emulator.stop();
      expect(exit).toBe(0);
      return (last?.at ?? 0) - (first?.at ?? 0);
    })();
    let kills = 0;
    for (let tries = 0; kills < KILLS && tries < KILLS * 4; tries += 1) {
      const afterMs = Math.random() * lastsMs;
      const broken = await killOnce(afterMs);
      expect({ afterMs, broken: broken ?? [] }).toEqual({ afterMs, broken: [] });
      if (broken) kills += 1;
    }
    expect(kills).toBe(KILLS);
  },
  30_000 + KILLS * 3_000,
);
