import { afterEach, describe, expect, test } from '@jest/globals';
import type { Emulator } from '../../src/emulator/emulator.js';
import { ACCOUNT, POLICIES, UNKNOWN, ask, emulate, stopAll } from './api.js';

afterEach(stopAll);

const URL1 = 'https://relay.example.com/cf';
const TYPE = 'universal_ssl_event_type';

async function withPolicy(emulator: Emulator) {
  const { webhooks, policies } = emulator.seed(
    ACCOUNT,
    [
      { name: 'a', url: URL1 },
      { name: 'b', url: URL1 },
    ],
    [
      {
        name: 'Origin errors',
        uses: ['a'],
        email: ['ops@example.com'],
        filters: { zones: ['z1'] },
        conditions: { and: [] },
        alert_interval: '30m',
        description: 'd',
      },
    ],
  );
  const [a, b, policy] = [webhooks[0]?.id ?? '', webhooks[1]?.id ?? '', policies[0]?.id ?? ''];
  const path = `${POLICIES}/${policy}`;
  const body = { ...((await ask(emulator, 'GET', path)).body.result as Record<string, unknown>) };
  for (const key of ['id', 'created', 'modified']) Reflect.deleteProperty(body, key);
  return { a, b, path, body };
}

describe('reads', () => {
  test('absent mechanisms are omitted; conditions are included', async () => {
    const emulator = await emulate();
    const { a, body } = await withPolicy(emulator);
    expect(body).toEqual({
      name: 'Origin errors',
      description: 'd',
      alert_type: TYPE,
      alert_interval: '30m',
      enabled: true,
      filters: { zones: ['z1'] },
      conditions: { and: [] },
      mechanisms: { email: [{ id: 'ops@example.com' }], webhooks: [{ id: a }] },
    });
    expect((await ask(emulator, 'GET', POLICIES)).body.result).toMatchObject([body]);
  });

  test.each(['GET', 'PUT', 'DELETE'])('%s of an unknown policy is 404', async (method) => {
    const emulator = await emulate();
    const body = method === 'PUT' ? {} : undefined;
    const reply = await ask(emulator, method, `${POLICIES}/${UNKNOWN}`, body);
    expect([reply.status, reply.body.errors]).toEqual([404, [{ message: 'Policy not found.' }]]);
  });
});

describe('PUT', () => {
  test('replaces a webhook ID, written with dashes, and changes nothing else', async () => {
    const emulator = await emulate();
    const { b, path, body } = await withPolicy(emulator);
    const dashed = b.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    const mechanisms = { email: [{ id: 'ops@example.com' }], webhooks: [{ id: dashed }], pagerduty: [] };
    const put = await ask(emulator, 'PUT', path, { ...body, mechanisms });
    expect([put.status, Object.keys(put.body.result ?? {})]).toEqual([200, ['id']]);
    expect((await ask(emulator, 'GET', path)).body.result).toMatchObject({
      ...body,
      mechanisms: { email: [{ id: 'ops@example.com' }], webhooks: [{ id: b }] },
    });
  });

  test('replaces the whole document', async () => {
    const emulator = await emulate();
    const { a, path } = await withPolicy(emulator);
    await ask(emulator, 'PUT', path, { alert_type: TYPE, mechanisms: { webhooks: [{ id: a }] } });
    const left = emulator.account(ACCOUNT).policies[0];
    expect(left).toMatchObject({ name: '', description: '', filters: {}, conditions: {} });
    expect(left?.mechanisms).toEqual({ webhooks: [{ id: a }] });
    expect(left).not.toHaveProperty('alert_interval');
  });

  test('with put-policy=merged, omitted fields stay', async () => {
    const emulator = await emulate({ quirks: { 'put-policy': 'merged' } });
    const { path, body } = await withPolicy(emulator);
    await ask(emulator, 'PUT', path, { alert_type: TYPE, name: 'Renamed' });
    expect(emulator.account(ACCOUNT).policies[0]).toMatchObject({ ...body, name: 'Renamed' });
  });

  test.each([
    ['no alert type', { alert_type: undefined }, 17004],
    ['no mechanism', { mechanisms: {} }, 17102],
    ['only empty mechanisms', { mechanisms: { webhooks: [], email: [] } }, 17102],
    ['a missing webhook', { mechanisms: { webhooks: [{ id: UNKNOWN }] } }, 17000],
    ['mechanisms of the wrong shape', { mechanisms: { webhooks: ['x'] } }, undefined],
    ['a name that is not a string', { name: 7 }, undefined],
  ])('refuses %s', async (_what, change, code) => {
    const emulator = await emulate();
    const { path, body } = await withPolicy(emulator);
    const before = emulator.account(ACCOUNT).policies[0];
    const reply = await ask(emulator, 'PUT', path, { ...body, ...change });
    expect([reply.status, reply.body.errors[0]?.code]).toEqual([400, code]);
    expect(emulator.account(ACCOUNT).policies[0]).toEqual(before);
  });
});

describe('POST and DELETE', () => {
  test('create returns 200 and the ID; delete removes the policy', async () => {
    const emulator = await emulate();
    const mechanisms = { email: [{ id: 'ops@example.com' }] };
    const made = await ask(emulator, 'POST', POLICIES, {
      name: 'p',
      alert_type: TYPE,
      enabled: false,
      mechanisms,
    });
    const id = String(made.body.result?.['id']);
    expect([made.status, made.body.result]).toEqual([200, { id }]);
    expect(emulator.account(ACCOUNT).policies).toMatchObject([{ id, enabled: false, mechanisms }]);
    expect((await ask(emulator, 'DELETE', `${POLICIES}/${id}`)).status).toBe(200);
    expect(emulator.account(ACCOUNT).policies).toEqual([]);
  });

  test('some alert types require filters', async () => {
    const emulator = await emulate();
    const body = { name: 'p', alert_type: 'billing_usage_alert', mechanisms: { email: [{ id: 'a@b.c' }] } };
    const reply = await ask(emulator, 'POST', POLICIES, body);
    expect([reply.status, reply.body.errors[0]?.code]).toEqual([400, 17103]);
  });
});

describe('test', () => {
  test('updates the last success or failure of each webhook', async () => {
    const down = (_url: string, name: string): number => (name === 'b' ? 500 : 204);
    const emulator = await emulate({ destinationStatus: down });
    const { a, b, path, body } = await withPolicy(emulator);
    await ask(emulator, 'PUT', path, { ...body, mechanisms: { webhooks: [{ id: a }, { id: b }] } });
    expect((await ask(emulator, 'POST', `${path}/test`)).status).toBe(200);
    const [first, second] = emulator.account(ACCOUNT).webhooks;
    expect(first).toMatchObject({ last_success: expect.any(String), last_failure: null });
    expect(second).toMatchObject({ last_success: null, last_failure: expect.any(String) });
    expect(emulator.alerts.map(({ status }) => status)).toEqual([204, 500]);
    expect((await ask(emulator, 'POST', `${POLICIES}/${UNKNOWN}/test`)).status).toBe(404);
  });

  test('with test-delay it updates them later', async () => {
    const emulator = await emulate({ quirks: { 'test-delay': 40 } });
    const { path } = await withPolicy(emulator);
    await ask(emulator, 'POST', `${path}/test`);
    expect(emulator.account(ACCOUNT).webhooks[0]?.last_success).toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(emulator.account(ACCOUNT).webhooks[0]?.last_success).not.toBeNull();
  });
});
