import { describe, expect, test } from '@jest/globals';
import type { ApplyEvent, ApplyResult, Outcome } from '../../src/core/outcome.js';
import { eventLine, outcomeLine, renderOutcomes, conclusion } from '../../src/render/apply-text.js';
import { plainStyle } from '../../src/text/style.js';
import {
  ACCOUNT,
  account,
  create,
  HOSTILE,
  id,
  mixedPlan,
  OTHER,
  plan,
  COMMAND,
  UNSEEN,
} from './fixtures.js';

const options = { style: plainStyle, accounts: [{ accountId: ACCOUNT }] };
const planned = plan(account([]));
const outcomes = (all: ApplyResult, of = planned, width = 80): string =>
  renderOutcomes(of, all, { style: plainStyle, width });
const outcome = (more: Partial<Outcome> = {}): Outcome => ({
  accountId: ACCOUNT,
  kind: 'create',
  resource: 'webhook',
  name: 'Ops Slack',
  id: id(1),
  status: 'applied',
  wrote: true,
  ...more,
});
const result = (...outcomes: readonly Outcome[]): ApplyResult => ({ outcomes, discrepancies: [] });
const error = { code: 'destination-refused', message: 'The destination answered 404.' } as const;

test.each<[ApplyEvent, string | undefined]>([
  [{ type: 'apply-started', total: 3 }, undefined],
  [
    { type: 'action-started', accountId: ACCOUNT, kind: 'create', resource: 'webhook', name: 'Ops' },
    'Ops: Creating…',
  ],
  [
    {
      type: 'action-started',
      accountId: ACCOUNT,
      kind: 'delete',
      resource: 'webhook',
      name: 'Ops',
      id: id(1),
    },
    `Ops: Destroying… [id=${id(1)}]`,
  ],
  [
    {
      type: 'action-step',
      accountId: ACCOUNT,
      kind: 'replace',
      resource: 'webhook',
      name: 'Ops',
      step: 'switched policy "P" to the new webhook',
    },
    'Ops: switched policy "P" to the new webhook',
  ],
  [{ type: 'action-ended', outcome: outcome() }, `Ops Slack: Creation complete [id=${id(1)}]`],
  [
    { type: 'waiting', reason: 'rate-limit', milliseconds: 11_200 },
    "Waiting 12 s for Cloudflare's rate limit…",
  ],
  [{ type: 'waiting-ended' }, undefined],
  [
    { type: 'interrupted', signal: 'SIGTERM' },
    'Interrupted: finishing requests in flight and starting nothing new. Interrupt again to stop immediately.',
  ],
  [
    { type: 'twin-withdrawn', accountId: ACCOUNT, name: 'Ops', id: id(2) },
    `Ops: deleted a surplus webhook [id=${id(2)}]`,
  ],
  [{ type: 'apply-ended', applied: 1, failed: 0, skipped: 0, unknown: 0, discrepancies: 0 }, undefined],
])('event %#', (event, expected) => {
  expect(eventLine(event, options)).toBe(expected);
});

test.each([
  [outcome({ kind: 'update' }), `Modification complete [id=${id(1)}]`],
  [
    outcome({ kind: 'replace', resource: 'webhook', note: 'kept it' }),
    `Replacement complete [id=${id(1)}] (kept it)`,
  ],
  [outcome({ status: 'failed', error }), 'Creation failed: The destination answered 404.'],
  [
    outcome({
      kind: 'delete',
      resource: 'webhook',
      status: 'skipped',
      error: { code: 'skipped', message: 'A create failed.' },
    }),
    'Destruction skipped: A create failed.',
  ],
  [outcome({ status: 'unknown' }), 'Creation unknown'],
])('outcome %#', (one, expected) => {
  expect(outcomeLine(one, options)).toBe(`Ops Slack: ${expected}`);
  const two = [{ accountId: ACCOUNT }, { accountId: OTHER }];
  expect(outcomeLine(one, { ...options, accounts: two })).toBe(`${ACCOUNT}/Ops Slack: ${expected}`);
  const labelled = [{ accountId: ACCOUNT, label: 'EU\u0007' }, { accountId: OTHER }];
  expect(outcomeLine(one, { ...options, accounts: labelled })).toBe(`EU\\u0007/Ops Slack: ${expected}`);
  expect(outcomeLine(one, { ...options, accounts: labelled.slice(0, 1) })).toBe(`Ops Slack: ${expected}`);
});

test('a policy is not mistaken for a webhook with the same name', () => {
  const policy = {
    accountId: ACCOUNT,
    kind: 'update',
    resource: 'policy',
    name: 'Ops',
    id: id(1001),
  } as const;
  expect(eventLine({ type: 'action-started', ...policy }, options)).toBe(
    `policy "Ops": Modifying… [id=${id(1001)}]`,
  );
  expect(outcomeLine(outcome(policy), options)).toBe(`policy "Ops": Modification complete [id=${id(1001)}]`);
  const failed = outcome({ ...policy, status: 'failed', error });
  expect(outcomes(result(failed))).toContain(
    '  policy "Ops": Modification failed: The destination answered 404.',
  );
});

