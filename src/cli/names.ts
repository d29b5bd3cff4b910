import { usageError } from '../core/errors.js';
import type { DesiredAccount } from '../core/desired.js';
import type { DiffOptions } from '../core/diff.js';
import { parseAccountId, type AccountId } from '../core/ids.js';
import { compareText } from '../core/order.js';
import type { Resource } from '../core/plan.js';
import { hasWildcard, matchesPattern } from '../core/selection.js';
import type { AccountName } from '../render/wording.js';
import { nameList, shellQuoted } from '../text/layout.js';
import { didYouMean } from '../text/suggestions.js';
import { flagsFor } from './desired-state.js';
import { longName, type Options } from './flags.js';

/** The flags whose values are names of webhooks; those of `target` are patterns, or `policy:PATTERN`. */
const NAME_FLAGS = ['target', 'rotate', 'replace', 'allowDelete', 'allowDetach'] as const;
type NameFlag = (typeof NAME_FLAGS)[number];

/** A name that a flag can mean: of an entry, a route or a live webhook. */
export type KnownName = {
  readonly account: AccountId;
  readonly resource: Resource;
  readonly name: string;
  /** It is an entry that declares no secret and has a literal URL. */
  readonly withoutSecret?: boolean;
};

type Name = {
  readonly flag: NameFlag;
  readonly text: string;
  /** As written before the colon. */
  readonly prefix: string;
  /** Absent: the name is not limited to one account. */
  readonly account?: AccountId;
  readonly resource: Resource;
  readonly name: string;
};

/** `failed`: accounts that could not be read; `elsewhere`: accounts of other shards. */
type Unread = Readonly<Record<'failed' | 'elsewhere', ReadonlySet<AccountId>>>;

/** Splits `ACCOUNT:NAME`. The prefix counts only if it is the ID or the label of one of the accounts. */
export function splitAccount(
  text: string,
  accounts: readonly AccountName[],
): { readonly account?: AccountId; readonly name: string } {
  const colon = text.indexOf(':');
  const prefix = text.slice(0, Math.max(colon, 0));
  const id = parseAccountId(prefix);
  const found = accounts.find(({ accountId, label }) => accountId === id || (colon > 0 && label === prefix));
  return found ? { account: found.accountId, name: text.slice(colon + 1) } : { name: text };
}

/**
 * Throws `usage` if a text that starts with the label of an account is also the name of a webhook. `owner`: the
 * account with a webhook that has the whole text as its name.
 */
export function refuseTwoMeanings(
  what: string,
  text: string,
  accounts: readonly AccountName[],
  owner: AccountId | undefined,
): void {
  const { account } = splitAccount(text, accounts);
  const prefix = text.slice(0, text.indexOf(':'));
  if (!account || !owner || parseAccountId(prefix) === account) return;
  const ways = [`${account}${text.slice(prefix.length)}`, `${owner}:${text}`];
  throw usageError(
    `${what} can be read in two ways: a webhook has this name, and ${JSON.stringify(prefix)} is the label of ` +
      `an account. Pass the account ID: ${ways.map(shellQuoted).join(' or ')}.`,
  );
}

/** The names in the flags of a run: `NAME`, or `ACCOUNT:NAME` with the ID or label of a described account. */
export class FlagNames {
  readonly #names: readonly Name[];

  /** Throws `usage` for a prefix with two meanings. */
  constructor(
    private readonly options: Options,
    private readonly accounts: readonly AccountName[],
  ) {
    this.#names = NAME_FLAGS.flatMap((flag) => (options[flag] ?? []).map((text) => this.#parse(flag, text)));
  }

  /** Reports whether no flag has a name. Then there is nothing to refuse. */
  get isEmpty(): boolean {
    return this.#names.length === 0;
  }

  /** Returns what the flags mean for one account. */
  optionsFor(account: AccountId, previous: DesiredAccount | undefined): DiffOptions {
    const of = (flag: NameFlag): string[] =>
      this.#names
        .filter((each) => each.flag === flag && (each.account === undefined || each.account === account))
        .map(({ resource, name }) => (resource === 'policy' ? POLICY + name : name));
    const targets = of('target');
    const isLimited = this.#names.some(({ flag }) => flag === 'target');
    return {
      // All targets are in other accounts, so nothing in this account is selected.
      targets: targets.length === 0 && isLimited ? [NOTHING] : targets,
      rotate: new Set(of('rotate')),
      replace: new Set(of('replace')),
      allowDelete: new Set(of('allowDelete')),
      allowDetach: new Set(of('allowDetach')),
      flagPrefix: this.accounts.length > 1 ? `${account}:` : '',
      ...(previous && { previous }),
    };
  }

