import { describe, expect, test } from '@jest/globals';
import {
  resolveDuplicates,
  type CreatedWebhook,
  type DuplicateResolution,
} from '../../src/apply/duplicates.js';
import type { Live, Policy } from '../../src/core/live.js';
import { namesById } from '../../src/core/ids.js';
import { replacementName, shortReplacementName } from '../../src/core/leftovers.js';
import type { Create } from '../../src/core/plan.js';
import { Secret } from '../../src/core/secret.js';
import { CUT, DONE, inTurn, refused, scripted, type Script } from '../support/apply/scripted.js';
import { account, dashedId, desired, id, live, policy, URL_1, URL_2 } from '../support/core/builders.js';
import { planOf } from '../support/core/planning.js';

const [action] = planOf(account([desired('Ops')]), []).actions as readonly [Create];

const NOTHING: DuplicateResolution = { list: [], kept: new Map(), failures: new Map() };

function created(n: number, more: Partial<CreatedWebhook> = {}): CreatedWebhook {
  return {
    action,
    id: id(n),
    isOwn: true,
    name: 'Ops',
    url: URL_1,
    ...more,
  };
}

/** Returns which webhook is kept for the created #5, which are deleted, and the resulting list. */
async function settle(
  list: readonly Live[] | Error,
  script: Script = {},
  mine: readonly CreatedWebhook[] = [created(5)],
  isLast = false,
  baseline = namesById([live(1, 'Ops')]),
) {
  const deleteWebhook = inTurn(DONE);
  const listWebhooks = inTurn<readonly Live[]>(list);
  const scene = scripted(
    { listWebhooks, deleteWebhook, listPolicies: inTurn<readonly Policy[]>([]), ...script },
    { baseline },
  );
  const settled = await resolveDuplicates(scene.session, mine, { isFirst: true, isLast });
  const deleted = deleteWebhook.asked.map(([, each]) => each);
  const error = settled.ok ? undefined : settled.error;
  const { kept, failures, list: left } = settled.ok ? settled.value : NOTHING;
  return {
    kept: kept.get(id(5))?.id,
    failed: failures.get(id(5)),
    error,
    left: left.map((webhook) => webhook.id),
    deleted,
    listed: listWebhooks.asked.length,
    ...scene,
  };
}

test('keeps a webhook without duplicates', async () => {
  expect(await settle([live(1, 'Ops'), live(5, 'Ops')])).toMatchObject({
    kept: id(5),
    failed: undefined,
    left: [id(1), id(5)],
    deleted: [],
  });
});

test.each<readonly [string, readonly Live[], string, readonly string[]]>([
  ['its own, if it is the older one', [live(7, 'Ops'), live(5, 'Ops')], id(5), []],
  ['the other one, if it is older', [live(5, 'Ops'), live(4, 'Ops')], id(4), [id(5)]],
  ['the oldest of several', [live(7, 'Ops'), live(5, 'Ops'), live(4, 'Ops')], id(4), [id(5)]],
  [
    'one that a replacement of another apply created',
    [live(5, 'Ops'), live(4, replacementName('Ops', id(1)))],
    id(4),
    [id(5)],
  ],
])('of duplicates, keeps %s', async (_, list, kept, deleted) => {
  const result = await settle(list);
  expect(result).toMatchObject({ kept, deleted });
  expect(result.events).toEqual(
    deleted.map((duplicate) => expect.objectContaining({ type: 'twin-withdrawn', id: duplicate })),
  );
});

describe('the last look', () => {
  test('waits until another apply has deleted its own duplicate', async () => {
    const listWebhooks = inTurn<readonly Live[]>([live(5, 'Ops'), live(7, 'Ops')], [live(5, 'Ops')]);
    expect(await settle([], { listWebhooks }, [created(5)], true)).toMatchObject({
      kept: id(5),
      failed: undefined,
      deleted: [],
    });
    expect(listWebhooks.asked).toHaveLength(2);
  });

  test('reports a duplicate that remains: its apply may have ended before this one created the webhook', async () => {
    const list = [live(5, 'Ops'), live(7, 'Ops'), live(8, 'Ops')];
    const result = await settle(list, {}, [created(5)], true);
    expect(result).toMatchObject({
      deleted: [],
      failed: {
        status: 'failed',
        wrote: true,
        error: {
          code: 'concurrent-apply',
          message: `Another apply created "Ops" at the same time and has not deleted it again. If no other apply is running, list "id:${id(7)}", "id:${id(8)}" under "absent" and run apply again.`,
        },
      },
    });
    expect(result.listed).toBeGreaterThan(2);
  });

  test('waits for no duplicate if an older one is there, to which this apply gives way', async () => {
    const list = [live(7, 'Ops'), live(5, 'Ops'), live(4, 'Ops')];
    expect(await settle(list, {}, [created(5)], true)).toMatchObject({
      kept: id(4),
      deleted: [id(5)],
      listed: 1,
    });
  });

  test('does not wait for a duplicate that this apply deletes itself', async () => {
    expect(await settle([live(5, 'Ops'), live(4, 'Ops')], {}, [created(5)], true)).toMatchObject({
      kept: id(4),
      deleted: [id(5)],
      listed: 1,
    });
  });
});

