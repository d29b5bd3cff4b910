import { afterEach, describe, expect, test } from '@jest/globals';
import { HookwrightError } from '../../src/core/errors.js';
import {
  DEFAULT_QUIRKS,
  QUIRKS,
  formatQuirksHelp,
  parseQuirks,
  type Quirks,
} from '../../src/emulator/quirks.js';
import { ACCOUNT, POLICIES, UNKNOWN, WEBHOOKS, ask, create, emulate, stopAll } from './api.js';

afterEach(stopAll);

const URL1 = 'https://a.example/';
const URL2 = 'https://b.example/';
const SLACK = 'https://hooks.slack.com/services/T/B';

describe('parseQuirks', () => {
  test('reads names, times and rates; the others have their default', () => {
    expect(parseQuirks(' put-url=applied, list-lag=1.5s,get-lag=20ms,name-limit=30,rate=60/3s ')).toEqual({
      ...DEFAULT_QUIRKS,
      'put-url': 'applied',
      'list-lag': 1500,
      'get-lag': 20,
      'name-limit': 30,
      rate: { limit: 60, windowMs: 3000 },
    });
    expect(parseQuirks('')).toEqual(DEFAULT_QUIRKS);
  });

  test.each([
    ['put-uri=kept', 'unknown quirk "put-uri"; it must be one of put-url, put-secret, '],
    ['__proto__=kept', 'unknown quirk "__proto__"'],
    ['put-url', 'quirk "put-url" must be kept|applied, not "put-url"'],
    ['put-secret=gone', 'quirk "put-secret" must be kept|applied|cleared, not "put-secret=gone"'],
    ['list-lag=soon', 'quirk "list-lag" must be MS, not "list-lag=soon"'],
    ['name-limit=-1', 'quirk "name-limit" must be N'],
    ['rate=10', 'quirk "rate" must be off|REQUESTS/MS'],
    ['rate=0/1s', 'quirk "rate" must be off|REQUESTS/MS'],
    ['ids=dashed,ids=dashed', 'quirk "ids" is set twice'],
  ])('refuses %s', (text, message) => {
    const parse = (): unknown => parseQuirks(text);
    expect(parse).toThrow(HookwrightError);
    expect(parse).toThrow(message);
  });

  test('the error for an unknown name lists the known ones; help lists each quirk with its values', () => {
    expect(() => parseQuirks('x=1')).toThrow(`must be one of ${Object.keys(QUIRKS).join(', ')}`);
    for (const name of Object.keys(QUIRKS)) expect(formatQuirksHelp()).toContain(`  ${name}=`);
    expect(formatQuirksHelp()).toContain('put-secret=kept|applied|cleared\n');
  });
});

describe('the effect of a PUT', () => {
  const answers: readonly (readonly [Partial<Quirks>, string | undefined, string, string | undefined])[] = [
    [{}, 'new', URL1, 'old'],
    [{ 'put-url': 'applied' }, 'new', URL2, 'old'],
    [{ 'put-secret': 'applied' }, 'new', URL1, 'new'],
    [{ 'put-secret': 'applied' }, undefined, URL1, 'old'],
    [{ 'put-secret': 'cleared' }, 'new', URL1, 'new'],
    [{ 'put-secret': 'cleared' }, undefined, URL1, undefined],
    [{ 'put-url': 'applied', 'put-secret': 'applied' }, 'new', URL2, 'new'],
  ];
  test.each(answers)('%j with secret %s', async (quirks, secret, url, stored) => {
    const emulator = await emulate({ quirks });
    const id = await create(emulator, 'a', URL1, 'old');
    const put = await ask(emulator, 'PUT', `${WEBHOOKS}/${id}`, { name: 'b', url: URL2, secret });
    expect([put.status, put.body.result]).toEqual([200, { id }]);
    const [webhook] = emulator.account(ACCOUNT).webhooks;
    expect([webhook?.name, webhook?.url, webhook?.secret]).toEqual(['b', url, stored]);
  });

  test('an applied chat URL is split again', async () => {
    const emulator = await emulate({ quirks: { 'put-url': 'applied', 'put-secret': 'applied' } });
    const id = await create(emulator, 'a', URL1, 'old');
    await ask(emulator, 'PUT', `${WEBHOOKS}/${id}`, { name: 'a', url: `${SLACK}/tok` });
    expect(emulator.account(ACCOUNT).webhooks).toMatchObject([{ url: SLACK, secret: 'tok', type: 'slack' }]);
  });

  test('put-test=off sends no test message', async () => {
    const emulator = await emulate({
      quirks: { 'put-test': 'off' },
      destinationStatus: (url) => (url === URL1 ? 200 : 500),
    });
    const id = await create(emulator, 'a', URL1);
    expect((await ask(emulator, 'PUT', `${WEBHOOKS}/${id}`, { name: 'b', url: URL2 })).status).toBe(200);
    expect(emulator.testMessages).toHaveLength(1);
  });

  test('otherwise it sends one, and can be refused', async () => {
    const status = (_url: string, name: string): number => (name === 'bad' ? 500 : 200);
    const emulator = await emulate({ destinationStatus: status });
    const id = await create(emulator, 'a', URL1);
    const refused = await ask(emulator, 'PUT', `${WEBHOOKS}/${id}`, { name: 'bad', url: URL1 });
    expect(refused.body.errors).toEqual([
      { message: 'Webhook test failed with status code 500 Internal Server Error' },
    ]);
    await ask(emulator, 'PUT', `${WEBHOOKS}/${id}`, { name: 'good', url: URL1 });
    expect(emulator.account(ACCOUNT).webhooks[0]?.name).toBe('good');
    expect(emulator.testMessages).toHaveLength(3);
  });
});

