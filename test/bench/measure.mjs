import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** Runs Node once. Gives milliseconds, and the peak of its memory in MiB; throws if it fails. */
export function run(args, env = {}) {
  const started = process.hrtime.bigint();
  const { status, stderr, stdout } = spawnSync(process.execPath, args, {
    env: { ...cleanEnv(), ...env },
    encoding: 'utf8',
  });
  const milliseconds = Number(process.hrtime.bigint() - started) / 1e6;
  if (status !== 0)
    throw new Error(`${args.join(' ')} ended with ${status}\n${stdout.slice(-500)}\n${stderr.slice(-2000)}`);
  return { milliseconds, stdout };
}

/** Extra certificates cost Node 20 some 40 ms a start, which is nobody's code. */
function cleanEnv() {
  const { NODE_EXTRA_CA_CERTS: _certificates, HTTPS_PROXY: _proxy, CI: _ci, ...env } = process.env;
  return env;
}

/** The medians of several commands, run in turn so that what else the machine does hits all of them. */
export function medians(rounds, commands) {
  const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, command] of Object.entries(commands)) times[name].push(command().milliseconds);
  }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)]));
}

export function median(list) {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

const servers = new Set();

/** Stops the servers that are still there. */
export function stopAll() {
  for (const child of servers) child.kill();
}

/** Starts the benchmark's server in a process of its own. */
export async function serve(count, latency) {
  const child = spawn(
    process.execPath,
    [new URL('server.mjs', import.meta.url).pathname, count, latency].map(String),
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  servers.add(child);
  const [line] = await once(child.stdout, 'data');
  const origin = `http://127.0.0.1:${String(line).trim()}`;
  return {
    env: { CLOUDFLARE_BASE_URL: `${origin}/client/v4`, CLOUDFLARE_API_TOKEN: 'bench' },
    counts: async () => (await fetch(`${origin}/counts`)).json(),
    stop: () => child.kill(),
  };
}
