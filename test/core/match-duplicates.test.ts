import { describe, expect, test } from '@jest/globals';
import type { DesiredAccount, DesiredWebhook } from '../../src/core/desired.js';
import { diff, NO_OPTIONS, type DiffOptions } from '../../src/core/diff.js';
import type { Live, Policy } from '../../src/core/live.js';
import {
  account,
  dashedId,
  desired,
  envSecret,
  envUrl,
  id,
  live,
  policy,
  URL_1,
  URL_2,
  URL_3,
} from '../support/core/builders.js';
import { briefs, guardCodes, planOf, setOf } from '../support/core/planning.js';

type Case = {
  readonly rule: string;
  readonly entry: DesiredWebhook;
  readonly live: readonly Live[];
  readonly policies?: readonly Policy[];
  /** What is deleted. The other one is the match. */
  readonly plan: readonly string[];
};

// Enough other webhooks that 1 or 2 deletions stay below the limit.
const crowd = Array.from({ length: 8 }, (_, i) => live(100 + i, `Other ${i}`, URL_3));
const crowdFile = crowd.map(({ name }) => desired(name, URL_3));

const settled: readonly Case[] = [
  {
    rule: 'the one with the same URL',
    entry: desired('Ops', URL_2),
    live: [live(1, 'Ops', URL_1), live(2, 'Ops', URL_2)],
    plan: ['delete #1 Ops: unlisted'],
  },
  {
    rule: 'the one with the same URL, even if a policy uses the other',
    entry: desired('Ops', envUrl(URL_2)),
    live: [live(1, 'Ops', URL_1), live(2, 'Ops', URL_2)],
    policies: [policy(1, [2])],
    plan: ['delete #1 Ops: unlisted'],
  },
  {
    rule: 'of duplicates, the one that a policy uses',
    entry: desired('Ops'),
    live: [live(1, 'Ops'), live(2, 'Ops')],
    policies: [policy(1, [2])],
    plan: ['delete #1 Ops: unlisted'],
  },
  {
    rule: 'a policy can have the ID with dashes',
    entry: desired('Ops'),
    live: [live(1, 'Ops'), live(171, 'Ops')],
    policies: [policy(1, [], { webhookIds: [dashedId(171)] })],
    plan: ['delete #1 Ops: unlisted'],
  },
  {
    rule: 'of unused duplicates, the oldest',
    entry: desired('Ops'),
    live: [live(2, 'Ops'), live(1, 'Ops'), live(3, 'Ops')],
    plan: ['delete #2 Ops: unlisted', 'delete #3 Ops: unlisted'],
  },
  {
    rule: 'URLs that are equal after normalization are duplicates',
    entry: desired('Ops'),
    live: [live(2, 'Ops', URL_1), live(1, 'Ops', 'https://RELAY.example.com/one')],
    plan: ['delete #2 Ops: unlisted'],
  },
  {
    rule: 'duplicates also if the URL is not known here',
    entry: desired('Ops', envUrl()),
    live: [live(2, 'Ops', URL_2), live(1, 'Ops', URL_2)],
    plan: ['delete #2 Ops: unlisted'],
  },
];

test.each(settled)('several webhooks with one name: $rule', ({ entry, live: found, policies, plan }) => {
  const planned = planOf(account([entry, ...crowdFile]), [...found, ...crowd], {}, policies);
  expect(briefs(planned.actions)).toEqual(plan);
  expect(guardCodes(planned)).toEqual([]);
});

test('keeps the oldest duplicate that is in use; the in-use guard refuses to delete the other one', () => {
  const found = [live(3, 'Ops'), live(2, 'Ops'), live(1, 'Ops')];
  const policies = [policy(1, [3]), policy(2, [2])];
  const planned = planOf(account([desired('Ops'), ...crowdFile]), [...found, ...crowd], {}, policies);
  expect(briefs(planned.actions)).toEqual(['delete #1 Ops: unlisted', 'delete #3 Ops: unlisted']);
  expect(planned.guards).toMatchObject([{ code: 'in-use', names: ['Ops'] }]);
});

