import pLimit from 'p-limit';
import { describe, expect, test } from '@jest/globals';
import { applyAccount } from '../../src/apply/apply.js';
import type { DesiredAccount } from '../../src/core/desired.js';
import { namesById } from '../../src/core/ids.js';
import { replacementName } from '../../src/core/leftovers.js';
import { ONLY_SAID, refused, scripted, type Scripted } from '../support/apply/scripted.js';
import { error, using, World } from '../support/apply/world.js';
import {
  account,
  desired,
  envSecret,
  id,
  leftover,
  live,
  numberOf,
  URL_2,
  URL_3,
} from '../support/core/builders.js';
import { planOf } from '../support/core/planning.js';

const OPS = desired('Ops', URL_2);
const NEW = desired('New', URL_3);
const RENAMED = desired('Renamed', URL_3, { previously: ['Before'] });
const MARKED = replacementName('Ops', id(1));

const found = () =>
  new World([live(1, 'Ops'), live(2, 'Before', URL_3), live(3, 'Gone')], [using(1, 1), using(2, 9)]);

/** Applies the file with one request at a time. */
async function applied(
  world: World,
  file: DesiredAccount,
  prepare: (scene: Scripted) => void = () => undefined,
) {
  const plan = planOf(file, world.webhooks, {}, world.policies);
  const limit = pLimit(1);
  const scene = scripted(
    { listWebhooks: () => world.listWebhooks() },
    {
      reader: world,
      writer: world,
      limit: (task) => limit(task),
      baseline: namesById(world.webhooks),
    },
  );
  prepare(scene);
  const { outcomes, discrepancies } = await applyAccount(scene.session, plan);
  return {
    outcomes: outcomes.map(
      ({ name, status, error: why }) => `${name}: ${status}${why ? ` ${why.code}` : ''}`,
    ),
    messages: outcomes.flatMap((outcome) => outcome.error?.message ?? []),
    discrepancies,
  };
}
const keep = (webhooks: DesiredAccount['webhooks'], absent: readonly string[] = []): DesiredAccount =>
  account(webhooks, { unlisted: 'keep', absent });

test('creates first, then switches, deletes last, and verifies with a list', async () => {
  const world = found();
  expect(await applied(world, keep([OPS, NEW, RENAMED], ['Gone']))).toMatchObject({
    outcomes: ['New: applied', 'Renamed: applied', 'Ops: applied', 'Gone: applied'],
    discrepancies: [],
  });
  expect(world.calls).toEqual([
    'POST New',
    'PUT #2 Renamed',
    `POST ${MARKED}`,
    'LIST',
    'LIST policies',
    'GET policy',
    'PUT policy',
    'GET policy',
    'LIST policies',
    'DELETE #1',
    'PUT #12 Ops',
    'LIST',
    'LIST policies',
    'DELETE #3',
    'LIST',
  ]);
  expect(world.names).toEqual(['#2 Renamed', '#11 New', '#12 Ops']);
});

describe('how often the account is listed', () => {
  test.each<readonly [string, DesiredAccount, readonly string[]]>([
    [
      'creates and updates: once, for duplicates and verification',
      keep([NEW, RENAMED]),
      ['POST New', 'PUT #2 Renamed', 'LIST'],
    ],
    ['updates alone: once', keep([RENAMED]), ['PUT #2 Renamed', 'LIST']],
    ['deletions alone: once, at the end', keep([], ['Gone']), ['LIST policies', 'DELETE #3', 'LIST']],
    [
      'creates before deletions: before the first deletion, and at the end',
      keep([NEW], ['Gone']),
      ['POST New', 'LIST', 'LIST policies', 'DELETE #3', 'LIST'],
    ],
    ['nothing to do: never', keep([]), []],
  ])('%s', async (_, file, calls) => {
    const world = found();
    await applied(world, file);
    expect(world.calls).toEqual(calls);
  });
});

test('deletes nothing if another action failed', async () => {
  const world = found();
  world.on = (call) => (call.startsWith('POST') ? refused('api-refused') : undefined);
  expect(await applied(world, keep([NEW, RENAMED], ['Gone']))).toMatchObject({
    outcomes: ['New: failed api-refused', 'Renamed: applied', 'Gone: skipped skipped'],
    discrepancies: [],
  });
  expect(world.names).toContain('#3 Gone');
});

