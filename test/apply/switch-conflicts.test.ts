import { describe, expect, test } from '@jest/globals';
import { Progress } from '../../src/apply/progress.js';
import type { StartedReplacement } from '../../src/apply/replace.js';
import { switchPolicies, switchPolicy, verifyPolicies } from '../../src/apply/switch-policies.js';
import { bareId, type PolicyId } from '../../src/core/ids.js';
import type { Policy } from '../../src/core/live.js';
import type { Replace, UpdatePolicy } from '../../src/core/plan.js';
import type { WriteAnswer } from '../../src/core/ports.js';
import { keeping } from '../support/apply/keeping.js';
import { CUT, DONE, inTurn, refused, scripted, type Script, UNKNOWN } from '../support/apply/scripted.js';
import { using } from '../support/apply/world.js';
import { account, ACCOUNT, desired, id, live, URL_2, URL_3 } from '../support/core/builders.js';
import { planOf } from '../support/core/planning.js';

const POLICY = id(1001) as string as PolicyId;
/** Reads until the settle time has passed: one, then 4 more. */
const UNCHANGED = Array<Policy>(5).fill(using(1, 1));

describe('one policy', () => {
  /** Replaces webhook 1 by 2, removes 7, and requires 2 in the end. */
  async function play(
    answers: readonly WriteAnswer<void>[],
    reads: readonly (Policy | undefined | Error)[],
    isLive?: (webhook: string) => boolean,
  ) {
    const updatePolicy = inTurn(...answers);
    const { session } = scripted({ updatePolicy, getPolicy: inTurn<Policy | undefined>(...reads) });
    const edit = {
      swaps: new Map([[bareId(id(1)), id(2)]]),
      remove: new Set([bareId(id(7))]),
      add: [],
    };
    const step = await switchPolicy(session, POLICY, edit, [id(2)], isLive);
    return { step, sent: updatePolicy.asked.length };
  }
  const CONFLICT = {
    code: 'policy-changed',
    message:
      'Policy "Policy 1" was changed meanwhile and no longer uses the old webhook. Run plan to see its webhooks now.',
  };

  test('that no longer uses the old webhook is a conflict, and nothing is sent', async () => {
    expect(await play([DONE], [using(1, 9)])).toEqual({
      step: { ok: false, status: 'failed', error: CONFLICT, wrote: false },
      sent: 0,
    });
  });

  test('that no longer uses it after a PUT without a response is a conflict that may have been written', async () => {
    expect(await play([UNKNOWN], [...UNCHANGED, using(1, 9)])).toEqual({
      step: { ok: false, status: 'failed', error: CONFLICT, wrote: true },
      sent: 1,
    });
  });

  test.each([
    ['when it is read again', [UNKNOWN], [...UNCHANGED, undefined]],
    ['when it is sent again', [UNKNOWN, refused('not-found')], [...UNCHANGED, using(1, 1), undefined]],
  ])('that no longer exists %s may have been written', async (_, answers, reads) => {
    expect((await play(answers, reads)).step).toEqual({ ok: true, value: { wrote: true } });
  });

  test('that is not found and cannot be read again is refused', async () => {
    const { step } = await play([refused('not-found')], [using(1, 1), CUT]);
    expect(step).toMatchObject({ ok: false, status: 'failed', error: { code: 'not-found' }, wrote: false });
  });

  test('that lost another webhook and kept the old one has changed', async () => {
    const { step } = await play([DONE], [using(1, 1, 3), using(1, 1)]);
    expect(step).toMatchObject({ ok: false, error: { code: 'policy-changed' }, wrote: true });
  });

  test('whose PUT is refused: names webhooks that it lists and that do not exist', async () => {
    const message = async (listed: Policy, isLive?: (webhook: string) => boolean) => {
      const { step } = await play([refused('api-refused')], [listed], isLive);
      return step.ok ? undefined : step.error.message;
    };
    const [ALIVE, DEAD, ALSO] = [3, 8, 9];
    const isLive = (webhook: string): boolean => ![id(DEAD), id(ALSO), id(7)].map(bareId).includes(webhook);
    const advice =
      'Remove it from the policy in Cloudflare, or list the policy under "policies", which takes it out.';
    expect(await message(using(1, 1, ALIVE), isLive)).toBe('no');
    expect(await message(using(1, 1, ALIVE, 7, DEAD), isLive)).toBe(
      `no The policy also lists a webhook that does not exist: ${id(DEAD)}. ${advice}`,
    );
    expect(await message(using(1, 1, DEAD, ALSO), isLive)).toBe(
      `no The policy also lists webhooks that do not exist: ${id(DEAD)}, ${id(ALSO)}. ${advice}`,
    );
    expect(await message(using(1, 1, DEAD))).toBe('no');
  });
});

