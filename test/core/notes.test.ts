import { describe, expect, test } from '@jest/globals';
import type { DesiredAccount, DesiredSecret, DesiredUrl, DesiredWebhook } from '../../src/core/desired.js';
import type { DiffOptions } from '../../src/core/diff.js';
import type { Live, Policy } from '../../src/core/live.js';
import type { AccountPlan, NoteCode } from '../../src/core/plan.js';
import { secretForPut } from '../../src/core/urls.js';
import {
  account,
  desired,
  envSecret,
  envUrl,
  id,
  leftover,
  live,
  policy,
  URL_1,
  URL_2,
  URL_3,
} from '../support/core/builders.js';
import { planOf, setOf } from '../support/core/planning.js';

const SLACK = 'https://hooks.slack.com/services/T000/B000';
const DATADOG = 'https://api.datadoghq.com/api/v1/events';
const GCHAT = 'https://chat.googleapis.com/v1/spaces/A/messages';
const ZAPIER = 'https://hooks.zapier.com/hooks/catch/1234567/abcdefg/';
const NONE = { kind: 'none' } as const;
const IN_PLACE: Partial<DesiredAccount> = { strategy: { url: 'in-place', secret: 'in-place' } };
const KEEP: Partial<DesiredAccount> = { unlisted: 'keep' };
const deployed = (...webhooks: readonly DesiredWebhook[]): Partial<DiffOptions> => ({
  previous: account(webhooks),
});

/** Returns the names in each note with this code. */
const named = ({ notes }: AccountPlan, code: NoteCode): (readonly string[])[] =>
  notes.flatMap((note) => (note.code === code ? [note.names] : []));

const messageOf = ({ notes }: AccountPlan, code: NoteCode): string =>
  notes.find((note) => note.code === code)?.message ?? '';

describe('secret-may-clear: a PUT may clear a secret', () => {
  const renaming = (more: Partial<DesiredWebhook>, url: DesiredUrl | string = URL_1, found = URL_1) =>
    named(
      planOf(account([desired('Ops', url, { previously: ['Chat'], ...more })]), [live(1, 'Chat', found)]),
      'secret-may-clear',
    );

  test('if no secret is declared', () => {
    const planned = planOf(account([desired('Ops', URL_1, { previously: ['Chat'] })]), [live(1, 'Chat')]);
    expect(named(planned, 'secret-may-clear')).toEqual([['Ops']]);
    expect(messageOf(planned, 'secret-may-clear')).toContain('secret: none');
  });

  test('not if one is declared, none is wanted, or the URL contains it', () => {
    expect(renaming({ secret: envSecret() })).toEqual([]);
    expect(renaming({ secret: NONE })).toEqual([]);
    expect(renaming({}, envUrl(`${SLACK}/token`), SLACK)).toEqual([]);
    expect(renaming({}, SLACK, SLACK)).toEqual([['Ops']]);
  });

  test('also for the PUT that finishes an interrupted replacement', () => {
    const about = (file: readonly DesiredWebhook[], ...found: readonly Live[]) =>
      named(planOf(account(file), found), 'secret-may-clear');
    expect(about([desired('Ops', URL_2)], leftover(2, 'Ops', 99, URL_2))).toEqual([['Ops']]);
    expect(about([desired('Ops', URL_2)], live(1, 'Ops'), leftover(2, 'Ops', 1, URL_2))).toEqual([['Ops']]);
    // The old webhook stays unchanged: no PUT.
    expect(about([desired('Ops', URL_1)], live(1, 'Ops'), leftover(2, 'Ops', 1, URL_2))).toEqual([]);
    const renamed = desired('Ops', URL_1, { previously: ['Chat'] });
    expect(about([renamed], live(1, 'Chat'), leftover(2, 'Ops', 1, URL_2))).toEqual([['Ops']]);
  });

  test('not for a change of the policy', () => {
    const file = account([desired('Ops')], { routes: [{ name: 'Policy 1', webhooks: ['Ops'] }] });
    const planned = planOf(file, [live(1, 'Ops')], {}, [policy(1, [])]);
    expect(planned.actions).toHaveLength(1);
    expect(named(planned, 'secret-may-clear')).toEqual([]);
  });
});

