// npm run soak: a thousand accounts, planned and applied under a rate limit, whole and in shards. Takes some minutes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { changeBetween } from '../bench/page.mjs';
import { accountId, webhook } from './world.mjs';

const ACCOUNTS = 1000;
const WEBHOOKS = 20;
const LATENCY_MS = 20;
// Cloudflare's 1,200 requests in 300 s, a hundred times as quick.
const LIMIT = { requests: 1200, seconds: 3 };

const here = import.meta.dirname;
const bin = path.resolve(here, '../../dist/hookwright.cjs');
const peak = path.resolve(here, '../bench/peak.mjs');
const folder = mkdtempSync(path.join(tmpdir(), 'hookwright-soak-'));
const file = path.join(folder, 'accounts.yaml');
const ids = Array.from({ length: ACCOUNTS }, (_, n) => `  - "${accountId(n)}"`).join('\n');
const list = Array.from({ length: WEBHOOKS }, (_, n) => webhook(n))
  .map(({ name, url }) => `  - name: ${name}\n    url: ${url}`)
  .join('\n');
writeFileSync(file, `account_id:\n${ids}\nunlisted: delete\nwebhooks:\n${list}\n`);

async function startSite() {
  const rate = `${LIMIT.requests}/${LIMIT.seconds}`;
  const args = [path.join(here, 'site.mjs'), ACCOUNTS, WEBHOOKS, rate, LATENCY_MS].map(String);
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const url = (await lines.next()).value;
  return {
    url,
    counts: async () => {
      child.stdin.write('\n');
      return JSON.parse((await lines.next()).value);
    },
    stop: () => child.stdin.end(),
  };
}

async function hookwright(site, args) {
  const env = { ...process.env, CLOUDFLARE_BASE_URL: site.url, CLOUDFLARE_API_TOKEN: 'soak' };
  delete env.CI;
  const child = spawn(process.execPath, ['--import', peak, bin, ...args, '-f', file], { env });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => (stdout += text));
  child.stderr.on('data', (text) => (stderr += text));
  const [code] = await once(child, 'close');
  if (code !== 0)
    throw new Error(`${args.join(' ')} ended with ${code}\n${stdout.slice(-800)}\n${stderr.slice(-800)}`);
  return { memory: Number(/peak (\d+)/.exec(stdout)?.[1]) / 1024 };
}

/** Throws if there is anything left to do. */
const NO_CHANGES = ['plan', '--detailed-exitcode'];

const rows = [];
async function step(what, site, runs) {
  await site.counts();
  const started = process.hrtime.bigint();
  const done = await Promise.all(runs.map((args) => hookwright(site, args)));
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const counts = await site.counts();
  const requests = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const least = (requests / LIMIT.requests) * LIMIT.seconds;
  const memory = Math.max(...done.map((run) => run.memory));
  const row = [
    what,
    String(requests),
    `${seconds.toFixed(1)} s`,
    `${least.toFixed(1)} s`,
    `${memory.toFixed(0)} MiB`,
  ];
  rows.push(row);
  console.log(row.join(' | '));
}

try {
  const site = await startSite();
  await step('plan', site, [['plan']]);
  await step('apply', site, [['apply', '--auto-approve']]);
  await hookwright(site, NO_CHANGES);
  site.stop();
  const sharded = await startSite();
  const shards = ['1/4', '2/4', '3/4', '4/4'];
  await step(
    'apply in 4 shards',
    sharded,
    shards.map((shard) => ['apply', '--auto-approve', '--shard', shard]),
  );
  await hookwright(sharded, NO_CHANGES);
  sharded.stop();
  const head = ['what', 'requests', 'took', "limit's pace", 'memory'];
  const table = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const where = `Node ${process.versions.node}, ${cpus().length} cores, ${ACCOUNTS} accounts with ${WEBHOOKS} webhooks, ${LIMIT.requests} requests in ${LIMIT.seconds} s, ${LATENCY_MS} ms a request.`;
  if (!process.argv.includes('--dry')) await changeBetween('soak', () => `${where}\n\n${table}`);
} finally {
  rmSync(folder, { recursive: true });
}
