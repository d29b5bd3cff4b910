import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Plan } from '../../src/core/plan.js';
import type { ApplyResult, Outcome } from '../../src/core/outcome.js';
import {
  APPLY_MARKER,
  byteLength,
  MARKDOWN_LIMIT,
  PLAN_MARKER,
  renderApplyMarkdown,
  renderPlanMarkdown,
} from '../../src/render/markdown.js';
import {
  ACCOUNT,
  account,
  create,
  destroy,
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
  UNSEEN,
} from './fixtures.js';

const CUT = 'Do not approve the plan from this comment alone.';
const markdown = (of: Plan): string => renderPlanMarkdown(of, 'd'.repeat(64));

test('the account has its own line, with its label', () => {
  const text = markdown(plan(account([create('A')], { label: 'EU @here' })));
  expect(text).toContain(
    `1 to add, 0 to change, 0 to destroy\n\nAccount: EU &#64;<!-- -->here (<code>${ACCOUNT}</code>)\n`,
  );
});

test('the details of the 10 most severe actions are open; the others are folded', () => {
  const actions = [...Array.from({ length: 11 }, (_, i) => create(`C${i}`)), destroy(live(1, 'D'))];
  const text = markdown(plan(account(actions)));
  const heads = [...text.matchAll(/<details( open)?><summary><code>.<\/code> <code>(\w+)/g)];
  expect(heads.filter(([, open]) => open).map(([, , name]) => name)).toHaveLength(10);
  expect(heads[0]?.slice(1)).toEqual([' open', 'D']);
  expect(heads.slice(10).map(([, open]) => open)).toEqual([undefined, undefined]);
});

test('a warning for several accounts is shown once', () => {
  const notes = [{ code: 'not-compared' as const, message: 'Not compared.', names: ['A'] }];
  const text = markdown(plan(account([], { notes }), account([], { notes, accountId: OTHER })));
  expect(text).toContain('### Notes (1)\n\n- In 2 accounts: Not compared. (not-compared)\n');
});

test('the result of an apply has the warnings of its plan, which --format markdown shows nowhere else', () => {
  const notes = [
    { code: 'not-deployed-before' as const, message: 'Not described.', names: [] },
    { code: 'no-policy' as const, message: 'No policy.', names: ['A'] },
  ];
  const text = renderApplyMarkdown(plan(account([], { notes })), { outcomes: [], discrepancies: [] });
  expect(text).toContain('\n\n### Warnings (1)\n\n- Not described. (not-deployed-before)\n');
  expect(text).not.toContain('No policy.');
});

test('of several accounts, those without changes are counted, after an apply too', () => {
  const some = plan(account([create('A')]), account([], { accountId: OTHER }));
  const none = plan(account([]), account([], { accountId: OTHER }));
  const result: ApplyResult = { outcomes: [], discrepancies: [] };
  expect(markdown(some)).toContain('\n\n1 account without changes.\n');
  expect(markdown(none)).toContain('\n\n2 accounts without changes.\n');
  expect(renderApplyMarkdown(none, result)).toContain('\n2 accounts without changes.\n');
  expect(markdown(plan(account([])))).not.toContain('without changes');
});

test('most severe first, details, the digest and the marker', () => {
  const text = renderPlanMarkdown(mixedPlan(), 'abc123');
  expect(text.startsWith(`${PLAN_MARKER}\n## hookwright plan: 2 to add, 1 to change, 2 to destroy\n`)).toBe(
    true,
  );
  const order = [
    '**Refused:**',
    'Digest: <code>abc123</code>',
    '### Refused by a guard (1)',
    '### Destroy (1)',
    '### Replace (1)',
    '### Update in-place (1)',
    '### Create (1)',
    '### Warnings (1)',
    'Cloudflare will send up to 4 live test messages',
  ];
  const places = order.map((part) => text.indexOf(part));
  expect(places).not.toContain(-1);
  expect([...places].sort((a, b) => a - b)).toEqual(places);
  expect(text).toContain(`\
<details open><summary><code>-/+</code> <code>Relay</code> must be replaced: its url changed</summary>

| field | before | after |
|---|---|---|
| url | <code>&#34;https&#58;<!-- -->//relay.example.com/cf&#34;</code> | <code>&#34;https&#58;<!-- -->//new.example.com/cf&#34;</code> (forces replacement) |

- id <code>00000003000000000000000000000000</code>
- policies switched to the new webhook&#58;<!-- --> Origin errors

</details>
`);
  expect(text).not.toContain(CUT);
});