  /** Throws `usage` for a name without an account that matches webhooks in several accounts. */
  refuseSeveral(known: readonly KnownName[], flags: readonly NameFlag[]): void {
    for (const each of this.#names.filter(({ flag }) => flags.includes(flag))) {
      if (each.account || each.resource === 'policy' || isPattern(each)) continue;
      const several = [...new Set(known.filter((one) => fits(each, one)).map(({ account }) => account))];
      if (several.length <= 1) continue;
      throw usageError(
        `${shown(each)} matches webhooks in ${several.length} accounts. Specify one: ${this.#ways(several, each.text)}.`,
      );
    }
  }

  /** Throws `usage` if a webhook name starts with an account label and a colon. IDs are unambiguous. */
  refuseTwoReadings(known: readonly KnownName[]): void {
    for (const each of this.#names) {
      const whole: Name = { ...each, account: undefined, resource: 'webhook', name: each.text };
      const owner = known.find((one) => fits(whole, one));
      refuseTwoMeanings(shown(each), each.text, this.accounts, owner?.account);
    }
  }

  /** Throws `usage` to rotate or replace an entry that the files lack, or to rotate one without a secret. */
  refuseUnknown(declared: readonly KnownName[]): void {
    for (const each of this.#names.filter(({ flag }) => flag === 'rotate' || flag === 'replace')) {
      const { flag, text, name } = each;
      const entries = declared.filter((one) => fits(each, one));
      if (entries.length === 0 || (flag === 'replace' && name.startsWith('id:')))
        throw usageError(
          `${shown(each)}: no webhook in the file has this name. ${this.#suggestion(each, declared)}`,
        );
      if (flag === 'replace' || entries.some(({ withoutSecret }) => !withoutSecret)) continue;
      throw usageError(
        `--rotate ${JSON.stringify(text)}: the file declares no secret for this webhook, so there is nothing to rotate. ` +
          'Declare the secret (or "secret: none" to remove it), or replace the webhook with --replace.',
      );
    }
  }

  /**
   * Throws `usage` for a target that selects nothing. `failed`: accounts that could not be read; `elsewhere`:
   * accounts of other shards.
   */
  refuseMissed(known: readonly KnownName[], { failed, elsewhere }: Unread): void {
    for (const each of this.#names.filter(({ flag }) => flag === 'target')) {
      if (each.account && elsewhere.has(each.account)) continue;
      if ([...failed].some((account) => isIn(each, account)) || known.some((one) => fits(each, one)))
        continue;
      const what =
        each.resource === 'policy' ? 'policy in the files' : 'webhook in the files or in Cloudflare';
      throw usageError(`${shown(each)} matches no ${what}. ${this.#suggestion(each, known)}`);
    }
  }

