import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  account,
  DONE,
  entry,
  names,
  only,
  openExample,
  PAYMENTS_FILE,
  PRODUCTION,
  results,
  setUp,
  UNCHANGED,
} from './support/example.js';
import { BOT } from './support/github.js';
import type { Stage } from './support/stage.js';
import { BIN } from './support/tools.js';

const LABS = 'feed'.repeat(8);
jest.setTimeout(120_000);
const built = existsSync(BIN);
if (!built) console.warn('The play of the GitOps repository is skipped: dist/ is not built (npm run build).');

/** Returns the owners of a file: those of the last pattern for it, a directory above it, or everything. */
function ownersOf(codeowners: string, file: string): readonly string[] {
  const lines = codeowners.split('\n').filter((line) => /^[/*]/.test(line));
  const last = lines
    .map((line) => line.split(/\s+/))
    .findLast(([pattern = '']) => pattern === '*' || `/${file}`.startsWith(pattern));
  return last?.slice(1) ?? [];
}

const digestIn = (body = ''): string | undefined => /Digest: <code>([\da-f]{64})/.exec(body)?.[1];

(built ? describe : describe.skip)('the example repository, from first import to a rotation', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openExample();
  });
  afterAll(() => stage.close());
  const production = (): Promise<string> => stage.repository.read('webhooks/production.yaml');

  test('setup: the imported files are pushed, and the pipeline creates the tags', async () => {
    const { repository } = stage;
    const jobs = await setUp(stage);
    expect(results(jobs)).toEqual({ accounts: 'success', account: 'success', deployed: 'success' });
    for (const name of ['staging', 'production']) {
      expect(results(account(jobs, name))).toEqual(UNCHANGED);
      expect(await repository.at(`refs/tags/deployed-${name}`)).toBe(await repository.at('refs/heads/main'));
    }
    expect(stage.emulator.writes()).toEqual([]);
  });

  test('a pull request is planned with a read-only token, and gets a comment if something changes', async () => {
    const { repository, github, emulator } = stage;
    await repository.propose(1, { 'webhooks/production.yaml': (await production()) + entry('Audit') });
    // More than one page of comments by others, one of them with the marker.
    const forged = '<!-- hookwright:plan -->\n<!-- hookwright:comment production abc -->\n';
    const others = ['Nice', forged, 'Fine', 'Go'].map((body, id) => ({
      id,
      body,
      user: { login: 'mallory' },
    }));
    github.comments.set(1, [...others]);
    for (const time of ['opened', 'pushed again']) {
      const jobs = await stage.pullRequest(1);
      expect([time, results(jobs)]).toEqual([
        time,
        { validate: 'success', plan: 'success', check: 'success' },
      ]);
      const { legs = {} } = jobs['plan'] ?? {};
      expect(legs['production']?.summary).toContain('hookwright plan: 1 to add, 0 to change, 0 to destroy');
      expect(legs['staging']?.summary).toContain('hookwright plan: no changes');
    }
    const comments = github.comments.get(1) ?? [];
    expect(comments.filter(({ user }) => user.login !== BOT)).toEqual(others);
    const [own, ...more] = comments.filter(({ user }) => user.login === BOT).map(({ body }) => body);
    expect(more).toEqual([]);
    expect(own).toContain(`<!-- hookwright:comment production ${digestIn(own) ?? '?'} -->`);
    expect(own).toContain('## hookwright plan for production: 1 to add');
    expect(own).toContain('<code>Audit</code>');
    expect(emulator.writes()).toEqual([]);
  });

  test('a fork and Dependabot are validated without secrets, and the required check reports', async () => {
    const { repository, emulator, github } = stage;
    const before = emulator.requests.length;
    const wrong = (await production()).replace('    secret:', '    secert:');
    await repository.propose(2, { 'webhooks/production.yaml': wrong });
    const bad = await stage.pullRequest(2, { from: 'stranger/webhooks' });
    expect(results(bad)).toEqual({ validate: 'failure', plan: 'skipped', check: 'failure' });
    expect(only(bad, 'validate')?.log).toMatch(
      /::error file=webhooks\/production\.yaml,line=\d+,.*unknown field "secert"/,
    );
    await repository.propose(2, { 'webhooks/production.yaml': (await production()) + entry('Audit') });
    const fork = await stage.pullRequest(2, { from: 'stranger/webhooks' });
    expect(results(fork)).toEqual({ validate: 'success', plan: 'skipped', check: 'success' });
    const workflow = await repository.read('.github/workflows/drift.yml');
    await repository.propose(3, { '.github/workflows/drift.yml': workflow.replace('v7.0.1', 'v7.0.2') });
    const bot = await stage.pullRequest(3, { actor: 'dependabot[bot]' });
    expect(results(bot)).toEqual({ validate: 'success', plan: 'skipped', check: 'success' });
    expect(emulator.requests).toHaveLength(before);
    expect([github.comments.has(2), github.comments.has(3)]).toEqual([false, false]);
  });

  test('an account that the pipeline does not name is not listed', async () => {
    const file = `account_id: ${LABS}\nunlisted: keep\nwebhooks: []\n`;
    await stage.repository.propose(4, { 'webhooks/labs.yaml': file });
    expect(results(await stage.pullRequest(4))).toMatchObject({ check: 'success' });
    expect(stage.emulator.requests.some(({ path }) => path.includes(LABS))).toBe(false);
  });

  test('each of two teams owns its file, and uses it to change the account', async () => {
    const { repository } = stage;
    await repository.propose(10, {
      [PAYMENTS_FILE]: (await repository.read(PAYMENTS_FILE)) + entry('Refunds'),
    });
    expect(ownersOf(await repository.read('.github/CODEOWNERS'), PAYMENTS_FILE)).toEqual(['@acme/payments']);
    const jobs = await stage.pullRequest(10);
    const summary = jobs['plan']?.legs['production']?.summary;
    expect(summary).toContain(
      `1 to add, 0 to change, 0 to destroy\n\nAccount: Production (<code>${PRODUCTION}</code>)`,
    );
    const run = await stage.merge(10);
    expect(results(account(run.jobs, 'production'))).toEqual(DONE);
    expect(names(stage, PRODUCTION)).toContain('Refunds');
    for (const file of ['webhooks/production.yaml', 'webhooks/staging.yaml', '.github/workflows/deploy.yml'])
      expect(ownersOf(await repository.read('.github/CODEOWNERS'), file)).toEqual(['@acme/platform']);
  });

  test('through the merge queue, exactly the approved plan is applied, and its comment says so', async () => {
    const { github, repository } = stage;
    const before = github.comments.get(1)?.length;
    const queued = await stage.mergeGroup(1);
    expect(results(queued)).toEqual({ validate: 'success', plan: 'success', check: 'success' });
    expect(queued['plan']?.legs['production']?.summary).toContain('1 to add');
    const { jobs } = await stage.merge(1);
    expect(results(account(jobs, 'production'))).toEqual(DONE);
    expect(results(account(jobs, 'staging'))).toEqual(UNCHANGED);
    expect(only(account(jobs, 'production'), 'apply')?.log).toContain(
      'Apply complete! Resources: 1 added, 0 changed, 0 destroyed.',
    );
    expect(names(stage, PRODUCTION)).toEqual([
      'Audit',
      'On call',
      'Ops Slack',
      'Payments',
      'Refunds',
      'Relay',
    ]);
    const comments = github.comments.get(1) ?? [];
    expect(comments).toHaveLength(before ?? -1);
    expect(comments.at(-1)?.body).toContain('## hookwright apply for production: complete');
    for (const name of ['staging', 'production'])
      expect(await repository.at(`refs/tags/deployed-${name}`)).toBe(await repository.at('refs/heads/main'));
  });

  test('a failed apply does not stop other accounts, and rerunning the failed jobs finishes it', async () => {
    const { repository } = stage;
    await repository.propose(5, {
      'webhooks/production.yaml': (await production()) + entry('Pager'),
      'webhooks/staging.yaml': (await repository.read('webhooks/staging.yaml')) + entry('Audit'),
    });
    await stage.pullRequest(5);
    stage.refused.add('https://pager.example.com/cf');
    const failed = await stage.merge(5);
    expect(results(failed.jobs)).toEqual({ accounts: 'success', account: 'failure', deployed: 'failure' });
    expect(results(account(failed.jobs, 'staging'))).toEqual(DONE);
    expect(results(account(failed.jobs, 'production'))).toEqual({
      ...DONE,
      apply: 'failure',
      remember: 'skipped',
    });
    const comment = stage.github.comments.get(5)?.find(({ body }) => body.includes('apply for production'));
    expect(comment?.body).toContain('## hookwright apply for production: incomplete');
    stage.refused.clear();
    const { jobs } = await failed.rerunFailed();
    expect(results(account(jobs, 'production'))).toEqual(DONE);
    expect(results(jobs)).toEqual({ accounts: 'success', account: 'success', deployed: 'success' });
    expect(names(stage, PRODUCTION)).toContain('Pager');
    expect(await repository.at('refs/tags/deployed-production')).toBe(await repository.at('refs/heads/main'));
  });

  test('an increased version rotates the secret, once', async () => {
    const { repository, emulator, secrets } = stage;
    const raised = (await production()).replace('RELAY_SECRET, version: 1', 'RELAY_SECRET, version: 2');
    await repository.propose(6, { 'webhooks/production.yaml': raised });
    const planned = await stage.pullRequest(6);
    expect(planned['plan']?.legs['production']?.summary).toContain('### Replace (1)');
    secrets['production'] = { ...secrets['production'], RELAY_SECRET: 'relay-2' };
    const { jobs } = await stage.merge(6);
    expect(results(account(jobs, 'production'))).toEqual(DONE);
    const { webhooks, policies } = emulator.account(PRODUCTION);
    const relay = webhooks.find(({ name }) => name === 'Relay');
    expect(relay?.secret).toBe('relay-2');
    expect(policies[0]?.mechanisms['webhooks']?.map(({ id }) => id)).toContain(relay?.id);
    const again = await stage.deploy('workflow_dispatch');
    expect(results(account(again.jobs, 'production'))).toEqual(UNCHANGED);
  });
});
