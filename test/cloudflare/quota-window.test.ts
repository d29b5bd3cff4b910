import { describe, expect, test } from '@jest/globals';
import { QuotaWindow } from '../../src/cloudflare/limiter.js';

type Answer = { readonly sent: number; readonly received: number; readonly r: number; readonly t: number };

function windowAfter(...answers: readonly Answer[]): QuotaWindow {
  const window = new QuotaWindow();
  for (const { sent, received, r, t } of answers)
    window.observe({ name: 'default', remaining: r, resetSeconds: t }, sent, received);
  return window;
}

/** The reset is between 3000 and 4200. */
const FIRST: Answer = { sent: 1000, received: 1200, r: 5, t: 3 };

test('does not delay anything before the first response', () => {
  expect(windowAfter().spare).toBe(Infinity);
  expect(windowAfter().opensAt).toBe(-Infinity);
});

describe('when it resets', () => {
  test('seconds are rounded up: the latest time that one response allows, plus a margin', () => {
    expect(windowAfter(FIRST).opensAt).toBe(4220);
  });

  test('the responses of one window narrow it down, in any order', () => {
    const second = { sent: 1500, received: 1600, r: 4, t: 2 };
    expect(windowAfter(FIRST, second).opensAt).toBe(3620);
    expect(windowAfter(second, FIRST).opensAt).toBe(3620);
  });

  test('a new window starts when the old one ends', () => {
    const window = windowAfter(FIRST, { sent: 4200, received: 4300, r: 50, t: 1 });
    expect({ opensAt: window.opensAt, spare: window.spare }).toEqual({ opensAt: 5320, spare: 50 });
  });

  test('a late response of an earlier window changes nothing', () => {
    const next = { sent: 4200, received: 4300, r: 50, t: 3 };
    for (const received of [2000, 3200]) {
      const late = { sent: 1900, received, r: 0, t: 3 };
      const window = windowAfter(next, late);
      expect({ opensAt: window.opensAt, spare: window.spare }).toEqual({ opensAt: 7320, spare: 50 });
    }
  });

  test('a response that narrows only one side keeps the other', () => {
    // After the second, it is between 3500 and 4200; a response with at most 3400 is from an earlier window.
    const second = { sent: 1500, received: 2000, r: 4, t: 3 };
    const early = { sent: 1300, received: 1400, r: 0, t: 2 };
    expect(windowAfter(FIRST, second, early).spare).toBe(4);
    expect(windowAfter(FIRST, second, { ...early, received: 1600 }).opensAt).toBe(3620);
  });
});

describe('how many more requests it accepts', () => {
  const a = { sent: 1000, received: 1100, r: 5, t: 3 };
  const b = { sent: 1050, received: 1150, r: 7, t: 3 };

  test('of responses that were in flight together, the lowest counts', () => {
    expect(windowAfter(a, b).spare).toBe(5);
    expect(windowAfter(b, a).spare).toBe(5);
  });

  test('responses before a request was sent are included in its response', () => {
    expect(windowAfter(a, b, { sent: 1120, received: 1200, r: 9, t: 3 }).spare).toBe(7);
    expect(windowAfter(a, b, { sent: 1150, received: 1200, r: 9, t: 3 }).spare).toBe(7);
    expect(windowAfter(a, b, { sent: 1151, received: 1200, r: 9, t: 3 }).spare).toBe(9);
  });

  test('a request without a response counts', () => {
    const window = windowAfter(a, b);
    window.countLost();
    expect(window.spare).toBe(4);
    // A response that certainly includes it.
    window.observe({ name: 'default', remaining: 9, resetSeconds: 3 }, 1200, 1250);
    expect(window.spare).toBe(9);
  });

  test.each([
    [1200, 24],
    [100, 2],
    [60, 1],
    [40, 0],
    [undefined, 0],
  ])('of a size of %s, %i are reserved for others', (size, left) => {
    const window = new QuotaWindow();
    window.observe({ name: 'default', remaining: 30, resetSeconds: 3, ...(size && { size }) }, 0, 0);
    expect(window.spare).toBe(30 - left);
  });
});
