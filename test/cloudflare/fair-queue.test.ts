import { expect, test } from '@jest/globals';
import { FairQueue } from '../../src/cloudflare/limiter.js';

function queueOf(...items: readonly string[]): FairQueue<string> {
  const queue = new FairQueue<string>();
  for (const item of items) queue.push(item.slice(0, 1), item);
  return queue;
}

function rest(queue: FairQueue<string>): string[] {
  const items: string[] = [];
  while (!queue.isEmpty) items.push(queue.shift() ?? '');
  return items;
}

test('keys take turns; within a key, first in, first out', () => {
  expect(rest(queueOf('a1', 'a2', 'a3', 'b1', 'c1', 'b2'))).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
});

test('a key that returns waits for its turn', () => {
  const queue = queueOf('a1', 'b1');
  expect(queue.shift()).toBe('a1');
  queue.push('a', 'a2');
  expect(rest(queue)).toEqual(['b1', 'a2']);
});

test('an empty queue returns undefined', () => {
  const queue = queueOf();
  expect(queue.isEmpty).toBe(true);
  expect(queue.shift()).toBeUndefined();
});

test('removing an item does not affect the others', () => {
  for (const leaver of ['a1', 'a2', 'a3']) {
    const queue = queueOf('a1', 'a2', 'a3', 'b1');
    queue.remove('a', leaver);
    const others = ['a1', 'a2', 'a3'].filter((item) => item !== leaver);
    expect(rest(queue)).toEqual([others[0], 'b1', others[1]]);
  }
});

test('removing the last item of a key leaves no gap', () => {
  const queue = queueOf('a1', 'b1');
  queue.remove('a', 'a1');
  expect(rest(queue)).toEqual(['b1']);
  queue.remove('b', 'b1');
  expect(queue.isEmpty).toBe(true);
});

test('removing an unknown item does nothing', () => {
  const queue = queueOf('a1');
  queue.remove('a', 'a2');
  queue.remove('x', 'x1');
  expect(rest(queue)).toEqual(['a1']);
});
