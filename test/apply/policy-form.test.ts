import { describe, expect, test } from '@jest/globals';
import { bodyOf, differingFields, isSamePolicy, swapped } from '../../src/apply/policy-form.js';
import { bareId } from '../../src/core/ids.js';
import { dashedId, id } from '../support/core/builders.js';

const of = (mechanisms: unknown, more: object = {}) => ({
  id: 'p',
  name: 'P',
  enabled: true,
  mechanisms,
  ...more,
});
const swaps = new Map([[bareId(id(1)), id(9)]]);

describe('ids that give way', () => {
  test('are replaced where they stand, in whatever form they are written, none twice', () => {
    const before = of({
      webhooks: [{ id: id(2) }, { id: dashedId(1), name: 'Old' }, { id: id(9) }],
      email: [{ id: 'a@b' }],
    });
    expect(swapped(before, swaps)).toEqual(
      of({ webhooks: [{ id: id(2) }, { id: id(9), name: 'Old' }], email: [{ id: 'a@b' }] }),
    );
  });

  test.each([
    ['no mechanisms', null],
    ['no list of webhooks', { webhooks: null }],
    ['entries of a form that nobody knows', { webhooks: ['odd', null] }],
  ])('are in no policy with %s', (_, mechanisms) => {
    expect(swapped(of(mechanisms), swaps)).toEqual(of({ webhooks: [] }));
  });
});

test('a body has all but what the server sets itself', () => {
  expect(bodyOf(of({}, { created: 'c', modified: 'm', filters: {} }))).toEqual({
    name: 'P',
    enabled: true,
    mechanisms: {},
    filters: {},
  });
});

describe('two forms of a policy', () => {
  test.each<[string, object, object]>([
    [
      'lists in another order',
      of({}, { filters: { a: ['1', '2'] } }),
      of({}, { filters: { a: ['2', '1'] } }),
    ],
    ['what is empty left out, or null', of({ email: [] }, { filters: null, description: '' }), of(null)],
    [
      'what is told beside the id of a webhook',
      of({ webhooks: [{ id: id(1) }] }),
      of({ webhooks: [{ id: id(1), name: 'Ops' }] }),
    ],
    ['an id in another form', of({ webhooks: [{ id: id(171) }] }), of({ webhooks: [{ id: dashedId(171) }] })],
    ['what the server sets', of({}, { modified: '1' }), of({}, { modified: '2' })],
  ])('are the same with %s', (_, a, b) => {
    expect(isSamePolicy({ ...a }, { ...b })).toBe(true);
    expect(differingFields({ ...a }, { ...b })).toEqual([]);
  });

  test.each<[string, object, object, string[]]>([
    ['another webhook', of({ webhooks: [{ id: id(1) }] }), of({ webhooks: [{ id: id(2) }] }), ['mechanisms']],
    ['an e-mail address more', of({ email: [{ id: 'a@b' }] }), of({}), ['mechanisms']],
    ['an entry of an unknown form', of({ email: ['a'] }), of({ email: ['b'] }), ['mechanisms']],
    ['switched off, and renamed', of({}), of({}, { enabled: false, name: 'Q' }), ['enabled', 'name']],
  ])('differ with %s', (_, a, b, fields) => {
    expect(isSamePolicy({ ...a }, { ...b })).toBe(false);
    expect(differingFields({ ...a }, { ...b })).toEqual(fields);
  });
});
