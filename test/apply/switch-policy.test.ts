import { describe, expect, test } from '@jest/globals';
import { HookwrightError } from '../../src/core/errors.js';
import { bareId, type PolicyId } from '../../src/core/ids.js';
import type { Policy } from '../../src/core/live.js';
import type { WriteAnswer } from '../../src/core/ports.js';
import { switchPolicy } from '../../src/apply/switch-policies.js';
import type { Session } from '../../src/apply/session.js';
import { ACCOUNT, dashedId, id, policy } from '../support/core/builders.js';
import { FastClock } from '../support/faults/fast-clock.js';

type Raw = Record<string, unknown>;

const [OLD, NEW, OTHER] = [id(1), id(2), id(3)];
const POLICY = id(1001) as string as PolicyId;
const RAW: Raw = {
  id: POLICY,
  name: 'Edge',
  description: '',
  alert_type: 'x',
  enabled: true,
  filters: { zones: ['b', 'a'] },
  conditions: {},
  created: '2025-01-01T00:00:00Z',
  modified: '2025-01-01T00:00:00Z',
  mechanisms: { webhooks: [{ id: OLD, name: 'Ops' }, { id: OTHER }], email: [{ id: 'b@x' }, { id: 'a@x' }] },
};

/** One policy on a server that returns it in its own form. */
class Server {
  raw: Raw | undefined;
  readonly sent: Raw[] = [];

  constructor(
    raw: Raw,
    readonly readBack: (sent: Raw) => Raw | undefined,
    readonly answers: WriteAnswer<void>[] = [],
  ) {
    this.raw = raw;
  }

  session(): Session {
    const none = (): Promise<never> => Promise.reject(new Error('not asked for'));
    const never = new AbortController().signal;
    const rest = { emit: () => undefined, credentialsOf: () => ({ url: '' }), stop: never, kill: never };
    return {
      ...rest,
      account: ACCOUNT,
      clock: new FastClock(),
      limit: (task) => task(),
      settleMs: 1000,
      retryDelayMs: 1,
      retries: 0,
      baseline: new Map(),
      reader: {
        listWebhooks: none,
        getWebhook: none,
        listPolicies: none,
        getPolicy: () => Promise.resolve(this.raw && asPolicy(this.raw)),
      },
      writer: {
        createWebhook: none,
        updateWebhook: none,
        deleteWebhook: none,
        updatePolicy: (_account, _id, body) => {
          this.sent.push(body);
          this.raw = this.readBack({ ...this.raw, ...body });
          return Promise.resolve(this.answers.shift() ?? { status: 'done', value: undefined });
        },
      },
    };
  }
}

function asPolicy(raw: Raw): Policy {
  const { webhooks = [] } = raw['mechanisms'] as { webhooks?: { id: string }[] };
  return { ...policy(1, []), raw, webhookIds: webhooks.map((each) => each.id as typeof OLD) };
}

const move = (server: Server) =>
  switchPolicy(server.session(), POLICY, {
    swaps: new Map([[bareId(OLD), NEW]]),
    remove: new Set(),
    add: [],
  });
const moved = (raw: Raw): Raw => ({ ...raw, modified: 'now' });
const without = (raw: Raw, ...keys: string[]): Raw =>
  Object.fromEntries(Object.entries(raw).filter(([key]) => !keys.includes(key)));
const mechanisms = (raw: Raw): Raw => raw['mechanisms'] as Raw;

