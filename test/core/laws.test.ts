import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DesiredAccount, Spec } from '../../src/core/desired.js';
import { bareId, bareIds } from '../../src/core/ids.js';
import type { Live } from '../../src/core/live.js';
import { isReplacementOf, parseLeftover } from '../../src/core/leftovers.js';
import { match } from '../../src/core/match.js';
import type { AccountPlan, ShownAction } from '../../src/core/plan.js';
import { checkPreconditions } from '../../src/saved-plan/precondition.js';
import { ignoring } from '../../src/core/selection.js';
import {
  comparableUrl,
  declaresSecret,
  desiredUrl,
  displayUrl,
  hasCredentialUrl,
  normalUrl,
  sameUrl,
} from '../../src/core/urls.js';
import { account, desired, id, live } from '../support/core/builders.js';
import { scenes, shuffled } from '../support/core/arbitraries.js';
import { briefs, planOf } from '../support/core/planning.js';
import { simulate } from '../support/core/simulator.js';

/** Fewer for each mutant of a mutation test. */
const RUNS = { numRuns: Number(process.env['LAW_RUNS'] ?? 300) };

/** Returns the IDs of all live webhooks that an action affects. */
function touched({ actions }: AccountPlan): string[] {
  return actions
    .flatMap((action): readonly Live[] => {
      if (action.kind === 'create' || action.resource === 'policy') return [];
      if (action.kind !== 'replace') return [action.before];
      return [...action.retire, ...(action.survivor ? [action.survivor] : [])];
    })
    .map(({ id }) => bareId(id));
}

test('the plan is the same for any order of any list', () => {
  const cases = scenes.chain((scene) =>
    fc.record({
      scene: fc.constant(scene),
      live: shuffled(scene.live),
      policies: shuffled(scene.policies),
      webhooks: shuffled(scene.desired.webhooks),
      ignore: shuffled(scene.desired.ignore),
      absent: shuffled(scene.desired.absent),
      routes: shuffled(scene.desired.routes ?? []),
    }),
  );
  fc.assert(
    fc.property(cases, ({ scene, live: found, policies, routes, ...lists }) => {
      const one = planOf(scene.desired, scene.live, scene.options, scene.policies);
      const other = { ...scene.desired, ...lists, ...(scene.desired.routes && { routes }) };
      const two = planOf(other, found, scene.options, policies);
      expect(two).toEqual(one);
    }),
    RUNS,
  );
});

/** Reports whether the file can refer to this webhook. Does not use the code that matches. */
function isNamed({ webhooks, absent }: DesiredAccount, { id, name }: Live): boolean {
  const names = [...webhooks.flatMap((webhook) => [webhook.name, ...webhook.previously]), ...absent];
  return (
    names.some((known) => known === name || isReplacementOf(known, name)) ||
    webhooks.some((webhook) => webhook.id === bareId(id))
  );
}