test.each([
  ['another name', live(4, 'Ops 2')],
  ['one that existed when the plan was made', live(1, 'Ops')],
  ['one that existed, with dashes in its ID', live(1, 'Ops', URL_1, { id: dashedId(1) })],
])('%s is not a duplicate', async (_, other) => {
  expect(await settle([other, live(5, 'Ops')])).toMatchObject({ kept: id(5), deleted: [] });
});

test.each([
  ['a leftover that another apply renamed', replacementName('Earlier', id(8)), id(3)],
  ['a short leftover that another apply renamed', shortReplacementName('O', id(8)), id(3)],
  ['another webhook that someone renamed', 'Other', id(5)],
])('compares with %s since the plan', async (_, before, kept) => {
  const renamed = live(3, 'Ops');
  const baseline = namesById([live(1, 'Ops'), { ...renamed, name: before }]);
  const result = await settle([renamed, live(5, 'Ops')], {}, [created(5)], false, baseline);
  expect(result).toMatchObject({ kept, deleted: kept === id(5) ? [] : [id(5)] });
});

test('compares URLs as far as Cloudflare shows them', async () => {
  const url = 'https://hooks.slack.com/services/T/B';
  const mine = created(5, { url: new Secret(`${url}/token`) });
  const result = await settle([live(4, 'Ops', url), live(5, 'Ops', url)], {}, [mine]);
  expect(result).toMatchObject({ kept: id(4), deleted: [id(5)] });
});

test('reads a list that lags again until it contains what was created', async () => {
  const listWebhooks = inTurn<readonly Live[]>([], [], [live(5, 'Ops', URL_1, { id: dashedId(5) })]);
  const result = await settle([], { listWebhooks });
  expect(result).toMatchObject({ kept: dashedId(5), deleted: [] });
  expect(listWebhooks.asked).toHaveLength(3);
});

test('reads a list again that contains only one of two created webhooks', async () => {
  const both = [live(5, 'Ops'), live(6, 'Dev')];
  const listWebhooks = inTurn<readonly Live[]>(both.slice(0, 1), both);
  const dev = created(6, { name: 'Dev', action: { ...action, name: 'Dev' } });
  expect(await settle([], { listWebhooks }, [created(5), dev])).toMatchObject({ left: [id(5), id(6)] });
  expect(listWebhooks.asked).toHaveLength(2);
});

test('does not keep what never appears; resolves nothing without a list', async () => {
  expect(await settle([])).toMatchObject({ kept: undefined, failed: undefined, deleted: [] });
  expect((await settle(CUT)).error).toBe(CUT);
});

