import { describe, expect, test } from '@jest/globals';
import { Progress } from '../../src/apply/progress.js';
import { failure, refusal } from '../../src/apply/session.js';
import type { ApplyEvent } from '../../src/core/outcome.js';
import type { Action } from '../../src/core/plan.js';
import {
  account,
  ACCOUNT,
  desired,
  dashedId,
  id,
  live,
  URL_1,
  URL_2,
  URL_3,
} from '../support/core/builders.js';
import { planOf } from '../support/core/planning.js';

const [create, replace] = planOf(account([desired('New', URL_3), desired('Ops', URL_2)]), [
  live(1, 'Ops', URL_1),
]).actions as [Action, Action];
const NO = { code: 'api-refused', message: 'no' } as const;

function begun(): { readonly progress: Progress; readonly events: ApplyEvent[] } {
  const events: ApplyEvent[] = [];
  return { progress: new Progress(ACCOUNT, (event) => events.push(event)), events };
}

describe('an outcome', () => {
  test('of an applied action', () => {
    const { progress, events } = begun();
    progress.applied(create, { id: id(5), note: 'a note' });
    const outcome = {
      accountId: ACCOUNT,
      kind: 'create',
      resource: 'webhook',
      name: 'New',
      id: id(5),
      status: 'applied',
      wrote: true,
      note: 'a note',
    };
    expect(progress.of(create)).toEqual(outcome);
    expect(progress.outcomes([create, replace])).toEqual([outcome]);
    expect(events).toEqual([{ type: 'action-ended', outcome }]);
  });

  test('has the ID of the live webhook if none is given; a create has none', () => {
    const { progress } = begun();
    progress.applied(replace);
    expect(progress.of(replace)).toEqual({
      accountId: ACCOUNT,
      kind: 'replace',
      resource: 'webhook',
      name: 'Ops',
      id: id(1),
      status: 'applied',
      wrote: true,
    });
    progress.failed(create, failure('failed', NO));
    expect(progress.of(create)).toEqual({
      accountId: ACCOUNT,
      kind: 'create',
      resource: 'webhook',
      name: 'New',
      status: 'failed',
      wrote: false,
      error: NO,
    });
  });

  test('of a failure has the ID of the new webhook, if any', () => {
    const { progress } = begun();
    progress.failed(replace, failure('unknown', NO, { wrote: true }), id(6));
    expect(progress.of(replace)).toMatchObject({ id: id(6), status: 'unknown', wrote: true });
  });

  test('of a skipped action says why', () => {
    const { progress } = begun();
    progress.skipped(create, 'Not now.');
    progress.skipped(replace, 'Interrupted.', 'interrupted');
    expect(progress.outcomes([create, replace])).toMatchObject([
      { status: 'skipped', wrote: false, error: { code: 'skipped', message: 'Not now.' } },
      { status: 'skipped', wrote: false, error: { code: 'interrupted', message: 'Interrupted.' } },
    ]);
  });

  test('of an action that has written is never "skipped", whatever ended it', () => {
    const { progress } = begun();
    const stopped = refusal({ code: 'interrupted', message: '' });
    progress.failed(create, stopped);
    expect(progress.of(create)).toMatchObject({ status: 'skipped', wrote: false });
    progress.markWritten(replace);
    progress.failed(replace, stopped);
    expect(progress.of(replace)).toMatchObject({ status: 'failed', wrote: true });
  });

  test('that turns out to be wrong is reported again', () => {
    const { progress, events } = begun();
    progress.applied(create, { id: id(5) });
    progress.failed(create, failure('failed', NO, { wrote: true }), id(5));
    expect(progress.outcomes([create])).toMatchObject([{ status: 'failed', wrote: true }]);
    expect(events).toMatchObject([
      { type: 'action-ended', outcome: { status: 'applied' } },
      { type: 'action-ended', outcome: { status: 'failed' }, revised: true },
    ]);
    expect(events[0]).not.toHaveProperty('revised');
  });
});

test('of a duplicate that was deleted has the ID of the other webhook, but only if applied', () => {
  const { progress } = begun();
  progress.applied(create, { id: id(5) });
  progress.kept(create, id(4));
  expect(progress.of(create)).toMatchObject({ id: id(4), status: 'applied', already: true });
  progress.failed(replace, failure('failed', NO, { wrote: true }));
  progress.kept(replace, id(4));
  expect(progress.of(replace)).toMatchObject({ id: id(1), status: 'failed' });
});

test('has the ID as the list shows it, and was not done by another run', () => {
  const { progress } = begun();
  progress.applied(create, { id: id(5) });
  progress.kept(create, dashedId(5));
  expect(progress.of(create)).toMatchObject({ id: dashedId(5), status: 'applied' });
  expect(progress.of(create)).not.toHaveProperty('already');
});

test('reports whether everything was applied, and whether anything was written', () => {
  const { progress } = begun();
  progress.applied(create);
  expect([progress.allApplied([create]), progress.allApplied([create, replace])]).toEqual([true, false]);
  expect([progress.wrote(create), progress.wrote(replace)]).toEqual([true, false]);
  progress.failed(replace, failure('failed', NO, { wrote: true }));
  expect(progress.allApplied([create, replace])).toBe(false);
  expect(progress.wrote(replace)).toBe(true);
  expect(progress.allApplied([])).toBe(true);
});

test('reports each start and step with the action', () => {
  const { progress, events } = begun();
  progress.begin(create);
  progress.begin(replace);
  progress.step(replace, 'moved');
  expect(events).toEqual([
    { type: 'action-started', accountId: ACCOUNT, kind: 'create', resource: 'webhook', name: 'New' },
    {
      type: 'action-started',
      accountId: ACCOUNT,
      kind: 'replace',
      resource: 'webhook',
      name: 'Ops',
      id: id(1),
    },
    {
      type: 'action-step',
      accountId: ACCOUNT,
      kind: 'replace',
      resource: 'webhook',
      name: 'Ops',
      step: 'moved',
    },
  ]);
});