describe('secret-not-carried: a replacement cannot copy a secret that cannot be read', () => {
  const replacing = (url: DesiredUrl | string, more: Partial<DesiredWebhook> = {}) =>
    planOf(account([desired('Ops', url, more)]), [live(1, 'Ops')], { replace: setOf('Ops') });

  test.each<[string, () => AccountPlan, string[][]]>([
    ['none declared', () => replacing(URL_2), [['Ops']]],
    ['declared', () => replacing(URL_2, { secret: envSecret() }), []],
    ['none wanted', () => replacing(URL_2, { secret: NONE }), []],
    ['in the URL', () => replacing(envUrl(`${SLACK}/token`)), []],
    ['a URL that is not known here', () => replacing(envUrl()), []],
  ])('%s', (_, plan, expected) => {
    const planned = plan();
    expect(planned.actions).toMatchObject([{ kind: 'replace' }]);
    expect(named(planned, 'secret-not-carried')).toEqual(expected);
  });
});

test('not-compared: a URL that is not known here; not if the webhook is not live', () => {
  const file = account([desired('Ops', envUrl()), desired('New', envUrl()), desired('Known', envUrl(URL_1))]);
  const planned = planOf(file, [live(1, 'Ops'), live(2, 'Known')]);
  expect(named(planned, 'not-compared')).toEqual([['Ops']]);
});

test('secret-unverifiable: an in-place rotation cannot be verified', () => {
  const before = deployed(
    desired('A', URL_1, { secret: envSecret(1) }),
    desired('B', envUrl(URL_2, 1), { secret: NONE }),
  );
  const file = account(
    [desired('A', URL_1, { secret: envSecret(2) }), desired('B', envUrl(URL_2, 2), { secret: NONE })],
    IN_PLACE,
  );
  const found = [live(1, 'A'), live(2, 'B', URL_2)];
  expect(named(planOf(file, found, before), 'secret-unverifiable')).toEqual([['A', 'B']]);
  const left = leftover(3, 'A', 1, 'https://relay.example.com/given-up');
  expect(named(planOf(file, [...found, left], before), 'secret-unverifiable')).toEqual([['A', 'B']]);
});

test('version-not-compared: without --previous; not if the webhook is not live', () => {
  const file = account([
    desired('B', envUrl(URL_2, 1)),
    desired('A', URL_1, { secret: envSecret(1) }),
    desired('C', URL_3),
    desired('New', 'https://relay.example.com/new', { secret: envSecret(1) }),
  ]);
  const found = [live(1, 'A'), live(2, 'B', URL_2), live(3, 'C', URL_3)];
  expect(named(planOf(file, found), 'version-not-compared')).toEqual([['A', 'B']]);
  expect(named(planOf(file, found, deployed()), 'version-not-compared')).toEqual([]);
});

describe('secrets-not-compared: secrets that cannot be read', () => {
  const trusted = (file: readonly DesiredWebhook[], found: readonly Live[], options?: Partial<DiffOptions>) =>
    named(planOf(account(file), found, options), 'secrets-not-compared');
  const one = (url: DesiredUrl | string, found: string, secret?: DesiredSecret) =>
    trusted([desired('Ops', url, { ...(secret && { secret }) })], [live(1, 'Ops', found)]);

  test.each([
    ['a declared secret', one(URL_1, URL_1, envSecret()), [['Ops']]],
    ['a URL with a credential that Cloudflare moves out of it', one(`${SLACK}/token`, SLACK), [['Ops']]],
    ['the same in a variable', one(envUrl(`${SLACK}/token`), SLACK), [['Ops']]],
    ['a URL in a variable that is stored as a whole', one(envUrl(URL_1), URL_1), []],
    ['a URL whose stored part does not identify the webhook', one(envUrl(GCHAT), GCHAT), [['Ops']]],
    ['no secret', one(URL_1, URL_1), []],
    ['a credential URL that is stored as a whole', one(ZAPIER, ZAPIER), []],
    ['none wanted', one(DATADOG, DATADOG, NONE), []],
    ['a URL that is not known here, which has its own note', one(envUrl(), URL_1), []],
  ])('%s', (_, found, expected) => {
    expect(found).toEqual(expected);
  });

  test('not for what is written anyway, because it sends the secret', () => {
    const secret = envSecret();
    const file = [
      desired('New', URL_1, { secret }),
      desired('Renamed', URL_2, { secret, previously: ['Chat'] }),
      desired('Moved', URL_3, { secret }),
    ];
    expect(trusted(file, [live(2, 'Chat', URL_2), live(3, 'Moved', URL_1)])).toEqual([]);
  });

  test('is one note for all webhooks, with their number', () => {
    const file = ['A', 'B'].map((name) => desired(name, URL_1, { secret: envSecret() }));
    const found = [live(1, 'A'), live(2, 'B')];
    const two = planOf(account(file), found);
    expect(named(two, 'secrets-not-compared')).toEqual([['A', 'B']]);
    expect(messageOf(two, 'secrets-not-compared')).toContain('the secrets of 2 webhooks were not compared');
    const [first] = file;
    const single = planOf(account(first ? [first] : []), found.slice(0, 1));
    expect(messageOf(single, 'secrets-not-compared')).toContain('the secret of 1 webhook was not compared');
  });

  test('a policy with the same name makes no difference', () => {
    const file = account([desired('Policy 1', URL_1, { secret: envSecret() })], {
      routes: [{ name: 'Policy 1', webhooks: ['Policy 1'] }],
    });
    const planned = planOf(file, [live(1, 'Policy 1')], {}, [policy(1, [])]);
    expect(planned.actions).toMatchObject([{ resource: 'policy' }]);
    expect(named(planned, 'secrets-not-compared')).toEqual([['Policy 1']]);
  });
});

