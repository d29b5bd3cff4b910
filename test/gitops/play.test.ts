import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { BOT } from './support/github.js';
import { openStage, type Stage } from './support/stage.js';
import { BIN } from './support/tools.js';

const STAGING = '5a1e'.repeat(8);
const PRODUCTION = '023e105f4ecef8ad9ca31a8372d0c353';
jest.setTimeout(120_000);
const built = existsSync(BIN);
if (!built) console.warn('The play of the GitOps repository is skipped: dist/ is not built (npm run build).');
const play = built ? describe : describe.skip;

/** What the files of the example say, as though it had been applied. */
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
      { name: "Another team's", url: 'https://other.example.com/' },
    ],
    [{ name: 'Origin errors', uses: ['Relay', 'On call'] }],
  );
}

const names = ({ emulator }: Stage, account: string): string[] =>
  emulator
    .account(account)
    .webhooks.map(({ name }) => name)
    .sort();
const digestIn = (body = ''): string | undefined => /Digest: <code>([\da-f]{64})/.exec(body)?.[1];

play('the example repository, from branch to drift', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
    seed(stage);
    await stage.repository.tag('deployed-staging', 'deployed-production');
  });
  afterAll(() => stage.close());

  const audit = `  - name: Audit\n    url: https://audit.example.com/cf\n    secret: none\n`;

  test('a pull request is planned with a token that may only read, and commented once for each account', async () => {
    const { repository, github, emulator } = stage;
    await repository.propose(1, 'webhooks/production.yaml', (text) => text + audit);
    // Comments of others, one of them with the marker, and more than a page of them.
    const forged = '<!-- hookwright:plan -->\n<!-- hookwright:comment production abc -->\n';
    const others = ['Nice', forged, 'Fine', 'Go'].map((body, i) => ({
      id: i,
      body,
      user: { login: 'mallory' },
    }));
    github.comments.set(1, others);
    for (const time of ['opened', 'pushed again']) {
      const { validate, plan } = await stage.pullRequest(1);
      expect([time, validate.ok, plan['staging']?.ok, plan['production']?.ok]).toEqual([
        time,
        true,
        true,
        true,
      ]);
      expect(plan['production']?.summary).toContain('hookwright plan: 1 to add, 0 to change, 0 to destroy');
      expect(plan['staging']?.summary).toContain('hookwright plan: no changes');
    }
    const own = (github.comments.get(1) ?? [])
      .filter(({ user }) => user.login === BOT)
      .map(({ body }) => body)
      // The two accounts are planned at once: whichever comments first.
      .sort((a, b) => Number(b.includes('comment staging')) - Number(a.includes('comment staging')));
    expect(own).toHaveLength(2);
    expect(own[0]).toMatch(/^<!-- hookwright:plan -->\n<!-- hookwright:comment staging [\da-f]{64} -->\n## /);
    expect(own[1]).toContain('<code>Audit</code>');
    expect(own[1]).toContain(`<!-- hookwright:comment production ${digestIn(own[1]) ?? '?'} -->`);
    expect(others.slice(0, 4).map(({ body }) => body)).toEqual(['Nice', forged, 'Fine', 'Go']);
    expect(emulator.writes()).toEqual([]);
  });

  test('a pull request from a fork is validated without a token, and not planned', async () => {
    const before = stage.emulator.requests.length;
    await stage.repository.propose(2, 'webhooks/staging.yaml', (text) => text.replace('secret:', 'secert:'));
    const { validate, plan } = await stage.pullRequest(2, 'stranger/webhooks');
    expect(validate.ok).toBe(false);
    expect(validate.log).toMatch(/::error file=webhooks\/staging.yaml,line=7,.*unknown field "secert"/);
    expect(validate.summary).toContain(
      '## hookwright validate: failed\n\n    webhooks/staging.yaml:7:5: error',
    );
    await stage.repository.propose(2, 'webhooks/staging.yaml', (text) => text + audit);
    const good = await stage.pullRequest(2, 'stranger/webhooks');
    expect([good.validate.ok, good.plan, plan]).toEqual([true, {}, {}]);
    expect(stage.emulator.requests).toHaveLength(before);
    expect(stage.github.comments.has(2)).toBe(false);
  });

  test('an account that the workflow does not name is never listed', async () => {
    const other = 'feed'.repeat(8);
    await stage.repository.propose(
      3,
      'webhooks/staging.yaml',
      (text) => `${text}---\naccount_id: ${other}\nunlisted: keep\nwebhooks: []\n`,
    );
    const { plan } = await stage.pullRequest(3);
    expect(plan['staging']?.ok).toBe(true);
    expect(stage.emulator.requests.some(({ path }) => path.includes(other))).toBe(false);
  });

  test('merged, exactly the approved plan is applied, and the tags move', async () => {
    const commit = await stage.repository.merge(1);
    stage.merged(1, commit);
    const planned = await stage.deployPlan();
    expect([planned['staging']?.ok, planned['production']?.ok]).toEqual([true, true]);
    const approved = stage.github.comments.get(1)?.map(({ body }) => digestIn(body));
    expect(approved).toContain(planned['production']?.outputs['production']);
    const applied = await stage.deployApply(planned);
    expect(applied['production']?.log).toContain(
      'Apply complete! Resources: 1 added, 0 changed, 0 destroyed.',
    );
    expect([applied['staging']?.ok, applied['production']?.ok]).toEqual([true, true]);
    expect(names(stage, PRODUCTION)).toEqual(["Another team's", 'Audit', 'On call', 'Ops Slack', 'Relay']);
    for (const name of ['staging', 'production'])
      expect(await stage.repository.at(`refs/tags/deployed-${name}`)).toBe(commit);
  });

  test('drift made by hand opens one issue at night, which is kept up to date and closed', async () => {
    const { emulator } = stage;
    expect((await stage.drift())['production']?.ok).toBe(true);
    expect(await stage.issues()).toEqual([]);
    await byHand(stage, 'Relay', 'Relay (old)');
    for (const night of [1, 2]) {
      const before = emulator.writes().length;
      const { production, staging } = await stage.drift();
      expect([night, production?.ok, staging?.ok]).toEqual([night, true, true]);
      const found = await stage.issues();
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({ title: 'Webhooks have drifted in production', state: 'open' });
      expect(found[0]?.body).toContain('1 to add, 0 to change');
      expect(emulator.writes()).toHaveLength(before);
    }
    await byHand(stage, 'Relay (old)', 'Relay');
    await stage.drift();
    expect(await stage.issues()).toMatchObject([{ state: 'closed' }]);
  });

  test('a raised version rotates the secret, once', async () => {
    const { repository, emulator } = stage;
    await repository.propose(4, 'webhooks/production.yaml', (text) =>
      text.replace('RELAY_SECRET, version: 1', 'RELAY_SECRET, version: 2'),
    );
    const { plan } = await stage.pullRequest(4);
    expect(plan['production']?.summary).toContain('### Replace (1)');
    stage.environmentSecrets['RELAY_SECRET'] = 'relay-2';
    stage.merged(4, await repository.merge(4));
    const applied = await stage.deployApply(await stage.deployPlan());
    expect(applied['production']?.ok).toBe(true);
    const { webhooks, policies } = emulator.account(PRODUCTION);
    const relay = webhooks.find(({ name }) => name === 'Relay');
    expect(relay?.secret).toBe('relay-2');
    expect(policies[0]?.mechanisms['webhooks']?.map(({ id }) => id)).toContain(relay?.id);
    const again = await stage.deployPlan('workflow_dispatch');
    expect(again['production']?.summary).toContain('no changes');
  });

  test('what changed since the approval is not applied; by hand it can be approved anew', async () => {
    const { repository } = stage;
    await repository.propose(5, 'webhooks/production.yaml', (text) =>
      text.replace('https://audit.example.com/cf', 'https://audit.example.com/v2'),
    );
    await stage.pullRequest(5);
    await byHand(stage, 'Audit', 'Audit (by hand)');
    stage.merged(5, await repository.merge(5));
    const planned = await stage.deployPlan();
    expect(planned['production']?.ok).toBe(false);
    expect(planned['production']?.log).toContain('::error::This is not the approved plan in pull request #5');
    expect(planned['staging']?.ok).toBe(true);
    const anew = await stage.deployPlan('workflow_dispatch');
    expect(anew['production']?.ok).toBe(true);
    expect((await stage.deployApply(anew))['production']?.ok).toBe(true);
  });

  test('a commit that came without a pull request is not applied', async () => {
    await stage.repository.propose(6, 'webhooks/production.yaml', (text) =>
      text.replace('audit.example.com/v2', 'audit.example.com/v3'),
    );
    await stage.repository.merge(6);
    const { production } = await stage.deployPlan();
    expect(production?.ok).toBe(false);
    expect(production?.log).toContain('::error::No approved plan was found');
  });

  test('an entry that left the file is deleted, although the account keeps what is unlisted', async () => {
    const { repository } = stage;
    await repository.propose(7, 'webhooks/production.yaml', (text) =>
      text.slice(0, text.indexOf('  - name: Audit')),
    );
    const { plan } = await stage.pullRequest(7);
    expect(plan['production']?.summary).toContain('### Destroy (1)');
    stage.merged(7, await repository.merge(7));
    const planned = await stage.deployPlan();
    expect((await stage.deployApply(planned))['production']?.ok).toBe(true);
    expect(names(stage, PRODUCTION)).not.toContain('Audit');
    expect(names(stage, PRODUCTION)).toContain("Another team's");
  });

  test('an older commit is refused', async () => {
    await stage.repository.git('push', '--quiet', '--force', 'origin', 'main~2:main');
    const { production } = await stage.deployPlan('workflow_dispatch');
    expect([production?.ok, production?.log]).toEqual([false, expect.stringContaining('revert on main')]);
  });
});

/** Renames a webhook of production as somebody in the dashboard would. */
async function byHand({ emulator }: Stage, from: string, to: string): Promise<void> {
  const webhook = emulator.account(PRODUCTION).webhooks.find(({ name }) => name === from);
  const response = await fetch(
    `${emulator.url}/accounts/${PRODUCTION}/alerting/v3/destinations/webhooks/${webhook?.id ?? ''}`,
    {
      method: 'PUT',
      headers: { authorization: 'Bearer somebody', 'content-type': 'application/json' },
      body: JSON.stringify({ name: to, url: webhook?.url }),
    },
  );
  expect(response.status).toBe(200);
}