describe('a duplicate that a policy uses', () => {
  const using = (n: number): Policy =>
    policy(1, [n], { raw: { id: id(1001), name: 'Policy 1', mechanisms: { webhooks: [{ id: id(n) }] } } });
  const list = [live(5, 'Ops'), live(4, 'Ops')];

  test('is deleted after the policy has been switched to the other one', async () => {
    const updatePolicy = inTurn(DONE);
    const result = await settle(list, {
      updatePolicy,
      listPolicies: inTurn<readonly Policy[]>([using(5)], []),
      getPolicy: inTurn<Policy | undefined>(using(5), using(4)),
    });
    expect(result).toMatchObject({ kept: id(4), deleted: [id(5)], failed: undefined });
    expect(updatePolicy.asked).toMatchObject(
      [[{}, using(5).id, { mechanisms: { webhooks: [{ id: id(4) }] } }]].map(([, ...rest]) => [
        expect.anything(),
        ...rest,
      ]),
    );
  });

  test('is deleted although the list of policies lags', async () => {
    const result = await settle(list, {
      updatePolicy: inTurn(DONE),
      listPolicies: inTurn<readonly Policy[]>([using(5)], [using(5)], [using(5)], []),
      getPolicy: inTurn<Policy | undefined>(using(5), using(4)),
    });
    expect(result).toMatchObject({ deleted: [id(5)], failed: undefined });
  });

  test('is not deleted while something keeps adding it to policies', async () => {
    const listPolicies = inTurn<readonly Policy[]>([using(5)]);
    const getPolicy = inTurn<Policy | undefined>(
      ...Array.from({ length: 3 }, () => [using(5), using(4)]).flat(),
    );
    const result = await settle(list, { updatePolicy: inTurn(DONE), listPolicies, getPolicy });
    expect(result).toMatchObject({
      kept: undefined,
      deleted: [],
      left: [id(5), id(4)],
      failed: {
        status: 'failed',
        wrote: true,
        error: {
          code: 'in-use',
          message:
            'Something keeps adding a duplicate of the new webhook to policies, so the duplicate was not deleted. Stop it, then run apply again.',
        },
      },
    });
    expect(getPolicy.asked).toHaveLength(6);
  });

  test('is not deleted if the policy cannot be switched or listed', async () => {
    const script = {
      updatePolicy: inTurn(refused('api-refused')),
      listPolicies: inTurn<readonly Policy[]>([using(5)]),
      getPolicy: inTurn<Policy | undefined>(using(5)),
    };
    expect(await settle(list, script)).toMatchObject({
      deleted: [],
      failed: { error: { code: 'api-refused' } },
    });
    const unread = { listPolicies: inTurn<readonly Policy[]>(CUT) };
    expect(await settle(list, unread)).toMatchObject({
      deleted: [],
      failed: { status: 'failed', wrote: true, error: { code: 'network' } },
    });
  });
});

test('a duplicate that cannot be deleted is a failure, and stays in the list', async () => {
  const result = await settle([live(5, 'Ops'), live(4, 'Ops')], {
    deleteWebhook: inTurn(refused('api-refused')),
  });
  expect(result).toMatchObject({ left: [id(5), id(4)], failed: { error: { code: 'api-refused' } } });
  expect(result.failed?.error.message).toBe(
    `The duplicate (ID ${id(5)}) could not be deleted: no Delete it in Cloudflare, or list "id:${id(5)}" under "absent".`,
  );
  expect(result.events).toEqual([]);
});

