import { EXIT, type ExitCode } from '../../core/exit-codes.js';
import { Emulator } from '../../emulator/emulator.js';
import type { Io } from '../../cli/io.js';
import type { Run } from '../../cli/run.js';

const ACCOUNT = '023e105f4ecef8ad9ca31a8372d0c353';

const DESIRED = `\
account_id: ${ACCOUNT}
unlisted: delete                  # delete live webhooks that are not in this file
ignore: ["dash-*"]                # these belong to another team
webhooks:
  - name: Ops Slack
    url: https://hooks.slack.com/services/T000/B000
    secret: { env: OPS_SLACK_TOKEN }
  - name: Pager
    url: https://pager.example/cloudflare
    secret: none
    previously: [Old pager]       # a rename keeps the id, and with it the policies
  - name: Audit log
    url: https://audit.example/hook/v2
  - name: Relay
    url: https://relay.example/cf
`;

/** Runs a tour on the built-in emulator: an account that has drifted, a plan, an apply, and an empty plan. */
export async function demo({ io, out, options, main }: Run): Promise<ExitCode> {
  const emulator = await new Emulator().start();
  emulator.seed(
    ACCOUNT,
    [
      { name: 'Old pager', url: 'https://pager.example/cloudflare' },
      { name: 'Audit log', url: 'https://audit.example/hook/v1' },
      { name: 'Relay', url: 'https://relay.example/cf' },
      { name: 'Forgotten test', url: 'https://test.example/' },
      { name: 'dash-billing', url: 'https://billing.example/' },
    ],
    [{ name: 'Origin errors', uses: ['Old pager', 'Audit log'] }],
  );
  const step = async (title: string, args: readonly string[]): Promise<ExitCode> => {
    out.result(`\n── ${title}\n\n$ hookwright ${args.join(' ')}`);
    const color = options.color === false ? ['--no-color'] : [];
    return main([...args, ...color, '--file', '-'], demoIo(io, emulator.url));
  };
  try {
    out.result('An account with 5 webhooks that has drifted from its file, on the built-in emulator.\n');
    out.result(`hookwright.yaml:\n\n${DESIRED.replaceAll(/^/gm, '  ').trimEnd()}`);
    const codes = [
      await step('Show the changes', ['plan']),
      await step('Apply the changes', ['apply', '--auto-approve']),
      await step('Check that nothing is left to change', ['plan', '--detailed-exitcode']),
    ];
    return codes.find((code) => code !== EXIT.done) ?? EXIT.done;
  } finally {
    await emulator.stop();
  }
}

/** Returns the same terminal with the demo's file on stdin, and without the account in the environment. */
function demoIo(io: Io, url: string): Io {
  const { NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, CI, TERM, GITHUB_ACTIONS } = io.env;
  const env = { NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, CI, TERM, GITHUB_ACTIONS };
  const token = {
    CLOUDFLARE_API_TOKEN: 'demo-token',
    OPS_SLACK_TOKEN: 'demo-slack-token',
    CLOUDFLARE_BASE_URL: url,
  };
  async function* stdin(): AsyncGenerator<string> {
    yield await Promise.resolve(DESIRED);
  }
  // The run of the demo itself reports crashes.
  return { ...io, onCrash: () => () => undefined, env: { ...env, ...token }, stdin: stdin() };
}