test('no changes; only failures', () => {
  expect(markdown(plan(account([])))).toContain('No changes. Your webhooks match the desired state.');
  const failed = markdown({
    accounts: [],
    failures: [{ accountId: OTHER, error: { code: 'network', message: 'down' } }],
  });
  expect(failed).not.toContain('No changes.');
  expect(failed).toContain(`### Could not be read (1)\n\n- account <code>${OTHER}</code> (network): down\n`);
});

test('several accounts are named and added up', () => {
  const text = markdown(plan(account([create('A')]), account([create('B')], { accountId: OTHER })));
  expect(text).toContain(`<code>A</code> in account <code>${ACCOUNT}</code> will be created`);
  expect(text).toContain(`- <code>${OTHER}</code>: 1 to add, 0 to change, 0 to destroy\n`);
});

describe('the limit', () => {
  const many = (n: number, name: (i: number) => string): ReturnType<typeof plan> =>
    plan(
      account(Array.from({ length: n }, (_, i) => create(name(i))).concat(), {
        guards: [{ code: 'too-many-deletes', message: 'Too many.', names: [] }],
      }),
    );

  test('2,000 changes: truncated, with a note at the top, most severe first', () => {
    const changes = plan(
      account([
        ...Array.from({ length: 1999 }, (_, i) => create(`Webhook number ${i}`)),
        destroy(live(1, 'The one that goes'), [policy(1, 'Origin errors', true)]),
      ]),
    );
    const text = renderPlanMarkdown(changes, 'd'.repeat(64));
    expect(text.length).toBeLessThanOrEqual(MARKDOWN_LIMIT);
    expect(byteLength(text)).toBeLessThanOrEqual(MARKDOWN_LIMIT);
    expect(text).toContain(CUT);
    expect(text.indexOf(CUT)).toBeLessThan(600);
    expect(text).toContain('The one that goes');
    const left = Number(/truncated: (\d+) of 2000 entries/.exec(text)?.[1]);
    expect(text.match(/will be created/g)).toHaveLength(1999 - left);
    expect(text).toContain(`… and ${left} more.`);
    expect(text).toContain('d'.repeat(64));
    expect(text).toContain('Policies left without a recipient');
  });

  test('a comment that fits without details is not truncated', () => {
    const text = markdown(many(500, (i) => `W${i}`));
    expect(text).toContain('Details are omitted');
    expect(text.match(/will be created/g)).toHaveLength(500);
    expect(text).not.toContain(CUT);
  });

  test('law: any names, any number, within the limit in bytes and in UTF-16, details balanced', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.constantFrom(...HOSTILE, '@#:'.repeat(3000)),
    );
    fc.assert(
      fc.property(
        fc.array(name, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 60 }),
        (names, times) => {
          const actions = Array.from({ length: times }, () => names)
            .flat()
            .map((one, i) =>
              replace(live(i, one, one), spec(one, one), { policies: [policy(i, one, i % 2 === 0)] }),
            );
          const guards = names.map((one) => ({ code: 'in-use' as const, message: one, names: [one] }));
          const text = markdown(plan(account(actions, { guards })));
          expect(byteLength(text)).toBeLessThanOrEqual(MARKDOWN_LIMIT);
          expect(text.length).toBeLessThanOrEqual(MARKDOWN_LIMIT);
          expect(text.match(/<details( open)?>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
        },
      ),
      { numRuns: 25 },
    );
  });
});

test('a policy is not mistaken for a webhook with the same name', () => {
  const changes = [
    update(live(1, 'Chat'), spec('Ops')),
    route(1, 'Ops', [], [{ name: 'Ops', id: live(1, '').id }]),
  ];
  const text = markdown(plan(account(changes)));
  expect(text).toContain('<code>~</code> <code>Ops</code> will be updated in-place: its name changed');
  expect(text).toContain(
    '<code>~</code> policy <code>Ops</code> will be updated in-place: its webhooks changed',
  );
  expect(text).toContain('| webhooks | <code>&#91;&#93;</code> | <code>&#91;&#34;Ops&#34;&#93;</code> |');
  const base = { accountId: ACCOUNT, kind: 'update', name: 'Ops', status: 'failed', wrote: true } as const;
  const outcomes = (['webhook', 'policy'] as const).map((resource) => ({ ...base, resource }));
  const applied = renderApplyMarkdown(plan(account(changes)), { outcomes, discrepancies: [] });
  expect(applied).toContain(
    '- Modification of <code>Ops</code>\n- Modification of policy <code>Ops</code>\n',
  );
});

