import { parseAccountId, type AccountId } from '../../core/ids.js';
import type { Draft } from '../draft.js';
import { atValue, error, type Problem } from '../problem.js';

/** How to choose the account for a document that does not name one. */
export type AccountRules = {
  /** From CLOUDFLARE_ACCOUNT_ID. */
  readonly accountId?: string;
  /** Whether a document without an account is an error. */
  readonly needAccountId: boolean;
};

/** The place (`hookwright.yaml:1`) of the document that first declares each account and label. */
export type DeclaredAccounts = {
  /** Documents without an account share the key ''. `isNamed`: whether the document has the `account_id`. */
  readonly accounts: Map<AccountId | '', { readonly source: string; readonly isNamed: boolean }>;
  readonly labels: Map<string, string>;
};

export type Accounts = { readonly ids: readonly AccountId[]; readonly problems: readonly Problem[] };

/** Returns the accounts of a document and adds them to `declared`. Each account can be declared only once. */
export function accountsOf(
  draft: Draft,
  source: string,
  rules: AccountRules,
  declared: DeclaredAccounts,
): Accounts {
  const { ids, problems } = idsOf(draft, source, rules, declared);
  // A second document of an account often repeats its label.
  const isTwice = problems.some(({ code }) => code === 'duplicate-account');
  return { ids, problems: isTwice ? problems : [...problems, ...checkLabel(draft, source, declared)] };
}

function idsOf(draft: Draft, source: string, rules: AccountRules, declared: DeclaredAccounts): Accounts {
  const problems: Problem[] = [];
  const ids: AccountId[] = [];
  // The schema check reports a value that is not a string. Do not use CLOUDFLARE_ACCOUNT_ID instead.
  if (draft.accountIds.length === 0 && draft.namesAccount) return { ids: [], problems: [] };
  if (draft.accountIds.length === 0) return accountFromOutside(source, rules, declared);
  draft.accountIds.forEach((text, i) => {
    const id = parseAccountId(text);
    // The schema check reports a malformed ID.
    if (id === undefined) return;
    const twice = registerAccount(id, { source, isNamed: true }, declared);
    const place = draft.accountIds.length === 1 ? atValue('account_id') : atValue('account_id', i);
    if (twice) problems.push({ ...twice, place });
    else ids.push(id);
  });
  return { ids, problems };
}

function accountFromOutside(source: string, rules: AccountRules, declared: DeclaredAccounts): Accounts {
  if (rules.accountId === undefined || rules.accountId === '') {
    const hint = 'Add "account_id: <32 hex digits>" to the document, or set CLOUDFLARE_ACCOUNT_ID.';
    const missing = error(
      atValue(),
      'no-account-id',
      'no account_id, and CLOUDFLARE_ACCOUNT_ID is not set',
      hint,
    );
    const twice = registerAccount('', { source, isNamed: false }, declared);
    return { ids: [], problems: [...(rules.needAccountId ? [missing] : []), ...(twice ? [twice] : [])] };
  }
  const id = parseAccountId(rules.accountId);
  if (id === undefined) {
    if (!rules.needAccountId) return { ids: [], problems: [] };
    const message = 'no account_id, and CLOUDFLARE_ACCOUNT_ID is not an account ID';
    return {
      ids: [],
      problems: [error(atValue(), 'bad-account-id', message, 'An account ID is 32 hexadecimal digits.')],
    };
  }
  const twice = registerAccount(id, { source, isNamed: false }, declared);
  return twice ? { ids: [], problems: [twice] } : { ids: [id], problems: [] };
}

function registerAccount(
  id: AccountId | '',
  document: { readonly source: string; readonly isNamed: boolean },
  { accounts }: DeclaredAccounts,
): Problem | undefined {
  const first = accounts.get(id);
  if (first === undefined) {
    accounts.set(id, document);
    return undefined;
  }
  const what = id === '' ? 'the account of CLOUDFLARE_ACCOUNT_ID' : `account ${id}`;
  const unnamed = document.isNamed ? first : document;
  const why =
    first.isNamed === document.isNamed
      ? 'Put all webhooks of an account in one document, or in files that it includes.'
      : `The document at ${unnamed.source} has no account_id, so it got this one from --account or CLOUDFLARE_ACCOUNT_ID. Add its account_id.`;
  const hint = `It is first declared at ${first.source}. ${why}`;
  return error(atValue(), 'duplicate-account', `${what} is declared twice`, hint);
}

/** Reports a label that is not unique or not valid: flags and messages identify an account by its label. */
function checkLabel({ label, accountIds }: Draft, source: string, { labels }: DeclaredAccounts): Problem[] {
  if (label === undefined) return [];
  const place = atValue('label');
  if (accountIds.length > 1) {
    const hint = 'Give each account a document of its own; they can include the same files.';
    return [
      error(place, 'bad-label', 'label: not allowed in a document that describes several accounts', hint),
    ];
  }
  if (parseAccountId(label) !== undefined)
    return [error(place, 'bad-label', 'label: this is an account ID', 'Write a name, such as Production.')];
  const first = labels.get(label);
  labels.set(label, first ?? source);
  if (first === undefined) return [];
  const hint = `It is first used at ${first}. Labels must be unique.`;
  return [error(place, 'bad-label', 'label: used by another account', hint)];
}
