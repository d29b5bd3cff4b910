import { describe, expect, test } from '@jest/globals';
import type { AccountId, WebhookId } from '../../src/core/ids.js';
import { EMPTY_SUMMARY, type AccountPlan } from '../../src/core/plan.js';
import { renderPlanText } from '../../src/render/plan-text.js';
import { ansiStyle, plainStyle } from '../../src/text/style.js';
import {
  ACCOUNT,
  account,
  create,
  destroy,
  id,
  HOSTILE,
  live,
  mixedPlan,
  OTHER,
  plan,
  policy,
  replace,
  route,
  spec,
  update,
  COMMAND,
  UNSEEN,
} from './fixtures.js';

const text = (...accounts: readonly AccountPlan[]): string =>
  renderPlanText(plan(...accounts), { style: plainStyle, width: 80 });

test('one of each kind, with a warning, a guard and the digest', () => {
  expect(renderPlanText(mixedPlan(), { style: plainStyle, width: 80, digest: 'abc123' })).toBe(`\
hookwright would perform the following actions:

  + create
  ~ update in-place
-/+ replace
  - destroy

Account ${ACCOUNT}

  # "Ops Slack" will be created
  + webhook "Ops Slack"
      + name   = "Ops Slack"
      + url    = "https://hooks.slack.com/services/T000/B000"
      + secret = (env OPS_SLACK_TOKEN, version 2)

  # "Ops room" will be updated in-place: its name changed
  ~ webhook "Ops room"
        id     = "00000002000000000000000000000000"
      ~ name   = "Ops chat" -> "Ops room"

  # "Relay" must be replaced: its url changed
-/+ webhook "Relay"
        id     = "00000003000000000000000000000000"
      ~ url    = "https://relay.example.com/cf"
              -> "https://new.example.com/cf" # forces replacement
        # policies switched to the new webhook: "Origin errors"

  # "Old pager" will be destroyed: it is not in the file
  - webhook "Old pager"
        id     = "00000004000000000000000000000000"
      - name   = "Old pager"
      - url    = "https://relay.example.com/cf"
        # policies left without a recipient: "Nightly"

Warning: No secret is declared for "Ops room". (secret-may-clear)

Plan: 2 to add, 1 to change, 2 to destroy.
5 unchanged, 2 ignored.
Cloudflare will send up to 4 live test messages.
Policies switched to a new webhook: "Origin errors".
Policies that lose a webhook: "Nightly".
Policies left without a recipient, so their alerts reach no one: "Nightly".

Error: refused by guard in-use in account ${ACCOUNT}

  "Old pager" is used by policy "Nightly".

Digest: abc123
`);
});

test('nothing to do', () => {
  expect(text(account([], { summary: { ...EMPTY_SUMMARY, unchanged: 3, kept: 1 } }))).toBe(
    `Account ${ACCOUNT}\n\n3 unchanged, 1 unlisted and kept.\n\nNo changes. Your webhooks match the desired state.\n`,
  );
});

test('a guard that refuses several accounts for the same reason is shown once', () => {
  const guard = { code: 'unlisted-undecided' as const, message: 'Decide.', names: ['x'] };
  const guards = [guard];
  const others = Array.from({ length: 6 }, (_, n) =>
    account([], { accountId: `${n}`.repeat(32) as AccountId, guards }),
  );
  const out = text(...others, account([], { guards: [{ ...guard, message: 'Decide too.' }] }));
  expect(out.match(/Error: refused by guard/g)).toHaveLength(2);
  expect(out).toContain(`  in accounts ${'0'.repeat(32)},\n  ${'1'.repeat(32)}, `);
  expect(out).toContain(`and 1 more\n\n  Decide.\n`);
  expect(out).toContain(`unlisted-undecided\n  in account ${ACCOUNT}\n\n  Decide too.\n`);
});

describe('a guard with different messages for more than 3 accounts', () => {
  const inUse = (name: string) => ({
    code: 'in-use' as const,
    message: `${name} is used. Pass --allow-detach ${name}.`,
    names: [name],
  });

  test('lists the accounts and webhooks, then one message', () => {
    const accounts = Array.from({ length: 4 }, (_, n) =>
      account([], {
        accountId: `${n}`.repeat(32) as AccountId,
        guards: n === 0 ? [inUse('A'), inUse('Z')] : [inUse(`B${n}`)],
      }),
    );
    const out = text(...accounts);
    expect(out.slice(out.indexOf('Error:'))).toBe(`\
Error: refused by guard in-use in 4 accounts

  ${'0'.repeat(32)}: "A", "Z"
  ${'1'.repeat(32)}: "B1"
  ${'2'.repeat(32)}: "B2"
  ${'3'.repeat(32)}: "B3"

  For example: A is used. Pass --allow-detach A.
  For the others, run plan with --account ID.
`);
  });

  test('each is shown if they are of one account', () => {
    const out = text(account([], { guards: ['A', 'B', 'C', 'D'].map(inUse) }));
    expect(out.match(/Error: refused by guard in-use in account/g)).toHaveLength(4);
  });
});

