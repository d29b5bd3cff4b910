import { expect, test } from '@jest/globals';
import { Progress } from '../../src/apply/progress.js';
import type { StartedReplacement } from '../../src/apply/replace.js';
import { switchPolicies } from '../../src/apply/switch-policies.js';
import type { WebhookId } from '../../src/core/ids.js';
import type { Policy } from '../../src/core/live.js';
import type { Replace, UpdatePolicy } from '../../src/core/plan.js';
import { keeping } from '../support/apply/keeping.js';
import { CUT, DONE, inTurn, refused, scripted, type Script } from '../support/apply/scripted.js';
import { using } from '../support/apply/world.js';
import { account, ACCOUNT, desired, id, live, URL_1, URL_2, URL_3 } from '../support/core/builders.js';
import { planOf } from '../support/core/planning.js';

/** "Ops" is replaced (#1 by #11), "New" is created (#20); policies 1 and 2 get "New", and 1 keeps "Ops". */
const plan = planOf(
  account([desired('Ops', URL_2), desired('New', URL_3)], {
    unlisted: 'keep',
    routes: [
      { name: 'Policy 1', webhooks: ['Ops', 'New'] },
      { name: 'Policy 2', webhooks: ['New'] },
    ],
  }),
  [live(1, 'Ops', URL_1), live(9, 'Other', 'https://other.example/')],
  {},
  [using(1, 1), using(2, 1)],
);
const [ops] = plan.actions.filter((action) => action.kind === 'replace') as [Replace];
const routes = plan.actions.filter((action): action is UpdatePolicy => action.resource === 'policy');
const OPS: StartedReplacement = { action: ops, survivor: live(11, 'Ops', URL_2) };
const CREATED = new Map([['New', id(20)]]);

type Given = {
  readonly started?: readonly StartedReplacement[];
  readonly created?: ReadonlyMap<string, WebhookId>;
  readonly stopped?: boolean;
};

/** Returns how each action ended, and what was sent: for each policy, the numbers of its webhooks. */
async function route(script: Script, { started = [OPS], created = CREATED, stopped = false }: Given = {}) {
  const sent: [string, readonly number[]][] = [];
  const { session, stop } = scripted({
    ...script,
    updatePolicy: async (each, policyId, body) => {
      const { webhooks } = body['mechanisms'] as { webhooks: readonly { id: string }[] };
      sent.push([
        String(Number.parseInt(policyId.slice(0, 8), 16) - 1000),
        webhooks.map((use) => Number.parseInt(use.id.slice(0, 8), 16)),
      ]);
      return (await script.updatePolicy?.(each, policyId, body)) ?? DONE;
    },
  });
  if (stopped) stop.abort();
  const progress = new Progress(ACCOUNT, session.emit);
  const { clear, policies } = await switchPolicies({
    session,
    progress,
    started,
    routes,
    idOf: (name) => created.get(name),
    isLive: (webhook) => !webhook.startsWith('00000009'),
  });
  const ended = [ops, ...routes].map((action) => {
    const { status, error } = progress.of(action) ?? {};
    return status === undefined ? 'goes on' : `${action.name}: ${error ? `${status} ${error.code}` : status}`;
  });
  const messages = routes.flatMap((action) => progress.of(action)?.error?.message ?? []);
  return { ended, messages, sent: sent.sort(), clear: clear.length, remembered: policies.length };
}

test('a route and a replacement in the same policy are one PUT', async () => {
  expect(await route(keeping(using(1, 1), using(2, 1)).script)).toEqual({
    ended: ['goes on', 'Policy 1: applied', 'Policy 2: applied'],
    messages: [],
    sent: [
      ['1', [11, 20]],
      ['2', [20]],
    ],
    clear: 1,
    remembered: 2,
  });
});

test('routes alone do not list policies', async () => {
  const asked = new Error('not to be asked for');
  const script = { ...keeping(using(1, 1), using(2, 1)).script, listPolicies: () => Promise.reject(asked) };
  expect(await route(script, { started: [] })).toMatchObject({
    ended: ['goes on', 'Policy 1: applied', 'Policy 2: applied'],
    sent: [
      ['1', [1, 20]],
      ['2', [20]],
    ],
  });
});

test('removes the new webhook of a replacement, too, if another apply has switched the policy to it', async () => {
  expect(await route(keeping(using(1, 11), using(2, 11)).script)).toMatchObject({
    ended: ['goes on', 'Policy 1: applied', 'Policy 2: applied'],
    sent: [
      ['1', [11, 20]],
      ['2', [20]],
    ],
  });
});

test('does not send a route that is in place already', async () => {
  expect(await route(keeping(using(1, 11, 20), using(2, 20)).script)).toMatchObject({
    ended: ['goes on', 'Policy 1: applied', 'Policy 2: applied'],
    sent: [],
  });
});

test('skips a route whose webhook was not created, and the replacement still switches the policy', async () => {
  const result = await route(keeping(using(1, 1), using(2, 1)).script, { created: new Map() });
  expect(result).toMatchObject({
    ended: ['goes on', 'Policy 1: skipped skipped', 'Policy 2: skipped skipped'],
    sent: [
      ['1', [11]],
      ['2', [11]],
    ],
    clear: 1,
  });
});

test('starts no route after a stop', async () => {
  expect(await route(keeping(using(1, 1), using(2, 1)).script, { started: [], stopped: true })).toMatchObject(
    {
      ended: ['goes on', 'Policy 1: skipped interrupted', 'Policy 2: skipped interrupted'],
      sent: [],
    },
  );
});

test('a missing policy fails its own route only', async () => {
  expect(await route(keeping(using(1, 1)).script)).toMatchObject({
    ended: ['goes on', 'Policy 1: applied', 'Policy 2: failed not-found'],
    messages: ['Policy "Policy 2" no longer exists. Remove it from "policies", or create it in Cloudflare.'],
  });
});

test('a refused PUT fails the route and the replacement, and names missing webhooks that the policy lists', async () => {
  const script = keeping(using(1, 1, 9), using(2, 1)).script;
  const { ended, messages, clear } = await route({
    ...script,
    updatePolicy: () => Promise.resolve(refused('api-refused')),
  });
  expect(ended).toEqual([
    'Ops: failed api-refused',
    'Policy 1: failed api-refused',
    'Policy 2: failed api-refused',
  ]);
  expect(messages[0]).toContain(`does not exist: ${id(9)}. Remove it from the policy`);
  expect(clear).toBe(0);
});

test('routes continue if the policies cannot be listed for the replacement', async () => {
  const script = {
    ...keeping(using(1, 1), using(2, 1)).script,
    listPolicies: inTurn<readonly Policy[]>(CUT),
  };
  expect(await route(script)).toMatchObject({
    ended: ['Ops: failed network', 'Policy 1: applied', 'Policy 2: applied'],
    sent: [
      ['1', [1, 20]],
      ['2', [20]],
    ],
  });
});
