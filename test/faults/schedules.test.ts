import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FAULTS, type Fault, type FaultName } from '../support/faults/faults.js';
import type { InjectionRule } from '../support/faults/faulty-emulator.js';
import { goThrough, requestsOfCleanApply, type Ordeal } from '../support/faults/ordeal.js';

const HANG_TIMEOUT_MS = 60;
const RUNS = Number(process.env['HOOKWRIGHT_SCHEDULES'] ?? 25);
const TIMEOUT_MS = 30_000 + RUNS * 2_000;

/** All faults except those that take real time. */
const NAMES = FAULTS.map(({ name }) => name).filter((name) => name !== 'huge-body' && name !== 'slow');

type Schedule = readonly (readonly [number, FaultName])[];

const schedules: fc.Arbitrary<Schedule> = fc.array(fc.tuple(fc.nat({ max: 60 }), fc.constantFrom(...NAMES)), {
  minLength: 1,
  maxLength: 12,
});

function byNumber(schedule: Schedule): InjectionRule {
  const faults = new Map<number, Fault>(schedule);
  return ({ n }) => faults.get(n);
}

/** The process dies at this request, which may have taken effect. It sends no later ones. */
function diesAt(request: number, after: boolean): InjectionRule {
  return ({ n }) => (n < request ? undefined : n === request && after ? 'reset-after' : 'reset-before');
}

async function mustSurvive(ordeal: Ordeal): Promise<void> {
  expect(await goThrough(ordeal)).toEqual([]);
}

describe('random schedules of several faults', () => {
  test(
    'one action at a time, or several',
    async () => {
      const property = fc.asyncProperty(schedules, fc.constantFrom(1, 3, 10), (schedule, parallelism) =>
        mustSurvive({ fault: byNumber(schedule), parallelism, timeoutMs: HANG_TIMEOUT_MS }),
      );
      await fc.assert(property, { numRuns: RUNS });
    },
    TIMEOUT_MS,
  );

  test(
    'with an API that lags',
    async () => {
      const lag = fc.constantFrom(0, 300, 2500);
      const lags = fc.record({ 'list-lag': lag, 'get-lag': lag, 'put-lag': lag, 'policy-lag': lag });
      const property = fc.asyncProperty(
        schedules,
        lags,
        fc.constantFrom(1, 4),
        (schedule, quirks, parallelism) =>
          mustSurvive({ fault: byNumber(schedule), quirks, parallelism, timeoutMs: HANG_TIMEOUT_MS }),
      );
      await fc.assert(property, { numRuns: RUNS });
    },
    TIMEOUT_MS,
  );
});

describe('an end at every request', () => {
  const everyRequest = async (ordeal: (n: number) => Ordeal): Promise<void> => {
    const requests = await requestsOfCleanApply(1);
    const broken: string[] = [];
    for (let n = 1; n <= requests; n += 1) {
      broken.push(...(await goThrough(ordeal(n))).map((what) => `request ${n}: ${what}`));
    }
    expect(broken).toEqual([]);
  };

  test.each([1, 4])(
    'died before it (%i at a time)',
    (parallelism) => everyRequest((n) => ({ fault: diesAt(n, false), parallelism })),
    TIMEOUT_MS,
  );
  test.each([1, 4])(
    'died after it (%i at a time)',
    (parallelism) => everyRequest((n) => ({ fault: diesAt(n, true), parallelism })),
    TIMEOUT_MS,
  );
  test.each([1, 4])(
    'first signal (%i at a time)',
    (parallelism) => everyRequest((n) => ({ stopAt: n, parallelism })),
    TIMEOUT_MS,
  );
  test.each([1, 4])(
    'both signals (%i at a time)',
    (parallelism) => everyRequest((n) => ({ killAt: n, parallelism })),
    TIMEOUT_MS,
  );
});