describe('actions that were done before this run', () => {
  const done = (more: Partial<Outcome>) =>
    outcome({ wrote: false, already: true, note: 'Already done.', ...more });

  test('are counted separately', () => {
    const all = [done({}), done({ kind: 'replace' }), done({ kind: 'delete' })];
    expect(conclusion(planned, result(...all)).sentence).toBe(
      'Apply complete! Resources: 0 added, 0 changed, 0 destroyed (3 already done).',
    );
    expect(conclusion(planned, result(outcome(), ...all.slice(1))).sentence).toBe(
      'Apply complete! Resources: 1 added, 0 changed, 0 destroyed (2 already done).',
    );
  });

  test('count as done in an incomplete apply', () => {
    const all = result(done({}), outcome({ kind: 'update', status: 'failed', error }));
    expect(conclusion(planned, all).sentence).toBe(
      'Apply incomplete: 1 of 2 actions applied (0 added, 0 changed, 0 destroyed (1 already done)); 1 failed.',
    );
  });

  test('are shown with what was not checked', () => {
    expect(outcomes(result(done({})))).toContain('Ops Slack: Creation complete');
    expect(outcomes(result(done({})), planned, 120)).toContain('(Already done.)');
  });
});

describe('the closing line', () => {
  test('complete: a replacement is an add and a destroy', () => {
    const all = result(
      outcome(),
      outcome({ kind: 'update' }),
      outcome({ kind: 'replace' }),
      outcome({ kind: 'delete' }),
    );
    expect(outcomes(all)).toBe('Apply complete! Resources: 2 added, 1 changed, 2 destroyed.\n');
  });

  test('incomplete: most severe first, wrapped, and what to do', () => {
    const all: ApplyResult = {
      outcomes: [
        outcome(),
        outcome({
          name: 'S',
          kind: 'delete',
          resource: 'webhook',
          status: 'skipped',
          error: { code: 'skipped', message: 'A create failed.' },
        }),
        outcome({
          name: 'U',
          kind: 'update',
          resource: 'webhook',
          status: 'unknown',
          error: { code: 'timeout', message: 'No answer.' },
        }),
        outcome({ name: 'F', status: 'failed', error }),
      ],
      discrepancies: [{ accountId: ACCOUNT, message: 'The url of "R" is still the old one.' }],
      interrupted: 'SIGINT',
    };
    expect(outcomes(all)).toBe(`\
Problems:

  F: Creation failed: The destination answered 404.
  U: Modification unknown: No answer.
  S: Destruction skipped: A create failed.
  The url of "R" is still the old one.

Apply incomplete: 1 of 4 actions applied (1 added, 0 changed, 0 destroyed);
interrupted by SIGINT, 1 failed, 1 unknown, 1 skipped.
Fix the errors above, then run apply again. It continues from the live state.
`);
  });

  test('there is nothing to fix if actions failed only because of the interruption', () => {
    const cut = { code: 'interrupted' as const, message: 'Interrupted.' };
    const all: ApplyResult = {
      ...result(outcome({ status: 'failed', error: cut })),
      discrepancies: [{ accountId: ACCOUNT, message: 'It is not verified.' }],
      interrupted: 'SIGINT',
    };
    expect(outcomes(all)).toBe(`\
Problems:

  Ops Slack: Creation failed: Interrupted.
  It is not verified.

Apply incomplete: 0 of 1 action applied (0 added, 0 changed, 0 destroyed);
interrupted by SIGINT, 1 failed.
Run apply again. It continues from the live state.
`);
  });

  test('an interruption after every action is not called incomplete', () => {
    const { complete, sentence } = conclusion(planned, { ...result(outcome()), interrupted: 'SIGINT' });
    expect({ complete, sentence }).toEqual({
      complete: false,
      sentence: 'Every action was applied before SIGINT (1 added, 0 changed, 0 destroyed).',
    });
  });

  test('no fraction of zero actions is shown', () => {
    const guards = [{ code: 'secret-missing' as const, message: 'm', names: [] }];
    const text = outcomes(result(), plan(account([], { guards })));
    expect(text).toBe('Nothing was applied: 1 account refused by a guard.\n');
  });

  test('a complete apply still shows what cannot be verified', () => {
    const text = outcomes(
      result(outcome({ kind: 'update', resource: 'webhook', note: 'cannot be verified' })),
    );
    expect(text).toContain(`Notes:\n\n  Ops Slack: Modification complete`);
    expect(text).toContain('Apply complete! Resources: 0 added, 1 changed, 0 destroyed.');
  });

  test.each<[string, ApplyResult, ReturnType<typeof plan>, string]>([
    [
      'discrepancy',
      { ...result(outcome()), discrepancies: [{ accountId: ACCOUNT, message: 'm' }] },
      planned,
      '1 account not verified.',
    ],
    ['not started', result(outcome()), plan(account([create('A'), create('B')])), '1 not started.'],
    ['refused', result(), mixedPlan(), '1 account refused by a guard.'],
    [
      'unread',
      result(outcome()),
      {
        accounts: [account([create('A')])],
        failures: [{ accountId: OTHER, error: { code: 'network', message: 'm' } }],
      },
      '1 account could not be read.',
    ],
  ])('never complete if %s', (_why, all, of, ending) => {
    const { complete, sentence } = conclusion(of, all);
    expect(complete).toBe(false);
    expect(sentence).toMatch(/^Apply incomplete: /);
    expect(sentence.endsWith(ending)).toBe(true);
  });
});

test.each(HOSTILE)('hostile text %# stays on its line', (name) => {
  const bad = outcome({ name, status: 'failed', note: name, error: { code: 'internal', message: name } });
  const lines = [
    eventLine(
      { type: 'action-step', accountId: ACCOUNT, kind: 'create', resource: 'webhook', name, step: name },
      options,
    ) ?? '',
    eventLine({ type: 'action-ended', outcome: bad }, options) ?? '',
  ];
  for (const line of lines) {
    expect(line).not.toMatch(UNSEEN);
    expect(line).not.toMatch(COMMAND);
  }
  expect(outcomes(result(bad))).not.toMatch(COMMAND);
});