describe('reference-changed: nothing is sent', () => {
  const secret = (more: DesiredSecret): Partial<DesiredWebhook> => ({ secret: more });
  const file = (name: string): DesiredSecret => ({
    kind: 'file',
    file: name,
    path: `/repo/${name}`,
    version: '1',
  });
  const compared = (
    before: DesiredWebhook,
    after: DesiredWebhook,
    more: Partial<DesiredAccount> = {},
    found: readonly Live[] = [live(1, 'Ops')],
  ) => planOf(account([after], more), found, deployed(before));

  test.each([
    [
      'another variable',
      secret(envSecret(1, 'A')),
      secret(envSecret(1, 'B')),
      'changed, but not its "version"',
    ],
    ['another file', secret(file('a')), secret(file('b')), 'changed, but not its "version"'],
    [
      'a file instead of a variable',
      secret(envSecret(1)),
      secret(file('a')),
      'changed, but not its "version"',
    ],
    ['a secret is added without a version', {}, secret(envSecret()), 'added to "Ops" without a "version"'],
    ['not declared before', secret(NONE), secret(envSecret()), 'added to "Ops" without a "version"'],
    ['a secret is no longer declared', secret(envSecret(1)), {}, 'no longer declared; it stays live'],
  ])('%s', (_, before, after, message) => {
    const planned = compared(desired('Ops', URL_1, before), desired('Ops', URL_1, after));
    expect(planned.actions).toEqual([]);
    expect(named(planned, 'reference-changed')).toEqual([['Ops']]);
    expect(messageOf(planned, 'reference-changed')).toContain(message);
  });

  test.each([
    ['the same', secret(envSecret(1)), secret(envSecret(1))],
    ['none on both sides', {}, {}],
    ['none, if nothing was declared', {}, secret(NONE)],
  ])('not: %s', (_, before, after) => {
    const planned = compared(desired('Ops', URL_1, before), desired('Ops', URL_1, after));
    expect(named(planned, 'reference-changed')).toEqual([]);
  });

  test('a URL in another variable, even if the secret is sent', () => {
    const url = (env: string, more: Partial<DesiredWebhook> = {}) =>
      desired('Ops', envUrl(URL_1, 1, env), { ...secret(NONE), ...more });
    expect(named(compared(url('A'), url('B')), 'reference-changed')).toEqual([['Ops']]);
    // A rename sends the live URL.
    const renamed = compared(
      desired('Chat', envUrl(URL_1, 1, 'A'), secret(NONE)),
      url('B', { previously: ['Chat'] }),
      {},
      [live(1, 'Chat')],
    );
    expect(renamed.actions).toMatchObject([{ because: ['renamed'] }]);
    expect(named(renamed, 'reference-changed')).toEqual([['Ops']]);
  });

  test('a URL that moves from the file to a variable, or back, is compared itself', () => {
    const other = desired('Ops', envUrl(URL_1));
    expect(named(compared(desired('Ops', URL_1), other), 'reference-changed')).toEqual([]);
    expect(named(compared(other, desired('Ops', URL_1)), 'reference-changed')).toEqual([]);
  });

  test.each<[string, DesiredWebhook, DesiredWebhook, Partial<DesiredAccount>]>([
    [
      'a replacement',
      desired('Ops', URL_1, secret(envSecret(1, 'A'))),
      desired('Ops', URL_2, secret(envSecret(1, 'B'))),
      {},
    ],
    [
      'a rotation',
      desired('Ops', URL_1, secret(envSecret(1, 'A'))),
      desired('Ops', URL_1, secret(envSecret(2, 'B'))),
      {},
    ],
    [
      'a rotation in-place',
      desired('Ops', URL_1, secret(envSecret(1))),
      desired('Ops', URL_1, secret(envSecret(2))),
      IN_PLACE,
    ],
    [
      'a secret that is added with a version, in-place',
      desired('Ops'),
      desired('Ops', URL_1, secret(envSecret(1))),
      IN_PLACE,
    ],
    [
      'a URL in-place',
      desired('Ops', envUrl(URL_1, 1, 'A')),
      desired('Ops', envUrl(URL_2, 1, 'B')),
      IN_PLACE,
    ],
    [
      'a rotated URL in-place',
      desired('Ops', envUrl(URL_1, 1, 'A')),
      desired('Ops', envUrl(URL_1, 2, 'B')),
      IN_PLACE,
    ],
    [
      'the secret was removed together with the URL',
      desired('Ops', URL_1, secret(envSecret(1))),
      desired('Ops', URL_2),
      {},
    ],
  ])('not if it is sent: %s', (_, before, after, more) => {
    const planned = compared(before, after, more);
    expect(planned.actions).toHaveLength(1);
    expect(named(planned, 'reference-changed')).toEqual([]);
  });

  test('a rename also sends the secret', () => {
    const before = desired('Chat', URL_1, secret(envSecret(1, 'A')));
    const after = desired('Ops', URL_1, { ...secret(envSecret(1, 'B')), previously: ['Chat'] });
    const planned = compared(before, after, {}, [live(1, 'Chat')]);
    expect(planned.actions).toMatchObject([{ because: ['renamed'] }]);
    expect(named(planned, 'reference-changed')).toEqual([]);
  });

  test('not for a new webhook, nor without --previous', () => {
    const after = desired('Ops', URL_1, secret(envSecret()));
    expect(named(compared(desired('Other'), after), 'reference-changed')).toEqual([]);
    expect(named(compared(desired('Ops'), after, {}, []), 'reference-changed')).toEqual([]);
    expect(named(planOf(account([after]), [live(1, 'Ops')]), 'reference-changed')).toEqual([]);
  });
});

