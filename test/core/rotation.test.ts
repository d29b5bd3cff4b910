import { describe, expect, test } from '@jest/globals';
import type { DesiredSecret, DesiredUrl, DesiredWebhook } from '../../src/core/desired.js';
import { hasVersion, lastDeployed, rotations } from '../../src/core/rotation.js';
import { Secret } from '../../src/core/secret.js';
import { account, desired, envSecret, envUrl, id, live, URL_1, URL_2 } from '../support/core/builders.js';
import { briefs, guardCodes, planOf, setOf } from '../support/core/planning.js';

const NONE = { kind: 'none' } as const;
const file = (version?: number): DesiredSecret => ({
  kind: 'file',
  file: 'secrets/ops',
  path: '/repo/secrets/ops',
  ...(version !== undefined && { version: String(version) }),
});
const literal = (value: string): DesiredSecret => ({ kind: 'literal', value: new Secret(value) });

const secrets: readonly (readonly [string, DesiredSecret | undefined, DesiredSecret | undefined, boolean])[] =
  [
    ['same version', envSecret(1), envSecret(1), false],
    ['no version on either side', envSecret(), envSecret(), false],
    ['changed version', envSecret(1), envSecret(2), true],
    ['a version is added', envSecret(), envSecret(1), true],
    ['a version is removed', envSecret(1), envSecret(), true],
    ['another variable, same version', envSecret(1, 'A'), envSecret(1, 'B'), false],
    ['from a variable to a file, same version', envSecret(1), file(1), false],
    ['changed version of a file', file(1), file(2), true],
    ['a secret is added without a version', NONE, envSecret(), false],
    ['a secret is added without a version where none was declared', undefined, envSecret(), false],
    ['a secret is added with a version', NONE, envSecret(1), true],
    ['a secret is added where none was declared', undefined, envSecret(1), true],
    ['secret: none is added', envSecret(1), NONE, true],
    ['no longer declared: no longer managed', envSecret(1), undefined, false],
    ['none, as before', NONE, NONE, false],
    ['none, where nothing was declared', undefined, NONE, false],
    ['literal, as before', literal('a'), literal('a'), false],
    ['a literal is added', undefined, literal('a'), false],
    ['secret: none instead of a literal', literal('a'), NONE, true],
    ['a file with a version is added', undefined, file(1), true],
  ];

test.each(secrets)('secret: %s', (_, before, after, rotated) => {
  const rotationOf = rotations(account([desired('Ops', URL_1, { ...(before && { secret: before }) })]));
  const entry = desired('Ops', URL_1, { ...(after && { secret: after }) });
  expect(rotationOf(entry)).toEqual({ secret: rotated, url: false });
});

const urls: readonly (readonly [string, DesiredUrl, DesiredUrl, boolean])[] = [
  ['a version is added', envUrl(URL_1), envUrl(URL_1, 1), true],
  ['no version on either side', envUrl(URL_1), envUrl(URL_2), false],
  ['same version', envUrl(URL_1, 1), envUrl(URL_1, 1), false],
  ['changed version', envUrl(URL_1, 1), envUrl(URL_1, 2), true],
  ['changed version, value not known here', envUrl(undefined, 1), envUrl(undefined, 2), true],
  ['another variable, same version', envUrl(URL_1, 1, 'A'), envUrl(URL_1, 1, 'B'), false],
  ['from a literal', { kind: 'literal', url: URL_1 }, envUrl(URL_1, 1), false],
  ['to a literal', envUrl(URL_1, 1), { kind: 'literal', url: URL_1 }, false],
];

test.each(urls)('URL: %s', (_, before, after, rotated) => {
  expect(rotations(account([desired('Ops', before)]))(desired('Ops', after)).url).toBe(rotated);
});

describe('finds the previous entry', () => {
  const before = (entry: DesiredWebhook, ...previous: DesiredWebhook[]): DesiredWebhook | undefined =>
    lastDeployed(account(previous))(entry);
  const a = desired('A');
  const pinnedA = desired('A', URL_1, { id: id(1) });

  test('by name, else by a previous name', () => {
    expect(before(desired('A'), a)).toBe(a);
    expect(before(desired('B', URL_1, { previously: ['X', 'A'] }), a)).toBe(a);
    expect(before(desired('A', URL_1, { previously: ['B'] }), desired('B'), a)).toBe(a);
    expect(before(desired('B'), a)).toBeUndefined();
  });

  test('by pinned ID before the name; a different pin is a different webhook', () => {
    expect(before(desired('B', URL_1, { id: id(1) }), desired('B'), pinnedA)).toBe(pinnedA);
    expect(before(desired('A', URL_1, { id: id(2) }), pinnedA)).toBeUndefined();
  });

  test('even if a pin was added or removed', () => {
    expect(before(pinnedA, a)).toBe(a);
    expect(before(a, pinnedA)).toBe(pinnedA);
  });

  test('of a newly pinned entry also by the current name of its webhook', () => {
    const last = lastDeployed(account([a, desired('P', URL_1, { id: id(2) })]));
    const pinnedB = desired('B', URL_1, { id: id(1) });
    expect(last(pinnedB, live(1, 'A'))).toBe(a);
    expect(last(pinnedB)).toBeUndefined();
    // That entry was pinned to another webhook.
    expect(last(pinnedB, live(1, 'P'))).toBeUndefined();
  });

  test('returns nothing without a previous state', () => {
    expect(lastDeployed(undefined)(a)).toBeUndefined();
    expect(rotations(undefined)(desired('A', URL_1, { secret: envSecret(2) }))).toEqual({
      secret: false,
      url: false,
    });
  });
});

