import { afterEach, describe, expect, test } from '@jest/globals';
import type { Quirks } from '../../src/emulator/quirks.js';
import { watchInvariants, type InvariantOptions } from '../support/invariants.js';
import { ACCOUNT, POLICIES, WEBHOOKS, ask, create, emulate, stopAll } from './api.js';

afterEach(stopAll);

const URL1 = 'https://a.example/';
const URL2 = 'https://b.example/';

async function watched(options: InvariantOptions = {}, quirks: Partial<Quirks> = {}) {
  const emulator = await emulate({ quirks });
  const { webhooks, policies } = emulator.seed(
    ACCOUNT,
    [
      { name: 'a', url: URL1, secret: 'for-a' },
      { name: 'b', url: URL2 },
    ],
    [{ name: 'p', uses: ['a'], email: ['x@example.com', 'y@example.com'] }],
  );
  const [a, b] = [webhooks[0]?.id ?? '', webhooks[1]?.id ?? ''];
  const policy = `${POLICIES}/${policies[0]?.id}`;
  const invariants = watchInvariants(emulator.view, options);
  emulator.onRequest = invariants.hook;
  const body = (await ask(emulator, 'GET', policy)).body.result as Record<string, unknown>;
  return { emulator, a, b, policy, body, invariants };
}

const point = (body: Record<string, unknown>, ...ids: string[]) => ({
  ...body,
  mechanisms: {
    email: [{ id: 'y@example.com' }, { id: 'x@example.com' }],
    webhooks: ids.map((id) => ({ id })),
  },
});

describe('watchInvariants', () => {
  test('a correct replacement violates nothing', async () => {
    const secrets = new Map([[URL1, ['for-a', 'for-a-2']]]);
    const { emulator, a, policy, body, invariants } = await watched({ secrets });
    const id = await create(emulator, 'a [hookwright: replaces 0a1b2c3d]', URL1, 'for-a-2');
    await ask(emulator, 'PUT', policy, point(body, id));
    await ask(emulator, 'DELETE', `${WEBHOOKS}/${a}`);
    await ask(emulator, 'PUT', `${WEBHOOKS}/${id}`, { name: 'a', url: URL1, secret: 'for-a-2' });
    expect(invariants.finish()).toEqual([]);
  });

  test('a deletion before the switch is reported, unless it is allowed', async () => {
    for (const mayLose of [[], ['p']]) {
      const { emulator, a, invariants } = await watched({ mayLose });
      await ask(emulator, 'DELETE', `${WEBHOOKS}/${a}`);
      expect(invariants.violations).toEqual(
        mayLose.length > 0
          ? []
          : [expect.stringMatching(/^after request 2 .* policy "p" lost a destination/)],
      );
    }
  });

  test('a policy that uses a missing webhook is reported', async () => {
    const { emulator, a, invariants } = await watched({ mayLose: ['p'] }, { 'delete-policy': 'keep' });
    await ask(emulator, 'DELETE', `${WEBHOOKS}/${a}`);
    expect(invariants.violations).toEqual([expect.stringContaining(`policy "p" points at missing ${a}`)]);
  });

  test.each([
    ['name', { name: 'q' }],
    ['enabled', { enabled: false }],
    ['filters', { filters: { zones: ['z'] } }],
    ['conditions', { conditions: { and: [] } }],
    ['interval', { alert_interval: '30m' }],
  ])('a changed %s of a policy is reported', async (_field, change) => {
    const { emulator, a, policy, body, invariants } = await watched();
    await ask(emulator, 'PUT', policy, { ...point(body, a), ...change });
    expect(invariants.violations).toEqual([expect.stringContaining('changed')]);
  });

  test('other mechanisms count, their order does not', async () => {
    const { emulator, a, policy, body, invariants } = await watched();
    await ask(emulator, 'PUT', policy, point(body, a));
    expect(invariants.violations).toEqual([]);
    await ask(emulator, 'PUT', policy, { ...body, mechanisms: { webhooks: [{ id: a }] } });
    expect(invariants.violations).toHaveLength(1);
  });

  test('a deleted policy is reported', async () => {
    const { emulator, policy, invariants } = await watched();
    await ask(emulator, 'DELETE', policy);
    expect(invariants.violations).toEqual([expect.stringMatching(/policy \w+ is gone$/)]);
  });

  test('by key: a different destination in its place is reported', async () => {
    const { emulator, b, policy, body, invariants } = await watched({ destination: ({ name }) => name });
    await ask(emulator, 'PUT', policy, point(body, b));
    expect(invariants.violations).toEqual([expect.stringContaining('lost a destination: had a, has b')]);
  });

  test('a secret at a wrong URL is reported', async () => {
    const secrets = new Map([[URL1, ['for-a']]]);
    const { emulator, invariants } = await watched({ secrets });
    await create(emulator, 'c', 'https://elsewhere.example/', 'for-a');
    expect(invariants.violations).toEqual([expect.stringContaining('has secret "for-a", not meant for it')]);
  });

  test('a change to an untouchable webhook is reported', async () => {
    const options: { untouched: string[] } = { untouched: [] };
    const { emulator, b, invariants } = await watched(options);
    options.untouched.push(b);
    await ask(emulator, 'PUT', `${WEBHOOKS}/${b}`, { name: 'b', url: URL2 });
    expect(invariants.violations).toEqual([expect.stringContaining(`a PUT was sent to webhook ${b}`)]);
    await ask(emulator, 'DELETE', `${WEBHOOKS}/${b}`);
    expect(invariants.violations).toHaveLength(3);
    expect(invariants.violations.at(-1)).toContain('was touched');
  });

  test('at the end, duplicates and markers are reported', async () => {
    const { emulator, invariants } = await watched();
    await create(emulator, 'a', URL1);
    await create(emulator, 'c [hookwright: replaces 0a1b2c3d]', URL1);
    expect(invariants.finish()).toEqual([
      'at the end: there are 2 webhooks "a"',
      'at the end: "c [hookwright: replaces 0a1b2c3d]" is an unfinished replace',
    ]);
  });
});
