import type { AccountId } from '../core/ids.js';
import { isReservedName, replacementName } from '../core/leftovers.js';
import type { ApplyEvent, ApplyResult, Outcome, OutcomeStatus } from '../core/outcome.js';
import {
  type ActionKind,
  countKinds,
  type Resource,
  type ShownPlan as Plan,
  unreachable,
} from '../core/plan.js';
import { count, nameList, quote, waitingText, wrap } from '../text/layout.js';
import type { Style } from '../text/style.js';
import { forTerminal } from '../text/untrusted.js';
import { totals } from './totals.js';
import { type AccountName, accountsOf, resourcePrefix } from './wording.js';

export type ApplyTextOptions = {
  readonly style: Style;
  /** The accounts of the run. If there are several, the label or ID of the account precedes each name. */
  readonly accounts: readonly AccountName[];
  /** Whether only the code of the error is shown, because {@link renderOutcomes} prints its message. */
  readonly brief?: boolean;
};

/** Renders an event as one line of a CI log, without a line feed; `undefined` if it needs no line. */
export function eventLine(event: ApplyEvent, options: ApplyTextOptions): string | undefined {
  const { style } = options;
  switch (event.type) {
    case 'action-started': {
      const id = event.id === undefined ? '' : ` ${idText(event.id)}`;
      return `${subject(event, options)}: ${ACTION_PROGRESSIVE[event.kind]}…${id}`;
    }
    case 'action-step':
      return `${subject(event, options)}: ${forTerminal(event.step)}`;
    case 'action-ended':
      // The plan shows the refused actions, and one line says what refused them.
      if (event.outcome.error?.code === 'refused-by-guard') return undefined;
      return outcomeLine(event.outcome, { ...options, brief: true });
    case 'waiting':
      return waitingText(event.milliseconds);
    case 'interrupted':
      return `${style.warning('Interrupted:')} finishing requests in flight and starting nothing new. Interrupt again to stop immediately.`;
    case 'twin-withdrawn':
      return `${subject(event, options)}: deleted a surplus webhook ${idText(event.id)}`;
    case 'apply-started':
    case 'waiting-ended':
    case 'apply-ended':
      return undefined;
    default:
      return unreachable(event);
  }
}

type Named = { readonly accountId: AccountId; readonly name: string; readonly resource?: Resource };

function subject(named: Named, options: ApplyTextOptions): string {
  const name = named.resource === 'policy' ? quote(named.name) : forTerminal(named.name) || '""';
  const shown = `${resourcePrefix(named)}${name}`;
  return options.style.heading(`${accountPrefix(named.accountId, options, '/')}${shown}`);
}

function accountPrefix(id: AccountId, { accounts }: ApplyTextOptions, separator: string): string {
  if (accounts.length < 2) return '';
  const label = accounts.find(({ accountId }) => accountId === id)?.label;
  return `${label === undefined ? id : forTerminal(label)}${separator}`;
}

const idText = (id: string): string => `[id=${forTerminal(id)}]`;

/** Returns `Ops Slack: Creation complete [id=…]` or `Relay: Replacement failed: …`. */
export function outcomeLine(outcome: Outcome, options: ApplyTextOptions): string {
  const { style } = options;
  const applied = outcome.status === 'applied';
  const text = `${ACTION_NOUN[outcome.kind]} ${applied ? 'complete' : outcome.status}`;
  const paint = applied ? style.success : outcome.status === 'skipped' ? style.warning : style.error;
  const id = outcome.id === undefined || !applied ? '' : ` ${idText(outcome.id)}`;
  const remark = options.brief && outcome.already ? 'already done' : outcome.note;
  const note = remark === undefined ? '' : ` (${forTerminal(remark)})`;
  return `${subject(outcome, options)}: ${paint(text)}${id}${reason(outcome, options)}${note}`;
}

function reason({ error, status }: Outcome, { brief }: ApplyTextOptions): string {
  if (!error || (brief && error.code === status)) return '';
  return brief ? ` (${error.code})` : `: ${forTerminal(error.message)}`;
}

const WORST_FIRST: readonly OutcomeStatus[] = ['failed', 'unknown', 'skipped'];

type OutcomesOptions = {
  readonly style: Style;
  readonly width: number;
  /** What to run if something is unfinished. */
  readonly again?: string;
};

/** Renders what needs attention after an apply, failures first, and the closing line. */
export function renderOutcomes(
  plan: Plan,
  result: ApplyResult,
  { style, width, again = 'apply again' }: OutcomesOptions,
): string {
  const options = { style, accounts: accountsOf(plan) };
  // The plan above shows the refused actions and the guards.
  const outcomes = result.outcomes.filter(({ error }) => error?.code !== 'refused-by-guard');
  const notable = [
    ...WORST_FIRST.flatMap((status) => outcomes.filter((outcome) => outcome.status === status)),
    ...outcomes.filter(({ status, note }) => status === 'applied' && note !== undefined),
  ];
  const lines = [
    ...notable.map((outcome) => outcomeLine(outcome, options)),
    ...result.discrepancies.map(
      ({ accountId, message }) => `${accountPrefix(accountId, options, ': ')}${forTerminal(message)}`,
    ),
  ].map((line) => wrap(line, width, '    ', '  '));
  const { complete, sentence } = conclusion(plan, result);
  const paint = complete ? style.success : style.error;
  const closing = paint(wrap(sentence, width));
  const next = nextStep(plan, result, quote, again);
  const head = complete ? 'Notes:' : 'Problems:';
  const list = lines.length > 0 ? [`${head}\n\n${lines.join('\n')}\n`] : [];
  return `${[...list, closing, ...(next ? [wrap(next, width)] : [])].join('\n')}\n`;
}

