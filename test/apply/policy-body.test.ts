import { describe, expect, test } from '@jest/globals';
import {
  bodyOf,
  differingFields,
  isSamePolicy,
  edited,
  type RawPolicy,
} from '../../src/apply/policy-body.js';
import { bareId } from '../../src/core/ids.js';
import { dashedId, id } from '../support/core/builders.js';

const SWAPS = new Map([[bareId(id(1)), id(11)]]);

describe('swapping', () => {
  const webhooks = (...list: readonly unknown[]): RawPolicy => ({
    name: 'P',
    mechanisms: { webhooks: list },
  });

  test.each<readonly [string, RawPolicy, RawPolicy]>([
    [
      'replaces an ID in its place, in whatever form, and keeps the other fields',
      webhooks({ id: id(9) }, { id: dashedId(1), name: 'Ops' }, { id: id(8) }),
      webhooks({ id: id(9) }, { id: id(11), name: 'Ops' }, { id: id(8) }),
    ],
    [
      'leaves no duplicates',
      webhooks({ id: id(11) }, { id: id(1) }, { id: dashedId(11) }, { id: id(9) }),
      webhooks({ id: id(11) }, { id: id(9) }),
    ],
    ['drops items that are not webhooks', webhooks(null, 'x', { id: id(1) }), webhooks({ id: id(11) })],
    ['works without a list', { name: 'P', mechanisms: {} }, webhooks()],
    ['works without mechanisms', { name: 'P' }, webhooks()],
    [
      'does not change other mechanisms',
      { mechanisms: { email: [{ id: 'a@x' }], webhooks: [{ id: id(1) }] } },
      { mechanisms: { email: [{ id: 'a@x' }], webhooks: [{ id: id(11) }] } },
    ],
  ])('%s', (_, raw, expected) => {
    expect(edited(raw, { swaps: SWAPS, remove: new Set(), add: [] })).toEqual(expected);
  });
});

test('does not send the fields that the server sets', () => {
  expect(bodyOf({ id: '1', created: 'x', modified: 'y', name: 'P', enabled: true })).toEqual({
    name: 'P',
    enabled: true,
  });
});

describe('two forms of a policy', () => {
  const filters = (value: unknown): RawPolicy => ({ filters: value });
  const mechanisms = (value: unknown): RawPolicy => ({ mechanisms: value });

  test.each<readonly [string, RawPolicy, RawPolicy]>([
    ['what the server sets', { id: '1', modified: 'x' }, { id: '1', modified: 'y' }],
    [
      'the order of lists, also of nested ones',
      filters({ a: [{ b: ['x', 'y'] }, 1] }),
      filters({ a: [1, { b: ['y', 'x'] }] }),
    ],
    ['the order of keys', filters([{ a: 1, b: 2 }, { a: 0 }]), filters([{ a: 0 }, { b: 2, a: 1 }])],
    [
      'the order of keys, on which the order of a list depends',
      filters([{ a: 1, z: 2 }, { b: 0 }]),
      filters([{ b: 0 }, { z: 2, a: 1 }]),
    ],
    ['conditions, which the server derives', { conditions: [1], name: 'P' }, { name: 'P' }],
    ['empty values', { description: '', filters: {}, conditions: null, list: [] }, {}],
    ['missing values', { description: undefined }, {}],
    ['empty mechanisms', mechanisms({ pagerduty: [], webhooks: null }), {}],
    [
      'the form of IDs, and the other fields of a webhook',
      mechanisms({ webhooks: [{ id: dashedId(1), name: 'Ops', type: 'slack' }] }),
      mechanisms({ webhooks: [{ id: id(1) }] }),
    ],
    [
      'the form of IDs of other mechanisms',
      mechanisms({ pagerduty: [{ id: dashedId(1) }] }),
      mechanisms({ pagerduty: [{ id: id(1) }] }),
    ],
  ])('do not differ in %s', (_, a, b) => {
    expect(isSamePolicy(a, b)).toBe(true);
    expect(differingFields(a, b)).toEqual([]);
  });

  test.each<readonly [string, RawPolicy, RawPolicy, readonly string[]]>([
    ['a value', { enabled: true }, { enabled: false }, ['enabled']],
    ['a field that exists on one side only', { name: 'P' }, { alert_type: 'x', name: 'P' }, ['alert_type']],
    ['several, by name', { b: 1, c: 2, a: 1 }, { c: 2 }, ['a', 'b']],
    ['false and zero, which are not empty', { enabled: false, n: 0 }, {}, ['enabled', 'n']],
    ['how often a value is in a list', filters(['x', 'x']), filters(['x']), ['filters']],
    ['a list and its only value', filters(['x']), filters('x'), ['filters']],
    [
      'a webhook',
      mechanisms({ webhooks: [{ id: id(1) }] }),
      mechanisms({ webhooks: [{ id: id(2) }] }),
      ['mechanisms'],
    ],
    [
      'the other fields of an ID in another mechanism',
      mechanisms({ email: [{ id: 'a', name: 'A' }] }),
      mechanisms({ email: [{ id: 'a', name: 'B' }] }),
      ['mechanisms'],
    ],
    ['an entry that is a string', mechanisms({ email: ['a'] }), mechanisms({ email: ['b'] }), ['mechanisms']],
    [
      'a mechanism that is not a list',
      mechanisms({ email: 'a' }),
      mechanisms({ email: 'b' }),
      ['mechanisms'],
    ],
    [
      'the dashes and case of an email address, which is not an ID',
      mechanisms({ email: [{ id: 'on-call@x.example' }] }),
      mechanisms({ email: [{ id: 'ONCALL@x.example' }] }),
      ['mechanisms'],
    ],
    [
      'the ID in another mechanism',
      mechanisms({ pagerduty: [{ id: id(1) }] }),
      mechanisms({ pagerduty: [{ id: id(2) }] }),
      ['mechanisms'],
    ],
    [
      'the other fields of an ID in PagerDuty',
      mechanisms({ pagerduty: [{ id: id(1), name: 'A' }] }),
      mechanisms({ pagerduty: [{ id: id(1), name: 'B' }] }),
      ['mechanisms'],
    ],
    [
      'an ID in another mechanism that is a string',
      mechanisms({ pagerduty: ['a'] }),
      mechanisms({ pagerduty: ['b'] }),
      ['mechanisms'],
    ],
    ['fields, sorted by name', { b: 1 }, { a: 1 }, ['a', 'b']],
  ])('differ in %s', (_, a, b, fields) => {
    expect(isSamePolicy(a, b)).toBe(false);
    expect(differingFields(a, b)).toEqual(fields);
    expect(differingFields(b, a)).toEqual(fields);
  });
});