describe('rotation-repeats: the next plan rotates again', () => {
  const entry = (version: number, url: DesiredUrl | string = URL_1) =>
    desired('Ops', url, { secret: envSecret(version) });
  const about = (before: DesiredWebhook, after: DesiredWebhook, options: Partial<DiffOptions> = {}) =>
    named(
      planOf(account([after]), [live(1, 'Ops')], { ...deployed(before), ...options }),
      'rotation-repeats',
    );

  test('is noted for a changed version of a secret or URL', () => {
    expect(about(entry(1), entry(2))).toEqual([['Ops']]);
    expect(about(entry(1, envUrl(URL_1, 1)), entry(1, envUrl(URL_1, 2)))).toEqual([['Ops']]);
  });

  test('also if the webhook is gone and is created again', () => {
    expect(named(planOf(account([entry(2)]), [], deployed(entry(1))), 'rotation-repeats')).toEqual([['Ops']]);
  });

  test('not without a change, for a rotation by hand, or for a new entry', () => {
    expect(about(entry(1), entry(1))).toEqual([]);
    expect(about(entry(1), entry(1), { rotate: setOf('Ops') })).toEqual([]);
    expect(named(planOf(account([entry(2)]), [], deployed()), 'rotation-repeats')).toEqual([]);
  });
});