test('a saved plan can be stale, so it does not say what will happen', () => {
  const out = renderPlanText(plan(account([create('A')])), { style: plainStyle, width: 80, saved: true });
  expect(out).toMatch(/^The saved plan contains the following actions:\n/);
});

test('a guard alone is not "No changes"', () => {
  const guards = [{ code: 'unlisted-undecided' as const, message: 'Decide.', names: ['x'] }];
  expect(text(account([], { guards }))).toBe(
    `Account ${ACCOUNT}\n\nPlan: 0 to add, 0 to change, 0 to destroy.\n\nError: refused by guard unlisted-undecided\n  in account ${ACCOUNT}\n\n  Decide.\n`,
  );
});

test('undecided webhooks are not called kept', () => {
  const guards = [{ code: 'unlisted-undecided' as const, message: 'Decide.', names: ['x'] }];
  const summary = { ...EMPTY_SUMMARY, kept: 2 };
  expect(text(account([], { guards, summary }))).toContain('2 unlisted.\n');
});

test('one create sends one live test message', () => {
  expect(text(account([create('A')]))).toContain('Cloudflare will send 1 live test message.');
});

test('several accounts: a heading for each with changes, the others counted, failures listed', () => {
  const error = { code: 'access-denied', message: 'The token may not read this account.' };
  const out = renderPlanText(
    {
      accounts: [account([create('A')]), account([], { accountId: OTHER })],
      failures: [{ accountId: OTHER, error }],
    },
    { style: plainStyle, width: 80 },
  );
  expect(out).toContain('Account 023e105f4ecef8ad9ca31a8372d0c353\n\n  # "A" will be created');
  expect(out).toContain(
    'Accounts:\n  023e105f4ecef8ad9ca31a8372d0c353  1 to add, 0 to change, 0 to destroy\n' +
      `  ${OTHER}  could not be read\n  1 account without changes\n`,
  );
  expect(out).toContain(
    `Error: account ${OTHER} could not be read\n  (access-denied)\n\n  The token may not`,
  );
  expect(out).not.toContain('No changes');
});

test('an account has its label wherever its ID is shown', () => {
  const guards = [{ code: 'in-use' as const, message: 'Used.', names: ['A'] }];
  const error = { code: 'network', message: 'No route.' };
  const out = renderPlanText(
    {
      accounts: [account([create('A')], { label: 'Production', guards })],
      failures: [{ accountId: OTHER, label: 'Edge\u001b[2J', error }],
    },
    { style: plainStyle, width: 80 },
  );
  expect(out).toContain(`\nAccount Production (${ACCOUNT})\n`);
  expect(out).toContain(
    `\n  Production (${ACCOUNT})\n      1 to add, 0 to change, 0 to destroy  (refused)\n`,
  );
  expect(out).toContain(`Error: refused by guard in-use\n  in account Production (${ACCOUNT})\n`);
  expect(out).toContain(`Error: account Edge\\u001b[2J (${OTHER}) could not be read\n  (network)`);
});

test('many accounts without changes are counted, and their shared warning is shown once', () => {
  const note = { code: 'version-not-compared' as const, message: '--previous was not given.', names: ['A'] };
  const own = { code: 'not-compared' as const, message: '"B" was not compared.', names: ['B'] };
  const accounts = Array.from({ length: 30 }, (_, i) =>
    account([], {
      accountId: id(i) as string as AccountPlan['accountId'],
      notes: i === 7 ? [note, own] : [note],
      summary: { ...EMPTY_SUMMARY, unchanged: 2 },
    }),
  );
  expect(text(...accounts)).toBe(`\
Warning: In 30 accounts: --previous was not given. (version-not-compared)

Note: In account ${id(7)}: "B" was not compared.
  (not-compared)

Accounts:
  30 accounts without changes

60 unchanged.

No changes. Your webhooks match the desired state. Not everything was compared.
`);
});

test('of a note with more than 3 different messages, one is shown, with the accounts and webhooks', () => {
  const accounts = Array.from({ length: 4 }, (_, n) =>
    account([], {
      accountId: `${n}`.repeat(32) as AccountId,
      notes: [{ code: 'no-policy', message: `No policy uses B${n}.`, names: [`B${n}`] }],
    }),
  );
  expect(text(...accounts.slice(0, 3)).match(/^Note: In account/gm)).toHaveLength(3);
  const warned = accounts.map((each) => ({
    ...each,
    notes: each.notes.map((note) => ({ ...note, code: 'reference-new-host' as const })),
  }));
  expect(text(...warned).match(/^Warning: In account/gm)).toHaveLength(4);
  expect(text(...accounts)).toContain(`\
Note: In 4 accounts, for example: No policy uses B0. (no-policy)
  ${'0'.repeat(32)}: "B0"
  ${'1'.repeat(32)}: "B1"
  ${'2'.repeat(32)}: "B2"
  ${'3'.repeat(32)}: "B3"

Accounts:
`);
});

test('only failures: does not say that there are no changes', () => {
  const failures = [{ accountId: OTHER, error: { code: 'network', message: 'No route.' } }];
  const out = renderPlanText({ accounts: [], failures }, { style: plainStyle, width: 80 });
  expect(out).toBe(`Error: account ${OTHER} could not be read (network)\n\n  No route.\n`);
});