test('test-refusal=422 is the other form of a refused test message', async () => {
  const emulator = await emulate({ quirks: { 'test-refusal': '422' }, destinationStatus: () => 404 });
  const { status, body } = await ask(emulator, 'POST', WEBHOOKS, { name: 'a', url: URL1 });
  expect([status, body.errors]).toEqual([422, [{ message: 'Webhook test request failed' }]]);
});

test('denied-every=2 denies every second request, with any token', async () => {
  const emulator = await emulate({ quirks: { 'denied-every': 2 } });
  const statuses = [];
  for (let n = 0; n < 4; n += 1) statuses.push((await ask(emulator, 'GET', WEBHOOKS)).status);
  expect(statuses).toEqual([200, 403, 200, 403]);
});

test('rate-status=200 reports the rate limit only by its code', async () => {
  const emulator = await emulate({ quirks: { 'rate-status': '200', rate: { limit: 1, windowMs: 60_000 } } });
  await ask(emulator, 'GET', WEBHOOKS);
  const { status, body } = await ask(emulator, 'GET', WEBHOOKS);
  expect([status, body.success, body.errors[0]]).toEqual([
    200,
    false,
    expect.objectContaining({ code: 971 }),
  ]);
});

describe('the effect of a DELETE', () => {
  test('delete-unknown=404', async () => {
    const emulator = await emulate({ quirks: { 'delete-unknown': '404' } });
    const reply = await ask(emulator, 'DELETE', `${WEBHOOKS}/${UNKNOWN}`);
    expect([reply.status, reply.body.errors]).toEqual([404, [{ message: 'Webhook not found' }]]);
  });

  test.each([
    ['null', { result: null }],
    ['none', {}],
  ] as const)('delete-result=%s', async (quirk, result) => {
    const emulator = await emulate({ quirks: { 'delete-result': quirk } });
    const id = await create(emulator, 'a', URL1);
    const { body } = await ask(emulator, 'DELETE', `${WEBHOOKS}/${id}`);
    expect(body).toEqual({ success: true, errors: [], messages: [], ...result });
  });

  test.each([
    ['keep', 200, 0, 1],
    ['refuse', 400, 1, 1],
  ] as const)('delete-policy=%s', async (quirk, status, webhooksLeft, refs) => {
    const emulator = await emulate({ quirks: { 'delete-policy': quirk } });
    const { webhooks } = emulator.seed(ACCOUNT, [{ name: 'a', url: URL1 }], [{ name: 'p', uses: ['a'] }]);
    expect((await ask(emulator, 'DELETE', `${WEBHOOKS}/${webhooks[0]?.id}`)).status).toBe(status);
    const account = emulator.account(ACCOUNT);
    expect(account.webhooks).toHaveLength(webhooksLeft);
    expect(account.policies[0]?.mechanisms['webhooks']).toHaveLength(refs);
  });
});