test.each<readonly [string, DesiredAccount['webhooks'][number], string]>([
  ['an update', RENAMED, 'PUT #2 Renamed'],
  ['the last step of a replacement', OPS, 'PUT #12 Ops'],
])('deletes nothing after %s that Cloudflare only reported as successful', async (_, entry, put) => {
  const world = found();
  world.on = (call) => (call === put.replace('#12', '#11') ? ONLY_SAID : undefined);
  expect((await applied(world, keep([entry], ['Gone']))).outcomes).toEqual([
    `${entry.name}: failed not-moved`,
    'Gone: skipped skipped',
  ]);
  expect(world.names).toContain('#3 Gone');
});

test('deletes nothing if a change cannot be read back', async () => {
  const world = found();
  world.on = (call) => (call === 'LIST' ? error('network') : undefined);
  const { outcomes, discrepancies } = await applied(world, keep([RENAMED], ['Gone']));
  expect(outcomes).toEqual(['Renamed: applied', 'Gone: skipped skipped']);
  expect(discrepancies).toHaveLength(1);
  expect(world.names).toContain('#3 Gone');
});

test('deletes a duplicate of a created webhook before other deletions', async () => {
  const world = found();
  world.on = (call) => {
    if (call === 'POST New') world.webhooks = [...world.webhooks, live(9, 'New', URL_3)];
    return undefined;
  };
  expect((await applied(world, keep([NEW], ['Gone']))).outcomes).toEqual(['New: applied', 'Gone: applied']);
  expect(world.calls.filter((call) => call.startsWith('DELETE'))).toEqual(['DELETE #11', 'DELETE #3']);
  expect(world.names).toEqual(['#1 Ops', '#2 Before', '#9 New']);
});

test('without a list after the creates, replacements stop; creates without duplicates are verified at the end', async () => {
  const world = found();
  let lists = 0;
  world.on = (call) => (call === 'LIST' && (lists += 1) === 1 ? error('network') : undefined);
  const { outcomes } = await applied(world, keep([OPS, NEW]));
  expect(outcomes).toEqual(['New: applied', 'Ops: failed network']);
  expect(world.names).toEqual(['#1 Ops', '#2 Before', '#3 Gone', '#11 New', `#12 ${MARKED}`]);
});

describe('without a list at the last look', () => {
  const withRival = (failures: number) => {
    const world = found();
    let lists = 0;
    world.on = (call) => {
      if (call === 'POST New') world.webhooks = [...world.webhooks, live(9, 'New', URL_3)];
      return call === 'LIST' && (lists += 1) <= failures ? error('network') : undefined;
    };
    return world;
  };

  test('looks again, so that a duplicate of another apply does not stay', async () => {
    const world = withRival(1);
    expect(await applied(world, keep([NEW]))).toMatchObject({
      outcomes: ['New: applied'],
      discrepancies: [],
    });
    expect(world.names).toEqual(['#1 Ops', '#2 Before', '#3 Gone', '#9 New']);
  });

  test('reports that a duplicate would not be known, even if the result can be verified afterwards', async () => {
    expect(await applied(withRival(2), keep([NEW]))).toMatchObject({
      outcomes: ['New: applied'],
      discrepancies: [
        'The account could not be listed after the creates, so it is not known whether another apply created the same webhooks. To look for duplicates, run: hookwright status --account 023e105f4ecef8ad9ca31a8372d0c353',
      ],
    });
  });

  test('reports only once that the account cannot be listed', async () => {
    const { discrepancies } = await applied(withRival(Infinity), keep([NEW]));
    expect(discrepancies).toHaveLength(1);
    expect(discrepancies[0]).not.toContain('another apply');
  });
});