describe('several webhooks that cannot be distinguished', () => {
  const found = [live(1, 'Ops', URL_1), live(2, 'Ops', 'https://relay.example.com/?key=hunter2')];

  test.each([
    ['another URL', desired('Ops', URL_3)],
    ['a URL that is not known here', desired('Ops', envUrl())],
    ['by a previous name', desired('New', URL_3, { previously: ['Ops'] })],
  ])('%s: changes none of them, and the guard names all', (_, entry) => {
    const planned = planOf(account([entry]), found);
    expect(planned.actions).toEqual([]);
    expect(planned.summary.unchanged).toBe(0);
    expect(planned.guards).toMatchObject([{ code: 'ambiguous-name', names: [entry.name] }]);
    const [guard] = planned.guards;
    for (const { id, createdAt } of found) {
      expect(guard?.message).toContain(id);
      expect(guard?.message).toContain(createdAt ?? '');
    }
    const isReference = entry.url.kind !== 'literal';
    for (const shown of isReference ? ['https://relay.example.com,'] : [URL_1, '?key=…']) {
      expect(guard?.message).toContain(shown);
    }
    if (isReference) expect(guard?.message).not.toContain(URL_1);
    expect(guard?.message).not.toContain('hunter2');
    expect(guard?.message).toContain('"id"');
  });

  test('different types, if the URL is not known here', () => {
    const types = [live(1, 'Ops', URL_2), live(2, 'Ops', URL_2, { type: 'slack' })];
    expect(guardCodes(planOf(account([desired('Ops', envUrl())]), types))).toEqual(['ambiguous-name']);
  });

  test('are listed from the oldest to the newest', () => {
    const [guard] = planOf(account([desired('Ops', URL_3)]), [...found].reverse()).guards;
    expect(guard?.message).toMatch(new RegExp(`${id(1)}.*${id(2)}`));
  });

  test('reports a missing created_at', () => {
    const undated = [live(1, 'Ops', URL_1, { createdAt: null }), live(2, 'Ops', URL_2)];
    const [guard] = planOf(account([desired('Ops', URL_3)]), undated).guards;
    expect(guard?.message).toContain('created at an unknown time');
  });

  test('an ID decides', () => {
    const planned = planOf(account([desired('Ops', URL_1, { id: id(2) })]), [
      live(1, 'Ops', URL_2),
      live(2, 'Ops', URL_1),
    ]);
    expect(briefs(planned.actions)).toEqual(['delete #1 Ops: unlisted']);
  });
});