describe('reference-new-host: a secret goes to a new host', () => {
  const OTHER_HOST = 'https://other.example/cf';
  const entry = (url: DesiredUrl | string, secret: DesiredSecret = envSecret(1), name = 'Ops') =>
    desired(name, url, { secret });
  const compared = (before: readonly DesiredWebhook[], after: readonly DesiredWebhook[]) =>
    planOf(account(after), [live(1, 'Ops')], deployed(...before));

  test.each([
    ['to another host', [entry(URL_1)], [entry(OTHER_HOST)], '(env TOKEN) to other.example'],
    [
      'to another port',
      [entry(URL_1)],
      [entry('https://relay.example.com:8443/one')],
      '(env TOKEN) to relay.example.com:8443',
    ],
    [
      'in another entry',
      [entry(URL_1)],
      [entry(URL_1), entry(OTHER_HOST, envSecret(1), 'B')],
      '(env TOKEN) to other.example',
    ],
    [
      'a variable that was not used before',
      [entry(URL_1)],
      [entry(URL_1, envSecret(1, 'PAYROLL'))],
      '(env PAYROLL) to relay.example.com',
    ],
    [
      'a file',
      [entry(URL_1)],
      [entry(URL_1, { kind: 'file', file: 'secrets/x', path: '/repo/secrets/x' })],
      '(file secrets/x) to relay.example.com',
    ],
    ['to a URL that is not known here', [entry(URL_1)], [entry(envUrl())], '(env TOKEN) to (env RELAY_URL)'],
    [
      'to the value of a variable',
      [entry(URL_1)],
      [entry(envUrl(OTHER_HOST))],
      '(env TOKEN) to other.example',
    ],
  ])('%s', (_, before, after, where) => {
    const planned = compared(before, after);
    expect(named(planned, 'reference-new-host')).toHaveLength(1);
    expect(messageOf(planned, 'reference-new-host')).toContain(where);
    expect(messageOf(planned, 'reference-new-host')).not.toContain('https:');
  });

  test.each([
    ['the same host', [entry(URL_1)], [entry(URL_2)]],
    ['another version', [entry(URL_1)], [entry(URL_1, envSecret(2))]],
    ['another entry with the same host', [entry(URL_1)], [entry(URL_2, envSecret(1), 'B')]],
    ['a variable that contains the same host', [entry(envUrl(URL_1))], [entry(envUrl(URL_2))]],
    ['a variable that is not known anywhere', [entry(envUrl())], [entry(envUrl())]],
    ['no URL at all, which the check of the file refuses', [entry('no url')], [entry('no url')]],
    ['no reference', [entry(URL_1, NONE)], [entry(OTHER_HOST, NONE)]],
    ['no secret', [desired('Ops')], [desired('Ops', OTHER_HOST)]],
  ])('not: %s', (_, before, after) => {
    expect(named(compared(before, after), 'reference-new-host')).toEqual([]);
  });

  test('not without --previous, because the earlier host is unknown', () => {
    expect(named(planOf(account([entry(URL_1)]), []), 'reference-new-host')).toEqual([]);
  });
});

describe('maybe-renamed: a create with the URL of a webhook that is not in the file', () => {
  const about = (
    file: readonly DesiredWebhook[],
    found: readonly Live[],
    more: Partial<DesiredAccount> = KEEP,
  ) => {
    const planned = planOf(account(file, more), found);
    return [named(planned, 'maybe-renamed'), messageOf(planned, 'maybe-renamed')] as const;
  };

  test.each([
    ['unlisted and kept', KEEP],
    ['unlisted and undecided', { unlisted: undefined }],
    ['absent', { absent: ['Chat'] }],
  ])('that is %s', (_, more) => {
    const [names, message] = about([desired('Ops')], [live(1, 'Chat'), live(2, 'Other', URL_2)], more);
    expect(names).toEqual([['Ops']]);
    expect(message).toContain('previously: ["Chat"]');
    expect(message).not.toContain('Other');
  });

  test('that is unlisted and deleted, if several make a rename by URL impossible', () => {
    const [names, message] = about([desired('Ops')], [live(2, 'B'), live(1, 'A'), live(3, 'A')], {});
    expect(names).toEqual([['Ops']]);
    expect(message).toContain('previously: ["A", "B"]');
  });

  test('that differs only in its credential', () => {
    const chat = live(1, 'Chat', SLACK, { type: 'slack' });
    expect(about([desired('Ops', `${SLACK}/token`)], [chat])[0]).toEqual([['Ops']]);
  });

  test('not for a different, unknown or ignored URL, or one that is in the file', () => {
    expect(about([desired('Ops')], [live(1, 'Chat', URL_2)])[0]).toEqual([]);
    expect(about([desired('Ops', envUrl())], [live(1, 'Chat')])[0]).toEqual([]);
    expect(about([desired('Ops')], [live(1, 'Chat')], { ...KEEP, ignore: ['Chat'] })[0]).toEqual([]);
    expect(about([desired('Ops'), desired('Chat')], [live(1, 'Chat')])[0]).toEqual([]);
  });

  test('not for a leftover, because its name must not be in the file', () => {
    expect(about([desired('Ops')], [leftover(1, 'Chat', 99)])[0]).toEqual([]);
  });

  test('following the advice renames the webhook', () => {
    const planned = planOf(account([desired('Ops', URL_1, { previously: ['Chat'] })], KEEP), [
      live(1, 'Chat'),
    ]);
    expect(planned.actions).toMatchObject([{ kind: 'update', id: id(1) }]);
    expect(named(planned, 'maybe-renamed')).toEqual([]);
  });
});

