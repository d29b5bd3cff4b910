import { describe, expect, test } from '@jest/globals';
import { createOnce, putOnce, removeOnce } from '../../src/apply/writes.js';
import type { Session, Step } from '../../src/apply/session.js';
import { namesById } from '../../src/core/ids.js';
import type { WebhookId } from '../../src/core/ids.js';
import type { Reader, WriteAnswer, WriteOptions, Writer } from '../../src/core/ports.js';
import { Secret } from '../../src/core/secret.js';
import { dashedId, id, live, URL_1, URL_2 } from '../support/core/builders.js';
import { CUT, inTurn, refused, scripted, UNKNOWN } from '../support/apply/scripted.js';

const BODY = { name: 'Ops', url: URL_1 };

type Write = {
  readonly verb: string;
  readonly once: (session: Session, first?: WriteOptions) => Promise<Step<unknown>>;
  readonly write: keyof Writer;
  /** The step's value, if it is not the API's. */
  readonly given?: unknown;
  readonly value: unknown;
  /** The read that shows whether the write happened, with its result if it did and if it did not. */
  readonly read: keyof Reader;
  readonly did: unknown;
  readonly didNot: unknown;
};

const WRITES: readonly Write[] = [
  {
    verb: 'POST',
    once: (session, first) => createOnce(session, BODY, first),
    write: 'createWebhook',
    value: id(2),
    given: expect.objectContaining({ id: id(2) }),
    read: 'listWebhooks',
    did: [live(1, 'Other'), live(2, 'Ops')],
    didNot: [live(1, 'Other')],
  },
  {
    verb: 'PUT',
    once: (session, first) => putOnce(session, live(1, 'Before'), BODY, first),
    write: 'updateWebhook',
    value: undefined,
    read: 'getWebhook',
    did: live(1, 'Ops'),
    didNot: live(1, 'Before'),
  },
  {
    verb: 'DELETE',
    once: (session, first) => removeOnce(session, id(1), first),
    write: 'deleteWebhook',
    value: undefined,
    read: 'getWebhook',
    did: undefined,
    didNot: live(1, 'Ops'),
  },
];

describe.each(WRITES)('a $verb', ({ once, write, value, given = value, read, did, didNot }) => {
  const done = { status: 'done', value };
  const ok = { ok: true, value: given };

  /** Runs the step. Returns its result and the numbers of writes and reads. */
  async function play(
    answers: readonly unknown[],
    reads: readonly unknown[] = [],
    prepare: (scene: ReturnType<typeof scripted>) => void = () => undefined,
  ) {
    const [writes, looks] = [inTurn<never>(...(answers as never[])), inTurn<never>(...(reads as never[]))];
    const scene = scripted({ [write]: writes, [read]: looks });
    prepare(scene);
    const first = { abandon: new AbortController().signal };
    const step = await once(scene.session, first);
    const options = writes.asked.map((args) => args.at(-1));
    expect(options).toEqual(options.map((_, n) => (n === 0 ? first : {})));
    return { step, sent: writes.asked.length, looked: looks.asked.length };
  }

  test('that succeeds is done; nothing is read', async () => {
    expect(await play([done])).toEqual({ step: ok, sent: 1, looked: 0 });
  });

  test('that is refused has failed and written nothing', async () => {
    const { step, sent } = await play([refused('api-refused')]);
    expect(step).toEqual({
      ok: false,
      status: 'failed',
      error: { code: 'api-refused', message: 'no' },
      wrote: false,
    });
    expect(sent).toBe(1);
  });

  test('that a signal kept from being sent is skipped', async () => {
    const { step } = await play([refused('interrupted')]);
    expect(step).toMatchObject({ ok: false, status: 'skipped', wrote: false });
  });

  test('without a response, seen to have happened, is done', async () => {
    expect(await play([UNKNOWN], [did])).toEqual({ step: ok, sent: 1, looked: 1 });
  });

  test('without a response is looked for as long as reads may lag', async () => {
    expect(await play([UNKNOWN], [didNot, didNot, did])).toEqual({ step: ok, sent: 1, looked: 3 });
  });

  test('without a response, seen not to have happened, is sent once more', async () => {
    const { step, sent } = await play([UNKNOWN, done], [didNot]);
    expect({ step, sent }).toEqual({ step: ok, sent: 2 });
  });

  test('without a response twice, seen not to have happened, has failed; it may still arrive', async () => {
    const { step, sent } = await play([UNKNOWN], [didNot]);
    expect(step).toMatchObject({ ok: false, status: 'failed', error: { code: 'network' }, wrote: true });
    expect(sent).toBe(2);
  });

  test('that is refused after one without a response may have written', async () => {
    const { step, sent } = await play([UNKNOWN, refused('api-refused')], [didNot]);
    expect(step).toMatchObject({ ok: false, status: 'failed', wrote: true });
    expect(sent).toBe(2);
  });

  test('without a response and without a read is unknown', async () => {
    const { step, sent } = await play([UNKNOWN], [CUT]);
    expect(step).toMatchObject({ ok: false, status: 'unknown', error: { code: 'network' }, wrote: true });
    expect(sent).toBe(1);
  });

  test('in progress at the second signal is unknown at once', async () => {
    const { step, sent, looked } = await play([UNKNOWN], [didNot], ({ kill }) => kill.abort());
    expect(step).toMatchObject({ ok: false, status: 'unknown', error: { code: 'network' }, wrote: true });
    expect({ sent, looked }).toEqual({ sent: 1, looked: 0 });
  });

  test('that is looked for at the second signal is unknown, and not sent again', async () => {
    const { step, sent, looked } = await play([UNKNOWN], [didNot], ({ clock, kill }) => {
      const sleep = clock.sleep.bind(clock);
      clock.sleep = (milliseconds, signal) => {
        kill.abort();
        return sleep(milliseconds, signal);
      };
    });
    expect(step).toMatchObject({ ok: false, status: 'unknown', error: { code: 'network' }, wrote: true });
    expect({ sent, looked }).toEqual({ sent: 1, looked: 2 });
  });

  test('throws a bug', async () => {
    await expect(play([UNKNOWN], [new TypeError('a bug')])).rejects.toThrow('a bug');
  });
});

