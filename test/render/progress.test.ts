import { expect, test } from '@jest/globals';
import type { ApplyEvent, Outcome } from '../../src/core/outcome.js';
import { columns } from '../../src/text/layout.js';
import { advance, NO_PROGRESS, progressLine } from '../../src/render/progress-line.js';
import { ansiStyle, plainStyle } from '../../src/text/style.js';
import { ACCOUNT, HOSTILE, UNSEEN } from './fixtures.js';

const started = (name: string): ApplyEvent => ({
  type: 'action-started',
  accountId: ACCOUNT,
  kind: 'create',
  resource: 'webhook',
  name,
});
const ended = (name: string, status: Outcome['status'] = 'applied'): ApplyEvent => ({
  type: 'action-ended',
  outcome: { accountId: ACCOUNT, kind: 'create', resource: 'webhook', name, status, wrote: true },
});
const after = (...events: readonly ApplyEvent[]): ReturnType<typeof advance> =>
  events.reduce(advance, NO_PROGRESS);
const line = (...events: readonly ApplyEvent[]): string =>
  progressLine(after(...events), { style: plainStyle, width: 80, waited: 0 });

test('done, in progress, failed, waiting, stopping', () => {
  const begun: readonly ApplyEvent[] = [{ type: 'apply-started', total: 3 }, started('A'), started('B')];
  expect(line(...begun)).toBe('0/3 done · 2 in progress: A, B');
  expect(line(...begun, ended('A'))).toBe('1/3 done · 1 in progress: B');
  expect(line(...begun, ended('A', 'failed'), ended('B', 'unknown'))).toBe('0/3 done · 2 failed');
  const waiting: ApplyEvent = { type: 'waiting', reason: 'rate-limit', milliseconds: 12_000 };
  expect(line(...begun, waiting)).toBe(
    "0/3 done · Waiting 12 s for Cloudflare's rate limit… · 2 in progress: A, B",
  );
  expect(progressLine(after(...begun, waiting), { style: plainStyle, width: 80, waited: 7_500 })).toContain(
    'Waiting 5 s',
  );
  expect(line(...begun, waiting, { type: 'waiting-ended' })).toBe('0/3 done · 2 in progress: A, B');
  expect(line(...begun, { type: 'interrupted', signal: 'SIGINT' })).toBe(
    '0/3 done · stopping · 2 in progress: A, B',
  );
});

test('a skipped action is not done', () => {
  const begun: readonly ApplyEvent[] = [{ type: 'apply-started', total: 3 }, started('A')];
  const skipped = [ended('B', 'skipped'), ended('C', 'skipped')];
  expect(line(...begun, ...skipped)).toBe('0/3 done · 1 in progress: A');
  expect(line(...begun, ...skipped, ended('A'))).toBe('1/3 done');
});

test('an action that turns out to have failed is counted once', () => {
  const failed: ApplyEvent = { ...ended('A', 'failed'), revised: true } as ApplyEvent;
  expect(line({ type: 'apply-started', total: 1 }, started('A'), ended('A'), failed)).toBe(
    '0/1 done · 1 failed',
  );
});

test('a policy and a webhook with one name are two actions', () => {
  const both = (['webhook', 'policy'] as const).map((resource): ApplyEvent => ({
    type: 'action-started',
    accountId: ACCOUNT,
    kind: 'update',
    resource,
    name: 'A',
  }));
  expect(line(...both)).toBe('0/0 done · 2 in progress: A, policy A');
  const done: Outcome = {
    accountId: ACCOUNT,
    kind: 'update',
    resource: 'policy',
    name: 'A',
    status: 'applied',
    wrote: true,
  };
  expect(line(...both, { type: 'action-ended', outcome: done })).toBe('1/0 done · 1 in progress: A');
});

test('other events change nothing', () => {
  const step: ApplyEvent = {
    type: 'action-step',
    accountId: ACCOUNT,
    kind: 'create',
    resource: 'webhook',
    name: 'A',
    step: 's',
  };
  expect(advance(NO_PROGRESS, step)).toBe(NO_PROGRESS);
});

test.each([...HOSTILE, 'x'.repeat(200), '名'.repeat(100)])(
  'name %# stays on one line, within the width',
  (name) => {
    const shown = line({ type: 'apply-started', total: 1 }, started(name));
    // A terminal shows ^C after it, which must not wrap: only one line is erased.
    expect(columns(`${shown}^C`)).toBeLessThan(80);
    expect(shown).not.toMatch(UNSEEN);
  },
);

test('a failure colors the line', () => {
  expect(progressLine(after(ended('A', 'failed')), { style: ansiStyle, width: 80, waited: 0 })).toBe(
    '\u001b[31m0/0 done · 1 failed\u001b[39m',
  );
});