  /**
   * Returns a warning for each name of `--allow-delete` and `--allow-detach` that the plan does not delete. It
   * is not an error: after an interrupted apply, the same command runs again, and some webhooks are gone. The
   * same for names of `--rotate` and `--replace` that the plan does not change because of `--target`.
   */
  unused(
    { deleting, changing }: Readonly<Record<'deleting' | 'changing', readonly KnownName[]>>,
    { failed, elsewhere }: Unread,
  ): readonly string[] {
    const isLimited = this.#names.some(({ flag }) => flag === 'target');
    return this.#names.flatMap((each) => {
      if (each.flag === 'target') return [];
      const isUnknown = [...failed, ...elsewhere].some((account) => isIn(each, account));
      const isRequest = each.flag === 'rotate' || each.flag === 'replace';
      if (isUnknown || (isRequest ? changing : deleting).some((one) => fits(each, one))) return [];
      if (isRequest)
        return isLimited
          ? [`Warning: ${shown(each)} has no effect: --target does not select this webhook.`]
          : [];
      const meant = hasWildcard(each.name)
        ? `${longName(each.flag)} takes names, not patterns.`
        : (this.#near(each, deleting) ?? '');
      return `Warning: ${shown(each)} has no effect: the plan does not delete this webhook. ${meant}`.trim();
    });
  }

  #parse(flag: NameFlag, text: string): Name {
    const { account, name } = splitAccount(text, this.accounts);
    const prefix = account ? text.slice(0, text.indexOf(':')) : '';
    if (account && (prefix === 'id' || (flag === 'target' && prefix === 'policy')))
      throw usageError(
        `${longName(flag)} ${JSON.stringify(text)} can be read in two ways, because ${JSON.stringify(prefix)} is also the label ` +
          `of account ${account}. Change the label, or pass the account ID: ${shellQuoted(`${account}:${name}`)}.`,
      );
    const common = { flag, text, prefix, ...(account && { account }) };
    return flag === 'target' && name.startsWith(POLICY)
      ? { ...common, resource: 'policy', name: name.slice(POLICY.length) }
      : { ...common, resource: 'webhook', name };
  }

  #nameOf(account: AccountId): string {
    return this.accounts.find(({ accountId }) => accountId === account)?.label ?? account;
  }

  /** Returns `"Team 1:Ops" or "Team 2:Ops"`; of many accounts only the first. */
  #ways(accounts: readonly AccountId[], name: string): string {
    const ways = accounts
      .map((account) => shellQuoted(`${this.#nameOf(account)}:${name}`))
      .sort(new Intl.Collator('en', { numeric: true }).compare);
    return ways.length > MAX_WAYS ? nameList(ways, String, MAX_WAYS) : ways.join(' or ');
  }

  /** Returns what was probably meant: a similar name, or the names of a list with commas. */
  #near(each: Name, known: readonly KnownName[]): string | undefined {
    const { flag, text, name } = each;
    const found = namesIn(each, known);
    const prefixed = (one: string): string => shellQuoted(text.slice(0, text.length - name.length) + one);
    const parts = name.split(',').map((part) => part.trim());
    if (parts.length > 1 && parts.every((part) => found.includes(part)))
      return `Repeat the flag for each name: ${parts.map((part) => `${longName(flag)} ${prefixed(part)}`).join(' ')}`;
    const near = didYouMean(name, found);
    if (near === undefined) return undefined;
    const owners = known.filter((one) => fits({ ...each, name: near }, one)).map(({ account }) => account);
    const isAmbiguous = !each.account && each.resource === 'webhook' && new Set(owners).size > 1;
    return `Did you mean ${isAmbiguous ? this.#ways([...new Set(owners)], near) : prefixed(near)}?`;
  }

  /** Returns what was probably meant, or the names that exist. */
  #suggestion(each: Name, known: readonly KnownName[]): string {
    const { text, account } = each;
    const [, before = '', after = ''] = (account ? undefined : /^([^:]+):(.*)$/s.exec(text)) ?? [];
    const near = this.#near(each, known);
    if (near !== undefined) return near;
    const unknown = parseAccountId(before);
    if (unknown) return `No file describes account ${unknown}.`;
    const label = didYouMean(
      before,
      this.accounts.flatMap((described) => described.label ?? []),
    );
    if (label !== undefined) return `Did you mean ${shellQuoted(`${label}:${after}`)}?`;
    const list = namesIn(each, known).sort(compareText);
    if (list.length === 0)
      return each.resource === 'policy'
        ? 'There is none: to manage the webhooks of a policy, add it under "policies".'
        : 'The accounts of this run have none.';
    return list.length <= MAX_LISTED
      ? `The names are: ${list.map((one) => JSON.stringify(one)).join(', ')}.`
      : `To list the webhooks, run: hookwright status${this.options.file ? ` ${flagsFor(this.options.file)}` : ''}`;
  }
}

const POLICY = 'policy:';
/** A pattern that matches no name, because names are not empty. */
const NOTHING = '';
const MAX_LISTED = 10;
const MAX_WAYS = 3;

const shown = ({ flag, text }: Name): string => `${longName(flag)} ${JSON.stringify(text)}`;

function isPattern({ flag, name }: Name): boolean {
  return flag === 'target' && hasWildcard(name);
}

function isIn({ account }: Name, other: AccountId): boolean {
  return account === undefined || account === other;
}

function namesIn(each: Name, known: readonly KnownName[]): string[] {
  const found = known.filter(({ account, resource }) => resource === each.resource && isIn(each, account));
  return [...new Set(found.map(({ name }) => name))];
}

function fits(each: Name, { account, resource, name }: KnownName): boolean {
  if (resource !== each.resource || !isIn(each, account)) return false;
  return name === each.name || (isPattern(each) && matchesPattern(each.name, name));
}
