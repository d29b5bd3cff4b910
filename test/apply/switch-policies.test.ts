import { describe, expect, test } from '@jest/globals';
import { switchPolicies, usersOf } from '../../src/apply/switch-policies.js';
import { Progress } from '../../src/apply/progress.js';
import type { StartedReplacement } from '../../src/apply/replace.js';
import { HookwrightError } from '../../src/core/errors.js';
import { bareId } from '../../src/core/ids.js';
import type { Policy } from '../../src/core/live.js';
import type { Replace } from '../../src/core/plan.js';
import { keeping } from '../support/apply/keeping.js';
import { CUT, DONE, inTurn, refused, scripted, type Script } from '../support/apply/scripted.js';
import { using } from '../support/apply/world.js';
import {
  account,
  ACCOUNT,
  dashedId,
  desired,
  id,
  live,
  policy,
  URL_2,
  URL_3,
} from '../support/core/builders.js';
import { planOf } from '../support/core/planning.js';

/** "Ops" is replaced (#1 by #11), and so is "Dev" (#2 by #12). */
const plan = planOf(account([desired('Ops', URL_2), desired('Dev', URL_3)]), [
  live(1, 'Ops'),
  live(2, 'Dev'),
]);
const [dev, ops] = plan.actions as [Replace, Replace];
const OPS: StartedReplacement = { action: ops, survivor: live(11, 'Ops', URL_2) };
const DEV: StartedReplacement = { action: dev, survivor: live(12, 'Dev', URL_3) };

/** Returns the replacements that can continue, and how the others ended. */
async function move(script: Script, begun: readonly StartedReplacement[] = [OPS, DEV]) {
  const { session, events } = scripted(script);
  const progress = new Progress(ACCOUNT, session.emit);
  const { clear: open } = await switchPolicies({
    session,
    progress,
    started: begun,
    routes: [],
    idOf: () => undefined,
    isLive: () => true,
  });
  const outcome = (action: Replace): string => {
    const { status, error, wrote, id: on } = progress.of(action) ?? {};
    return status === undefined
      ? 'goes on'
      : `${status} ${error?.code}, wrote ${wrote}, on ${on === id(11) ? 11 : 12}`;
  };
  return {
    open: open.map(({ action }) => action.name),
    ops: outcome(ops),
    dev: outcome(dev),
    wrote: [ops, dev].filter((action) => progress.wrote(action)).map(({ name }) => name),
    steps: events.flatMap((event) => (event.type === 'action-step' ? [`${event.name}: ${event.step}`] : [])),
  };
}

test('switches each policy to the new webhooks in one PUT', async () => {
  const { script, sent, uses } = keeping(using(1, 1), using(2, 2, 1, 9), using(3, 9));
  expect(await move(script)).toEqual({
    open: ['Ops', 'Dev'],
    ops: 'goes on',
    dev: 'goes on',
    wrote: ['Ops', 'Dev'],
    steps: [
      'Ops: switched policy "Policy 1" to the new webhook',
      'Ops: switched policy "Policy 2" to the new webhook',
      'Dev: switched policy "Policy 2" to the new webhook',
    ],
  });
  expect([uses(1), uses(2), uses(3)]).toEqual([[id(11)], [id(12), id(11), id(9)], [id(9)]]);
  expect(sent).toEqual(['Policy 1', 'Policy 2']);
});

test('writes nothing if no policy uses them, and sends nothing if no replacement continues', async () => {
  const result = await move(keeping(using(1, 9)).script);
  expect(result).toMatchObject({ open: ['Ops', 'Dev'], wrote: [], steps: [] });
  expect((await move({}, [])).open).toEqual([]);
});

test('reads a policy by ID if the plan saw it and the list omits it', async () => {
  const used = [using(1, 1), using(2, 2), using(3, 1, 2)];
  const { actions } = planOf(
    account([desired('Ops', URL_2), desired('Dev', URL_3)]),
    [live(1, 'Ops'), live(2, 'Dev')],
    {},
    used,
  );
  const [devNow, opsNow] = actions as [Replace, Replace];
  // Someone else has switched the second one meanwhile; the fourth is new.
  const { script, sent, uses } = keeping(using(1, 1), using(2, 12), using(3, 1, 2), using(4, 1));
  const listPolicies = inTurn<readonly Policy[]>([using(4, 1), using(1, 1)], []);
  const { session } = scripted({ ...script, listPolicies });
  const progress = new Progress(ACCOUNT, session.emit);
  const begun = [
    { ...OPS, action: opsNow },
    { ...DEV, action: devNow },
  ];
  const switching = { session, progress, started: begun, routes: [], idOf: () => undefined };
  expect((await switchPolicies({ ...switching, isLive: () => true })).clear).toEqual(begun);
  expect([progress.wrote(opsNow), progress.wrote(devNow)]).toEqual([true, true]);
  expect(sent.sort()).toEqual(['Policy 1', 'Policy 3', 'Policy 4']);
  expect([uses(1), uses(3), uses(4)]).toEqual([[id(11)], [id(11), id(12)], [id(11)]]);
});