/** "Ops" is replaced (#1 by #11), and so is "Dev" (#2 by #12). Policy 1 uses "Ops". */
const plan = planOf(
  account([desired('Ops', URL_2), desired('Dev', URL_3)], {
    unlisted: 'keep',
    routes: [
      { name: 'Policy 3', webhooks: ['Ops'] },
      { name: 'Policy 4', webhooks: ['Dev'] },
    ],
  }),
  [live(1, 'Ops'), live(2, 'Dev'), live(12, 'Spare')],
  {},
  [using(1, 1), using(3, 2), using(4, 1)],
);
const [dev, ops] = plan.actions.filter((action): action is Replace => action.kind === 'replace') as [
  Replace,
  Replace,
];
const [route3, route4] = plan.actions.filter(
  (action): action is UpdatePolicy => action.resource === 'policy',
) as [UpdatePolicy, UpdatePolicy];
const OPS: StartedReplacement = { action: ops, survivor: live(11, 'Ops', URL_2) };
const DEV: StartedReplacement = { action: dev, survivor: live(12, 'Dev', URL_3) };

/** Switches all policies. */
async function switchAll(
  script: Script,
  {
    started = [OPS, DEV],
    routes = [],
    stopped = false,
  }: {
    readonly started?: readonly StartedReplacement[];
    readonly routes?: readonly UpdatePolicy[];
    readonly stopped?: boolean;
  } = {},
) {
  const { session, events, stop } = scripted(script);
  if (stopped) stop.abort();
  const progress = new Progress(ACCOUNT, session.emit);
  const given = { session, progress, started, routes, idOf: () => undefined, isLive: () => true };
  const { clear, policies } = await switchPolicies(given);
  const steps = events.flatMap((event) =>
    event.type === 'action-step' ? [`${event.name}: ${event.step}`] : [],
  );
  return { clear: clear.map(({ action }) => action.name), policies, progress, steps };
}

describe('what is remembered of a switched policy, to be verified at the end', () => {
  test('has what it must and must not use', async () => {
    const { script } = keeping(using(1, 1, 9), using(3, 2), using(4, 1));
    const { policies } = await switchAll(script, { routes: [route3, route4] });
    const found = policies.map(({ wanted, uses, usesNot, actions }) => ({
      name: wanted['name'],
      uses,
      usesNot,
      actions,
    }));
    expect(found).toEqual([
      { name: 'Policy 3', uses: [id(11)], usesNot: [id(2), id(12), id(2)], actions: [dev, route3] },
      { name: 'Policy 4', uses: [id(12)], usesNot: [id(1), id(11), id(1)], actions: [ops, route4] },
      { name: 'Policy 1', uses: [id(11)], usesNot: [id(1)], actions: [ops] },
    ]);
    expect(policies[2]?.wanted).toMatchObject({ mechanisms: { webhooks: [{ id: id(11) }, { id: id(9) }] } });
  });

  test('is added to if it starts to use another old webhook meanwhile', async () => {
    const { script, kept } = keeping(using(5, 1));
    let lists = 0;
    const listPolicies: Script['listPolicies'] = () => {
      lists += 1;
      if (lists === 2) kept.set(using(5).id, using(5, 11, 2));
      return Promise.resolve([...kept.values()]);
    };
    const { policies } = await switchAll({ ...script, listPolicies });
    expect(policies).toMatchObject([{ usesNot: [id(1), id(2)], actions: [ops, dev] }]);
  });

  test('is nothing if the policy no longer exists', async () => {
    const listPolicies = inTurn<readonly Policy[]>([using(5, 1)], []);
    const getPolicy = inTurn<Policy | undefined>(using(5, 1), undefined);
    const { policies, steps, progress } = await switchAll({
      listPolicies,
      getPolicy,
      updatePolicy: inTurn(DONE),
    });
    expect(policies).toEqual([]);
    expect(steps).toEqual([]);
    expect(progress.wrote(ops)).toBe(true);
  });
});

test('a policy of the plan that someone has changed fails only its own replacement', async () => {
  const { script, sent } = keeping(using(1, 9), using(5, 2));
  const { clear, progress } = await switchAll(script);
  expect(clear).toEqual(['Dev']);
  expect(progress.of(ops)).toMatchObject({ status: 'failed', error: { code: 'policy-changed' } });
  expect(progress.of(dev)).toBeUndefined();
  expect(sent).toEqual(['Policy 5']);
});

test('a replacement that has failed counts as written if another of its policies may have been', async () => {
  const { script } = keeping(using(5, 1), using(6, 1));
  const updatePolicy: Script['updatePolicy'] = async (_account, policyId) =>
    Promise.resolve(policyId === using(5).id ? refused('api-refused') : DONE);
  const listPolicies = inTurn<readonly Policy[]>([using(5, 1), using(6, 1)]);
  const { action } = { action: { ...ops, policies: [] } };
  const { progress } = await switchAll(
    { ...script, listPolicies, updatePolicy },
    { started: [{ ...OPS, action }] },
  );
  expect(progress.of(action)).toMatchObject({ status: 'failed', error: { code: 'api-refused' } });
  expect(progress.wrote(action)).toBe(true);
});