describe('a replacement that no policy could be switched to', () => {
  const refuse = (call: string) => (call === 'PUT policy' ? refused('api-refused') : undefined);

  test('is kept if the next apply can continue it', async () => {
    const world = found();
    world.on = refuse;
    expect((await applied(world, keep([OPS]))).outcomes).toEqual(['Ops: failed api-refused']);
    expect(world.names).toContain(`#11 ${MARKED}`);
  });

  const SECRET = desired('Ops', URL_2, { secret: envSecret() });

  test('is deleted again if it has a secret; that of an earlier run stays, as a sign for the next one', async () => {
    const world = found();
    world.webhooks = [...world.webhooks, live(7, MARKED, URL_2)];
    world.on = refuse;
    expect((await applied(world, keep([SECRET]))).outcomes).toEqual(['Ops: failed api-refused']);
    expect(world.names).toEqual(['#1 Ops', '#2 Before', '#3 Gone', `#7 ${MARKED}`]);
  });

  test('stays after a second signal, which ends all requests', async () => {
    const world = found();
    await applied(world, keep([SECRET]), ({ stop, kill }) => {
      world.on = (call) => {
        if (call !== 'PUT policy') return undefined;
        stop.abort();
        kill.abort();
        return refused('api-refused');
      };
    });
    expect(world.calls.filter((call) => call.startsWith('DELETE'))).toEqual([]);
    expect(world.names).toContain(`#11 ${MARKED}`);
  });

  test('stays if it is not known whether a policy uses it', async () => {
    const world = found();
    world.on = (call) => {
      if (call === 'PUT policy') return error('network');
      return call === 'GET policy' && world.calls.includes('PUT policy') ? error('network') : undefined;
    };
    expect((await applied(world, keep([SECRET]))).outcomes).toEqual(['Ops: unknown network']);
    expect(world.names).toContain(`#11 ${MARKED}`);
  });

  const again = leftover(2, 'Ops', 1, URL_3);
  const lost = [leftover(2, 'Ops', 8), leftover(3, 'Ops', 8)];
  test.each([
    ['in addition to another leftover', [live(1, 'Ops'), again], 1, ['#1', '#12']],
    ['and not without the old webhook, which no policy uses', [live(1, 'Ops'), again], 2, ['#1', '#2']],
    ['if the old webhook no longer exists and several leftovers are live', lost, 2, ['#2', '#12']],
  ])('leaves no additional webhooks %s, however often it runs', async (_, lives, used, left) => {
    const world = new World(lives, [using(1, used)]);
    world.on = refuse;
    for (let run = 0; run < 5; run += 1) await applied(world, keep([OPS]));
    expect(world.webhooks.map((webhook) => `#${numberOf(webhook.id)}`)).toEqual(left);
  });
});

test('a policy that silently loses its webhook fails the replacement, and nothing is deleted', async () => {
  const world = found();
  world.on = (call) => {
    if (call === 'DELETE #1') world.policies = world.policies.map((each) => ({ ...each, webhookIds: [] }));
    return undefined;
  };
  expect((await applied(world, keep([OPS], ['Gone']))).outcomes).toEqual([
    'Ops: failed policy-changed',
    'Gone: skipped skipped',
  ]);
  expect(world.names).toContain('#3 Gone');
});

test('policies that cannot be read back leave the result unverified, and nothing is deleted', async () => {
  const world = found();
  world.on = (call) =>
    call === 'LIST policies' && world.calls.includes('DELETE #1') ? error('network') : undefined;
  const { outcomes, discrepancies } = await applied(world, keep([OPS], ['Gone']));
  expect(outcomes).toEqual(['Ops: applied', 'Gone: skipped skipped']);
  expect(discrepancies).toEqual(['The policies could not be read back, so the result is not verified: no']);
});

describe('a replacement that fails after its policies were switched', () => {
  const DELETE = 'DELETE #1';
  const refuse = (call: string) => (call === DELETE ? refused('api-refused') : undefined);

  test('does not need its policies to be verified', async () => {
    const world = found();
    world.on = refuse;
    expect((await applied(world, keep([OPS]))).outcomes).toEqual(['Ops: failed api-refused']);
    expect(world.calls.slice(world.calls.indexOf(DELETE))).not.toContain('LIST policies');
  });

  test('keeps its error if a policy that it shares with a route changes', async () => {
    const world = found();
    world.on = (call) => {
      if (call === DELETE) world.policies = world.policies.map((each) => ({ ...each, webhookIds: [] }));
      return refuse(call);
    };
    const file = { ...keep([OPS, NEW]), routes: [{ name: 'Policy 1', webhooks: ['Ops', 'New'] }] };
    expect((await applied(world, file)).outcomes).toEqual([
      'New: applied',
      'Ops: failed api-refused',
      'Policy 1: failed policy-changed',
    ]);
  });
});