test('a policy that someone else has switched meanwhile does not count as written by this run', async () => {
  const { script } = keeping(using(1, 11));
  const listPolicies = inTurn<readonly Policy[]>([using(1, 1)], [using(1, 11)]);
  expect(await move({ ...script, listPolicies })).toMatchObject({
    open: ['Ops', 'Dev'],
    wrote: [],
    steps: [],
  });
});

describe('a policy that cannot be switched', () => {
  test('stops its own replacements only', async () => {
    const { script } = keeping(using(1, 1), using(2, 2));
    const updatePolicy: Script['updatePolicy'] = async (each, policyId, body) =>
      policyId === using(1, 1).id
        ? refused('api-refused')
        : (script.updatePolicy?.(each, policyId, body) ?? DONE);
    expect(await move({ ...script, updatePolicy })).toMatchObject({
      open: ['Dev'],
      ops: 'failed api-refused, wrote false, on 11',
      dev: 'goes on',
      wrote: ['Dev'],
    });
  });

  test('counts as written if it may have been, for each of its replacements', async () => {
    const { script } = keeping(using(1, 1, 2));
    const result = await move({ ...script, updatePolicy: inTurn(DONE) });
    expect(result).toMatchObject({
      open: [],
      ops: 'failed not-moved, wrote true, on 11',
      dev: 'failed not-moved, wrote true, on 12',
    });
  });

  test('is not tried if the policies cannot be listed', async () => {
    expect(await move({ listPolicies: inTurn<readonly Policy[]>(CUT) })).toMatchObject({
      open: [],
      ops: 'failed network, wrote false, on 11',
      dev: 'failed network, wrote false, on 12',
    });
    const stopped = new HookwrightError('interrupted', 'stopped');
    expect((await move({ listPolicies: inTurn<readonly Policy[]>(stopped) })).ops).toBe(
      'skipped interrupted, wrote false, on 11',
    );
  });

  test('is a failure that has written if they could be listed before', async () => {
    const { script } = keeping(using(1, 1));
    const listPolicies = inTurn<readonly Policy[]>([using(1, 1)], CUT);
    expect((await move({ ...script, listPolicies })).ops).toBe('failed network, wrote true, on 11');
  });
});

test('switches a policy that starts to use the old webhook meanwhile', async () => {
  const { script, kept, uses } = keeping(using(1, 1));
  const updatePolicy: Script['updatePolicy'] = (...args) => {
    const late = using(2, 1);
    if (!kept.has(late.id)) kept.set(late.id, late);
    return script.updatePolicy?.(...args) ?? Promise.resolve(DONE);
  };
  expect((await move({ ...script, updatePolicy })).open).toEqual(['Ops', 'Dev']);
  expect([uses(1), uses(2)]).toEqual([[id(11)], [id(11)]]);
});

test('a list that lags is not mistaken for policies that were changed back', async () => {
  const { script, sent } = keeping(using(1, 1));
  const lagging = [using(1, 1)];
  const listPolicies = inTurn<readonly Policy[]>(lagging, lagging, lagging, []);
  expect((await move({ ...script, listPolicies })).open).toEqual(['Ops', 'Dev']);
  expect(sent).toEqual(['Policy 1']);
});

test('gives up all replacements whose old webhooks are added to policies again and again', async () => {
  const listPolicies = inTurn<readonly Policy[]>([using(1, 1), using(2, 2)]);
  const { script } = keeping();
  expect(
    await move({ ...script, listPolicies, getPolicy: inTurn<Policy | undefined>(undefined) }),
  ).toMatchObject({
    open: [],
    ops: 'failed in-use, wrote false, on 11',
    dev: 'failed in-use, wrote false, on 12',
  });
});

test('gives up only the replacement whose old webhook is added to policies again and again', async () => {
  const { script, kept, sent } = keeping(using(1, 1));
  const updatePolicy: Script['updatePolicy'] = async (each, policyId, body) => {
    const answer = await script.updatePolicy?.(each, policyId, body);
    const late = using(sent.length + 1, 1);
    kept.set(late.id, late);
    return answer ?? DONE;
  };
  expect(await move({ ...script, updatePolicy })).toMatchObject({
    open: ['Dev'],
    ops: 'failed in-use, wrote true, on 11',
  });
  expect(sent).toEqual(['Policy 1', 'Policy 2', 'Policy 3']);
});

describe('listing the policies to switch', () => {
  const swaps = new Map([[bareId(id(1)), id(11)]]);
  const read = async (moved: boolean, ...lists: readonly (readonly Policy[])[]) => {
    const listPolicies = inTurn<readonly Policy[]>(...lists);
    const users = await usersOf(scripted({ listPolicies }).session, swaps, { switched: moved });
    return { users: users.map(({ name }) => name), read: listPolicies.asked.length };
  };

  test('happens once before anything was switched', async () => {
    const dashed = policy(2, [], { webhookIds: [dashedId(1)] });
    expect(await read(false, [using(1, 1), dashed, using(3, 9)], [])).toEqual({
      users: ['Policy 1', 'Policy 2'],
      read: 1,
    });
  });

  test('is repeated afterwards, because the list may lag', async () => {
    expect(await read(true, [using(1, 1)], [using(1, 11)])).toEqual({ users: [], read: 2 });
    expect((await read(true, [using(1, 1)])).users).toEqual(['Policy 1']);
  });
});
