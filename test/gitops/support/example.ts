import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { JobRun, JobRuns, Leg } from './workflow-run.js';
import { openStage, type Stage } from './stage.js';
import { BIN } from './tools.js';

const STAGING = '5a1e'.repeat(8);
export const PRODUCTION = '023e105f4ecef8ad9ca31a8372d0c353';
export const PAYMENTS_FILE = 'webhooks/production/payments.yaml';
const PAYMENTS_URL = 'https://hooks.payments.example/v1/5f0c7a2d9be14e6f8a37c1d24b90e6aa';

/** Opens a stage with accounts that do not use hookwright yet, and the secrets that the README requires. */
export async function openExample(): Promise<Stage> {
  const stage = await openStage();
  seed(stage);
  stage.secrets[''] = { CLOUDFLARE_READ_TOKEN: 'read-only-token' };
  for (const name of ['staging', 'production', 'labs']) {
    stage.secrets[name] = {
      CLOUDFLARE_API_TOKEN: 'write-token',
      OPS_SLACK_SECRET: 'slack-1',
      RELAY_SECRET: 'relay-1',
      PAYMENTS_WEBHOOK_URL: PAYMENTS_URL,
    };
    stage.secrets[`drift-${name}`] = { PAYMENTS_WEBHOOK_URL: PAYMENTS_URL };
  }
  return stage;
}

function seed({ emulator }: Stage): void {
  const slack = (team: string) => ({
    name: 'Ops Slack',
    url: `https://hooks.slack.com/services/${team}/${team.replace('T', 'B')}`,
    type: 'slack',
    secret: 'slack-1',
  });
  const relay = (host: string) => ({ name: 'Relay', url: `https://${host}/cloudflare`, secret: 'relay-1' });
  emulator.seed(
    STAGING,
    [slack('T0STAGING'), relay('relay.staging.example.com')],
    [{ name: 'Origin errors', uses: ['Relay'] }],
  );
  emulator.seed(
    PRODUCTION,
    [
      slack('T0PRODUCT'),
      relay('relay.example.com'),
      { name: 'On call', url: 'https://oncall.example.com/hooks/cloudflare' },
      { name: 'Payments', url: PAYMENTS_URL },
    ],
    [{ name: 'Origin errors', uses: ['Relay', 'On call'] }],
  );
}

/** Returns the output of `hookwright import`, as in the README, with the secrets declared. */
export async function imported({ emulator }: Stage, id: string): Promise<string> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    CLOUDFLARE_API_TOKEN: 'read-only-token',
    CLOUDFLARE_BASE_URL: emulator.url,
  };
  const { stdout } = await promisify(execFile)(BIN, ['import', '--account', id], { env });
  return stdout
    .replace(/(url: https:\/\/relay.*)/, '$1\n    secret: { env: RELAY_SECRET }')
    .replaceAll(/env: (\w+) \}/g, 'env: $1, version: 1 }');
}

/** Moves the webhook of the payments team to its own file, as in the example. */
function divided(file: string): Readonly<Record<string, string>> {
  const at = file.indexOf('  - name: Payments');
  const end = file.indexOf('  - name:', at + 1);
  const team = file.slice(at, end < 0 ? undefined : end);
  const rest = file
    .replace(team, '')
    .replace('\nwebhooks:', '\ninclude: [production/payments.yaml]\nwebhooks:');
  return { 'webhooks/production.yaml': rest, [PAYMENTS_FILE]: `webhooks:\n${team}` };
}

/** Commits the imported files to main, and lets the pipeline create the tags. */
export async function setUp(stage: Stage): Promise<JobRuns> {
  const { repository } = stage;
  await repository.commit('Our accounts', {
    'webhooks/staging.yaml': await imported(stage, STAGING),
    ...divided((await imported(stage, PRODUCTION)).replace('account_id:', 'label: Production\naccount_id:')),
  });
  await repository.git('push', '--quiet', 'origin', 'main');
  return (await stage.deploy()).jobs;
}

/** Returns an entry for the end of a file. */
export const entry = (name: string): string =>
  `  - name: ${name}\n    url: https://${name.toLowerCase()}.example.com/cf\n    secret: none\n`;

/** Returns the names of the live webhooks. */
export const names = ({ emulator }: Stage, id: string): string[] =>
  emulator
    .account(id)
    .webhooks.map(({ name }) => name)
    .sort();

export const results = (jobs: Readonly<Record<string, JobRun | Leg>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(jobs).map(([name, { result }]) => [name, result]));

/** Returns the jobs of one account's deployment. */
export const account = (jobs: JobRuns, name: string): JobRuns => jobs['account']?.legs[name]?.jobs ?? {};
export const only = (jobs: JobRuns, name: string): Leg | undefined => jobs[name]?.legs[''];

export const DONE = { plan: 'success', apply: 'success', remember: 'success' };
export const UNCHANGED = { plan: 'success', apply: 'skipped', remember: 'success' };
