import { parseAccountId, type AccountId } from '../../core/ids.js';
import type { Draft } from '../draft.js';
import { atValue, error, type Problem } from '../problem.js';

/** How an account is chosen for a document that names none. */
export type AccountRules = {
  /** From CLOUDFLARE_ACCOUNT_ID. */
  readonly accountId?: string;
  /** Is a document without any account a fault? */
  readonly needAccountId: boolean;
};

/** Which document describes an account: `hookwright.yaml:1`. Documents without an account share the key ''. */
export type DeclaredAccounts = Map<AccountId | '', string>;

export type Accounts = { readonly ids: readonly AccountId[]; readonly problems: readonly Problem[] };

/** The accounts of a document, each to be described once over all files. Adds them to `described`. */
export function accountsOf(
  draft: Draft,
  source: string,
  rules: AccountRules,
  described: DeclaredAccounts,
): Accounts {
  const problems: Problem[] = [];
  const ids: AccountId[] = [];
  // The schema check reports a value that is not a string; the document is not for another account instead.
  if (draft.accountIds.length === 0 && draft.namesAccount) return { ids: [], problems: [] };
  if (draft.accountIds.length === 0) return accountFromOutside(source, rules, described);
  draft.accountIds.forEach((text, i) => {
    const id = parseAccountId(text);
    // The schema check reports a malformed ID.
    if (id === undefined) return;
    const twice = registerAccount(id, source, described);
    const place = draft.accountIds.length === 1 ? atValue('account_id') : atValue('account_id', i);
    if (twice) problems.push({ ...twice, place });
    else ids.push(id);
  });
  return { ids, problems };
}

function accountFromOutside(source: string, rules: AccountRules, described: DeclaredAccounts): Accounts {
  if (rules.accountId === undefined || rules.accountId === '') {
    const hint = 'Add "account_id: <32 hex digits>" to the document, or set CLOUDFLARE_ACCOUNT_ID.';
    const missing = error(
      atValue(),
      'no-account-id',
      'no account_id, and CLOUDFLARE_ACCOUNT_ID is not set',
      hint,
    );
    const twice = registerAccount('', source, described);
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
  const twice = registerAccount(id, source, described);
  return twice ? { ids: [], problems: [twice] } : { ids: [id], problems: [] };
}

function registerAccount(
  id: AccountId | '',
  source: string,
  described: DeclaredAccounts,
): Problem | undefined {
  const first = described.get(id);
  if (first === undefined) {
    described.set(id, source);
    return undefined;
  }
  const what = id === '' ? 'the account of CLOUDFLARE_ACCOUNT_ID' : `account ${id}`;
  const hint = `It is first declared at ${first}. Put all webhooks of an account in one document.`;
  return error(atValue(), 'duplicate-account', `${what} is declared twice`, hint);
}
