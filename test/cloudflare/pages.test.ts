import { expect, test } from '@jest/globals';
import { ok, type Reply } from './server.js';
import { failureOf } from './failures.js';
import { ACCOUNT, withClient } from './subject.js';

const page = (ids: readonly string[], info: object): Reply =>
  ok(
    ids.map((id) => ({ id })),
    { result_info: info },
  );

test('today: one page, with or without a count', async () => {
  for (const info of [
    {},
    { page: 1, per_page: 50, count: 2, total_count: 2, total_pages: 1 },
    { total_count: 0 },
  ]) {
    await withClient([page(['a', 'b'], info)], async ({ client, server }) => {
      expect(await client.listWebhooks(ACCOUNT)).toHaveLength(2);
      expect(server.seen).toHaveLength(1);
    });
  }
});

test('further pages are read if there are any', async () => {
  const counted = { total_pages: 3, total_count: 5 };
  const replies = [
    page(['a', 'b'], counted),
    page(['c', 'd'], { page: 2, ...counted }),
    page(['e'], counted),
  ];
  await withClient(replies, async ({ client, server }) => {
    expect((await client.listWebhooks(ACCOUNT)).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(server.seen.map(({ path }) => path.replace(/^.*webhooks/, ''))).toEqual([
      '',
      '?page=2',
      '?page=3',
    ]);
  });
  await withClient([page(['a'], { total_count: 2 }), page(['b'], { total_count: 2 })], async ({ client }) => {
    expect(await client.listPolicies(ACCOUNT).then((all) => all.length)).toBe(2);
  });
});

const two = { total_pages: 2 };
test.each([
  ['an empty page', [page(['a'], two), page([], two)], /page 2 of the list is empty/],
  ['the first page again', [page(['a'], two)], /contain the same ID twice/],
  ['a different page', [page(['a'], two), page(['b'], { ...two, page: 7 })], /but page 7 was returned/],
  ['a change of the total', [page(['a'], two), page(['b'], { total_pages: 3 })], /changed while/],
  [
    'too few entries',
    [page(['a'], { ...two, total_count: 9 }), page(['b'], { ...two, total_count: 9 })],
    /contain 2 entries, but the API announced 9/,
  ],
])('%s: an error, not a partial list', async (_name, replies, message) => {
  await withClient(
    replies,
    async ({ client }) => {
      const error = await failureOf(client.listWebhooks(ACCOUNT));
      expect(error.code).toBe('bad-answer');
      expect(error.message).toMatch(message);
    },
    { retries: 0 },
  );
  await withClient([...replies.slice(0, 2), ok([])], async ({ client, server }) => {
    expect(await client.listWebhooks(ACCOUNT)).toEqual([]);
    expect(server.seen.length).toBeGreaterThan(1);
  });
});