describe('no-policy: a webhook that no policy uses', () => {
  const ROUTED: Partial<DesiredAccount> = { ...KEEP, routes: [] };
  const about = (
    file: DesiredAccount,
    found: readonly Live[],
    policies: readonly Policy[],
    options: Partial<DiffOptions> = {},
  ) => named(planOf(file, found, options, policies), 'no-policy');

  test('is reported if the policies are known', () => {
    const file = [desired('A'), desired('B', URL_2)];
    const found = [live(1, 'A'), live(2, 'B', URL_2)];
    expect(about(account(file, ROUTED), found, [policy(1, [1])])).toEqual([['B']]);
    expect(about(account(file), found, [policy(1, [1])])).toEqual([]);
    expect(about(account(file, ROUTED), found, [policy(1, [1]), policy(2, [2])])).toEqual([]);
  });

  test('also after a create or a removed route, but not if a route will use the webhook', () => {
    const routes = [{ name: 'Policy 1', webhooks: ['New', 'B'] }];
    const file = [desired('A'), desired('B', URL_2), desired('New', URL_3), desired('Idle', `${URL_3}/idle`)];
    const found = [live(1, 'A'), live(2, 'B', URL_2)];
    expect(about(account(file, { routes }), found, [policy(1, [1])])).toEqual([['A'], ['Idle']]);
    const noted = planOf(account(file, { routes }), found, {}, [policy(1, [1])]).notes.map(
      ({ message }) => message,
    );
    expect(noted).toContain(
      'This plan takes "A" out of the last policy that uses it, so no more alerts are sent there. If they should, list it for a policy under "policies".',
    );
  });

  test('is known of a new webhook without a list of policies, unless a route lists it', () => {
    const file = [desired('A'), desired('New', URL_2), desired('Too', URL_3)];
    const planned = (more: Partial<DesiredAccount>, previous?: DesiredAccount) =>
      planOf(account(file, more), [live(1, 'A')], previous ? { previous } : {});
    const messages = (plan: AccountPlan) =>
      plan.notes.flatMap(({ code, message }) => (code === 'no-policy' ? [message] : []));
    expect(messages(planned(KEEP))).toEqual([
      'No policy uses "New", "Too", so no alert is sent there. Add them to a policy under "policies", or in Cloudflare.',
    ]);
    expect(messages(planned({ ...KEEP, routes: [{ name: 'P', webhooks: ['A', 'New', 'Too'] }] }))).toEqual(
      [],
    );
    expect(messages(planned(KEEP, account([desired('A'), desired('New', URL_2)])))).toEqual([
      '"New" was deleted in Cloudflare since it was last deployed, which also removed it from any policy that used it, so no alert is sent there. Add it to a policy under "policies", or in Cloudflare. To list policies without a recipient, run: hookwright status -f hookwright.yaml',
      'No policy uses "Too", so no alert is sent there. Add it to a policy under "policies", or in Cloudflare.',
    ]);
    const ignoring = account([desired('New', URL_2)], { ...KEEP, ignore: [`id:${id(1)}`] });
    const ignored = planOf(ignoring, [live(1, 'New')], { previous: account([desired('New', URL_2)]) });
    expect(messages(ignored)).toEqual([expect.stringMatching(/^No policy uses "New"/)]);
    const renamed = planOf(account([desired('New', URL_2)], KEEP), [live(1, 'By hand', URL_2)], {
      previous: account([desired('New', URL_2)]),
    });
    expect(messages(renamed)).toEqual([expect.stringMatching(/^No policy uses "New"/)]);
  });

  test('not if a leftover or duplicate of the webhook is used', () => {
    const file = account([desired('Ops', URL_2)], ROUTED);
    const found = [live(1, 'Ops'), leftover(2, 'Ops', 1, URL_2)];
    expect(about(file, found, [policy(1, [2])])).toEqual([]);
    const duplicates = [live(1, 'Ops', URL_2), live(2, 'Ops', URL_2)];
    expect(about(file, duplicates, [policy(1, [1]), policy(2, [2])])).toEqual([]);
    expect(about(file, duplicates, [])).toEqual([['Ops']]);
  });

  test('not for an ambiguous or missing webhook', () => {
    const several = [live(1, 'Ops', URL_1), live(2, 'Ops', URL_3)];
    expect(about(account([desired('Ops', URL_2)], ROUTED), several, [])).toEqual([]);
    expect(about(account([desired('Ops', URL_2, { id: id(9) })], ROUTED), [], [])).toEqual([]);
  });

  test('reports only targets', () => {
    const file = account([desired('A'), desired('B', URL_2)], ROUTED);
    const found = [live(1, 'A'), live(2, 'B', URL_2)];
    expect(about(file, found, [], { targets: ['B'] })).toEqual([['B']]);
  });
});

