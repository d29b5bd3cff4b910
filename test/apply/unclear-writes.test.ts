import { describe, expect, test } from '@jest/globals';
import type { Quirks } from '../../src/emulator/quirks.js';
import type { FaultName } from '../support/faults/faults.js';
import { account, ACCOUNT, desired, envSecret } from '../support/core/builders.js';
import { run, type Wanted } from '../support/faults/run.js';
import { onScene, stateOf, type SceneOptions } from '../support/faults/scene.js';

const URL_1 = 'https://ops.example/';

type Write = {
  readonly method: 'POST' | 'PUT' | 'DELETE';
  readonly wanted: Wanted;
  readonly live: SceneOptions;
};

const WRITES: readonly Write[] = [
  { method: 'POST', wanted: { desired: account([desired('Ops', URL_1)]) }, live: {} },
  {
    method: 'PUT',
    wanted: { desired: account([desired('Ops', URL_1, { previously: ['Before'] })]) },
    live: { webhooks: [{ name: 'Before', url: URL_1 }] },
  },
  {
    method: 'DELETE',
    wanted: { desired: account([], { absent: ['Ops'] }) },
    live: { webhooks: [{ name: 'Ops', url: URL_1 }] },
  },
];

/** Returns how an action ends if its first `times` writes have this fault. */
async function meeting(
  { method, wanted, live }: Write,
  fault: FaultName,
  times: number,
  more: { readonly quirks?: Partial<Quirks>; readonly readsFail?: boolean } = {},
): Promise<string> {
  return onScene({ ...live, quirks: more.quirks ?? {} }, async ({ emulator, how }) => {
    let met = 0;
    emulator.fault = (request) => {
      if (request.method !== method) return met > 0 && more.readsFail ? '403' : undefined;
      met += 1;
      return met <= times ? fault : undefined;
    };
    const { exit, result } = await run(emulator, wanted, { ...how, retries: 1 });
    const [outcome] = result.outcomes;
    return `${outcome?.status}, ${met} sent, wrote ${outcome?.wrote}, exit ${exit}`;
  });
}

describe.each(WRITES)('a $method without a clear response', (write) => {
  test.each(['reset-after', '500-after', 'cut-after', 'empty', '408-after'] as const)(
    'that happened (%s) is not sent again',
    async (fault) => {
      expect(await meeting(write, fault, 1)).toBe('applied, 1 sent, wrote true, exit 0');
    },
  );

  test.each(['reset-before', '502-html-before', 'redirect-307', 'garbage-before'] as const)(
    'that did not happen (%s) is sent once more',
    async (fault) => {
      expect(await meeting(write, fault, 1)).toBe('applied, 2 sent, wrote true, exit 0');
    },
  );

  test('fails if it did not happen twice', async () => {
    expect(await meeting(write, '500-before', 9)).toBe('failed, 2 sent, wrote true, exit 4');
  });

  test('is unknown if no read shows the result', async () => {
    const outcome = await meeting(write, 'reset-after', 9, { readsFail: true });
    expect(outcome).toBe('unknown, 1 sent, wrote true, exit 4');
  });

  test('waits for reads that lag', async () => {
    const quirks = { 'list-lag': 4000, 'get-lag': 4000, 'put-lag': 4000 };
    expect(await meeting(write, 'reset-after', 1, { quirks })).toBe('applied, 1 sent, wrote true, exit 0');
  });

  test('that was refused is not sent again, and has written nothing', async () => {
    expect(await meeting(write, 'success-false-200', 1)).toBe('failed, 1 sent, wrote false, exit 1');
  });

  test('that was denied once is sent again; if denied again, it has written nothing', async () => {
    expect(await meeting(write, '403', 1)).toBe('applied, 2 sent, wrote true, exit 0');
    expect(await meeting(write, '403', 9)).toBe('failed, 2 sent, wrote false, exit 7');
  });

  test('is unknown if the second signal ends the search', () =>
    onScene(
      { ...write.live, fault: ({ method }) => (method === write.method ? '500-before' : undefined) },
      async (s) => {
        const [stop, kill] = [new AbortController(), new AbortController()];
        const sleep = s.clock.sleep.bind(s.clock);
        s.clock.sleep = (milliseconds, signal) => {
          stop.abort();
          kill.abort();
          return sleep(milliseconds, signal);
        };
        const signals = { stop: stop.signal, kill: kill.signal };
        const { exit, result } = await run(s.emulator, write.wanted, { ...s.how, ...signals });
        expect({ exit, status: result.outcomes[0]?.status }).toEqual({ exit: 130, status: 'unknown' });
        expect(s.emulator.writes()).toHaveLength(1);
      },
    ));
});

describe('a PUT', () => {
  const rotation = (version: number): Wanted['desired'] =>
    account([desired('Ops', URL_1, { secret: envSecret(version, 'S') })], {
      strategy: { url: 'replace', secret: 'in-place' },
    });

  test('that only sets a secret is unknown without a response, because no read shows it', () =>
    onScene({ webhooks: [{ name: 'Ops', url: URL_1, secret: 'old' }] }, async ({ emulator, how }) => {
      emulator.fault = ({ method }) => (method === 'PUT' ? 'reset-after' : undefined);
      const wanted = { desired: rotation(2), previous: rotation(1), values: { S: 'new' } };
      const { exit, result } = await run(emulator, wanted, how);
      expect(result.outcomes).toMatchObject([{ status: 'unknown', wrote: true }]);
      expect({ exit, writes: emulator.writes().length }).toEqual({ exit: 4, writes: 1 });
    }));

  test('of a webhook that no longer exists fails, even without a response', () => {
    const write = WRITES[1];
    if (!write) throw new Error('no PUT');
    return onScene(write.live, async ({ emulator, how }) => {
      emulator.fault = ({ method }) => (method === 'PUT' ? '500-after' : undefined);
      const planned = (): void => {
        const [id] = emulator.account(ACCOUNT).webhooks.map((webhook) => webhook.id);
        if (id) stateOf(emulator).stores(ACCOUNT).webhooks.delete(id);
      };
      const { result } = await run(emulator, write.wanted, { ...how, planned });
      expect(result.outcomes).toMatchObject([{ status: 'failed', error: { code: 'not-found' } }]);
    });
  });
});
