import { createHash } from 'node:crypto';
import type { DesiredSecret, Spec } from '../../src/core/desired.js';
import type { AccountId, PolicyId } from '../../src/core/ids.js';
import type { Live } from '../../src/core/live.js';
import type { ApplyResult } from '../../src/core/outcome.js';
import {
  EMPTY_SUMMARY,
  type AccountPlan,
  type Action,
  type Create,
  type Delete,
  type Plan,
  type PolicyRef,
  type Replace,
  type RouteTarget,
  type UpdatePolicy,
  type UpdateWebhook,
} from '../../src/core/plan.js';
import { ACCOUNT, id, live as found } from '../support/core/builders.js';

export { ACCOUNT, id };
export const OTHER = 'f0000000000000000000000000000001' as AccountId;

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const RELAY = 'https://relay.example.com/cf';

export function live(n: number, name: string, url = RELAY): Live {
  return found(n, name, url);
}

export function spec(name: string, url = RELAY, secret?: DesiredSecret): Spec {
  return { name, url: { kind: 'literal', url }, ...(secret && { secret }) };
}

export function policy(n: number, name: string, orphaned = false): PolicyRef {
  return { id: id(1000 + n) as string as PolicyId, name, orphaned };
}

export function create(name: string, url?: string, secret?: DesiredSecret): Create {
  return { kind: 'create', resource: 'webhook', name, because: 'new', after: spec(name, url, secret) };
}

export function update(
  before: Live,
  after: Spec,
  because: UpdateWebhook['because'] = ['renamed'],
): UpdateWebhook {
  return { kind: 'update', resource: 'webhook', name: after.name, id: before.id, because, before, after };
}

/** Returns an update of the policy with this number to other webhooks. */
export function route(
  n: number,
  name: string,
  before: readonly RouteTarget[],
  after: readonly RouteTarget[],
): UpdatePolicy {
  return {
    kind: 'update',
    resource: 'policy',
    name,
    id: policy(n, name).id,
    because: 'routes',
    before,
    after,
  };
}

export function replace(before: Live, after: Spec, more: Partial<Replace> = {}): Replace {
  return {
    kind: 'replace',
    resource: 'webhook',
    name: after.name,
    id: before.id,
    because: ['url-changed'],
    before,
    after,
    retire: [before],
    policies: [],
    ...more,
  };
}

export function destroy(
  before: Live,
  policies: readonly PolicyRef[] = [],
  because: Delete['because'] = 'unlisted',
): Delete {
  return { kind: 'delete', resource: 'webhook', name: before.name, id: before.id, because, before, policies };
}

/** Returns an account's plan, with its summary counted from the actions. */
export function account(actions: readonly Action[], more: Partial<AccountPlan> = {}): AccountPlan {
  const summary = { ...EMPTY_SUMMARY };
  for (const action of actions) summary[action.kind] += 1;
  return {
    accountId: ACCOUNT,
    actions,
    guards: [],
    notes: [],
    overrides: [],
    ...more,
    summary: { ...summary, ...more.summary },
  };
}

export function plan(...accounts: readonly AccountPlan[]): Plan {
  return { accounts, failures: [] };
}

/** Returns a plan with one action of each kind, policies, a guard and a note. */
export function mixedPlan(): Plan {
  return plan(
    account(
      [
        create('Ops Slack', 'https://hooks.slack.com/services/T000/B000', {
          kind: 'env',
          env: 'OPS_SLACK_TOKEN',
          version: '2',
        }),
        update(live(2, 'Ops chat'), spec('Ops room')),
        replace(live(3, 'Relay'), spec('Relay', 'https://new.example.com/cf'), {
          policies: [policy(1, 'Origin errors')],
        }),
        destroy(live(4, 'Old pager'), [policy(2, 'Nightly', true)]),
      ],
      {
        summary: { ...EMPTY_SUMMARY, create: 1, update: 1, replace: 1, delete: 1, unchanged: 5, ignored: 2 },
        guards: [
          { code: 'in-use', message: '"Old pager" is used by policy "Nightly".', names: ['Old pager'] },
        ],
        notes: [
          { code: 'secret-may-clear', message: 'No secret is declared for "Ops room".', names: ['Ops room'] },
        ],
      },
    ),
  );
}

/** Returns a result with an outcome of each status, and a discrepancy. */
export function mixedResult(): ApplyResult {
  const base = { accountId: ACCOUNT, kind: 'create', resource: 'webhook', wrote: false } as const;
  return {
    outcomes: [
      { ...base, name: 'A', status: 'applied', note: 'noted' },
      { ...base, name: 'B', status: 'failed', error: { code: 'network', message: 'down' } },
      { ...base, name: 'C', status: 'unknown' },
      { ...base, name: 'D', status: 'skipped' },
    ],
    discrepancies: [{ accountId: ACCOUNT, message: 'gone' }],
  };
}

/** Characters that must not be in any output: controls, bidi marks, zero-width characters. */
export const UNSEEN =
  /(?!\n)[\p{Cc}\p{Bidi_Control}\u200b-\u200d\u2028\u2029\ufeff\p{Noncharacter_Code_Point}]/u;

/** A workflow command that a CI system would run. */
export const COMMAND = /^\s*::|##\w*\[/m;

/** Names that look like markup, commands or other syntax. */
export const HOSTILE: readonly string[] = [
  '\u001b[31mred\u001b[0m\u0007',
  'a\u202eb\u2066c\u200bd\ufeff',
  'new\nline\r\n::error::owned',
  '::warning file=x::owned',
  'a ::set-output name=x::y',
  '##[error]owned',
  '##vso[task.setvariable]x',
  '**bold** _it_ `code` [x](https://evil.example) ![i](http://i)',
  '<script>alert(1)</script><img src=x onerror=y>',
  '@octocat see #123 and GH-7 !5 ~bug $2 %3 &4',
  '| a | b |\n|---|---|',
  '</details><!-- --> --> ]]> </svg>',
  '"quoted" \\ \'single\' &amp;',
  'lone \ud800 surrogate',
  '\u{e0041}\u{e0042}tags',
  '# heading',
  '- list',
  '1. one',
  '   ',
  '',
];