describe('apply', () => {
  const outcome = (name: string, more: Partial<Outcome> = {}): Outcome => ({
    accountId: ACCOUNT,
    kind: 'create',
    resource: 'webhook',
    name,
    status: 'applied',
    wrote: true,
    ...more,
  });

  test('most severe first, applied actions folded', () => {
    const error = { code: 'network', message: 'down' } as const;
    const result: ApplyResult = {
      outcomes: [
        outcome('A'),
        outcome('S', { status: 'skipped' }),
        outcome('U', { status: 'unknown', note: 'n' }),
        outcome('F', { status: 'failed', error }),
      ],
      discrepancies: [{ accountId: ACCOUNT, message: 'not there' }],
    };
    expect(renderApplyMarkdown(plan(account([create('A')])), result)).toBe(`\
${APPLY_MARKER}
## hookwright apply: incomplete

Account: <code>${ACCOUNT}</code>

Apply incomplete&#58;<!-- --> 1 of 4 actions applied &#40;1 added, 0 changed, 0 destroyed&#41;; 1 failed, 1 unknown, 1 skipped, 1 account not verified.

### Failed (1)

- Creation of <code>F</code>: down (network)

### Unknown (1)

- Creation of <code>U</code>: n

### Not verified (1)

- not there

### Skipped (1)

- Creation of <code>S</code>

Fix the errors above, then run apply again. It continues from the live state.

<details><summary>Applied (1)</summary>

- Creation of <code>A</code>

</details>
`);
  });

  test('names what an unfinished replacement can leave, and stays within the limit', () => {
    const names = Array.from({ length: 2000 }, (_, i) => `Webhook ${i} ${'@'.repeat(50)}`);
    const error = { code: 'network', message: 'down' } as const;
    const text = renderApplyMarkdown(plan(account(names.map((name) => replace(live(1, name), spec(name))))), {
      outcomes: names.map((name) => outcome(name, { kind: 'replace', status: 'failed', error })),
      discrepancies: [],
    });
    expect(byteLength(text)).toBeLessThanOrEqual(MARKDOWN_LIMIT);
    expect(text).toContain('Until then, the account can have leftovers: <code>Webhook 0 ');
    expect(text).toContain(' and 1980 more.');
  });

  test('complete', () => {
    const text = renderApplyMarkdown(plan(account([create('A')])), {
      outcomes: [outcome('A')],
      discrepancies: [],
    });
    expect(text).toContain(
      `## hookwright apply: complete\n\nAccount: <code>${ACCOUNT}</code>\n\nApply complete&#33;<!-- --> Resources&#58;<!-- --> 1 added`,
    );
  });

  test('2,000 failures are truncated, and so are 2,000 successes', () => {
    const names = Array.from({ length: 2000 }, (_, i) => `Webhook ${i}`);
    for (const status of ['failed', 'applied'] as const) {
      const text = renderApplyMarkdown(plan(account([])), {
        outcomes: names.map((name) => outcome(name, { status, note: 'x'.repeat(50) })),
        discrepancies: [],
      });
      expect(byteLength(text)).toBeLessThanOrEqual(MARKDOWN_LIMIT);
      const left = Number(/truncated: (\d+) entries/.exec(text)?.[1]);
      expect(text.match(/^- Creation/gm)).toHaveLength(2000 - left);
    }
  });
});

test.each(HOSTILE)('hostile text %# is text', (name) => {
  const guards = [{ code: 'in-use' as const, message: name, names: [name] }];
  const text = renderPlanMarkdown(
    plan(
      account([create(name, name), replace(live(1, name), spec(name), { policies: [policy(1, name)] })], {
        guards,
      }),
    ),
    name,
  );
  const bare = text.replaceAll(PLAN_MARKER, '').replaceAll('<!-- -->', '');
  expect(bare).not.toMatch(/<(?!\/?(?:details|details open|summary|code)>)|@|!\[|\]\(|::|https?:/);
  expect(bare).not.toMatch(/(?<!&)#(?!## )(?<!#)\d/);
  expect(bare).not.toMatch(UNSEEN);
  for (const row of bare.split('\n').filter((line) => line.startsWith('|'))) {
    expect(row.split('|')).toHaveLength(5);
  }
});
