import { describe, expect, test } from '@jest/globals';
import type { DesiredAccount } from '../../src/core/desired.js';
import type { Live } from '../../src/core/live.js';
import { replacementName } from '../../src/core/leftovers.js';
import type { Action } from '../../src/core/plan.js';
import { given, run } from '../support/apply/changing.js';
import { refused } from '../support/apply/scripted.js';
import { account, desired, envSecret, envUrl, id, live, URL_1, URL_2 } from '../support/core/builders.js';

const MARKED = replacementName('Ops', id(1));
const OPS = desired('Ops', URL_2);
const IN_PLACE: Partial<DesiredAccount> = { strategy: { url: 'in-place', secret: 'in-place' } };

describe('carries out each kind of action', () => {
  const previous = account([desired('Ops', envUrl(URL_1, 1), { secret: envSecret(1) })]);

  test('a create', async () => {
    const scene = await run(given(account([OPS]), []));
    expect(scene.world.calls).toEqual(['POST Ops']);
    expect(scene.progress.of(scene.actions[0] as Action)).toMatchObject({ status: 'applied', id: id(11) });
    expect(scene.events[0]).toMatchObject({ type: 'action-started', name: 'Ops' });
    expect(scene.changes.hasReplacements).toBe(false);
  });

  test.each<readonly [string, Parameters<typeof given>, string, string]>([
    [
      'for its name: the URL stays the same',
      [account([desired('Ops', 'https://RELAY.example.com/one', { previously: ['Old'] })]), [live(1, 'Old')]],
      `PUT #1 Ops to ${URL_1}`,
      'Ops applied',
    ],
    [
      'that changes the URL',
      [account([OPS], IN_PLACE), [live(1, 'Ops')]],
      `PUT #1 Ops to ${URL_2}`,
      'Ops applied',
    ],
    [
      'for a secret, which cannot be verified',
      [
        account([desired('Ops', URL_1, { secret: envSecret(2) })], IN_PLACE),
        [live(1, 'Ops')],
        account([desired('Ops', URL_1, { secret: envSecret(1) })]),
      ],
      `PUT #1 Ops with hunter2 to ${URL_1}`,
      'Ops applied noted',
    ],
    [
      'for its name, its URL and its secret at once',
      [
        account([desired('Ops', URL_2, { secret: envSecret(2), previously: ['Old'] })], IN_PLACE),
        [live(1, 'Old')],
        account([desired('Old', URL_1, { secret: envSecret(1) })]),
      ],
      `PUT #1 Ops with hunter2 to ${URL_2}`,
      'Ops applied noted',
    ],
    [
      'for a new credential in the URL',
      [
        account(
          [desired('Ops', envUrl('https://relay.example.com/one', 2), { secret: envSecret(1) })],
          IN_PLACE,
        ),
        [live(1, 'Ops')],
        previous,
      ],
      `PUT #1 Ops with hunter2 to ${URL_1}`,
      'Ops applied noted',
    ],
  ])('an update: %s', async (_, [file, found, before], call, ended) => {
    const scene = await run(given(file, found, before));
    const [webhook] = scene.world.webhooks;
    expect(`${scene.world.calls.join()} to ${webhook?.url}`).toBe(call);
    expect(scene.ended()).toEqual([ended]);
  });

  test('sends a new credential as a whole URL', async () => {
    const whole = (token: string) => `https://chat.googleapis.com/v1/spaces/A/messages?token=${token}`;
    const found = [live(1, 'Ops', 'https://chat.googleapis.com/v1/spaces/A/messages')];
    const file = account([desired('Ops', envUrl(whole('new'), 2), { secret: { kind: 'none' } })], IN_PLACE);
    const scene = await run(given(file, found, account([desired('Ops', envUrl(whole('old'), 1))])));
    expect(scene.world.webhooks[0]?.url).toBe(whole('new'));
  });

  test('a replacement starts by creating the new webhook', async () => {
    const scene = await run(given(account([OPS]), [live(1, 'Ops')]));
    expect(scene.world.calls).toEqual([`POST ${MARKED}`]);
    expect(scene.ended()).toEqual([]);
    expect(scene.changes.hasReplacements).toBe(true);
    expect(scene.progress.wrote(scene.actions[0] as Action)).toBe(true);
    expect(scene.events.at(-1)).toMatchObject({
      type: 'action-step',
      step: `created the new webhook as "${MARKED}"`,
    });
  });

  test('a replacement whose new webhook exists already only continues', async () => {
    const scene = await run(given(account([OPS]), [live(1, 'Ops'), live(5, MARKED, URL_2)]));
    expect(scene.world.calls).toEqual([]);
    expect(scene.changes.started(undefined)).toMatchObject([{ survivor: { id: id(5) } }]);
  });
});

test.each<readonly [string, DesiredAccount, readonly Live[]]>([
  ['create', account([OPS]), []],
  ['update', account([desired('Ops', URL_1, { previously: ['Old'] })]), [live(1, 'Old')]],
  ['replace', account([OPS]), [live(1, 'Ops')]],
])('a refused %s fails, and can be abandoned while it waits', async (_, file, found) => {
  const scene = given(file, found);
  const options: unknown[] = [];
  const refuse = (how: unknown) => {
    options.push(how);
    return Promise.resolve(refused('api-refused'));
  };
  scene.session.writer.createWebhook = (_account, _body, how) => refuse(how);
  scene.session.writer.updateWebhook = (_account, _id, _body, how) => refuse(how);
  await run(scene);
  expect(scene.ended()).toEqual(['Ops failed api-refused']);
  expect(options[0]).toEqual({ abandon: scene.session.stop });
  expect(scene.changes.hasReplacements).toBe(false);
});
