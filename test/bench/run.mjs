// npm run bench: compares hookwright with what a user would otherwise wait for, as ratios of medians in one run.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { medians, run, serve, stopAll } from './measure.mjs';
import { writeBetween } from './page.mjs';

// Only the benchmark uses the SDK, which is large. So it is not a dependency, but installed when it is first measured.
if (!existsSync(new URL('../../node_modules/cloudflare/package.json', import.meta.url))) {
  execFileSync('npm', ['install', '--no-save', '--ignore-scripts', 'cloudflare@7'], { stdio: 'inherit' });
}

const here = import.meta.dirname;
const root = path.resolve(here, '../..');
const bin = path.join(root, 'dist/hookwright.cjs');
const account = (n) => n.toString(16).padStart(32, '0');
const folder = mkdtempSync(path.join(tmpdir(), 'hookwright-bench-'));
const file = (name, text) => {
  const target = path.join(folder, name);
  writeFileSync(target, text);
  return target;
};
const webhooks = (from, to) =>
  Array.from(
    { length: to - from },
    (_, i) => `  - name: Webhook ${from + i}\n    url: https://hooks.example/cloudflare/${from + i}\n`,
  ).join('');
const desired = (count, more = 0, accounts = `"${account(1)}"`) =>
  `account_id: ${accounts}\nunlisted: keep\nwebhooks:\n${webhooks(0, count)}${webhooks(count + 1, count + 1 + more)}`;

const rows = [];
const row = (what, value, target, detail) => {
  rows.push({ what, value, target, detail });
  console.log(
    `${what}: ${value.toFixed(2)}${target === undefined ? '' : ` (target ≤ ${target})`}  ${detail}`,
  );
};
const ms = (value) => `${value.toFixed(0)} ms`;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 15);
/** More than 1 means that the machine was busy: then ratios vary, and (d) and (h), which mostly wait, are too high. */
const [LOAD] = loadavg();
const [major] = process.versions.node.split('.').map(Number);
/** Node 22 and later keep compiled code from run to run. */
const VALIDATE_TARGET = major < 22 ? 3.5 : 2.6;

async function smallPlans() {
  const yaml = file('50.yaml', desired(50));
  const server = await serve(50, 0);
  const env = { ...server.env, BENCH_ACCOUNT: account(1) };
  const m = medians(ROUNDS, {
    plan: () => run([bin, 'plan', '-f', yaml], env),
    floor: () => run([path.join(here, 'floor.mjs')], env),
    barest: () => run([path.join(here, 'barest.cjs')], env),
    sdk: () => run([path.join(here, 'sdk.mjs')], env),
    empty: () => run(['-e', '0']),
    validate: () => run([bin, 'validate', '-f', yaml]),
    help: () => run([bin, '--help']),
  });
  row(
    '(a) plan of 50 unchanged ÷ a bare fetch of the list',
    m.plan / m.floor,
    1.5,
    `${ms(m.plan)} ÷ ${ms(m.floor)}`,
  );
  row(
    'the same ÷ the least that Node can do: CommonJS and http.get',
    m.plan / m.barest,
    undefined,
    `${ms(m.plan)} ÷ ${ms(m.barest)}`,
  );
  row('(b) the same ÷ the official SDK listing once', m.plan / m.sdk, 0.25, `${ms(m.plan)} ÷ ${ms(m.sdk)}`);
  row(
    '(c) validate ÷ node -e 0',
    m.validate / m.empty,
    VALIDATE_TARGET,
    `${ms(m.validate)} ÷ ${ms(m.empty)}`,
  );
  row('(c) --help ÷ node -e 0', m.help / m.empty, undefined, `${ms(m.help)} ÷ ${ms(m.empty)}`);
  await server.counts();
  run([bin, 'plan', '-f', yaml], env);
  const counts = await server.counts();
  row('(i) requests of a plan without changes', counts.GET, 1, JSON.stringify(counts));
  server.stop();
}

