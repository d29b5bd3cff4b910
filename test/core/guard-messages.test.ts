import { expect, test } from '@jest/globals';
import type { DesiredAccount } from '../../src/core/desired.js';
import type { Live } from '../../src/core/live.js';
import { account, desired, id, leftover, live, URL_1, URL_2, URL_3 } from '../support/core/builders.js';
import { planOf } from '../support/core/planning.js';

const messages = (file: DesiredAccount, found: readonly Live[], previous?: DesiredAccount) =>
  planOf(file, found, previous ? { previous } : {}).guards.map(({ code, message, names }) => ({
    code,
    message,
    names,
  }));
const UNTIMED: Live = { ...live(2, 'Ops', URL_2), createdAt: null };

test('a pinned ID that is not live', () => {
  expect(messages(account([desired('Ops', URL_1, { id: id(9) })]), [])).toEqual([
    {
      code: 'pinned',
      names: ['Ops'],
      message: `"Ops" is pinned to ID ${id(9)}, but the account has no such webhook, or the file ignores it. Correct the "id", or remove it to match by name.`,
    },
  ]);
});

test('a pinned webhook that would be replaced', () => {
  expect(messages(account([desired('Ops', URL_2, { id: id(1) })]), [live(1, 'Ops')])).toEqual([
    {
      code: 'pinned',
      names: ['Ops'],
      message: `"Ops" is pinned to ID ${id(1)}, but this plan would replace it, which changes its ID. Undo the change, or remove the "id" to allow the replacement.`,
    },
  ]);
});

test('several webhooks with the name of an entry', () => {
  expect(messages(account([desired('Ops', URL_3)]), [live(1, 'Ops', URL_1), UNTIMED])).toEqual([
    {
      code: 'ambiguous-name',
      names: ['Ops'],
      message:
        '2 live webhooks match "Ops", and neither their URLs nor the policies identify one: ' +
        `ID ${id(1)} (${URL_1}, created ${live(1, '').createdAt}); ID ${id(2)} (${URL_2}, created at an unknown time). ` +
        'List the others by ID ("id:…") under "absent" or "ignore", or add the "id" of the right one to the entry, which is then never replaced.',
    },
  ]);
});

test('several webhooks with an earlier name are shown with it', () => {
  const file = account([desired('Ops', URL_3, { previously: ['Chat'] })]);
  const [guard] = messages(file, [live(1, 'Chat', URL_1), live(2, 'Chat', URL_2)]);
  expect(guard?.message).toContain(`ID ${id(1)} ("Chat", ${URL_1}, created `);
});

test('an entry that is new and finds a webhook with another URL', () => {
  const [guard] = messages(account([desired('Ops', URL_2)]), [live(1, 'Ops')], account([]));
  expect(guard).toEqual({
    code: 'ambiguous-name',
    names: ['Ops'],
    message:
      `"Ops" is new in the file, but the account already has a webhook with this name and another URL: ID ${id(1)} (${URL_1}, created ${live(1, '').createdAt}). ` +
      'To take it over, first deploy the entry with this URL, then change the URL; to leave it alone, list it by ID ("id:…") under "ignore", or under "absent" to delete it.',
  });
});

test('a new entry takes over a webhook with another URL in two steps', () => {
  const [before, after] = [account([desired('Ops', URL_1)]), account([desired('Ops', URL_2)])];
  const first = planOf(before, [live(1, 'Ops')], { previous: account([]) });
  expect([first.actions, first.guards]).toEqual([[], []]);
  const second = planOf(after, [live(1, 'Ops')], { previous: before });
  expect([second.actions.map(({ kind }) => kind), second.guards]).toEqual([['replace'], []]);
});

test('duplicates, of which one would change', () => {
  const file = account([desired('New', URL_1, { previously: [] }), desired('Ops', URL_1)]);
  const found = [live(1, 'Ops'), live(2, 'Ops'), live(3, 'Ops')];
  const planned = planOf(file, found, { replace: new Set(['Ops']) });
  expect(planned.guards.find(({ code }) => code === 'ambiguous-name')).toEqual({
    code: 'ambiguous-name',
    names: ['Ops'],
    message:
      '3 live webhooks have the name and URL of "Ops", and this plan would change one of them: ' +
      [1, 2, 3].map((n) => `ID ${id(n)} (${URL_1}, created ${live(n, '').createdAt})`).join('; ') +
      '. List the others by ID ("id:…") under "absent" or "ignore", or add an "id" to the entry, which is then never replaced.',
  });
});

test('a pinned or protected webhook of which only a leftover is retired is not replaced', () => {
  const found = [live(1, 'Ops', URL_2), leftover(2, 'Ops', 1, URL_1)];
  for (const more of [{ protect: true }, { id: id(1) }])
    expect(messages(account([desired('Ops', URL_2, more)]), found)).toEqual([]);
});

test('a protected entry that was removed, and one that is deleted on purpose', () => {
  const previous = account([
    desired('Ops', URL_1, { protect: true }),
    desired('Two', URL_2, { protect: true }),
  ]);
  const rest = Array.from({ length: 8 }, (_, n) => desired(`W${n}`, `${URL_3}/${n}`));
  const found = [
    live(1, 'Ops'),
    live(2, 'Two', URL_2),
    ...rest.map(({ name }, n) => live(10 + n, name, `${URL_3}/${n}`)),
  ];
  expect(messages(account(rest, { absent: ['Two'] }), found, previous)).toEqual([
    {
      code: 'protected',
      names: ['Ops'],
      message:
        'Protected webhooks were removed from the file: "Ops". Restore them, or list them by name or ID ("id:…") under "absent" to delete them.',
    },
  ]);
});

test('a protected webhook that an unfinished replacement would replace', () => {
  const found = [live(1, 'Ops', URL_1), leftover(2, 'Ops', 1, URL_2)];
  expect(messages(account([desired('Ops', URL_2, { protect: true })]), found)).toEqual([
    {
      code: 'protected',
      names: ['Ops'],
      message:
        'Protected webhooks cannot be replaced: "Ops". Undo the change, or remove "protect: true" in a separate commit to allow the replacement.',
    },
  ]);
});

test('deleting all webhooks of an account that has none to keep', () => {
  const [guard] = messages(account([], { unlisted: 'delete' }), [live(1, 'Ops')]);
  expect(guard?.message).toMatch(/^The plan would delete every webhook in the account\./);
  expect(messages(account([], { unlisted: 'delete' }), [])).toEqual([]);
});