describe('accepts a policy that reads back as it was sent', () => {
  const same: Record<string, (raw: Raw) => Raw> = {
    'the same': moved,
    'lists in another order': (raw) => ({
      ...raw,
      filters: { zones: ['a', 'b'] },
      mechanisms: { email: [{ id: 'a@x' }, { id: 'b@x' }], webhooks: [{ id: OTHER }, { id: NEW }] },
    }),
    'ids with dashes, in upper case': (raw) => ({
      ...raw,
      mechanisms: { ...mechanisms(raw), webhooks: [{ id: dashedId(2) }, { id: dashedId(3) }] },
    }),
    'the name of the new one beside its id': (raw) => ({
      ...raw,
      mechanisms: {
        ...mechanisms(raw),
        webhooks: [{ id: NEW, name: 'Ops [hookwright: replaces 00000001]' }, { id: OTHER }],
      },
    }),
    'empty mechanisms added': (raw) => ({ ...raw, mechanisms: { ...mechanisms(raw), pagerduty: [] } }),
    'empty mechanisms as null': (raw) => ({ ...raw, mechanisms: { ...mechanisms(raw), pagerduty: null } }),
    'empty fields left out': (raw) => without(raw, 'conditions', 'description'),
    'empty fields as null': (raw) => ({ ...raw, conditions: null }),
  };
  test.each(Object.keys(same))('%s', async (how) => {
    const server = new Server(RAW, same[how] ?? moved);
    expect(await move(server)).toMatchObject({ ok: true, value: { wrote: true } });
    expect(server.sent).toHaveLength(1);
  });

  test('sends everything back except what the server sets', async () => {
    const server = new Server(RAW, moved);
    await move(server);
    const rest = without(RAW, 'id', 'created', 'modified');
    const webhooks = [{ id: NEW, name: 'Ops' }, { id: OTHER }];
    expect(server.sent).toEqual([{ ...rest, mechanisms: { ...mechanisms(RAW), webhooks } }]);
  });

  test('a policy that uses both the old and the new webhook uses the new one once', async () => {
    const both = { ...RAW, mechanisms: { webhooks: [{ id: NEW }, { id: OLD }] } };
    const server = new Server(both, moved);
    expect((await move(server)).ok).toBe(true);
    expect(mechanisms(server.sent[0] ?? {})['webhooks']).toEqual([{ id: NEW }]);
  });
});

describe('refuses a policy that reads back differently', () => {
  test.each([
    [
      'a lost email address',
      (raw: Raw) => ({ ...raw, mechanisms: { webhooks: [{ id: NEW }, { id: OTHER }] } }),
    ],
    [
      'a lost webhook',
      (raw: Raw) => ({ ...raw, mechanisms: { ...mechanisms(raw), webhooks: [{ id: NEW }] } }),
    ],
    ['a disabled policy', (raw: Raw) => ({ ...raw, enabled: false })],
    ['a missing filter', (raw: Raw) => ({ ...raw, filters: { zones: ['a'] } })],
  ])('%s is a failure', async (_what, readBack) => {
    const step = await move(new Server(RAW, readBack));
    expect(step).toMatchObject({ ok: false, wrote: true, error: { code: 'policy-changed' } });
  });

  test('success that switched nothing is a failure', async () => {
    const step = await move(new Server(RAW, () => RAW));
    expect(step).toMatchObject({ ok: false, status: 'failed', error: { code: 'not-moved' } });
  });
});

describe('an unclear response', () => {
  const unknown: WriteAnswer<void> = { status: 'unknown', error: new HookwrightError('network', 'cut') };

  test('and it was switched: done', async () => {
    const server = new Server(RAW, moved, [unknown]);
    expect(await move(server)).toMatchObject({ ok: true, value: { wrote: true } });
    expect(server.sent).toHaveLength(1);
  });

  test('and it was not switched: sent once more', async () => {
    let tries = 0;
    const server = new Server(RAW, (raw) => ((tries += 1) === 1 ? RAW : raw), [unknown]);
    expect((await move(server)).ok).toBe(true);
    expect(server.sent).toHaveLength(2);
  });

  test('twice, and it was not switched: failed', async () => {
    const step = await move(new Server(RAW, () => RAW, [unknown, unknown]));
    expect(step).toMatchObject({ ok: false, status: 'failed', wrote: true });
  });

  test('a policy that was deleted meanwhile does not have to be switched', async () => {
    const refused: WriteAnswer<void> = { status: 'refused', error: new HookwrightError('not-found', 'gone') };
    const server = new Server(RAW, () => undefined, [refused]);
    expect(await move(server)).toEqual({ ok: true, value: { wrote: false } });
  });
});