describe('a created webhook that cannot be kept', () => {
  test.each([
    ['a name', live(5, 'Op', URL_1), 'the name as "Op" instead of "Ops"'],
    ['a URL', live(5, 'Ops', `${URL_1}/`), `the URL as ${URL_1}/ instead of ${URL_1}`],
  ])('is deleted again if Cloudflare stores %s in another form', async (_, kept, text) => {
    const result = await settle([kept]);
    expect(result).toMatchObject({ kept: undefined, deleted: [id(5)], left: [] });
    expect(result.failed).toEqual({
      ok: false,
      status: 'failed',
      wrote: true,
      error: {
        code: 'kept-differently',
        message: `Cloudflare keeps ${text}. The new webhook was deleted again. Write it in the file as Cloudflare keeps it, then run apply again.`,
      },
    });
  });

  test.each([
    [
      'A  b',
      'A b [hookwright: replaces 00000001]',
      'the name as "A b" instead of "A  b". The new webhook was deleted again. Write it in the file as Cloudflare keeps it, then run apply again.',
    ],
    [
      'Cafe\u0301',
      'Caf\u00e9 [hookwright: replaces 00000001]',
      String.raw`the name as "Caf\u00e9" instead of "Cafe\u0301". The new webhook was deleted again. Write it in the file as Cloudflare keeps it, then run apply again.`,
    ],
    [
      'Ops',
      'Ops [hookwright: rep',
      'the name as "Ops [hookwright: rep" instead of "Ops [hookwright: replaces 00000001]". The new webhook was deleted again. A replacement needs this name until the old webhook is deleted. Shorten the name in the file, or change the webhook in place with "strategy".',
    ],
  ])('of a replacement of %j is kept as %j: says what to write', async (name, kept, text) => {
    const [replace] = planOf(account([desired(name, URL_2)]), [live(1, name)]).actions;
    if (replace?.kind !== 'replace') throw new Error('not a replacement');
    const mine = created(5, { action: replace, name: replacementName(name, id(1)), url: URL_2 });
    const result = await settle([live(1, name), live(5, kept, URL_2)], {}, [mine]);
    expect(result).toMatchObject({ kept: undefined, deleted: [id(5)] });
    expect(result.failed?.error.message).toBe(`Cloudflare keeps ${text}`);
  });

  test('shows no URL that is a reference', async () => {
    const url = { kind: 'env', env: 'RELAY_WEBHOOK_URL' } as const;
    const mine = created(5, { action: { ...action, after: { ...action.after, url } } });
    const result = await settle([live(5, 'Op', `${URL_1}/`)], {}, [mine]);
    expect(result.failed?.error.message).toMatch(
      /^Cloudflare keeps the name as "Op" instead of "Ops" and the URL in another form\. The new/,
    );
    expect(result.failed?.error.message).not.toContain(URL_1);
  });

  test('is deleted again if another run created the name with another URL', async () => {
    const result = await settle([live(5, 'Ops'), live(4, 'Ops', URL_2)]);
    expect(result).toMatchObject({ kept: undefined, deleted: [id(5)] });
    expect(result.failed?.error).toEqual({
      code: 'concurrent-apply',
      message:
        'Another apply created "Ops" with another URL at the same time. The new webhook was deleted again. Run plan to see which one is right.',
    });
  });

  test('stays if a policy already uses it, but the action has failed', async () => {
    const using = policy(1, [5]);
    const listPolicies = inTurn<readonly Policy[]>([using]);
    const result = await settle([live(5, 'Ops'), live(4, 'Ops', URL_2)], { listPolicies });
    expect(result).toMatchObject({ deleted: [], failed: { error: { code: 'concurrent-apply' } } });
    expect(result.failed?.error.message).toContain(
      `The new webhook (ID ${id(5)}) was not deleted, because a policy uses it. `,
    );
  });

  test('is named if it cannot be deleted', async () => {
    const result = await settle([live(5, 'Op')], { deleteWebhook: inTurn(refused('api-refused')) });
    expect(result).toMatchObject({ left: [id(5)], failed: { error: { code: 'kept-differently' } } });
    expect(result.failed?.error.message).toContain(
      `The new webhook (ID ${id(5)}) could not be deleted: no Delete it in Cloudflare, or list "id:${id(5)}" under "absent". Write`,
    );
  });
});

describe('with a secret', () => {
  const secret = { kind: 'env', env: 'S' } as const;
  const mine = created(5, { action: { ...action, after: { ...action.after, secret } } });

  test("another run's webhook does not replace this one", async () => {
    const result = await settle([live(5, 'Ops'), live(4, 'Ops')], {}, [mine]);
    expect(result).toMatchObject({ kept: undefined, deleted: [id(5)] });
    expect(result.failed).toEqual({
      ok: false,
      status: 'failed',
      wrote: true,
      error: {
        code: 'concurrent-apply',
        message:
          'Another apply created "Ops" at the same time. Its webhook may have another secret, so this one was not put in its place. ' +
          'If the secret may differ, run apply --replace "023e105f4ecef8ad9ca31a8372d0c353:Ops".',
      },
    });
  });

  test("another run's webhook does not replace this one if that run has deleted this one", async () => {
    const result = await settle([live(7, 'Ops')], {}, [mine]);
    expect(result).toMatchObject({ kept: undefined, failed: { error: { code: 'concurrent-apply' } } });
  });

  test('keeps its webhook after a lost response if there is only one', async () => {
    expect(await settle([live(5, 'Ops')], {}, [{ ...mine, isOwn: false }])).toMatchObject({
      kept: id(5),
      failed: undefined,
    });
  });

  test('keeps its own webhook if it is the first', async () => {
    expect(await settle([live(5, 'Ops'), live(7, 'Ops')], {}, [mine])).toMatchObject({
      kept: id(5),
      deleted: [],
    });
  });
});

describe('after a lost response', () => {
  const unsure = created(5, { isOwn: false });

  test('lists as long as reads may lag, and deletes all new webhooks except the first', async () => {
    const result = await settle([live(5, 'Ops'), live(7, 'Ops'), live(4, 'Ops')], {}, [unsure]);
    expect(result).toMatchObject({ kept: id(4), deleted: [id(5), id(7)] });
    expect(result.listed).toBeGreaterThan(1);
  });

  test('a single new webhook belongs to this run', async () => {
    expect(await settle([live(5, 'Ops')], {}, [unsure])).toMatchObject({ kept: id(5), deleted: [] });
  });
});
