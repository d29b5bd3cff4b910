import { describe, expect, test } from '@jest/globals';
import { account, desired, envSecret, envUrl } from '../support/core/builders.js';
import { SAMPLES } from '../support/destinations.js';
import { missing } from '../support/faults/laws.js';
import { run, type Wanted } from '../support/faults/run.js';
import { onScene } from '../support/faults/scene.js';

type Row = {
  readonly service: string;
  readonly url: string;
  readonly secret?: string;
  /** The URL is a credential, so it comes from a variable. */
  readonly whole?: boolean;
};

const ROWS: readonly Row[] = [
  ...SAMPLES.flatMap(({ service, whole, split, secret }): Row[] => {
    if (split === undefined) return [{ service, url: whole, ...(secret ? { secret } : { whole: true }) }];
    return [
      { service: `${service}, whole`, url: whole, whole: true },
      { service: `${service}, split`, url: split, ...(secret && { secret }) },
    ];
  }),
  { service: 'generic', url: 'https://relay.example/cf?x=1' },
];

function wantedFor({ url, secret, whole }: Row, previously: readonly string[] = []): Wanted {
  const entry = desired('Ops', whole ? envUrl(url, 1) : url, {
    previously,
    ...(secret !== undefined && { secret: envSecret(1, 'S') }),
  });
  return { desired: account([entry]), values: { S: secret ?? '' } };
}

describe.each(ROWS)('$service', (row) => {
  test('is live once applied; the second apply sends no write and no message', () =>
    onScene({}, async ({ emulator, how }) => {
      const wanted = wantedFor(row);
      expect((await run(emulator, wanted, how)).exit).toBe(0);
      expect(missing(emulator, wanted)).toEqual([]);
      const [writes, messages] = [emulator.writes().length, emulator.testMessages.length];
      const again = await run(emulator, wanted, how);
      expect({ exit: again.exit, actions: again.actions }).toEqual({ exit: 0, actions: [] });
      expect(emulator.writes()).toHaveLength(writes);
      expect(emulator.testMessages).toHaveLength(messages);
    }));

  // It is not documented what Cloudflare removes from Google Chat URLs, so the whole URL is sent again.
  const kept = row.service === 'Google Chat, whole' ? (['kept'] as const) : (['kept', 'cleared'] as const);
  test.each(kept)('a rename, with a PUT that leaves secrets %s', (putSecret) => {
    const { url, secret } = row;
    const webhooks = [{ name: 'Before', url, ...(secret !== undefined && { secret }) }];
    return onScene({ quirks: { 'put-secret': putSecret }, webhooks }, async ({ emulator, how, only }) => {
      const wanted = wantedFor(row, ['Before']);
      const [before] = emulator.account(wanted.desired.accountId).webhooks;
      const { exit, result } = await run(emulator, wanted, how);
      expect({ exit, kinds: result.outcomes.map(({ kind }) => kind) }).toEqual({
        exit: 0,
        kinds: ['update'],
      });
      expect(only('Ops')).toEqual({ ...before, name: 'Ops' });
      expect(emulator.testMessages).toHaveLength(1);
    });
  });
});