describe('duplicates that would change', () => {
  const twins = [live(1, 'Ops'), live(2, 'Ops')];
  const SECRET_IN_PLACE = { strategy: { url: 'replace', secret: 'in-place' } } as const;
  const rotated = desired('Ops', URL_1, { secret: envSecret(2) });
  const previous = account([desired('Ops', URL_1, { secret: envSecret(1) })]);

  const changes: readonly (readonly [
    string,
    DesiredWebhook,
    Partial<DesiredAccount>,
    Partial<DiffOptions>,
  ])[] = [
    ['a rotation', rotated, {}, { previous }],
    ['a manual rotation', rotated, {}, { rotate: setOf('Ops') }],
    ['a rotation in-place', rotated, SECRET_IN_PLACE, { previous }],
    ['--replace', desired('Ops'), {}, { replace: setOf('Ops') }],
    [
      'a rotated URL that is not known here',
      desired('Ops', envUrl(undefined, 2)),
      {},
      { previous: account([desired('Ops', envUrl(undefined, 1))]) },
    ],
  ];

  test.each(changes)('%s: refused, with IDs, URLs, dates and what to do', (_, entry, more, options) => {
    for (const unlisted of ['keep', 'delete'] as const) {
      const planned = planOf(account([entry], { ...more, unlisted }), twins, options);
      expect(planned.guards).toMatchObject([{ code: 'ambiguous-name', names: ['Ops'] }]);
      const message = planned.guards[0]?.message ?? '';
      const created = twins.map(({ createdAt }) => createdAt ?? '');
      for (const part of [
        id(1),
        id(2),
        'https://relay.example.com',
        ...created,
        '"absent"',
        '"ignore"',
        '"id"',
      ]) {
        expect(message).toContain(part);
      }
    }
  });

  test('the guard lists them from the oldest to the newest, after the one that is kept', () => {
    const found = [live(3, 'Ops'), live(2, 'Ops'), live(1, 'Ops')];
    const [guard] = planOf(account([rotated]), found, { previous }, [policy(1, [2])]).guards;
    expect(guard?.message).toMatch(new RegExp(`${id(2)}.*${id(1)}.*${id(3)}`));
  });

  test.each(['absent', 'ignore'] as const)('following the advice works: the other one under %s', (key) => {
    const named = { [key]: [`id:${id(2)}`] };
    const planned = planOf(account([rotated], named), twins, { previous });
    expect(briefs(planned.actions)).toEqual([
      'replace #1 Ops: secret-rotated',
      ...(key === 'absent' ? ['delete #2 Ops: absent'] : []),
    ]);
    expect(guardCodes(planned)).toEqual([]);
  });

  test('following the advice works: a pin, which prevents a replacement', () => {
    const pinned = { ...rotated, id: id(2) };
    expect(guardCodes(planOf(account([pinned], { unlisted: 'keep' }), twins, { previous }))).toEqual([
      'pinned',
    ]);
    const inPlace = account([pinned], { ...SECRET_IN_PLACE, unlisted: 'keep' });
    const planned = planOf(inPlace, twins, { previous });
    expect(briefs(planned.actions)).toEqual(['update #2 Ops: secret-rotated']);
    expect(guardCodes(planned)).toEqual([]);
  });

  test('are kept unchanged as long as nothing changes', () => {
    const planned = planOf(account([desired('Ops')], { unlisted: 'keep' }), twins);
    expect(planned).toMatchObject({ actions: [], guards: [], summary: { unchanged: 1, kept: 1 } });
  });
});

test('requests policies only if duplicates or writes depend on them', () => {
  const wants = (file: readonly DesiredWebhook[], found: readonly Live[]): boolean =>
    diff({ desired: account(file), live: found, options: NO_OPTIONS }).wantsPolicies;
  expect(wants([desired('Ops')], [live(1, 'Ops')])).toBe(false);
  expect(wants([desired('Ops')], [])).toBe(false);
  expect(wants([desired('Ops', URL_1, { previously: ['A'] })], [live(1, 'A')])).toBe(false);
  expect(wants([desired('Ops', URL_1)], [live(1, 'Ops', URL_1), live(2, 'Ops', URL_2)])).toBe(true);
  expect(wants([desired('Ops', URL_2)], [live(1, 'Ops', URL_1)])).toBe(true);
  expect(wants([], [live(1, 'Ops')])).toBe(true);

  const twins = [live(1, 'Ops'), live(2, 'Ops')];
  const keep = account([desired('Ops')], { unlisted: 'keep' });
  const listed = [live(1, 'Ops'), live(2, 'Ops', URL_2)];
  expect(diff({ desired: keep, live: listed, options: NO_OPTIONS }).wantsPolicies).toBe(false);
  expect(diff({ desired: keep, live: twins, options: NO_OPTIONS }).wantsPolicies).toBe(true);
  expect(diff({ desired: keep, live: twins, policies: [], options: NO_OPTIONS }).wantsPolicies).toBe(false);

  const routed = { ...keep, routes: [] };
  expect(diff({ desired: routed, live: [live(1, 'Ops')], options: NO_OPTIONS }).wantsPolicies).toBe(true);
});