describe('finds the webhook that a POST without a response created', () => {
  const found = async (list: readonly ReturnType<typeof live>[], url: string | Secret = URL_1) => {
    const createWebhook = inTurn(UNKNOWN);
    const more = { baseline: namesById([live(1, 'Ops')]), settleMs: 0 };
    const { session } = scripted({ createWebhook, listWebhooks: inTurn(list) }, more);
    const step = await createOnce(session, { name: 'Ops', url });
    return step.ok ? step.value.id : step.status;
  };

  test.each([
    ['one with its name and URL', [live(2, 'Ops')], id(2)],
    ['not one with another name', [live(2, 'Ops 2')], 'failed'],
    ['not one with another URL', [live(2, 'Ops', URL_2)], 'failed'],
    ['not one that existed before', [live(1, 'Ops')], 'failed'],
    ['of several, the oldest', [live(3, 'Ops'), live(1, 'Ops'), live(2, 'Ops')], id(2)],
  ])('%s', async (_, list, expected) => {
    expect(await found(list)).toBe(expected);
  });

  test('whatever the form of an ID, and of a credential URL', async () => {
    expect(await found([live(1, 'Ops', URL_1, { id: dashedId(1) })])).toBe('failed');
    const url = new Secret('https://hooks.slack.com/services/T/B/token');
    expect(await found([live(2, 'Ops', 'https://hooks.slack.com/services/T/B')], url)).toBe(id(2));
  });
});

describe('a destination that refuses its test message', () => {
  const refusing = refused('destination-refused');

  test('is retried with pauses that double, and then reported', async () => {
    const createWebhook = inTurn(refusing);
    const { session, clock } = scripted({ createWebhook });
    const slept: number[] = [];
    const sleep = clock.sleep.bind(clock);
    clock.sleep = (milliseconds, signal) => {
      slept.push(milliseconds);
      expect(signal).toBe(session.stop);
      return sleep(milliseconds, signal);
    };
    const step = await createOnce(session, BODY);
    expect(step).toMatchObject({ ok: false, status: 'failed', wrote: false });
    expect({ slept, sent: createWebhook.asked.length }).toEqual({ slept: [400, 800], sent: 3 });
  });

  test('can accept it the second time', async () => {
    const createWebhook = inTurn<WriteAnswer<WebhookId>>(refusing, { status: 'done', value: id(2) });
    expect(await createOnce(scripted({ createWebhook }).session, BODY)).toMatchObject({
      ok: true,
      value: { id: id(2), isOwn: true },
    });
  });

  test('is not retried after a signal', async () => {
    const createWebhook = inTurn(refusing);
    const { session, clock, stop } = scripted({ createWebhook });
    stop.abort();
    const before = clock.now();
    expect(await createOnce(session, BODY)).toMatchObject({ ok: false, status: 'failed' });
    expect({ sent: createWebhook.asked.length, waited: clock.now() - before }).toEqual({
      sent: 1,
      waited: 0,
    });
  });
});

describe('a PUT', () => {
  test('that only sets a secret is unknown without a response, because no read can show it', async () => {
    const updateWebhook = inTurn(UNKNOWN);
    const step = await putOnce(scripted({ updateWebhook }).session, live(1, 'Ops'), BODY);
    expect(step).toMatchObject({ ok: false, status: 'unknown', wrote: true });
    expect(updateWebhook.asked).toHaveLength(1);
  });

  test('for a webhook that no longer exists has failed', async () => {
    const script = { updateWebhook: inTurn(UNKNOWN), getWebhook: inTurn<undefined>(undefined) };
    const step = await putOnce(scripted(script).session, live(1, 'Before'), BODY);
    expect(step).toEqual({
      ok: false,
      status: 'failed',
      error: { code: 'not-found', message: 'The webhook is gone.' },
      wrote: true,
    });
    expect(script.getWebhook.asked).toHaveLength(1);
  });
});