describe('what is accepted and returned', () => {
  test.each([
    [{ 'name-limit': 3 }, { name: '💥💥💥💥', url: URL1 }, 'name is longer than 3 characters'],
    [
      { 'duplicate-names': 'refused' },
      { name: 'there', url: URL1 },
      'a webhook with this name already exists',
    ],
    [{ 'http-urls': 'refused' }, { name: 'a', url: 'http://a.example/' }, 'url must be https'],
    [{ 'split-secret': 'required' }, { name: 'a', url: SLACK }, 'secret is required'],
    [{ eligible: 'no' }, { name: 'a', url: URL1 }, 'account is not entitled to use webhooks'],
  ] as const)('%j refuses', async (quirks, body, message) => {
    const emulator = await emulate({ quirks });
    emulator.seed(ACCOUNT, [{ name: 'there', url: URL1 }]);
    const reply = await ask(emulator, 'POST', WEBHOOKS, body);
    expect([reply.status, reply.body.errors[0]?.message]).toEqual([400, message]);
  });

  test('with duplicate-names=refused a PUT can keep its own name', async () => {
    const emulator = await emulate({ quirks: { 'duplicate-names': 'refused' } });
    const id = await create(emulator, 'a', URL1);
    await create(emulator, 'b', URL1);
    const put = async (name: string) =>
      (await ask(emulator, 'PUT', `${WEBHOOKS}/${id}`, { name, url: URL1 })).status;
    expect([await put('a'), await put('b')]).toEqual([200, 400]);
  });

  test('ids=dashed: in every response except the webhook IDs of policies', async () => {
    const emulator = await emulate({ quirks: { ids: 'dashed' } });
    const dashed = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
    const id = await create(emulator, 'a', URL1);
    expect(id).toMatch(dashed);
    emulator.seed(ACCOUNT, [], [{ name: 'p', uses: ['a'] }]);
    const [policy] = (await ask(emulator, 'GET', POLICIES)).body.result ?? [];
    expect(policy?.['id']).toMatch(dashed);
    expect(policy?.['mechanisms']).toEqual({ webhooks: [{ id: id.replaceAll('-', '') }] });
  });

  test('split-urls=off and type-from-body=honored', async () => {
    const emulator = await emulate({ quirks: { 'split-urls': 'off', 'type-from-body': 'honored' } });
    await ask(emulator, 'POST', WEBHOOKS, { name: 'a', url: `${SLACK}/tok`, type: 'generic' });
    expect(emulator.account(ACCOUNT).webhooks).toMatchObject([{ url: `${SLACK}/tok`, type: 'generic' }]);
    expect(emulator.account(ACCOUNT).webhooks[0]?.secret).toBeUndefined();
  });

  test('gchat-query=key-kept: only the token is removed', async () => {
    const emulator = await emulate({ quirks: { 'gchat-query': 'key-kept' } });
    const url = 'https://chat.googleapis.com/v1/spaces/A/messages?key=k';
    await create(emulator, 'a', `${url}&token=t`);
    expect(emulator.account(ACCOUNT).webhooks).toMatchObject([{ url, secret: 't' }]);
  });

  test('order=shuffled: the list is complete, but not always in one order', async () => {
    const emulator = await emulate({ quirks: { order: 'shuffled' } });
    emulator.seed(
      ACCOUNT,
      Array.from({ length: 8 }, (_, i) => ({ name: `w${i}`, url: URL1 })),
    );
    const orders = new Set<string>();
    for (let i = 0; i < 5; i += 1) {
      const names = (await ask(emulator, 'GET', WEBHOOKS)).body.result?.map(({ name }) => String(name)) ?? [];
      expect(names.toSorted()).toEqual(['w0', 'w1', 'w2', 'w3', 'w4', 'w5', 'w6', 'w7']);
      orders.add(names.join());
    }
    expect(orders.size).toBeGreaterThan(1);
  });

  test.each([
    ['0', /T\d\d:\d\d:\d\dZ$/],
    ['3', /\.\d{3}Z$/],
    ['6', /\.\d{6}Z$/],
  ] as const)('created-digits=%s', async (digits, pattern) => {
    const emulator = await emulate({ quirks: { 'created-digits': digits } });
    await create(emulator, 'a', URL1);
    expect(emulator.account(ACCOUNT).webhooks[0]?.created_at).toMatch(pattern);
  });
});