test.each([
  ['as the plan listed them', keep([OPS])],
  ['as listed after the creates', keep([NEW, OPS])],
])('a refused policy names its webhooks that are not live, %s', async (_, file) => {
  const world = new World([live(1, 'Ops'), live(2, 'Other', URL_2)], [using(1, 1, 2, 9)]);
  world.on = (call) => (call === 'PUT policy' ? refused('api-refused') : undefined);
  expect((await applied(world, file)).messages).toEqual([
    expect.stringContaining(`a webhook that does not exist: ${id(9)}.`),
  ]);
});

describe('routes', () => {
  const to = (...webhooks: readonly string[]) => [{ name: 'Policy 1', webhooks }];
  const using1 = (world: World): number[] => (world.policies[0]?.webhookIds ?? []).map(numberOf);

  test('send to what was created and to the new webhook of a replacement, in one PUT', async () => {
    const world = found();
    const file = { ...keep([OPS, NEW]), routes: to('Ops', 'New') };
    expect((await applied(world, file)).outcomes).toEqual([
      'New: applied',
      'Ops: applied',
      'Policy 1: applied',
    ]);
    expect(using1(world).sort()).toEqual([11, 12]);
    expect(world.calls.filter((call) => call === 'PUT policy')).toHaveLength(1);
  });

  test('are skipped if their webhook was not created', async () => {
    const world = found();
    world.on = (call) => (call === 'POST New' ? refused('api-refused') : undefined);
    const file = { ...keep([desired('Ops'), NEW], ['Gone']), routes: to('Ops', 'New') };
    expect((await applied(world, file)).outcomes).toEqual([
      'New: failed api-refused',
      'Gone: skipped skipped',
      'Policy 1: skipped skipped',
    ]);
    expect(using1(world)).toEqual([1]);
  });

  test('drop IDs of webhooks that are not live', async () => {
    const world = new World([live(1, 'Ops'), live(2, 'New', URL_3)], [using(1, 1, 9)]);
    const file = { ...keep([desired('Ops'), NEW]), routes: to('Ops', 'New') };
    expect((await applied(world, file)).outcomes).toEqual(['Policy 1: applied']);
    expect(using1(world)).toEqual([1, 2]);
  });

  test('that someone changes again are reported, and nothing is deleted', async () => {
    const world = found();
    const file = { ...keep([desired('Ops'), NEW], ['Gone']), routes: to('Ops', 'New') };
    world.on = (call) => {
      if (call === 'LIST policies') world.policies = [using(1, 1)];
      return undefined;
    };
    expect((await applied(world, file)).outcomes).toEqual([
      'New: applied',
      'Gone: skipped skipped',
      'Policy 1: failed policy-changed',
    ]);
    expect(world.names).toContain('#3 Gone');
  });
});

test('an identical webhook of another apply that stays is a failure, found at the last look', async () => {
  for (const file of [keep([NEW]), keep([NEW], ['Gone'])]) {
    const world = found();
    world.on = (call) => {
      if (call === 'POST New') world.webhooks = [...world.webhooks, live(19, 'New', URL_3)];
      return undefined;
    };
    const { outcomes } = await applied(world, file);
    expect(outcomes[0]).toBe('New: failed concurrent-apply');
    expect(world.names).toEqual(expect.arrayContaining(['#11 New', '#19 New']));
    // It does not keep the deletions of the plan from being made, because it can be deleted until the last look.
    expect(world.names.includes('#3 Gone')).toBe(file.absent.length === 0);
  }
});

describe('a signal', () => {
  test('before the apply: sends nothing', async () => {
    const world = found();
    const { outcomes } = await applied(world, keep([OPS, NEW, RENAMED], ['Gone']), ({ stop }) =>
      stop.abort(),
    );
    expect(outcomes).toEqual(['New', 'Renamed', 'Ops', 'Gone'].map((name) => `${name}: skipped interrupted`));
    expect(world.calls).toEqual([]);
  });

  test('during the apply: finishes what was started, and starts nothing new', async () => {
    const world = found();
    const { outcomes } = await applied(world, keep([OPS, RENAMED], ['Gone']), ({ stop }) => {
      world.on = (call) => {
        if (call === `POST ${MARKED}`) stop.abort();
        return undefined;
      };
    });
    expect(outcomes).toEqual(['Renamed: applied', 'Ops: applied', 'Gone: skipped interrupted']);
    expect(world.names).toEqual(['#2 Renamed', '#3 Gone', '#11 Ops']);
  });
});