/**
 * Returns what to do after an apply that left something unfinished, else `undefined`. `show`: makes a name safe.
 * `again`: what to run.
 */
export function nextStep(
  plan: Plan,
  { outcomes, discrepancies }: ApplyResult,
  show: (name: string) => string,
  again = 'apply again',
): string | undefined {
  // Another run helps only if something was started; a refusal itself says how to proceed.
  const open = outcomes.filter(
    ({ status, error }) => status !== 'applied' && error?.code !== 'refused-by-guard',
  );
  if (open.length + discrepancies.length === 0) return undefined;
  const failed = open.some(({ status, error }) => status === 'failed' && error?.code !== 'interrupted');
  const advice = failed ? `Fix the errors above, then run ${again}.` : `Run ${again}.`;
  const left = leftoversOf(plan, open);
  const what = left.length === 1 ? 'a leftover' : 'leftovers';
  const rest = left.length > 0 ? ` Until then, the account can have ${what}: ${nameList(left, show)}.` : '';
  return `${advice} It continues from the live state.${rest}`;
}

/** Returns the names of the webhooks that unfinished replacements can have left. `open`: unfinished actions. */
function leftoversOf({ accounts }: Plan, open: readonly Outcome[]): readonly string[] {
  const begun = new Set(
    open.flatMap(({ kind, wrote, accountId, name }) =>
      kind === 'replace' && wrote ? `${accountId} ${name}` : [],
    ),
  );
  return accounts.flatMap(({ accountId, actions }) =>
    actions.flatMap((action) => {
      if (action.kind !== 'replace' || !begun.has(`${accountId} ${action.name}`)) return [];
      const created = action.survivor?.name ?? replacementName(action.name, action.id);
      return [created, ...action.retire.map(({ name }) => name)].filter(isReservedName);
    }),
  );
}

/** The kind as a noun, as Terraform uses it: `Creation`. */
export const ACTION_NOUN: Readonly<Record<ActionKind, string>> = {
  create: 'Creation',
  update: 'Modification',
  replace: 'Replacement',
  delete: 'Destruction',
};

/** The kind in progress: `Creating`. */
const ACTION_PROGRESSIVE: Readonly<Record<ActionKind, string>> = {
  create: 'Creating',
  update: 'Modifying',
  replace: 'Replacing',
  delete: 'Destroying',
};

/** The result of an apply. `sentence` is its last line. */
export type Conclusion = { readonly complete: boolean; readonly sentence: string };

/**
 * Returns `Apply complete!` only if every planned action is applied and the last list verified it. Accounts
 * that were refused or could not be read count as not done.
 */
export function conclusion({ accounts, failures }: Plan, result: ApplyResult): Conclusion {
  const { outcomes, discrepancies, interrupted } = result;
  const own = outcomes.filter(({ status, already }) => status === 'applied' && !already);
  const { add, change, destroy } = totals(countKinds(own));
  const of = (wanted: OutcomeStatus): number => outcomes.filter(({ status }) => status === wanted).length;
  const [applied, failed, unknown, skipped] = [of('applied'), of('failed'), of('unknown'), of('skipped')];
  const already = outcomes.filter((outcome) => outcome.already).length;
  const resources = `${add} added, ${change} changed, ${destroy} destroyed${already > 0 ? ` (${already} already done)` : ''}`;
  const planned = accounts.reduce((sum, { actions }) => sum + actions.length, 0);
  const total = Math.max(outcomes.length, planned);
  const refused = accounts.filter(({ guards }) => guards.length > 0).length;
  const unread = failures.length;
  const differ = discrepancies.length;
  const missing = total - outcomes.length;
  const complete = applied === total && refused + unread + differ === 0 && !interrupted;
  if (complete) return { complete, sentence: `Apply complete! Resources: ${resources}.` };
  if (interrupted && applied === total && total > 0 && refused + unread + differ === 0)
    return { complete, sentence: `Every action was applied before ${interrupted} (${resources}).` };
  const rest = [
    ...(interrupted ? [`interrupted by ${interrupted}`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(unknown > 0 ? [`${unknown} unknown`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(missing > 0 ? [`${missing} not started`] : []),
    // What an interrupted apply did not verify is listed above.
    ...(differ > 0 && !interrupted ? [`${count(differ, 'account')} not verified`] : []),
    ...(refused > 0 ? [`${count(refused, 'account')} refused by a guard`] : []),
    ...(unread > 0 ? [`${count(unread, 'account')} could not be read`] : []),
  ];
  if (total === 0) return { complete, sentence: `Nothing was applied: ${rest.join(', ')}.` };
  return {
    complete,
    sentence:
      `Apply incomplete: ${applied} of ${count(total, 'action')} applied (${resources}); ` +
      `${rest.join(', ')}.`,
  };
}