test('does not compare versions without --previous; --rotate rotates by name or pinned ID', () => {
  const wanted = account([
    desired('A', URL_1, { secret: envSecret(2) }),
    desired('B', URL_2, { secret: envSecret(2), id: id(2) }),
  ]);
  const found = [live(1, 'A', URL_1), live(2, 'B', URL_2)];
  expect(planOf(wanted, found).actions).toEqual([]);
  expect(briefs(planOf(wanted, found, { rotate: setOf('A') }).actions)).toEqual([
    'replace #1 A: secret-rotated',
  ]);
  const byId = planOf({ ...wanted, strategy: { url: 'replace', secret: 'in-place' } }, found, {
    rotate: setOf(`id:${id(2)}`),
  });
  expect(briefs(byId.actions)).toEqual(['update #2 B: secret-rotated']);
  expect(byId.overrides).toEqual([{ flag: '--rotate', name: 'B', id: id(2) }]);
});

test('a version that changes together with a pin and a rename is a rotation', () => {
  const previous = account([desired('A', URL_1, { secret: envSecret(1) })]);
  const entry = desired('B', URL_1, { secret: envSecret(2), id: id(1) });
  const inPlace = account([entry], { strategy: { url: 'replace', secret: 'in-place' } });
  const planned = planOf(inPlace, [live(1, 'A', URL_1)], { previous });
  expect(briefs(planned.actions)).toEqual(['update #1 B: renamed, secret-rotated']);
  expect(planned.notes.map(({ code }) => code)).toContain('rotation-repeats');
  expect(guardCodes(planOf(account([entry]), [live(1, 'A', URL_1)], { previous }))).toEqual(['pinned']);
});

test('a rotated webhook that is not live is created, not rotated', () => {
  const previous = account([desired('A', URL_1, { secret: envSecret(1) })]);
  const planned = planOf(account([desired('A', URL_1, { secret: envSecret(2) })]), [], { previous });
  expect(briefs(planned.actions)).toEqual(['create A']);
});

test('reports whether an entry has a version', () => {
  expect(hasVersion(desired('A'))).toBe(false);
  expect(hasVersion(desired('A', URL_1, { secret: NONE }))).toBe(false);
  expect(hasVersion(desired('A', URL_1, { secret: envSecret() }))).toBe(false);
  expect(hasVersion(desired('A', URL_1, { secret: envSecret(0) }))).toBe(true);
  expect(hasVersion(desired('A', envUrl(URL_1)))).toBe(false);
  expect(hasVersion(desired('A', envUrl(URL_1, 1)))).toBe(true);
});

describe('an entry that was removed from the file since --previous', () => {
  const previous = account([desired('A'), desired('B', URL_2), desired('P', URL_2, { id: id(9) })]);
  const found = [live(1, 'A'), live(2, 'B', URL_2), live(3, 'Mine'), live(9, 'P', URL_2)];
  const rest = [desired('B', URL_2), desired('P', URL_2, { id: id(9) })];

  test('is deleted even under keep; a webhook that was never in the file stays', () => {
    const planned = planOf(account(rest, { unlisted: 'keep' }), found, { previous });
    expect(briefs(planned.actions)).toEqual(['delete #1 A: removed']);
    expect(planned.summary.kept).toBe(1);
  });

  test('is deleted even if unlisted is not set; the others are undecided', () => {
    const undecided = account(rest, { unlisted: undefined });
    const planned = planOf(undecided, found, { previous });
    expect(briefs(planned.actions)).toEqual(['delete #1 A: removed']);
    expect(planned.guards).toMatchObject([{ code: 'unlisted-undecided', names: ['Mine'] }]);
  });

  test('is unlisted like any other under delete', () => {
    expect(briefs(planOf(account(rest), found, { previous }).actions)).toEqual([
      'delete #1 A: unlisted',
      'delete #3 Mine: unlisted',
    ]);
  });

  test('is deleted by its ID if it was pinned', () => {
    const planned = planOf(account([desired('A'), desired('B', URL_2)], { unlisted: 'keep' }), found, {
      previous,
    });
    expect(briefs(planned.actions)).toEqual(['delete #9 P: removed']);
  });

  test('is not one that was renamed', () => {
    const renamed = account([desired('New', URL_1, { previously: ['A'] }), ...rest], { unlisted: 'keep' });
    const both = [...found, live(4, 'New')];
    expect(planOf(renamed, both, { previous }).actions).toEqual([]);
    expect(briefs(planOf(renamed, found, { previous }).actions)).toEqual(['update #1 New: renamed']);
  });
});
