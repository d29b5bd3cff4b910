import { describe, expect, test } from '@jest/globals';
import { replacementName, shortReplacementName } from '../../src/core/leftovers.js';
import type { DesiredAccount } from '../../src/core/desired.js';
import { account, ACCOUNT, desired, envSecret, id } from '../support/core/builders.js';
import { lies, missing } from '../support/faults/laws.js';
import { run, type Wanted } from '../support/faults/run.js';
import type { InjectionRule } from '../support/faults/faulty-emulator.js';
import { onScene, type SceneOptions } from '../support/faults/scene.js';

const url = (version: number, name = 'ops'): string => `https://${name}.example/v${version}`;

function wants(...webhooks: DesiredAccount['webhooks']): Wanted {
  return { desired: account(webhooks) };
}

const one = (version: number): Wanted => wants(desired('Ops', url(version)));

const ONE: SceneOptions = {
  webhooks: [{ name: 'Ops', url: url(1) }],
  policies: [
    { name: 'A', uses: ['Ops'] },
    { name: 'B', uses: ['Ops'], email: ['a@example.com'] },
  ],
};

test('two replacements that share a policy change both of its IDs in one PUT', () => {
  const scene = {
    webhooks: [
      { name: 'Ops', url: url(1) },
      { name: 'Dev', url: url(1, 'dev') },
    ],
    policies: [{ name: 'Shared', uses: ['Ops', 'Dev'] }],
  };
  return onScene(scene, async ({ emulator, how, usedBy, invariants }) => {
    const wanted = wants(desired('Ops', url(2)), desired('Dev', url(2, 'dev')));
    expect((await run(emulator, wanted, how)).exit).toBe(0);
    expect(emulator.writes().filter(({ path }) => path.includes('/policies/'))).toHaveLength(1);
    expect(usedBy('Shared')).toEqual(['Dev', 'Ops']);
    expect(invariants.finish()).toEqual([]);
  });
});

test('uses the short replacement name if the API refuses long names', () =>
  onScene(
    {
      ...ONE,
      quirks: { 'name-limit': 16 },
      webhooks: [{ id: id(1), name: 'Operations', url: url(1) }],
      policies: [{ name: 'A', uses: ['Operations'] }],
      invariants: { destination: ({ url: at }) => at.replace(/\d$/, '') },
    },
    async ({ emulator, how, only, usedBy }) => {
      expect((await run(emulator, wants(desired('Operations', url(2))), how)).exit).toBe(0);
      const posted = emulator.requests.filter(({ method }) => method === 'POST').map(({ body }) => body);
      expect(posted).toMatchObject([
        { name: replacementName('Operations', id(1)) },
        { name: shortReplacementName('Operations', id(1)) },
      ]);
      expect(only('Operations').url).toBe(url(2));
      expect(usedBy('A')).toEqual(['Operations']);
    },
  ));

describe('interrupted after any of its requests, then applied again', () => {
  const broken = (n: number, after: boolean): InjectionRule => {
    return (request) =>
      request.n < n ? undefined : request.n === n && after ? 'reset-after' : 'reset-before';
  };
  const cases = [
    { then: 'the same file', version: 2 },
    { then: 'a file with a third URL', version: 3 },
    { then: 'the file with the first URL', version: 1 },
  ];
  test.each(cases)('with $then', async ({ version }) => {
    const requests = await onScene(ONE, async ({ emulator, how }) => {
      await run(emulator, one(2), how);
      return emulator.requests.length;
    });
    for (const after of [false, true]) {
      for (let n = 1; n <= requests; n += 1) {
        await onScene({ ...ONE, fault: broken(n, after) }, async (scene) => {
          const { emulator, how, usedBy, invariants } = scene;
          const first = await run(emulator, one(2), { ...how, retries: 1 });
          const where = `request ${n}, effect ${after}`;
          expect({ where, lies: lies(emulator, one(2), first, emulator.requests) }).toEqual({
            where,
            lies: [],
          });
          emulator.fault = undefined;
          const second = await run(emulator, one(version), how);
          expect({ where, exit: second.exit }).toEqual({ where, exit: 0 });
          expect({ where, missing: missing(emulator, one(version)) }).toEqual({ where, missing: [] });
          expect(emulator.account(ACCOUNT).webhooks).toHaveLength(1);
          expect([usedBy('A'), usedBy('B')]).toEqual([['Ops'], ['Ops']]);
          expect({ where, broken: invariants.finish() }).toEqual({ where, broken: [] });
        });
      }
    }
  });
});

test('a surviving webhook gets a secret that is rotated in place', () => {
  const desiredAt = (version: number) =>
    account([desired('Ops', url(1), { secret: envSecret(version, 'S') })], {
      strategy: { url: 'replace', secret: 'in-place' },
    });
  const webhooks = [
    { id: id(1), name: 'Ops', url: url(1), secret: 'old' },
    { name: replacementName('Ops', id(1)), url: url(9), secret: 'other' },
  ];
  return onScene({ webhooks, quirks: { 'put-secret': 'applied' } }, async ({ emulator, how, only }) => {
    const wanted = { desired: desiredAt(2), previous: desiredAt(1), values: { S: 'new' } };
    const { exit, result } = await run(emulator, wanted, how);
    expect({ exit, secret: only('Ops').secret }).toEqual({ exit: 0, secret: 'new' });
    expect(result.outcomes[0]?.note).toContain('cannot be verified');
  });
});

describe('whether anything was written', () => {
  test('a replacement that cannot be continued because the policies cannot be listed has written nothing', () => {
    const webhooks = [
      { id: id(1), name: 'Ops', url: url(1) },
      { name: replacementName('Ops', id(1)), url: url(2) },
    ];
    return onScene({ webhooks, fault: ({ n }) => (n > 2 ? '403' : undefined) }, async ({ emulator, how }) => {
      const { exit, result } = await run(emulator, one(2), how);
      expect(result.outcomes).toMatchObject([{ status: 'failed', wrote: false }]);
      expect(exit).toBe(7);
    });
  });
});

test('an old webhook that is added to policies again and again is not deleted', () =>
  onScene(ONE, async ({ emulator, how, only, usedBy }) => {
    const hook = emulator.onRequest;
    emulator.onRequest = (request, view) => {
      hook?.(request, view);
      const name = `Late ${request.n}`;
      if (request.method === 'PUT') emulator.seed(ACCOUNT, [], [{ name, uses: [only('Ops').id] }]);
    };
    const { exit, result } = await run(emulator, one(2), how);
    expect(result.outcomes).toMatchObject([{ status: 'failed', wrote: true, error: { code: 'in-use' } }]);
    expect(exit).toBe(4);
    expect(usedBy('A')).toEqual([expect.stringMatching(/^Ops \[hookwright: replaces [0-9a-f]{8}\]$/)]);
    emulator.onRequest = hook;
    expect((await run(emulator, one(2), how)).exit).toBe(0);
    expect(only('Ops').url).toBe(url(2));
  }));

test('a list of policies that lags is not mistaken for a policy that was changed back', () => {
  const scene: SceneOptions = { ...ONE, quirks: { 'policy-lag': 3000 } };
  return onScene(scene, async ({ emulator, how, usedBy }) => {
    expect((await run(emulator, one(2), how)).exit).toBe(0);
    expect(usedBy('A')).toEqual(['Ops']);
    expect(emulator.writes().filter(({ path }) => path.includes('/policies/'))).toHaveLength(2);
  });
});