describe('near-limit: more destinations than an account without a paid zone can have', () => {
  const some = (count: number): Live[] =>
    Array.from({ length: count }, (_, n) => live(n + 1, `W${n + 1}`, `https://relay.example.com/${n + 1}`));
  const plan = (found: number, more: number, options: Partial<DesiredAccount> = KEEP) =>
    planOf(
      account(
        Array.from({ length: more }, (_, n) => desired(`New ${n}`, `https://relay.example.com/new/${n}`)),
        options,
      ),
      some(found),
    );

  test.each([
    [99, 1, false],
    [99, 2, true],
    [100, 1, true],
    [0, 101, true],
    [101, 0, false],
  ])('%i live and %i to add: %j', (found, more, isNear) => {
    expect(named(plan(found, more), 'near-limit')).toEqual(isNear ? [[]] : []);
  });

  test('deletions are subtracted; the message says how many there would be', () => {
    expect(named(plan(101, 1, { absent: ['W1', 'W2'], ...KEEP }), 'near-limit')).toEqual([]);
    expect(messageOf(plan(101, 1), 'near-limit')).toContain('would have 102 destinations');
  });
});

describe('route-left-file: a policy that was removed from the file', () => {
  const routes = [{ name: 'Policy 1', webhooks: ['Ops'] }];
  const pinned = [{ name: 'Policy 1', id: id(1001), webhooks: ['Ops'] }];
  const about = (before: DesiredAccount, after: Partial<DesiredAccount>) =>
    named(
      planOf(account([desired('Ops')], after), [live(1, 'Ops')], { previous: before }, [policy(1, [1])]),
      'route-left-file',
    );
  const was = (given: DesiredAccount['routes']) => account([desired('Ops')], given && { routes: given });

  test.each([
    ['the route was removed', was(routes), { routes: [] }, [['Policy 1']]],
    ['all routes were removed', was(routes), {}, [['Policy 1']]],
    ['it still exists', was(routes), { routes }, []],
    ['an ID was added', was(routes), { routes: pinned }, []],
    [
      'it has another name, and the same ID',
      was(pinned),
      { routes: [{ ...pinned[0], name: 'Nightly', webhooks: [] }] },
      [],
    ],
    ['one with an ID was removed', was(pinned), { routes: [] }, [['Policy 1']]],
    ['there were no routes', was(undefined), { routes: [] }, []],
    [
      'the policy does not exist',
      was([
        { name: 'Gone', webhooks: ['Ops'] },
        { name: 'Other', id: id(1), webhooks: ['Ops'] },
      ]),
      { routes: [] },
      [],
    ],
  ])('%s', (_, before, after, expected) => {
    expect(about(before, after)).toEqual(expected);
  });

  test('says what stays, of one or of several, also if the policies are not known', () => {
    const message = (...names: readonly string[]) =>
      messageOf(
        planOf(account([desired('Ops')]), [live(1, 'Ops')], {
          previous: was(names.map((name) => ({ name, webhooks: [] }))),
        }),
        'route-left-file',
      );
    expect(message('A')).toBe(
      '"A" was removed from "policies". Nothing is changed: this policy still sends to its webhooks.',
    );
    expect(message('A', 'B')).toBe(
      '"A", "B" were removed from "policies". Nothing is changed: these policies still send to their webhooks.',
    );
  });
});

test('custom-alerts-not-seen: webhooks that are replaced or deleted', () => {
  const file = account([
    desired('New', URL_3),
    desired('Moved', URL_2),
    desired('Renamed', URL_1, { previously: ['Chat'] }),
  ]);
  const found = [live(1, 'Chat'), live(2, 'Moved'), live(3, 'Gone', `${URL_3}/gone`)];
  expect(named(planOf(file, found), 'custom-alerts-not-seen')).toEqual([['Gone', 'Moved']]);
  expect(named(planOf(account([]), []), 'custom-alerts-not-seen')).toEqual([]);
});

