import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EXIT, type ExitCode } from '../../core/exit-codes.js';
import { Emulator } from '../../emulator/emulator.js';
import type { Io } from '../../cli/io.js';
import type { Run } from '../../cli/run.js';

const ACCOUNT = '023e105f4ecef8ad9ca31a8372d0c353';

const DESIRED = `\
unlisted: delete # delete live webhooks that are not in this file
webhooks:
  - name: Ops Slack
    url: https://hooks.slack.com/services/T000/B000
    secret: { env: OPS_SLACK_SECRET } # a reference, never the secret
  - name: Relay
    url: https://relay.example/cf
    secret: { env: RELAY_SECRET, version: 2 } # it was 1: a rotation
policies: # which webhooks an existing policy sends to
  - { name: Origin errors, webhooks: [Ops Slack, Relay] }
`;

const PLAN = ['plan', '--previous', 'deployed.yaml'];

/** Runs a tour on the built-in emulator: an account that has drifted, a plan, an apply, and an empty plan. */
export async function demo({ io, out, options, main }: Run): Promise<ExitCode> {
  const emulator = await new Emulator().start();
  const cwd = await mkdtemp(path.join(tmpdir(), 'hookwright-demo-'));
  const deployed = path.join(cwd, 'deployed.yaml');
  emulator.seed(
    ACCOUNT,
    [
      { name: 'Ops Slack', url: 'https://hooks.slack.com/services/T000/B000', secret: 'demo-slack' },
      { name: 'Relay', url: 'https://relay.example/cf', secret: 'the secret of version 1' },
      { name: 'Forgotten test', url: 'https://test.example/' },
    ],
    [{ name: 'Origin errors', uses: ['Relay'] }],
  );
  const step = async (title: string, args: readonly string[]): Promise<ExitCode> => {
    out.result(`\n── ${title}\n$ hookwright ${args.join(' ')}`);
    const color = options.color === false ? ['--no-color'] : [];
    const { isTTY = false, columns = 80 } = io.stdout;
    // Apply shows the plan again, which is still on the screen, so leave it out.
    let isPlan = args[0] === 'apply';
    const write = (text: string): void => {
      if (!isPlan) out.result(text);
      isPlan = false;
    };
    const stdout = { isTTY, columns, write };
    return main([...args, ...color], { ...demoIo(io, emulator.url), cwd, stdout });
  };
  try {
    await writeFile(path.join(cwd, 'hookwright.yaml'), DESIRED);
    await writeFile(deployed, DESIRED.replace('version: 2', 'version: 1'));
    out.result('An emulated account has drifted from its file, hookwright.yaml:');
    out.result(`\n${DESIRED.replaceAll(/^/gm, '  ').trimEnd()}`);
    const codes = [
      await step('Plan, and save the plan', [...PLAN, '--out', 'plan.json']),
      await step('Apply exactly this plan (which apply shows again; left out here)', ['apply', 'plan.json']),
    ];
    await writeFile(deployed, DESIRED);
    const keep =
      'Keep the file as the deployed state; nothing is left to change\n$ cp hookwright.yaml deployed.yaml';
    codes.push(await step(keep, [...PLAN, '--detailed-exitcode']));
    return codes.find((code) => code !== EXIT.done) ?? EXIT.done;
  } finally {
    await emulator.stop();
    await rm(cwd, { recursive: true, force: true });
  }
}

/** Returns the same terminal, without the user's account in the environment. */
function demoIo(io: Io, url: string): Io {
  const { NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, CI, TERM, GITHUB_ACTIONS } = io.env;
  const env = { NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, CI, TERM, GITHUB_ACTIONS };
  const token = {
    CLOUDFLARE_API_TOKEN: 'demo-token',
    CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
    RELAY_SECRET: 'demo-relay-secret',
    CLOUDFLARE_BASE_URL: url,
  };
  // The run of the demo itself reports crashes.
  return { ...io, onCrash: () => () => undefined, env: { ...env, ...token } };
}
