import { describe, expect, test } from '@jest/globals';
import type { DesiredAccount } from '../../src/core/desired.js';
import { NO_OPTIONS } from '../../src/core/diff.js';
import type { AccountPlan } from '../../src/core/plan.js';
import {
  account,
  ACCOUNT,
  dashedId,
  desired,
  id,
  leftover,
  live,
  policy,
  URL_2,
  URL_3,
} from '../support/core/builders.js';
import { briefs, planOf } from '../support/core/planning.js';

describe('what a saved plan must know of the account', () => {
  const LIVE = [live(3, 'Third', URL_3), live(1, 'Ops'), live(2, 'Gone', URL_2)];

  test('has the IDs of all live webhooks, in order, if something is not a deletion', () => {
    const file = account([desired('Ops', URL_3), desired('New', `${URL_3}/new`)]);
    const mixed = planOf(file, LIVE, { allowDelete: new Set(['Gone', 'Third']) });
    expect(mixed.actions.map(({ kind }) => kind).sort()).toEqual(['create', 'delete', 'delete', 'replace']);
    expect(mixed.liveIds).toEqual([id(1), id(2), id(3)]);
  });

  test('needs no live IDs for deletions alone, and for nothing', () => {
    expect(planOf(account([desired('Ops')]), LIVE)).not.toHaveProperty('liveIds');
    expect(planOf(account([]), [])).not.toHaveProperty('liveIds');
  });

  test('has the IDs of ignored webhooks with the name of an action, in order', () => {
    const found = [
      live(9, 'Ops', URL_3),
      live(8, 'Ops', URL_3),
      live(7, 'dash-1', URL_2),
      leftover(6, 'Ops', 9),
    ];
    const file = account([desired('Ops', URL_2)], {
      ignore: ['dash-*', ...[9, 8, 6].map((n) => `id:${id(n)}`)],
    });
    expect(planOf(file, found).ignoredIds).toEqual([id(6), id(8), id(9)]);
  });

  test.each([
    ['nothing is ignored', account([desired('Ops')]), [live(7, 'dash-1', URL_2)]],
    ['nothing changes', account([], { ignore: ['dash-1'] }), [live(7, 'dash-1', URL_2)]],
    ['no name is the same', account([desired('Ops')], { ignore: ['dash-1'] }), [live(7, 'dash-1', URL_2)]],
  ])('needs no ignored IDs if %s', (_, file, found) => {
    expect(planOf(file, found, { allowDelete: new Set(['dash-1']) })).not.toHaveProperty('ignoredIds');
  });

  test('has the ID of a webhook with the name of a create that --target leaves alone', () => {
    const file = account([desired('Ops'), { ...desired('Renamed', URL_2), id: id(7) }, desired('Other')], {
      routes: [{ name: 'Policy 1', webhooks: ['Ops'] }],
    });
    const found = [live(7, 'Ops', URL_2), live(8, 'Other')];
    const plan = (targets: readonly string[]): AccountPlan =>
      planOf(file, found, { targets }, [policy(1, [8])]);
    expect(briefs(plan(['policy:Policy 1']).actions)).toEqual([
      'create Ops',
      'policy Policy 1: Other#8 → Ops',
    ]);
    expect(plan(['policy:Policy 1']).ignoredIds).toEqual([id(7)]);
    expect(briefs(plan([]).actions)).toContain('update #7 Renamed: renamed');
    expect(plan([])).not.toHaveProperty('ignoredIds');
  });

  describe('unlisted webhooks that --target leaves alone', () => {
    const RELAY = desired('New', { kind: 'env', env: 'RELAY' });
    const found = [live(9, 'B'), live(8, 'A', URL_2), live(7, 'Gone', URL_3), leftover(6, 'A', 1)];
    const plan = (webhook = RELAY, more: Partial<DesiredAccount> = {}, targets = ['New', 'Gone']) =>
      planOf(account([webhook], { unlisted: 'delete', ...more }), found, { targets });

    test('are known, in order, if a created webhook can be one of them', () => {
      expect(plan().unlistedIds).toEqual([id(8), id(9)]);
    });

    test.each([
      ['the URL is in the file', plan(desired('New', `${URL_2}/new`))],
      ['unlisted webhooks are kept', plan(RELAY, { unlisted: 'keep' })],
      ['nothing is created', plan(RELAY, {}, ['Gone'])],
      ['all are deleted', plan(RELAY, {}, [])],
    ])('are not needed if %s', (_, without) => {
      expect(without).not.toHaveProperty('unlistedIds');
    });
  });

  test('has the label of the account only if there is one', () => {
    expect(planOf(account([], { label: 'Production' }), [])).toMatchObject({
      accountId: ACCOUNT,
      label: 'Production',
    });
    expect(planOf(account([]), [])).not.toHaveProperty('label');
  });
});

describe('order', () => {
  test('entries with the same name are in the order of their IDs', () => {
    const file = account([desired('Ops', URL_2, { id: id(2) }), desired('Ops', URL_2, { id: id(1) })], {
      strategy: { url: 'in-place', secret: 'replace' },
    });
    const { actions } = planOf(file, [live(1, 'Ops'), live(2, 'Ops')]);
    expect(actions.map((action) => (action.kind === 'create' ? undefined : action.id))).toEqual([
      id(1),
      id(2),
    ]);
  });

  test('deletions of the same name are in the order of their IDs, whatever form those have', () => {
    const found = [live(3, 'Gone'), { ...live(1, 'Gone'), id: dashedId(1) }, live(2, 'Gone')];
    const { actions } = planOf(account([desired('Ops', URL_3)]), [...found, live(5, 'Ops', URL_3)]);
    expect(actions.map((action) => (action.kind === 'create' ? undefined : action.id))).toEqual([
      dashedId(1),
      id(2),
      id(3),
    ]);
  });
});

describe('targets', () => {
  const file = account([desired('policy', URL_2), desired('Ops', URL_3)]);

  test.each([
    ['none: all', [], ['Ops', 'policy']],
    ['a webhook', ['Ops'], ['Ops']],
    ['a policy selects no webhook that it does not need', ['policy:Other'], []],
    ['a webhook beside a policy', ['policy:Other', 'policy'], ['policy']],
    ['a webhook whose name ends as policy targets begin', ['Ops policy:'], []],
  ])('%s', (_, targets, names) => {
    expect(planOf(file, [], { targets }).actions.map(({ name }) => name)).toEqual(names);
  });
});

test('without options, nothing is limited, forced or allowed', () => {
  expect(NO_OPTIONS).toEqual({
    targets: [],
    rotate: new Set(),
    replace: new Set(),
    allowDelete: new Set(),
    allowDetach: new Set(),
    flagPrefix: '',
  });
});