test('no action touches an ignored webhook', () => {
  fc.assert(
    fc.property(scenes, (scene) => {
      const ids = new Set(touched(planOf(scene.desired, scene.live, scene.options, scene.policies)));
      const { ignore } = scene.desired;
      const ignored = scene.live.filter(
        (webhook) =>
          ignore.includes(webhook.name) ||
          ignore.includes(/^(.+) \[hookwright: /.exec(webhook.name)?.[1] ?? '') ||
          ignore.some((each) => each.startsWith('id:') && bareId(each.slice(3)) === bareId(webhook.id)) ||
          (ignore.includes('dash-*') &&
            webhook.name.startsWith('dash-') &&
            !isNamed(scene.desired, webhook)) ||
          (ignore.includes('?') && webhook.name.length === 1 && !isNamed(scene.desired, webhook)),
      );
      expect(ignored.filter(({ id }) => ids.has(bareId(id)))).toEqual([]);
    }),
    RUNS,
  );
});

test('under keep, no action touches an unlisted webhook that was not deployed before', () => {
  fc.assert(
    fc.property(scenes, ({ desired: file, live: found, policies, options }) => {
      const ids = new Set(touched(planOf({ ...file, unlisted: 'keep' }, found, options, policies)));
      const strangers = found.filter(
        (webhook) => !isNamed(file, webhook) && !(options.previous && isNamed(options.previous, webhook)),
      );
      expect(strangers.filter(({ id }) => ids.has(bareId(id)))).toEqual([]);
    }),
    RUNS,
  );
});

test("replaces only an entry's own webhook, and leftovers that replace it or a missing webhook", () => {
  let replaced = 0;
  fc.assert(
    fc.property(scenes, ({ desired: file, live: found, policies, options }) => {
      const plan = planOf(file, found, { ...options, targets: [] }, policies);
      const liveIds = found.map(({ id }) => bareId(id));
      for (const action of plan.actions) {
        if (action.kind !== 'replace') continue;
        replaced += 1;
        const entry = file.webhooks.find(({ name }) => name === action.name);
        const own = [action.name, ...(entry?.previously ?? [])];
        const mine = [...action.retire, ...(action.survivor ? [action.survivor] : [])];
        const found1 = mine.filter(({ name }) => !parseLeftover(name));
        expect(found1.length).toBeLessThanOrEqual(1);
        for (const { id, name } of mine) {
          const leftover = parseLeftover(name);
          const isRename = file.unlisted === 'delete' && entry && desiredUrl(entry) !== undefined;
          if (!leftover) expect(own.includes(name) || entry?.id === bareId(id) || isRename).toBe(true);
          if (!leftover || entry?.id === bareId(id)) continue;
          expect(own.some((known) => isReplacementOf(known, name))).toBe(true);
          const of = mine.map((each) => bareId(each.id)).filter((each) => each.startsWith(leftover.replaces));
          const isLost = !liveIds.some((each) => each.startsWith(leftover.replaces));
          expect(of.length > 0 || isLost).toBe(true);
        }
      }
    }),
    RUNS,
  );
  expect(replaced).toBeGreaterThan(RUNS.numRuns / 10);
});

test('counts every live webhook exactly once', () => {
  fc.assert(
    fc.property(scenes, ({ desired: file, live: found, policies, options }) => {
      const all = { ...options, targets: [] };
      const plan = planOf(file, found, all, policies);
      const ids = touched(plan);
      expect(new Set(ids).size).toBe(ids.length);
      // Includes what a guard refuses because it is ambiguous.
      const { previous } = options;
      const { matches, absent, unlisted, ignored } = match(file, found, { policies, previous });
      const known = [
        ...matches.flatMap(({ live: mine, leftovers }) => [...(mine ? [mine] : []), ...leftovers]),
        ...absent,
        ...unlisted,
        ...ignored,
      ];
      expect(new Set(known).size).toBe(known.length);
      const open = found.filter((webhook) => !known.includes(webhook));
      const isOpen = matches.some(({ ambiguous, pinMissing }) => ambiguous !== undefined || pinMissing);
      if (!isOpen) expect(open).toEqual([]);
      const { unchanged, ignored: left, kept } = plan.summary;
      expect(ids.length + unchanged + left + kept + open.length).toBe(found.length);
      expect(open.filter(({ id }) => ids.includes(bareId(id)))).toEqual([]);
    }),
    RUNS,
  );
});

/** Allows every deletion. */
const ALL = new Set(Array.from({ length: 9 }, (_, n) => `id:${id(n + 1)}`));
const replaces = (name: string, { id: replaced }: Live): boolean =>
  bareId(replaced).startsWith(parseLeftover(name)?.replaces ?? '?');
const urlOf = (spec: Spec): string => desiredUrl(spec) ?? '';

test.each(['kept', 'applied'] as const)('once applied, nothing is left to plan (PUT: url %s)', (putUrl) => {
  let planned = 0;
  fc.assert(
    fc.property(scenes, ({ desired: file, live: found, policies, options }) => {
      // The in-place strategy works only if PUT changes URLs.
      const url = putUrl === 'kept' && file.strategy.url === 'in-place' ? 'replace' : file.strategy.url;
      const wanted = { ...file, strategy: { ...file.strategy, url } };
      const all = { ...options, targets: [], allowDelete: ALL, allowDetach: ALL };
      const plan = planOf(wanted, found, all, policies);
      fc.pre(plan.guards.length === 0);
      planned += plan.actions.length;

      // If the plan deletes the webhook that an unlisted leftover replaces, the leftover's entry becomes
      // unclear.
      const gone = plan.actions.flatMap((action) =>
        action.kind === 'delete' ? [action.before] : action.kind === 'replace' ? action.retire : [],
      );
      const ids = new Set(touched(plan));
      const left = found.filter(({ id: own }) => !ids.has(bareId(own)));
      fc.pre(!left.some(({ name }) => gone.some((webhook) => replaces(name, webhook))));

      const after = simulate({ live: found, policies }, plan.actions, putUrl);
      const again = planOf(wanted, after.live, { previous: wanted }, after.policies);
      expect(briefs(again.actions)).toEqual([]);
      expect(again.guards).toEqual([]);

      // No policy lost a destination except by a deletion, and none uses a missing webhook.
      const known = bareIds(after.live);
      for (const { webhookIds } of after.policies)
        expect(webhookIds.filter((used) => !known.has(bareId(used)))).toEqual([]);
    }),
    RUNS,
  );
  expect(planned).toBeGreaterThan(RUNS.numRuns / 3);
});

/** Reports whether only policies can show that this was done. */
const isUnprovable = (action: ShownAction): boolean =>
  action.kind === 'replace' &&
  action.policies.length === 0 &&
  (declaresSecret(action.after) || hasCredentialUrl(action.after));

/** What a saved plan for all webhooks knows of the state that it was made from. */
const savedFrom = (file: DesiredAccount, found: readonly Live[], actions: readonly ShownAction[]) => ({
  actions,
  wasLive: bareIds(found),
  isIgnored: ignoring(file),
  unlisted: new Set<string>(),
  urlOf,
});

test('a plan that a guard refuses is not stale in the state it was made from, because it is compared too', () => {
  fc.assert(
    fc.property(scenes, ({ desired: file, live: found, policies, options }) => {
      const { actions } = planOf(file, found, { ...options, targets: [] }, policies);
      const given = savedFrom(file, found, actions);
      expect(checkPreconditions({ ...given, live: found, policies }).stale).toEqual([]);
    }),
    RUNS,
  );
});

test('a plan is ready for the state it was made from; once applied, it is done, not stale', () => {
  let done = 0;
  fc.assert(
    fc.property(scenes, ({ desired: file, live: found, policies, options }) => {
      const all = { ...options, targets: [], allowDelete: ALL, allowDetach: ALL };
      const { actions, guards } = planOf(file, found, all, policies);
      fc.pre(guards.length === 0);
      const given = savedFrom(file, found, actions);
      const before = checkPreconditions({ ...given, live: found, policies });
      expect(before.stale).toEqual([]);
      expect([...before.ready, ...before.done.map(({ action }) => action)]).toHaveLength(actions.length);
      expect(before.done).toEqual([]);

      const later = simulate({ live: found, policies }, actions, 'applied');
      const after = checkPreconditions({ ...given, ...later });
      done += after.done.length;
      expect(after.stale.filter(({ action }) => !isUnprovable(action))).toEqual([]);
      // Only a secret that was changed in place cannot be recognized as done.
      expect(after.ready.filter((action) => !briefs([action])[0]?.includes('-rotated'))).toEqual([]);
    }),
    RUNS,
  );
  expect(done).toBeGreaterThan(RUNS.numRuns / 3);
});

const segment = fc.constantFrom(
  'services',
  'api',
  'webhooks',
  'v10',
  'hook',
  'T0',
  'B0',
  'token',
  '',
  'webhookb2',
  'a@b',
);
const host = fc.constantFrom(
  'hooks.slack.com',
  'discord.com',
  'chat.googleapis.com',
  'open.feishu.cn',
  'acme.webhook.office.com',
  'relay.example.com',
);
const odd = fc
  .record({
    host,
    path: fc.array(segment, { maxLength: 7 }),
    query: fc.constantFrom('', '?key=a&token=b', '?x=1/', '?token=b#c/'),
  })
  .map(({ host: at, path, query }) => `https://${at}/${path.join('/')}${query}`);

test('removing the credential from a URL is idempotent, and never shows more', () => {
  fc.assert(
    fc.property(
      fc.oneof(odd, fc.webUrl({ withQueryParameters: true, withFragments: true }), fc.string()),
      (url) => {
        const once = comparableUrl(url);
        expect(comparableUrl(once)).toBe(once);
        expect(sameUrl(url, once)).toBe(true);
        expect(sameUrl(url, normalUrl(url))).toBe(true);
        expect(planOf(account([desired('A', url)]), [live(1, 'A', once)]).actions).toEqual([]);
      },
    ),
    { numRuns: RUNS.numRuns * 2 },
  );
});

test('what displayUrl hides stays hidden: no long token is visible', () => {
  const token = fc.stringMatching(/^[A-Za-z0-9]{24,40}$/).filter((t) => /\d.*\d/.test(t) && /[a-z]/i.test(t));
  const place = fc.constantFrom(
    (t: string) => `https://hooks.slack.com/services/T0/B0/${t}`,
    (t: string) => `https://relay.example.com/in/${t}/x`,
    (t: string) => `https://relay.example.com/?k=${t}`,
    (t: string) => `https://u:${t}@relay.example.com/`,
    (t: string) => `https://relay.example.com/#${t}`,
    (t: string) => `relay ${t}`,
  );
  fc.assert(
    fc.property(token, place, (secret, at) => {
      expect(displayUrl(at(secret))).not.toContain(secret);
    }),
  );
});
