import { describe, expect, test } from '@jest/globals';
import { FlagNames, type KnownName } from '../../src/cli/names.js';
import { DEFAULTS, type Options } from '../../src/cli/flags.js';
import type { AccountId } from '../../src/core/ids.js';
import type { AccountName } from '../../src/render/wording.js';
import { ACCOUNT, OTHER_ACCOUNT } from '../support/site.js';

const [ONE, TWO] = [ACCOUNT as AccountId, OTHER_ACCOUNT as AccountId];
const ACCOUNTS: readonly AccountName[] = [{ accountId: ONE, label: 'Production' }, { accountId: TWO }];
const flagNames = (options: Partial<Options>, accounts = ACCOUNTS): FlagNames =>
  new FlagNames({ ...DEFAULTS, ...options }, accounts);
const has = (account: AccountId, ...names: readonly string[]): readonly KnownName[] => [
  ...names.map((name) => ({ account, resource: 'webhook' as const, name })),
  { account, resource: 'policy', name: 'Origin errors' },
];
const NONE = { failed: new Set<AccountId>(), elsewhere: new Set<AccountId>() };

describe('ACCOUNT:NAME', () => {
  test.each([
    ['a label', 'Production:Ops', ONE],
    ['an ID', `${TWO}:Ops`, TWO],
    ['an ID with dashes, in capitals', `${TWO.toUpperCase().replace(/^(.{8})/, '$1-')}:Ops`, TWO],
  ])('%s limits the name to the account', (_, text, account) => {
    for (const each of [ONE, TWO]) {
      const { targets, rotate } = flagNames({ target: [text], rotate: [text] }).optionsFor(each, undefined);
      expect([targets, [...rotate]]).toEqual(each === account ? [['Ops'], ['Ops']] : [[''], []]);
    }
  });

  test.each(['production:Ops', 'Staging:Ops', `${'9'.repeat(32)}:Ops`, ':Ops', 'id:1f', 'Ops'])(
    'without a described account before the colon, the whole text is the name: %s',
    (text) => {
      const names = flagNames({ target: [text], allowDelete: [text] }, [
        ...ACCOUNTS,
        { accountId: TWO, label: '' },
      ]);
      expect(names.optionsFor(ONE, undefined)).toMatchObject({
        targets: [text],
        allowDelete: new Set([text]),
      });
    },
  );

  test('a name that starts with an account label is refused, and the suggested forms are accepted', () => {
    const accounts = [...has(ONE, ' x', 'Ops'), ...has(TWO, 'Production: x')];
    const refusal = (target: string) => (): void =>
      flagNames({ target: [target] }).refuseTwoReadings(accounts);
    const text =
      `--target "Production: x" can be read in two ways: a webhook has this name, and "Production" is the label of an account. ` +
      `Pass the account ID: "${ONE}: x" or "${TWO}:Production: x".`;
    expect(refusal('Production: x')).toThrow(text);
    expect(refusal('Production:*')).toThrow('can be read in two ways');
    for (const way of [`${ONE}: x`, `${TWO}:Production: x`, 'Production:Ops'])
      expect(refusal(way)).not.toThrow();
    expect(flagNames({ target: [`${TWO}:Production: x`] }).optionsFor(TWO, undefined).targets).toEqual([
      'Production: x',
    ]);
  });

  test.each([
    ['target', 'policy'],
    ['allowDelete', 'id'],
  ] as const)('a --%s that starts with the label %s has two meanings', (flag, label) => {
    const make = (text: string) => (): unknown => flagNames({ [flag]: [text] }, [{ accountId: ONE, label }]);
    expect(make(`${label}:x`)).toThrow(`because "${label}" is also the label of account ${ONE}`);
    expect(make(`${label}:x`)).toThrow(`pass the account ID: "${ONE}:x"`);
    expect(make(`${ONE}:x`)).not.toThrow();
  });

  test('a name in several accounts is refused, with the labels to use', () => {
    const accounts = [...has(ONE, 'Ops'), ...has(TWO, 'Ops')];
    const refuse = (name: string) => (): void =>
      flagNames({ replace: [name] }).refuseSeveral(accounts, ['replace']);
    expect(refuse('Ops')).toThrow(
      `--replace "Ops" matches webhooks in 2 accounts. Specify one: "${TWO}:Ops" or "Production:Ops".`,
    );
    expect(refuse('Production:Ops')).not.toThrow();
    expect(refuse('Other')).not.toThrow();
  });

  test('what is suggested is quoted for a shell, because anyone in the account can name a webhook', () => {
    const names = flagNames({ allowDelete: ['Ops,`id`', '$HOM'] });
    expect(names.unused({ deleting: has(ONE, 'Ops', '`id`', '$HOME'), changing: [] }, NONE)).toEqual([
      expect.stringContaining('--allow-delete "Ops" --allow-delete \'`id`\''),
      expect.stringContaining("Did you mean '$HOME'?"),
    ]);
  });
});

