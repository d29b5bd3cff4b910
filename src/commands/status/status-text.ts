import { bareId } from '../../core/ids.js';
import { groupBy } from '../../core/order.js';
import {
  healthCounts,
  type AccountStatus,
  type Health,
  type Relation,
  type WebhookStatus,
} from './health.js';
import { accountText, CHECK_ACCOUNT, EMPTY_ACCOUNT } from '../../render/wording.js';
import { forTerminal } from '../../text/untrusted.js';
import { shownUrl } from '../../core/urls.js';
import { clip, count, nameList, quote, wrap } from '../../text/layout.js';
import type { Style } from '../../text/style.js';

export type StatusTextOptions = {
  readonly style: Style;
  /** Milliseconds since 1970, for `3 days ago`. */
  readonly now: number;
  readonly width: number;
  /** Whether long names are shortened. Elsewhere than on a terminal, other programs look for them. */
  readonly shorten: boolean;
};

const HEALTH: Readonly<Record<Health, string>> = {
  failing: 'failing',
  healthy: 'healthy',
  'never-used': 'no alerts',
};
const RELATION_TEXT: Readonly<Record<Relation, string>> = {
  managed: 'managed',
  unfinished: 'left over from an interrupted replacement',
  ambiguous: 'one of several with this name',
  ignored: 'not managed: ignored',
  absent: 'not managed: to be deleted',
  unlisted: 'not managed',
};
const NAME_LENGTH = 60;
const URL_LENGTH = 200;
const INDENT = ' '.repeat(12);

/** Shows the health of the webhooks of each account, worst first. */
export function renderStatus(accounts: readonly AccountStatus[], options: StatusTextOptions): string {
  return `${accounts.map((account) => statusText(account, options)).join('\n\n')}\n`;
}

function statusText(account: AccountStatus, options: StatusTextOptions): string {
  const { style, width } = options;
  const byName = groupBy(account.webhooks, ({ live }) => live.name);
  const repeatedNames = new Set([...byName].flatMap(([name, all]) => (all.length > 1 ? [name] : [])));
  const blocks = account.webhooks.map((webhook) =>
    webhookText(webhook, { ...options, ...(account.routed && { routed: account.routed }), repeatedNames }),
  );
  const { missing = [], dangling, silent } = account;
  const warnings = [
    ['In the file but not in the account:', missing.map(quote)],
    ['Policies that use a webhook that does not exist:', dangling.map(({ name }) => quote(name))],
    [
      'Policies without a recipient:',
      silent.map(({ name, enabled }) => `${quote(name)}${traitsOf({ enabled })}`),
    ],
  ] as const;
  const notes = warnings.flatMap(([label, names]) =>
    names.length === 0
      ? []
      : wrap(`${label} ${nameList(names, String)}.`, width).replace(label, style.warning(label)),
  );
  if (account.isEmpty)
    notes.push(wrap(`${style.dim('Note:')} ${EMPTY_ACCOUNT} ${CHECK_ACCOUNT}`, width, '  ', ''));
  const head = style.heading(`Account ${accountText(account, forTerminal)}`);
  return [head, ...blocks, notes.join('\n'), totals(account, style)].filter(Boolean).join('\n\n');
}

type WebhookTextOptions = StatusTextOptions &
  Pick<AccountStatus, 'routed'> & {
    /** Names of several webhooks, which are shown with their IDs. */
    readonly repeatedNames: ReadonlySet<string>;
  };

function webhookText(
  { live, health, relation, policies }: WebhookStatus,
  { routed, repeatedNames, ...options }: WebhookTextOptions,
): string {
  const { style, width, shorten } = options;
  const short = (text: string, most: number): string => (shorten ? clip(text, most) : forTerminal(text));
  const paint = { failing: style.error, healthy: style.success, 'never-used': style.dim }[health];
  const line = (text: string): string => wrap(text, width, `${INDENT}  `, INDENT);
  const traits = [
    clip(live.type || 'unknown type', 20),
    ...(relation ? [RELATION_TEXT[relation]] : []),
    ...(repeatedNames.has(live.name) ? [`id:${forTerminal(live.id)}`] : []),
  ].join(', ');
  const users = policies.map(
    ({ id, name, enabled }) =>
      `${quote(short(name, NAME_LENGTH))}${traitsOf({ enabled, managed: routed?.has(bareId(id)) === true })}`,
  );
  const used = users.length > 0 ? `used by ${nameList(users, (text) => text)}` : 'no policy uses it';
  return [
    `${paint(HEALTH[health].padEnd(10))}  ${style.heading(short(live.name, NAME_LENGTH) || '""')}`,
    line(traits),
    line(short(shownUrl(live), URL_LENGTH)),
    ...lastTimes(live, options.now).map(line),
    line(used),
  ].join('\n');
}

function traitsOf({ enabled, managed = false }: { enabled: boolean; managed?: boolean }): string {
  const traits = [...(managed ? ['managed'] : []), ...(enabled ? [] : ['disabled'])];
  return traits.length > 0 ? ` (${traits.join(', ')})` : '';
}

function lastTimes({ lastSuccess, lastFailure }: WebhookStatus['live'], now: number): readonly string[] {
  return [
    ...(lastFailure ? [`last failure ${when(lastFailure, now)}`] : []),
    ...(lastSuccess ? [`last success ${when(lastSuccess, now)}`] : []),
  ];
}

/** Returns, for example, `2026-03-01 10:00 UTC (3 days ago)`. */
function when(time: string, now: number): string {
  const at = Date.parse(time);
  if (Number.isNaN(at)) return forTerminal(time.slice(0, 40));
  const stamp = new Date(at).toISOString();
  return `${stamp.slice(0, 10)} ${stamp.slice(11, 16)} UTC (${ago(now - at)})`;
}

const UNITS = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
] as const;

function ago(milliseconds: number): string {
  for (const [size, unit] of UNITS) {
    if (milliseconds >= size) return `${count(Math.floor(milliseconds / size), unit)} ago`;
  }
  return milliseconds >= 0 ? 'just now' : 'in the future; check the clock';
}

function totals({ webhooks }: AccountStatus, style: Style): string {
  const { failing, healthy, never_used: unused, failing_in_use: cut } = healthCounts(webhooks);
  const sum = `${count(webhooks.length, 'webhook')}: ${failing} failing, ${healthy} healthy, ${unused} without alerts.`;
  if (cut === 0) return sum;
  const verb = cut === 1 ? 'is' : 'are';
  const alarm = `${count(cut, 'failing webhook')} ${verb} used by policies; alerts are not delivered.`;
  return `${sum}\n${style.error(alarm)}`;
}