test('a route: the policy, its webhooks before and after, and why some stay', () => {
  const before = [
    { name: '', id: '9'.repeat(32) as WebhookId },
    { name: 'Ops', id: live(1, '').id },
  ];
  const after = [{ name: 'Mine', id: live(2, '').id, kept: 'unlisted' as const }, { name: 'New' }];
  const out = text(account([create('Ops'), route(1, 'Ops', before, after)]));
  expect(out).toContain(`
  # policy "Ops" will be updated in-place: its webhooks changed
  ~ policy "Ops"
        id     = "${policy(1, '').id}"
      ~ webhooks = `);
  expect(out).toContain(`[${'9'.repeat(32)} (does not exist), "Ops"]`);
  expect(out).toContain('-> ["Mine" (unlisted), "New"]');
  expect(out).toContain('Plan: 1 to add, 1 to change, 0 to destroy.');
  // Only a write to a webhook sends a test message.
  expect(out).toContain('1 live test message');
});

describe('fields', () => {
  test('URLs that differ only in the masked part are marked', () => {
    const token = (end: string): string => `https://relay.example.com/in?key=${end}`;
    const out = text(account([replace(live(1, 'R', token('one')), spec('R', token('two')))]));
    expect(out).toContain('(credential differs) # forces replacement');
    expect(out).not.toMatch(/key=(one|two)/);
  });

  test('a URL from a variable and a rotated secret are shown by reference', () => {
    const after = {
      name: 'R',
      url: { kind: 'env' as const, env: 'RELAY_URL', version: '3' },
      secret: { kind: 'file' as const, file: 'secrets/ops', path: '/etc/x' },
    };
    const out = text(account([replace(live(1, 'R'), after, { because: ['url-rotated', 'secret-rotated'] })]));
    expect(out).toContain(
      'must be replaced: the value of its url variable changed, its secret\n  # changed\n',
    );
    expect(out).toContain('-> (env RELAY_URL, version 3) # forces replacement');
    expect(out).toContain('~ secret = (not readable) -> (file secrets/ops) # forces replacement');
  });

  test('a replacement shows which secret goes to the new URL', () => {
    const after = spec('R', 'https://new.example.com/', { kind: 'env', env: 'TOKEN' });
    expect(text(account([replace(live(1, 'R'), after)]))).toContain('        secret = (env TOKEN)\n');
  });

  test('a survivor and leftovers of an interrupted replacement; the rename can send a test message', () => {
    const action = replace(live(1, 'R'), spec('R'), {
      because: ['finish-replace'],
      survivor: live(9, 'R [hookwright: replaces 00000001]'),
      retire: [live(1, 'R'), live(2, 'R')],
      policies: [policy(1, 'P')],
    });
    const out = text(account([action]));
    expect(out).toContain('must be replaced: its replacement was interrupted');
    expect(out).toContain('keeps 00000009000000000000000000000000');
    expect(out.replaceAll(/\s+(# )?/g, ' ')).toContain(`also destroys "R" (${id(2)})`);
    expect(out).toContain('up to 1 live test message.');
  });
});

test('a route shows the current and the new webhooks of the policy', () => {
  const before = [
    { name: '', id: id(9) },
    { name: 'Kept', id: id(2), kept: 'unlisted' as const },
  ];
  const out = text(account([route(1, 'Origin errors', before, [{ name: 'New' }, ...before.slice(1)])]));
  expect(out).toContain(
    '  # policy "Origin errors" will be updated in-place: its webhooks changed\n  ~ policy "Origin errors"\n',
  );
  expect(out).toContain(`[${id(9)} (does not exist), "Kept" (unlisted)]`);
  expect(out).toContain('-> ["New", "Kept" (unlisted)]');
});

test('prose is wrapped at the width, words are not broken', () => {
  const message = 'word '.repeat(60).trim();
  const out = text(account([], { guards: [{ code: 'pinned', message, names: [] }] }));
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

test('color only from the style, never from a name', () => {
  const out = renderPlanText(mixedPlan(), { style: ansiStyle, width: 80 });
  expect(out).toContain('\u001b[32m  +\u001b[39m webhook "Ops Slack"');
  // eslint-disable-next-line no-control-regex
  expect(out.replace(/\u001b\[\d+m/g, '')).toBe(
    renderPlanText(mixedPlan(), { style: plainStyle, width: 80 }),
  );
});

test.each(HOSTILE)('hostile text %# stays text', (name) => {
  const before = { ...live(1, name, name), id: name as WebhookId };
  const p = account(
    [
      create(name, name),
      update(before, spec(name)),
      destroy(before, [policy(1, name, true), policy(2, name)]),
    ],
    {
      notes: [{ code: 'not-compared', message: name, names: [] }],
      guards: [{ code: 'in-use', message: name, names: [] }],
    },
  );
  const out = text(p);
  expect(out).not.toMatch(UNSEEN);
  expect(out).not.toMatch(COMMAND);
  expect(Buffer.from(out).toString()).toBe(out);
});
