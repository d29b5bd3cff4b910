import { parseAccountId, type AccountId } from '../../core/ids.js';
import type { Draft } from '../draft.js';
import type { LoadContext } from '../load-options.js';
import { atValue, error, type Place, type Problem } from '../problem.js';

export type Accounts = { readonly ids: readonly AccountId[]; readonly problems: readonly Problem[] };

/** Returns the accounts of a document and adds them to `declared`. Each account can be declared only once. */
export function declaredAccounts(
  draft: Draft,
  source: string,
  { accountId, needAccountId, declared }: LoadContext,
): Accounts {
  const { accountIds, namesAccount } = draft;
  const problems: Problem[] = [];
  const ids: AccountId[] = [];
  const isNamed = accountIds.length > 0;
  const add = (id: AccountId | '', place: Place): void => {
    const first = declared.accounts.get(id);
    if (first === undefined) {
      declared.accounts.set(id, { source, isNamed });
      if (id !== '') ids.push(id);
      return;
    }
    const what = id === '' ? 'the account of CLOUDFLARE_ACCOUNT_ID' : `account ${id}`;
    const why =
      first.isNamed === isNamed
        ? 'Put all webhooks of an account in one document, or in files that it includes.'
        : `The document at ${isNamed ? first.source : source} has no account_id, so it got this one from --account or CLOUDFLARE_ACCOUNT_ID. Add its account_id.`;
    const hint = `It is first declared at ${first.source}. ${why}`;
    problems.push(error(place, 'duplicate-account', `${what} is declared twice`, hint));
  };
  accountIds.forEach((text, i) => {
    const id = parseAccountId(text);
    // The schema check reports a malformed ID.
    if (id !== undefined) add(id, accountIds.length === 1 ? atValue('account_id') : atValue('account_id', i));
  });
  // The schema check reports a value that is not a string. Do not use CLOUDFLARE_ACCOUNT_ID instead.
  if (accountIds.length === 0 && !namesAccount) {
    const outside = accountId ? parseAccountId(accountId) : '';
    if (!outside && needAccountId) problems.push(noAccount(outside === undefined));
    if (outside !== undefined) add(outside, atValue());
  }
  // A second document of an account often repeats its label.
  const isTwice = problems.some(({ code }) => code === 'duplicate-account');
  return { ids, problems: isTwice ? problems : [...problems, ...checkLabel(draft, source, declared)] };
}

function noAccount(isMalformed: boolean): Problem {
  if (isMalformed) {
    const message = 'no account_id, and CLOUDFLARE_ACCOUNT_ID is not an account ID';
    return error(atValue(), 'bad-account-id', message, 'An account ID is 32 hexadecimal digits.');
  }
  const hint = 'Add "account_id: <32 hex digits>" to the document, or set CLOUDFLARE_ACCOUNT_ID.';
  return error(atValue(), 'no-account-id', 'no account_id, and CLOUDFLARE_ACCOUNT_ID is not set', hint);
}

/** Reports a label that is not unique or not valid: flags and messages identify an account by its label. */
function checkLabel(
  { label, accountIds }: Draft,
  source: string,
  { labels }: LoadContext['declared'],
): Problem[] {
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
