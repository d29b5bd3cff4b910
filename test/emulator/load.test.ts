import { afterEach, expect, test } from '@jest/globals';
import { ACCOUNT, WEBHOOKS, ask, create, emulate, stopAll } from './api.js';

afterEach(stopAll);

test('an account of 40,000 webhooks is listed, and 500 creates served, in seconds', async () => {
  const emulator = await emulate();
  const url = 'https://a.example/';
  const started = performance.now();
  emulator.seed(
    ACCOUNT,
    Array.from({ length: 40_000 }, (_, i) => ({ name: `w${i}`, url })),
  );
  const names = Array.from({ length: 500 }, (_, i) => `new ${i}`);
  for (let i = 0; i < names.length; i += 50) {
    await Promise.all(names.slice(i, i + 50).map((name) => create(emulator, name, url)));
  }
  expect((await ask(emulator, 'GET', WEBHOOKS)).body.result).toHaveLength(40_500);
  // A bound against quadratic growth, not a benchmark: it takes about a second.
  expect(performance.now() - started).toBeLessThan(10_000);
});

test('seeding says what is wrong', async () => {
  const emulator = await emulate();
  const id = '1'.repeat(32);
  expect(() => emulator.seed(ACCOUNT, [], [{ name: 'p', uses: ['nobody'] }])).toThrow('uses "nobody"');
  emulator.seed(ACCOUNT, [{ id, name: 'a', url: 'https://a.example/' }]);
  expect(() => emulator.seed(ACCOUNT, [{ id, name: 'b', url: 'https://a.example/' }])).toThrow('there twice');
});
