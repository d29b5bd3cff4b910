import { describe, expect, test } from '@jest/globals';
import { NO_OPTIONS } from '../../src/core/diff.js';
import type { DesiredWebhook } from '../../src/core/desired.js';
import { type ErrorCode, HookwrightError } from '../../src/core/errors.js';
import type { AccountId } from '../../src/core/ids.js';
import type { Live } from '../../src/core/live.js';
import { deployedBefore, joinPlans, planAccount, withSecretUrls } from '../../src/core/plan-account.js';
import type { Reader } from '../../src/core/ports.js';
import {
  ACCOUNT,
  account,
  dashedId,
  desired,
  envUrl,
  id,
  leftover,
  live,
  policy,
  URL_2,
  URL_3,
} from '../support/core/builders.js';
import { briefs, planOf } from '../support/core/planning.js';

/** An account with these webhooks and one policy that uses the first. Records the requests. */
function reading(webhooks: readonly Live[]): { readonly reader: Reader; readonly asked: readonly string[] } {
  const asked: string[] = [];
  const answer = <T>(what: string, value: T): Promise<T> => {
    asked.push(what);
    return Promise.resolve(value);
  };
  const reader: Reader = {
    listWebhooks: () => answer('webhooks', webhooks),
    listPolicies: () => answer('policies', [policy(1, [1])]),
    getWebhook: () => answer('webhook', undefined),
    getPolicy: () => answer('policy', undefined),
  };
  return { reader, asked };
}

/** A reader whose list fails with this error. */
const failing = (error: Error): Reader => ({
  ...reading([]).reader,
  listWebhooks: () => Promise.reject(error),
});

const options = NO_OPTIONS;
const same = account([desired('Ops')]);

describe('one account', () => {
  test('is listed once; its policies only if the plan depends on them', async () => {
    const { reader, asked } = reading([live(1, 'Ops')]);
    expect(await planAccount(same, { options }, reader)).toEqual({
      plan: planOf(same, [live(1, 'Ops')]),
      live: [live(1, 'Ops')],
    });
    expect(asked).toEqual(['webhooks']);
  });

  test('lists the policies for a deletion', async () => {
    const { reader, asked } = reading([live(1, 'Ops')]);
    const planned = await planAccount(account([]), { options }, reader);
    expect(asked).toEqual(['webhooks', 'policies']);
    if ('error' in planned) throw new Error('not planned');
    expect(briefs(planned.plan.actions)).toEqual(['delete #1 Ops: unlisted']);
    expect(planned.plan.guards.map(({ code }) => code)).toContain('in-use');
    expect(planned.policies).toEqual([policy(1, [1])]);
  });

  test('lists the policies if requested', async () => {
    const { reader } = reading([live(1, 'Ops')]);
    expect(await planAccount(same, { options, withPolicies: true }, reader)).toMatchObject({
      plan: { actions: [] },
      policies: [policy(1, [1])],
    });
  });

  test.each<[what: string, code: ErrorCode, webhooks: readonly DesiredWebhook[], isFailure: boolean]>([
    ['not needed', 'access-denied', same.webhooks, false],
    ['needed', 'access-denied', [], true],
    ['interrupted', 'interrupted', same.webhooks, true],
  ])('requested policies that cannot be read: %s', async (_what, code, webhooks, isFailure) => {
    const reader: Reader = {
      ...reading([live(1, 'Ops')]).reader,
      listPolicies: () => Promise.reject(new HookwrightError(code, 'No.')),
    };
    const planned = await planAccount({ ...same, webhooks }, { options, withPolicies: true }, reader);
    expect('error' in planned).toBe(isFailure);
    expect(planned).not.toHaveProperty('policies');
  });

  test('is a failure if it cannot be read, but a bug is thrown', async () => {
    const down = new HookwrightError('network', 'No one answers.');
    expect(await planAccount(same, { options }, failing(down))).toStrictEqual({
      accountId: ACCOUNT,
      error: { code: 'network', message: 'No one answers.' },
    });
    await expect(planAccount(same, { options }, failing(new TypeError('a fault')))).rejects.toThrow(
      'a fault',
    );
  });
});