describe('policy:PATTERN', () => {
  const accounts = has(ONE, 'Ops');

  test.each([
    ['policy:Origin*', [ONE, TWO]],
    ['Production:policy:Origin*', [ONE]],
  ])('%s selects policies but no webhooks', (target, of) => {
    const names = flagNames({ target: [target] });
    for (const account of [ONE, TWO])
      expect(names.optionsFor(account, undefined).targets).toEqual([
        of.includes(account) ? 'policy:Origin*' : '',
      ]);
    expect(() => names.refuseMissed(accounts, NONE)).not.toThrow();
    expect(() => names.refuseSeveral(accounts, ['target'])).not.toThrow();
  });

  test.each([
    ['policy:Origin error', 'Did you mean "policy:Origin errors"?'],
    [
      `${TWO}:policy:Origin errors`,
      'There is none: to manage the webhooks of a policy, add it under "policies".',
    ],
  ])('%s matches no policy', (target, hint) => {
    expect(() => flagNames({ target: [target] }).refuseMissed(accounts, NONE)).toThrow(
      `--target "${target}" matches no policy in the files. ${hint}`,
    );
  });

  test('only --target accepts it', () => {
    expect(flagNames({ rotate: ['policy:x'] }).optionsFor(ONE, undefined).rotate).toEqual(
      new Set(['policy:x']),
    );
  });
});

describe('the suggestion for a name that matches nothing', () => {
  test.each([
    ['Prodution:Ops', 'Did you mean "Production:Ops"?'],
    [`${'9'.repeat(32)}:Ops`, `No file describes account ${'9'.repeat(32)}.`],
    ['Production:Opps', 'Did you mean "Production:Ops"?'],
    ['zzzzzz', 'The names are: "Ops", "Pager".'],
  ])('%s: %s', (text, hint) => {
    const accounts = [...has(ONE, 'Pager', 'Ops'), ...has(TWO, 'Ops')];
    expect(() => flagNames({ target: [text] }).refuseMissed(accounts, NONE)).toThrow(hint);
    expect(() => flagNames({ rotate: [text] }).refuseUnknown(accounts)).toThrow(hint);
  });

  test('no names are listed if there are many', () => {
    const many = Array.from({ length: 11 }, (_, i) => `Webhook ${i}`);
    const refuse = (file?: readonly string[]) => (): void =>
      flagNames({ target: ['zzzzzz'], ...(file && { file }) }).refuseMissed(has(ONE, ...many), NONE);
    expect(refuse()).toThrow(/To list the webhooks, run: hookwright status$/);
    expect(refuse(['my dir/a.yaml'])).toThrow("run: hookwright status -f 'my dir/a.yaml'");
  });
});

test('--rotate accepts the ID of a pinned entry, --replace does not', () => {
  const accounts = has(ONE, 'Ops', 'id:0f');
  expect(() => flagNames({ rotate: ['id:0f'] }).refuseUnknown(accounts)).not.toThrow();
  expect(() => flagNames({ replace: ['id:0f'] }).refuseUnknown(accounts)).toThrow(
    'no webhook in the file has this name',
  );
});

test('of many accounts, only the first are suggested, in the order of their numbers', () => {
  const accounts = Array.from({ length: 30 }, (_, i) => ({
    accountId: String(i).padStart(32, '0') as AccountId,
    label: `Team ${30 - i}`,
  }));
  const known = accounts.map(({ accountId }) => ({
    account: accountId,
    resource: 'webhook' as const,
    name: 'Security relay',
  }));
  const several = flagNames({ rotate: ['Security relay'] }, accounts);
  expect(() => several.refuseSeveral(known, ['rotate'])).toThrow(
    'matches webhooks in 30 accounts. Specify one: "Team 1:Security relay", "Team 2:Security relay", "Team 3:Security relay" and 27 more.',
  );
  const missed = flagNames({ target: ['*:Security relay'] }, accounts);
  expect(() => missed.refuseMissed(known, NONE)).toThrow(
    'Did you mean "Team 1:Security relay", "Team 2:Security relay", "Team 3:Security relay" and 27 more?',
  );
});
