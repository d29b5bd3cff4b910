import { afterEach, describe, expect, test } from '@jest/globals';
import type { Quirks } from '../../src/emulator/quirks.js';
import { ACCOUNT, POLICIES, WEBHOOKS, ask, create, emulate, stopAll } from './api.js';

afterEach(stopAll);

const URL1 = 'https://a.example/';

describe('lags', () => {
  async function lagging(quirks: Partial<Quirks>) {
    const time = { now: 1_700_000_000_000 };
    const emulator = await emulate({ quirks, now: () => time.now });
    const names = async () => (await ask(emulator, 'GET', WEBHOOKS)).body.result?.map(({ name }) => name);
    const one = async (id: string) => (await ask(emulator, 'GET', `${WEBHOOKS}/${id}`)).body.result?.['name'];
    return { time, emulator, names, one };
  }

  test('list-lag: creates and deletes appear late, only in the list', async () => {
    const { time, emulator, names, one } = await lagging({ 'list-lag': 1000 });
    const id = await create(emulator, 'a', URL1);
    await ask(emulator, 'PUT', `${WEBHOOKS}/${id}`, { name: 'b', url: URL1 });
    expect([await names(), await one(id)]).toEqual([[], 'b']);
    time.now += 1000;
    expect(await names()).toEqual(['b']);
    await ask(emulator, 'DELETE', `${WEBHOOKS}/${id}`);
    expect([await names(), await one(id)]).toEqual([['b'], undefined]);
    time.now += 1000;
    expect(await names()).toEqual([]);
  });

  test('get-lag: they appear late, only in the GET of one webhook', async () => {
    const { time, emulator, names, one } = await lagging({ 'get-lag': 1000 });
    const id = await create(emulator, 'a', URL1);
    expect([await names(), await one(id)]).toEqual([['a'], undefined]);
    time.now += 1000;
    expect(await one(id)).toBe('a');
  });

  test('put-lag: renames appear late in both, step by step', async () => {
    const { time, emulator, names, one } = await lagging({ 'put-lag': 1000 });
    const id = await create(emulator, 'a', URL1);
    await ask(emulator, 'PUT', `${WEBHOOKS}/${id}`, { name: 'b', url: URL1 });
    time.now += 500;
    await ask(emulator, 'PUT', `${WEBHOOKS}/${id}`, { name: 'c', url: URL1 });
    expect([await names(), await one(id)]).toEqual([['a'], 'a']);
    time.now += 500;
    expect(await one(id)).toBe('b');
    time.now += 500;
    expect([await names(), await one(id)]).toEqual([['c'], 'c']);
  });

  test('policy-lag', async () => {
    const { time, emulator } = await lagging({ 'policy-lag': 1000 });
    const { policies } = emulator.seed(ACCOUNT, [], [{ name: 'p', email: ['a@b.c'] }]);
    const path = `${POLICIES}/${policies[0]?.id}`;
    await ask(emulator, 'PUT', path, { ...policies[0], name: 'q' });
    expect((await ask(emulator, 'GET', path)).body.result).toMatchObject({ name: 'p' });
    time.now += 1000;
    expect((await ask(emulator, 'GET', path)).body.result).toMatchObject({ name: 'q' });
  });
});
