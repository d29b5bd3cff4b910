import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  account,
  DONE,
  entry,
  imported,
  names,
  only,
  openExample,
  PRODUCTION,
  results,
  setUp,
  UNCHANGED,
} from './support/example.js';
import type { Stage } from './support/stage.js';
import { BIN } from './support/tools.js';
import type { Leg } from './support/workflow-run.js';

const LABS = 'feed'.repeat(8);
jest.setTimeout(120_000);

(existsSync(BIN) ? describe : describe.skip)('the example repository, from drift to a new account', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openExample();
    await setUp(stage);
  });
  afterAll(() => stage.close());
  const production = (): Promise<string> => stage.repository.read('webhooks/production.yaml');
  const drift = async (): Promise<Leg | undefined> => (await stage.drift())['drift']?.legs['production'];

  /** Changes a production webhook as someone would in the dashboard. */
  async function byHand(method: 'PUT' | 'DELETE', name: string, to?: string): Promise<void> {
    const { url } = stage.emulator;
    const webhook = stage.emulator.account(PRODUCTION).webhooks.find((each) => each.name === name);
    const path = `accounts/${PRODUCTION}/alerting/v3/destinations/webhooks/${webhook?.id ?? ''}`;
    const response = await fetch(`${url}/${path}`, {
      method,
      headers: { authorization: 'Bearer someone', 'content-type': 'application/json' },
      ...(method === 'PUT' && { body: JSON.stringify({ name: to, url: webhook?.url }) }),
    });
    expect(response.status).toBe(200);
  }

  test('manual drift opens one issue at night, which is kept up to date and closed', async () => {
    expect((await drift())?.result).toBe('success');
    expect(await stage.issues()).toEqual([]);
    await byHand('PUT', 'Relay', 'Relay (old)');
    for (const night of [1, 2]) {
      const before = stage.emulator.writes().length;
      expect([night, (await drift())?.result]).toEqual([night, 'success']);
      const found = await stage.issues();
      expect(found).toMatchObject([{ title: 'Webhooks have drifted in production', state: 'open' }]);
      expect(found[0]?.body).toContain('1 to add, 0 to change');
      expect(stage.emulator.writes()).toHaveLength(before);
    }
  });

  test('an expired token is a failure with its own issue, which says nothing about drift', async () => {
    const secrets = stage.secrets[''];
    stage.secrets[''] = { CLOUDFLARE_READ_TOKEN: 'invalid-token' };
    expect((await drift())?.result).toBe('failure');
    expect(await stage.issues()).toMatchObject([
      { title: 'Webhooks have drifted in production', state: 'open' },
      { title: expect.stringContaining('The drift check fails for '), state: 'open' },
      { title: expect.stringContaining('The drift check fails for '), state: 'open' },
    ]);
    stage.secrets[''] = secrets ?? {};
    await byHand('PUT', 'Relay (old)', 'Relay');
    expect((await drift())?.result).toBe('success');
    expect((await stage.issues()).filter(({ state }) => state === 'open')).toEqual([]);
  });

  test('drift of a URL from a variable is detected too', async () => {
    stage.secrets['drift-production'] = { PAYMENTS_WEBHOOK_URL: 'https://hooks.payments.example/v1/another' };
    expect((await drift())?.result).toBe('success');
    const open = (await stage.issues()).filter(({ state }) => state === 'open');
    expect(open).toMatchObject([{ title: 'Webhooks have drifted in production' }]);
    expect(open[0]?.body).toContain('Payments');
    stage.secrets['drift-production'] = { ...stage.secrets['production'] };
    await drift();
  });

  test('a change since the approval is not applied; it can be approved again manually', async () => {
    await stage.repository.propose(5, { 'webhooks/production.yaml': (await production()) + entry('Audit') });
    await stage.pullRequest(5);
    await byHand('PUT', 'On call', 'On call (by hand)');
    const { jobs } = await stage.merge(5);
    expect(results(account(jobs, 'production'))).toEqual({
      plan: 'failure',
      apply: 'skipped',
      remember: 'skipped',
    });
    expect(results(account(jobs, 'staging'))).toEqual(UNCHANGED);
    expect(only(account(jobs, 'production'), 'plan')?.log).toContain(
      'This plan is not the approved one in pull request #5',
    );
    const again = await stage.deploy('workflow_dispatch');
    expect(results(account(again.jobs, 'production'))).toEqual(DONE);
    expect(names(stage, PRODUCTION)).toContain('Audit');
  });

  test('a commit without a pull request is not applied', async () => {
    const text = (await production()).replace('audit.example.com/cf', 'audit.example.com/v2');
    await stage.repository.commit('By hand', { 'webhooks/production.yaml': text });
    await stage.repository.git('push', '--quiet', 'origin', 'main');
    const { jobs } = await stage.deploy();
    expect(only(account(jobs, 'production'), 'plan')?.log).toContain('No approved plan was found');
    expect(results(account(jobs, 'production'))).toMatchObject({ plan: 'failure', apply: 'skipped' });
  });

  test('an entry that was removed from the file is deleted, although the account keeps unlisted webhooks', async () => {
    const text = await production();
    await stage.repository.propose(7, {
      'webhooks/production.yaml': text.replace(/ {2}- name: Audit\n(?: {4}.*\n)+/, ''),
    });
    const planned = await stage.pullRequest(7);
    expect(planned['plan']?.legs['production']?.summary).toContain('### Destroy (1)');
    const { jobs } = await stage.merge(7);
    expect(results(account(jobs, 'production'))).toEqual(DONE);
    expect(names(stage, PRODUCTION)).not.toContain('Audit');
  });

  test('a new account needs one pull request with its file and its line', async () => {
    const { repository, emulator } = stage;
    emulator.seed(LABS, [{ name: 'Relay', url: 'https://relay.labs.example.com/cf', secret: 'relay-1' }]);
    const accounts = JSON.parse(await repository.read('.github/accounts.json')) as readonly object[];
    await repository.propose(8, {
      'webhooks/labs.yaml': (await imported(stage, LABS)) + entry('Audit'),
      '.github/accounts.json': JSON.stringify([...accounts, { name: 'labs', id: LABS }], null, 2),
    });
    const planned = await stage.pullRequest(8);
    expect(results(planned)).toMatchObject({ check: 'success' });
    expect(planned['plan']?.legs['labs']?.log).toContain('deployed-labs does not exist yet');
    expect(planned['plan']?.legs['labs']?.summary).toContain('1 to add');
    const { jobs } = await stage.merge(8);
    expect(results(account(jobs, 'labs'))).toEqual(DONE);
    expect(names(stage, LABS)).toEqual(['Audit', 'Relay']);
    expect(await repository.at('refs/tags/deployed-labs')).toBe(await repository.at('refs/heads/main'));
    expect((await stage.drift())['drift']?.result).toBe('success');
  });

  test('an older commit is refused', async () => {
    await stage.repository.git('push', '--quiet', '--force', 'origin', 'main~2:main');
    const { jobs } = await stage.deploy('workflow_dispatch');
    expect(results(jobs)).toMatchObject({ deployed: 'failure' });
    expect(only(account(jobs, 'production'), 'plan')?.log).toContain('revert the commit on main');
  });
});