test('has its label in the plan and in the failure', async () => {
  const labeled = { ...same, label: 'Production' };
  const planned = await planAccount(labeled, { options }, reading([live(1, 'Ops')]).reader);
  expect(planned).toMatchObject({ plan: { accountId: ACCOUNT, label: 'Production' } });
  const down = failing(new HookwrightError('network', 'No one answers.'));
  expect(await planAccount(labeled, { options }, down)).toMatchObject({ label: 'Production' });
});

test('lists the policies for routes even if nothing changes', async () => {
  const { reader, asked } = reading([live(1, 'Ops')]);
  const routed = { ...same, routes: [{ name: 'Policy 1', webhooks: ['Ops'] }] };
  expect(await planAccount(routed, { options }, reader)).toMatchObject({ plan: { actions: [] } });
  expect(asked).toEqual(['webhooks', 'policies']);
});

test('had nothing deployed if it was not declared before', () => {
  expect(deployedBefore(same, undefined)).toEqual({ ...same, webhooks: [] });
  expect(deployedBefore(account([]), same)).toBe(same);
});

test('several are sorted by ID, whichever was read first', () => {
  const plans = ['b', 'c', 'a'].map((id) => ({ ...planOf(same, []), accountId: id as AccountId }));
  const failures = ['z', 'y'].map((id) => ({
    accountId: id as AccountId,
    error: { code: 'network', message: '' },
  }));
  const joined = joinPlans(plans, failures);
  expect(joined.accounts.map(({ accountId }) => accountId)).toEqual(['a', 'b', 'c']);
  expect(joined.failures.map(({ accountId }) => accountId)).toEqual(['y', 'z']);
});

describe('the URL of a live webhook is a secret if an entry with a URL reference owns it', () => {
  const entry = desired('Ops', envUrl(URL_2), { id: id(1), previously: ['Old'] });
  const file = account([entry, desired('Public')]);

  test.each([
    ['by ID', live(1, 'Other', URL_3)],
    ['by ID, with dashes', { ...live(1, 'Other', URL_3), id: dashedId(1) }],
    ['by name', live(2, 'Ops', URL_3)],
    ['by a previous name', live(2, 'Old', URL_3)],
    ['by the name of the webhook that it replaces', leftover(2, 'Ops', 9, URL_3)],
    ['by the URL', live(2, 'Other', URL_2)],
  ])('%s', (_, webhook) => {
    const others = [live(7, 'Public'), live(8, 'Unlisted', `${URL_3}/4`)];
    const marked = [others[0], { ...webhook, urlIsSecret: true }, others[1]];
    const found = [live(7, 'Public'), webhook, live(8, 'Unlisted', `${URL_3}/4`)];
    expect(withSecretUrls(found, file)).toStrictEqual(marked);
    expect(withSecretUrls(found, account([]), file)).toStrictEqual(marked);
  });

  test('by the URL of the webhook that an entry owns, even if its value is not known', () => {
    const unknown = account([desired('Ops', envUrl())]);
    const found = [live(1, 'Ops', URL_2), live(2, 'Copy', URL_2), live(3, 'Public', URL_3)];
    const marked = found.map((each) => (each.url === URL_2 ? { ...each, urlIsSecret: true } : each));
    expect(withSecretUrls(found, unknown)).toStrictEqual(marked);
  });

  test('not if no entry has one, or only by the URL if its value is not known', () => {
    const found = [live(1, 'Ops', URL_2)];
    expect(withSecretUrls(found, account([desired('Ops', URL_2, { id: id(1) })]), undefined)).toBe(found);
    const unknown = account([desired('Other', envUrl())]);
    expect(withSecretUrls(found, unknown)).toStrictEqual(found);
  });
});