test('gives up after some rounds, and says what to do', async () => {
  const listPolicies = inTurn<readonly Policy[]>([using(5, 1)]);
  const { progress } = await switchAll({ listPolicies, getPolicy: inTurn<Policy | undefined>(undefined) });
  expect(progress.of(ops)?.error?.message).toBe(
    'Something keeps adding the old webhook to policies, so it was not deleted. Stop it, then run apply again.',
  );
});

test('waits longer for a list that lags after the first round', async () => {
  const { script, sent } = keeping(using(1, 1));
  const lagging = [using(1, 1)];
  const listPolicies = inTurn<readonly Policy[]>(lagging, lagging, lagging, lagging, []);
  expect((await switchAll({ ...script, listPolicies }, { started: [OPS] })).clear).toEqual(['Ops']);
  expect(sent).toEqual(['Policy 1']);
});

describe('a route', () => {
  test('that removes a replaced webhook reports no switch to the new one', async () => {
    const { script } = keeping(using(1, 1), using(3, 2), using(4, 1));
    const { steps, progress } = await switchAll(script, { routes: [route3, route4] });
    expect(steps).toEqual(['Ops: switched policy "Policy 1" to the new webhook']);
    expect([progress.wrote(route3), progress.wrote(route4)]).toEqual([true, true]);
  });

  test('that is in place already was not written', async () => {
    const { script, sent } = keeping(using(1, 11), using(3, 11), using(4, 12));
    const { progress } = await switchAll(script, { routes: [route3, route4] });
    expect(progress.outcomes([route3, route4])).toMatchObject([
      { status: 'applied', wrote: false },
      { status: 'applied', wrote: false },
    ]);
    expect(sent).toEqual([]);
  });

  test('whose policy no longer exists was not written', async () => {
    const { script } = keeping(using(1, 1));
    const { progress } = await switchAll(script, { routes: [route3] });
    expect(progress.of(route3)).toMatchObject({ status: 'failed', wrote: false });
  });

  test('says why it was not started', async () => {
    const stopped = await switchAll({}, { started: [], routes: [route3], stopped: true });
    expect(stopped.progress.of(route3)?.error?.message).toBe('Interrupted before it started.');
    const after = [...route3.after, { name: 'New' }];
    const missing = { ...route3, after };
    const { progress } = await switchAll({}, { started: [], routes: [missing] });
    expect(progress.of(missing)?.error?.message).toBe(
      'Not changed, because webhook "New" was not created. Resolve that first, then run apply again.',
    );
  });

  test('does not remove the new webhook of a leftover that is replaced together with a webhook that stays', async () => {
    const action = { ...ops, retire: [live(1, 'Ops'), live(13, 'Ops')], policies: [] };
    const route: UpdatePolicy = {
      ...route3,
      before: [
        { name: 'Ops', id: id(1) },
        { name: 'Leftover', id: id(13) },
      ],
      after: [{ name: 'Ops', id: id(1) }],
    };
    const { script, uses } = keeping(using(3, 11, 13));
    await switchAll(script, { started: [{ ...OPS, action }], routes: [route] });
    expect(uses(3)).toEqual([id(11)]);
  });
});

describe('verifying switched policies', () => {
  const wrongOf = async (
    { uses = [], usesNot = [] }: { readonly uses?: readonly number[]; readonly usesNot?: readonly number[] },
    ...lists: readonly Policy[]
  ) => {
    const { session } = scripted({ listPolicies: inTurn(...lists.map((each) => [each])) });
    const wanted = {
      id: using(1).id,
      wanted: using(1, 2).raw,
      uses: uses.map(id),
      usesNot: usesNot.map(id),
      actions: [],
    };
    const found = await verifyPolicies(session, [wanted]);
    return found.ok ? found.value.wrong.get(wanted) : found.error;
  };
  const MISSING = {
    ok: false,
    status: 'failed',
    error: {
      code: 'policy-changed',
      message: 'Policy "Policy 1" does not have the planned webhooks at the end. Run apply again.',
    },
    wrote: true,
  };

  test.each([
    ['has all that it must use', { uses: [2, 3] }, using(1, 3, 2), undefined],
    ['lacks one of them', { uses: [2, 3] }, using(1, 2), MISSING],
    ['uses one that it must not use', { uses: [2], usesNot: [1, 8] }, using(1, 2, 1), MISSING],
    ['uses one that it must use after all', { uses: [2], usesNot: [2] }, using(1, 2), undefined],
    ['uses another webhook', { uses: [2], usesNot: [1] }, using(1, 2, 9), undefined],
  ])('a policy that %s', async (_, about, listed, wrong) => {
    expect(await wrongOf(about, listed)).toEqual(wrong);
  });

  test('a field that changed is named, but not the webhooks, which may have been added to', async () => {
    const listed = using(1, 2, 9);
    const renamed = { ...listed, raw: { ...listed.raw, alert_type: 'other' } };
    expect(await wrongOf({ uses: [2] }, renamed)).toMatchObject({
      error: { message: expect.stringContaining('differs from what was sent (alert_type).') as unknown },
    });
  });

  test('repeats a list that lags', async () => {
    expect(await wrongOf({ uses: [2] }, using(1, 1), using(1, 2))).toBeUndefined();
  });
});
