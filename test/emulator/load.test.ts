import { afterEach, expect, test } from '@jest/globals';
import { ACCOUNT, WEBHOOKS, ask, create, emulate, stopAll } from './api.js';

afterEach(stopAll);

test('creates in an account of 40,000 webhooks take about as long as in a small one', async () => {
  const url = 'https://a.example/';
  const timeFor = async (count: number): Promise<number> => {
    const emulator = await emulate();
    emulator.seed(
      ACCOUNT,
      Array.from({ length: count }, (_, i) => ({ name: `w${i}`, url })),
    );
    const started = performance.now();
    for (let from = 0; from < 500; from += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, i) => create(emulator, `new ${from + i}`, url)));
    }
    const took = performance.now() - started;
    expect((await ask(emulator, 'GET', WEBHOOKS)).body.result).toHaveLength(count + 500);
    return took;
  };
  await timeFor(10);
  const small = await timeFor(10);
  // A bound against work that grows with the account, not a benchmark.
  expect((await timeFor(40_000)) / small).toBeLessThan(10);
});

test('seeding says what is wrong', async () => {
  const emulator = await emulate();
  const id = '1'.repeat(32);
  expect(() => emulator.seed(ACCOUNT, [], [{ name: 'p', uses: ['nobody'] }])).toThrow('uses "nobody"');
  emulator.seed(ACCOUNT, [{ id, name: 'a', url: 'https://a.example/' }]);
  expect(() => emulator.seed(ACCOUNT, [{ id, name: 'b', url: 'https://a.example/' }])).toThrow(
    'exists already',
  );
});
