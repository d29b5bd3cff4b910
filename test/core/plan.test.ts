import { expect, test } from '@jest/globals';
import {
  EMPTY_SUMMARY,
  hasChanges,
  isWarning,
  isWebhookAction,
  NOTE_CODES,
  reasonCode,
  specsOf,
  totalSummary,
  unreachable,
} from '../../src/core/plan.js';
import { account, create, destroy, live, plan, replace, route, spec, update } from '../render/fixtures.js';

test('the total of summaries', () => {
  expect(totalSummary([])).toEqual(EMPTY_SUMMARY);
  const one = { ...EMPTY_SUMMARY, create: 1, kept: 2 };
  const two = { ...EMPTY_SUMMARY, create: 3, unchanged: 4 };
  expect(totalSummary([{ summary: one }, { summary: two }])).toEqual({
    ...EMPTY_SUMMARY,
    create: 4,
    kept: 2,
    unchanged: 4,
  });
  expect(EMPTY_SUMMARY.create).toBe(0);
});

test('returns the webhooks that are created, changed or replaced', () => {
  const actions = [
    create('New'),
    update(live(1, 'A'), spec('B')),
    replace(live(2, 'C'), spec('C')),
    destroy(live(3, 'D')),
    route(1, 'P', [], [{ name: 'New' }]),
  ];
  expect(specsOf(actions).map(({ name }) => name)).toStrictEqual(['New', 'B', 'C']);
  expect(actions.filter(isWebhookAction).map(({ name }) => name)).toEqual(['New', 'B', 'C', 'D']);
});

test('a plan has changes if any account has an action', () => {
  expect(hasChanges(plan())).toBe(false);
  expect(hasChanges(plan(account([])))).toBe(false);
  expect(hasChanges(plan(account([]), account([create('A')])))).toBe(true);
});

test('an impossible value is named', () => {
  expect(() => unreachable({ kind: 'odd' } as never)).toThrow('unreachable: {"kind":"odd"}');
});

test('some notes are warnings', () => {
  expect(NOTE_CODES.filter((code) => isWarning({ code }))).toEqual([
    'not-deployed-before',
    'secret-may-clear',
    'secret-not-carried',
    'version-not-compared',
    'maybe-renamed',
    'reference-new-host',
    'near-limit',
  ]);
});

test('the reason of an action is one string for scripts', () => {
  expect(reasonCode(create('New'))).toBe('new');
  const both = replace(live(2, 'C'), spec('C'), { because: ['url-changed', 'secret-rotated'] });
  expect(reasonCode(both)).toBe('url-changed+secret-rotated');
});