async function creates() {
  const server = await serve(0, 50);
  const yaml = file('300.yaml', desired(0, 300));
  const args = [bin, 'apply', '--auto-approve', '--quiet', '-f', yaml];
  const times = [];
  let counts;
  for (let round = 0; round < 3; round += 1) {
    await server.counts();
    times.push(run(args, server.env).milliseconds);
    counts = await server.counts();
  }
  const best = times.sort((a, b) => a - b)[1];
  row(
    '(d) 300 creates at 50 ms, 10 in flight ÷ list + 30 rounds + list',
    best / (32 * 50),
    1.15,
    `${ms(best)} ÷ ${ms(32 * 50)}`,
  );
  row('(i) requests of 300 creates − 302', counts.POST + counts.GET - 302, 0, JSON.stringify(counts));
  server.stop();
}

async function growth() {
  const at = {};
  for (const count of [2500, 10_000, 40_000]) {
    const server = await serve(count, 0);
    const yaml = file(`${count}.yaml`, desired(count));
    at[count] = medians(count > 10_000 ? 3 : 5, {
      plan: () => run([bin, 'plan', '-f', yaml], server.env),
      parse: () => run([path.join(here, 'parse.mjs'), yaml]),
    });
    at[count].memory = peakMemory([bin, 'plan', '-f', yaml], server.env);
    server.stop();
  }
  const { plan, parse } = at[10_000];
  row(
    '(e) plan of 10,000 unchanged ÷ parsing its YAML with yaml',
    plan / parse,
    1.4,
    `${ms(plan)} ÷ ${ms(parse)}`,
  );
  row('(f) 10,000 ÷ 2,500', plan / at[2500].plan, 4.4, `${ms(plan)} ÷ ${ms(at[2500].plan)}`);
  row('(f) 40,000 ÷ 10,000', at[40_000].plan / plan, 4.4, `${ms(at[40_000].plan)} ÷ ${ms(plan)}`);
  for (const [count, { memory }] of Object.entries(at))
    row(`(g) peak memory of a plan of ${count}, MiB`, memory, undefined, '');
}

function peakMemory(args, env) {
  const { stdout } = run(['--import', path.join(here, 'peak.mjs'), ...args, '--quiet'], env);
  return Number(/peak (\d+)/.exec(stdout)?.[1]) / 1024;
}

async function manyAccounts() {
  const server = await serve(20, 50);
  const ids = Array.from({ length: 200 }, (_, n) => account(n + 1)).map((id) => `"${id}"`);
  const yaml = file('accounts.yaml', desired(20, 0, `[${ids.join(', ')}]`));
  const m = medians(3, { plan: () => run([bin, 'plan', '-f', yaml], server.env) });
  row(
    '(h) 200 accounts at 50 ms, 10 in flight ÷ 20 rounds',
    m.plan / (20 * 50),
    1.3,
    `${ms(m.plan)} ÷ ${ms(20 * 50)}`,
  );
  server.stop();
}

/** A value that misses its target is bold. */
function table() {
  const text = (number) => (Number.isInteger(number) ? String(number) : number.toFixed(2));
  const measured = ({ value, target }) => (value > target ? `**${text(value)}**` : text(value));
  return [
    '| what | measured | target | medians |',
    '| --- | --- | --- | --- |',
    ...rows.map(
      (row) =>
        `| ${row.what} | ${measured(row)} | ${row.target === undefined ? '–' : `≤ ${row.target}`} | ${row.detail} |`,
    ),
  ].join('\n');
}

/** Each major version of Node has a table of its own. */
async function write() {
  const machine = `${cpus().length} cores, load average ${LOAD.toFixed(1)} at the start`;
  const head = `Node ${process.versions.node}, ${machine}; medians of ${ROUNDS} runs for (a) to (c).`;
  await writeBetween(`bench node ${major}`, `${head}\n\n${table()}`);
}

try {
  await smallPlans();
  await creates();
  await growth();
  await manyAccounts();
  if (!process.argv.includes('--dry')) await write();
  console.log(`\n${table()}`);
} finally {
  stopAll();
  rmSync(folder, { recursive: true });
}
