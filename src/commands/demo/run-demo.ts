import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EXIT, type ExitCode } from '../../core/exit-codes.js';
import { Emulator } from '../../emulator/emulator.js';
import type { Io } from '../../cli/io.js';
import type { Run } from '../../cli/run.js';

const ACCOUNT = '023e105f4ecef8ad9ca31a8372d0c353';

const DESIRED = `\
account_id: ${ACCOUNT}
unlisted: delete            # delete live webhooks that are not in this file
ignore: ["dash-*"]          # these belong to another team
webhooks:
  - name: Ops Slack
    url: https://hooks.slack.com/services/T000/B000
    secret: { env: OPS_SLACK_TOKEN }
  - name: Pager
    previously: [Old pager] # a rename keeps the ID, and with it the policies
    url: https://pager.example/cloudflare
    secret: none
  - name: Relay
    url: https://relay.example/cf
    secret: { env: RELAY_SECRET, version: 2 } # deployed with version 1: a rotation
policies:                   # which webhooks existing policies send to
  - name: Origin errors
    webhooks: [Relay, Ops Slack]
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
      { name: 'Old pager', url: 'https://pager.example/cloudflare' },
      { name: 'Relay', url: 'https://relay.example/cf', secret: 'the secret of version 1' },
      { name: 'Forgotten test', url: 'https://test.example/' },
      { name: 'dash-billing', url: 'https://billing.example/' },
    ],
    [
      { name: 'Origin errors', uses: ['Relay'] },
      { name: 'Health checks', uses: ['Old pager'] },
    ],
  );
  const step = async (title: string, args: readonly string[]): Promise<ExitCode> => {
    out.result(`\n── ${title}\n\n$ hookwright ${args.join(' ')}`);
    const color = options.color === false ? ['--no-color'] : [];
    let text = '';
    const { isTTY = false, columns = 80 } = io.stdout;
    const stdout = { isTTY, columns, write: (part: string) => (text += part) };
    const code = await main([...args, ...color], { ...demoIo(io, emulator.url), cwd, stdout });
    // Apply shows the plan again, which is still on the screen, so leave it out.
    const shown = args[0] === 'apply' ? text.replace(/^[^]*?Digest: .*\n/, '') : text;
    out.result(shown.trimEnd());
    return code;
  };
  try {
    await writeFile(path.join(cwd, 'hookwright.yaml'), DESIRED);
    await writeFile(deployed, DESIRED.replace('version: 2', 'version: 1'));
    out.result('An account that has drifted from its file, on the built-in emulator. hookwright.yaml:');
    out.result(`\n${DESIRED.replaceAll(/^/gm, '  ').trimEnd()}`);
    const codes = [
      await step('Plan, and save the plan', [...PLAN, '--out', 'plan.json']),
      await step('Apply exactly this plan (apply shows it again; left out here)', ['apply', 'plan.json']),
    ];
    out.result('\n── Remember what is deployed now\n\n$ cp hookwright.yaml deployed.yaml');
    await writeFile(deployed, DESIRED);
    codes.push(await step('Check that nothing is left to change', [...PLAN, '--detailed-exitcode']));
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
    OPS_SLACK_TOKEN: 'demo-slack-token',
    RELAY_SECRET: 'demo-relay-secret',
    CLOUDFLARE_BASE_URL: url,
  };
  // The run of the demo itself reports crashes.
  return { ...io, onCrash: () => () => undefined, env: { ...env, ...token } };
}
