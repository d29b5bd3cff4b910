// npm run bench: compares hookwright with what a user would otherwise wait for, as ratios of medians in one run.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { median, medians, run, serve, stopAll } from './measure.mjs';
import { changeBetween } from './page.mjs';

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
/** A result that misses its target is bold. */
function row(what, result, target) {
  const name = target === undefined ? what : `${what}: ${target}`;
  rows.push([name, result]);
  console.log(`${name}: ${result}`);
}
const bold = (text, isMissed) => (isMissed ? `**${text}**` : text);
function ratio(what, part, whole, limit = Infinity, target = `≤ ${limit}`) {
  const value = bold((part / whole).toFixed(2), part / whole > limit);
  row(what, `${value} (${part.toFixed(0)}/${whole.toFixed(0)} ms)`, limit === Infinity ? undefined : target);
}
function requests(what, counts, limit) {
  const count = Object.values(counts).reduce((sum, each) => sum + each, 0);
  row(what, bold(String(count), count > limit), `≤ ${limit}`);
}
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 15);
/** More than 1 means that the machine was busy: then ratios vary, and (d) and (h), which mostly wait, are too high. */
const [LOAD] = loadavg();
const [major] = process.versions.node.split('.').map(Number);
/** Node 22 and later keep compiled code from run to run. */
const VALIDATE_LIMIT = major < 22 ? 3.5 : 2.6;

async function smallPlans() {
  const yaml = file('50.yaml', desired(50));
  const server = await serve(50, 0);
  const env = { ...server.env, BENCH_ACCOUNT: account(1) };
  const m = medians(ROUNDS, {
    plan: () => run([bin, 'plan', '-f', yaml], env),
    floor: () => run([path.join(here, 'floor.mjs')], env),
    sdk: () => run([path.join(here, 'sdk.mjs')], env),
    empty: () => run(['-e', '0']),
    validate: () => run([bin, 'validate', '-f', yaml]),
    help: () => run([bin, '--help']),
  });
  ratio('(a) plan of 50 ÷ a bare fetch of the list', m.plan, m.floor, 1.5);
  ratio('(b) the same ÷ the official SDK', m.plan, m.sdk, 0.25);
  ratio('(c) validate ÷ node -e 0', m.validate, m.empty, VALIDATE_LIMIT, '≤ 3.5; Node 22 and later ≤ 2.6');
  ratio('--help ÷ node -e 0', m.help, m.empty);
  await server.counts();
  run([bin, 'plan', '-f', yaml], env);
  requests('requests of a plan without changes', await server.counts(), 1);
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
  ratio('(d) 300 creates, 10 at once ÷ list + 30 rounds + list, of 50 ms', median(times), 32 * 50, 1.15);
  requests('requests of 300 creates', counts, 302);
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
  ratio('(e) plan of 10,000 ÷ parsing its YAML', plan, parse, 1.4);
  ratio('(f) plan of 10,000 ÷ 2,500', plan, at[2500].plan, 4.4);
  ratio('(f) plan of 40,000 ÷ 10,000', at[40_000].plan, plan, 4.4);
  const memory = Object.values(at).map((each) => each.memory.toFixed(0));
  row('peak MiB of plans of 2,500, 10,000, 40,000', memory.join(', '));
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
  ratio('(h) plan of 200 accounts, 10 at once ÷ 20 rounds of 50 ms', m.plan, 20 * 50, 1.3);
  server.stop();
}

/** The table of the page with the column of this version of Node replaced or added; other columns stay. */
function withColumn(text) {
  const old = text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').slice(1, -1));
  const found = old[0].findIndex((cell) => cell.trim().startsWith(`Node ${major}.`));
  const column = found < 0 ? old[0].length : found;
  const head = ['what: target', `Node ${process.versions.node}`];
  return [head, ['---', '---'], ...rows]
    .map(([what, result], index) => {
      const line = [what, ...(old[index] ?? []).slice(1)];
      line[column] = result;
      return `| ${line.join(' | ')} |`;
    })
    .join('\n');
}

try {
  await smallPlans();
  await creates();
  await growth();
  await manyAccounts();
  row('load average at the start', LOAD.toFixed(1));
  if (!process.argv.includes('--dry')) await changeBetween('bench', withColumn);
} finally {
  stopAll();
  rmSync(folder, { recursive: true });
}
