import type { AccountId } from '../core/ids.js';
import { groupBy } from '../core/order.js';
import { count, nameList, quote } from '../text/layout.js';
import { forTerminal } from '../text/untrusted.js';
import {
  type ShownAction as Action,
  type ActionKind,
  type DeleteReason,
  type ShownPlan as Plan,
  type ReplaceReason,
  type Resource,
  type UpdateReason,
  isWarning,
} from '../core/plan.js';

/** Terraform's symbols, three columns wide. */
export const SYMBOLS: Readonly<Record<ActionKind, string>> = {
  create: '  +',
  update: '  ~',
  replace: '-/+',
  delete: '  -',
};

/** The name of each kind in a legend. */
export const KIND_WORDS: Readonly<Record<ActionKind, string>> = {
  create: 'create',
  update: 'update in-place',
  replace: 'replace',
  delete: 'destroy',
};

/** Said where nothing is found, because the account is then often not the intended one. */
export const EMPTY_ACCOUNT = 'The account has neither webhooks nor policies.';
export const CHECK_ACCOUNT = 'If you expected some, check the account ID.';

/** What will happen, in Terraform's words. */
const WILL: Readonly<Record<ActionKind, string>> = {
  create: 'will be created',
  update: 'will be updated in-place',
  replace: 'must be replaced',
  delete: 'will be destroyed',
};

/** The order of what a reviewer must see. */
export const WORST_FIRST: readonly ActionKind[] = ['delete', 'replace', 'update', 'create'];

const REASONS: Readonly<Record<UpdateReason | ReplaceReason | DeleteReason | 'routes' | 'new', string>> = {
  new: '',
  renamed: 'its name changed',
  'url-in-place': 'its url changed (strategy.url: in-place)',
  'url-changed': 'its url changed',
  'url-rotated': 'the value of its url variable changed',
  'secret-rotated': 'its secret changed',
  'finish-replace': 'its replacement was interrupted',
  'taken-back': 'its interrupted replacement is undone',
  routes: 'its webhooks changed',
  requested: 'requested with --replace',
  unlisted: 'it is not in the file',
  absent: 'listed under "absent"',
  removed: 'it was removed from the file',
};

/** Returns what will happen and why: `must be replaced: its url changed`. `show` makes the reasons safe. */
export function willText({ kind, because }: Action, show: (reasons: string) => string): string {
  const reasons = typeof because === 'string' ? [because] : because;
  const why = reasons.map((reason) => REASONS[reason]).join(', ');
  return why === '' ? WILL[kind] : `${WILL[kind]}: ${show(why)}`;
}

/** Returns `policy ` for a policy, because a webhook can have the same name; otherwise an empty string. */
export function resourcePrefix({ resource }: { readonly resource?: Resource }): string {
  return resource === 'policy' ? 'policy ' : '';
}

/** Returns sentences about an action that its fields do not show; `quoted` makes a name safe. */
export function actionNotes(action: Action, quoted: (name: string) => string): readonly string[] {
  if (action.kind === 'create' || action.kind === 'update') return [];
  const names = (policies: typeof action.policies): string =>
    policies.map((policy) => quoted(policy.name)).join(', ');
  const served = action.policies.filter(({ orphaned }) => !orphaned);
  const orphaned = action.policies.filter((policy) => policy.orphaned);
  const lines: string[] = [];
  if (action.kind === 'replace') {
    if (action.survivor) {
      const left = action.because.includes('taken-back') ? '' : ', left over from an interrupted replacement';
      lines.push(`keeps ${action.survivor.id}${left}`);
    }
    const others = action.retire.filter(({ id }) => id !== action.id);
    const list = others.map(({ id, name }) => `${quoted(name)} (${id})`).join(', ');
    if (list) lines.push(`also destroys ${list}`);
  }
  const effect = action.kind === 'replace' ? 'switched to the new webhook' : 'that lose the webhook';
  if (served.length > 0) lines.push(`policies ${effect}: ${names(served)}`);
  if (orphaned.length > 0) lines.push(`policies left without a recipient: ${names(orphaned)}`);
  return lines;
}

/** How an account is named: by its label and ID, or by its ID alone. */
export type AccountName = { readonly accountId: AccountId; readonly label?: string };

/** Returns `Production (023e…)`, or the ID alone. `show` makes the label safe for a format, `code` an ID. */
export function accountText(
  { accountId, label }: AccountName,
  show: (label: string) => string,
  code: (id: string) => string = String,
): string {
  return label === undefined ? code(accountId) : `${show(label)} (${code(accountId)})`;
}

/** Returns `account Production (023e…)`, or `accounts …, … and 25 more`, for a terminal. */
export function accountList(accounts: readonly AccountName[]): string {
  const names = nameList(accounts, (account) => accountText(account, forTerminal), 5);
  return `account${accounts.length === 1 ? '' : 's'} ${names}`;
}

/** Returns every account of the plan, including those that could not be read. */
export function accountsOf({ accounts, failures }: Plan): readonly AccountName[] {
  return [...accounts, ...failures];
}

/**
 * How many different messages with one code a terminal shows in full, for several accounts; of more, one and a
 * list.
 */
export const MAX_MESSAGES = 3;

/** What a message is about: webhooks or policies of an account. */
type About = { readonly account: AccountName; readonly names: readonly string[] };

/** Returns a line for each account: `Production (023e…): "Ops", "Relay"`. */
export function namesByAccount(found: readonly About[]): readonly string[] {
  return [...groupBy(found, ({ account }) => accountText(account, forTerminal))].map(([account, same]) => {
    const names = new Set(same.flatMap((each) => each.names));
    return `${account}: ${[...names].map(quote).join(', ')}`;
  });
}

/** A warning or other note, with its code and the account that it is about or the number of accounts. */
export type SharedNote = { readonly text: string; readonly about: readonly About[] };

export type SharedNotes = { readonly warnings: readonly SharedNote[]; readonly notes: readonly SharedNote[] };

/**
 * Returns the warnings and the other notes of a plan, each once, even if several accounts have it. `show` and
 * `account` make a message or code and an account safe for the format. `most`: of how many messages with one
 * code each is returned; of more, only the first, `about` all of them. Each warning is returned.
 */
export function sharedNotes(
  plan: Plan,
  show: (message: string) => string,
  account: (account: AccountName) => string,
  most = Infinity,
): SharedNotes {
  const isOnly = accountsOf(plan).length < 2;
  const notes = plan.accounts.flatMap((each) => each.notes.map((note) => ({ ...note, account: each })));
  const shared = [...groupBy(notes, ({ code }) => code).values()].flatMap((same) => {
    const messages = [...groupBy(same, ({ message }) => message).values()];
    const isLong = messages.length > most && !same.some(isWarning);
    return (isLong ? [same] : messages).map((each) => {
      const [first, ...others] = each;
      const where =
        others.length === 0
          ? `account ${account(first.account)}`
          : count(new Set(each.map((note) => note.account)).size, 'account');
      const text = `${show(first.message)} (${show(first.code)})`;
      const place = isOnly ? '' : `In ${where}${isLong ? ', for example' : ''}: `;
      return { warns: isWarning(first), text: place + text, about: isLong ? each : [] };
    });
  });
  return { warnings: shared.filter(({ warns }) => warns), notes: shared.filter(({ warns }) => !warns) };
}