describe('each note says what is not known or not done, and what to do', () => {
  const rotatedInPlace = account([desired('Ops', URL_1, { secret: envSecret(2) })], IN_PLACE);
  const before = deployed(desired('Ops', URL_1, { secret: envSecret(1) }));
  const secret = account([desired('Ops', URL_1, { secret: envSecret(1) })]);
  const ops = [live(1, 'Ops')];
  const notes: readonly (readonly [NoteCode, AccountPlan, readonly string[]])[] = [
    ['not-compared', planOf(account([desired('Ops', envUrl())]), ops), ['The URL of "Ops" was not compared']],
    ['version-not-compared', planOf(secret, ops), ['not be detected for "Ops"', '--rotate NAME']],
    ['secrets-not-compared', planOf(secret, ops), ['secret of 1 webhook was', 'pass --rotate NAME']],
    ['secrets-not-compared', planOf(secret, ops, before), ['add or change its "version"']],
    [
      'secret-not-carried',
      planOf(account([desired('Ops', URL_2)]), ops),
      ['for "Ops"', 'will have no secret', '"secret: none"'],
    ],
    ['secret-unverifiable', planOf(rotatedInPlace, ops, before), ['secret of "Ops" cannot be verified']],
    ['rotation-repeats', planOf(rotatedInPlace, ops, before), ['also rotates "Ops"', 'Move the tag']],
    [
      'reference-changed',
      planOf(account([desired('Ops', URL_1, { secret: envSecret() })]), ops, deployed(desired('Ops', URL_1))),
      ['nothing is sent', 'add or change "version"'],
    ],
    [
      'maybe-renamed',
      planOf(account([desired('Ops')], { ...KEEP, file: 'a.yaml' }), [live(1, 'B'), live(2, 'A')]),
      [
        '"Ops" would be created',
        '"A", "B" have the same URL and are not in the file. If one of them was renamed,',
        'run: hookwright import "A" "B" -f a.yaml --update',
      ],
    ],
    [
      'maybe-renamed',
      planOf(account([desired('Ops')], { ...KEEP, file: '<stdin>' }), [live(1, 'A')]),
      ['to take the live name instead, change the entry to it.'],
    ],
    [
      'maybe-renamed',
      planOf(account([desired('Ops')], { ...KEEP, file: 'a.yaml' }), [live(1, 'A')], { flagPrefix: 'ab:' }),
      ['run: hookwright import "ab:A" -f a.yaml --update'],
    ],
    ['custom-alerts-not-seen', planOf(account([desired('Ops', URL_2)]), ops), ['none uses "Ops"']],
  ];

  test.each(notes)('%s', (code, planned, parts) => {
    for (const part of parts) expect(messageOf(planned, code)).toContain(part);
  });

  test('an interrupted replacement whose webhook is gone is not compared either', () => {
    const two = [leftover(2, 'Ops', 98), leftover(3, 'Ops', 99)];
    expect(named(planOf(account([desired('Ops', envUrl())]), two), 'not-compared')).toEqual([['Ops']]);
  });

  test('hosts are listed in order', () => {
    const to = (name: string) => desired(name, `https://${name}.example.com/`, { secret: envSecret() });
    const planned = planOf(account([to('b'), to('a')]), [], deployed(desired('b', URL_1)));
    expect(messageOf(planned, 'reference-new-host')).toMatch(/to a\.example\.com, .* to b\.example\.com /);
  });
});

test('quotes names, so that a name cannot look like part of the sentence', () => {
  const [note] = planOf(account([desired('a", "b', envUrl())]), [live(1, 'a", "b')]).notes;
  expect(note?.message).toContain(JSON.stringify('a", "b'));
});

test.each([
  ['declared', desired('A', URL_1, { secret: envSecret() }), 'declared'],
  ['literal none', desired('A', URL_1, { secret: NONE }), 'none'],
  ['generic', desired('A'), 'unknown'],
  ['no URL', desired('A', 'no url'), 'unknown'],
  ['split Slack', desired('A', SLACK), 'unknown'],
  ['whole Slack', desired('A', envUrl(`${SLACK}/token`)), 'in-url'],
  ['whole Slack with secret: none', desired('A', envUrl(`${SLACK}/token`), { secret: NONE }), 'in-url'],
  ['whole Discord', desired('A', envUrl('https://discord.com/api/webhooks/1/abc')), 'in-url'],
  ['whole Feishu', desired('A', envUrl('https://open.feishu.cn/open-apis/bot/v2/hook/abc')), 'in-url'],
  [
    'whole Google Chat: the stored secret is not documented',
    desired('A', envUrl('https://chat.googleapis.com/v1/spaces/A/messages?key=a&token=b')),
    'unknown',
  ],
  ['a Slack workflow has none', desired('A', envUrl('https://hooks.slack.com/triggers/T/1/abc')), 'unknown'],
  ['not set', desired('A', envUrl()), 'unknown'],
] as const)('what a PUT sends as the secret: %s', (_, spec, what) => {
  expect(secretForPut(spec)).toBe(what);
});
