import type { ErrorCode } from '../../core/errors.js';
import { groupBy } from '../../core/order.js';
import { type AccountName, accountText } from '../../render/wording.js';
import { forTerminal } from '../../text/untrusted.js';
import { count, nameList, wrap } from '../../text/layout.js';
import type { Style } from '../../text/style.js';

/** One check. `unknown`: it could not be checked, which is not a problem. */
export type Check = {
  /** Stable, kebab-case: `read-webhooks`. */
  readonly check: string;
  readonly status: 'ok' | 'problem' | 'unknown';
  /** The result, as a sentence. */
  readonly message: string;
  /** What to do. */
  readonly hint?: string;
  /** The account, if several are checked. */
  readonly account?: AccountName | undefined;
  /** For a problem: determines the exit code. */
  readonly code?: ErrorCode;
};

export type DoctorTextOptions = { readonly style: Style; readonly width?: number };

const INDENT = ' '.repeat(9);

/** Renders one line for each check, followed by what to do if needed. */
export function renderDoctor(checks: readonly Check[], { style, width = 80 }: DoctorTextOptions): string {
  const paint = { ok: style.success, problem: style.error, unknown: style.dim };
  const lines = joined(checks).map(({ status, message, hint }) => {
    const word = status === 'unknown' ? '-' : status;
    const text = wrap(forTerminal(message), width, INDENT, word.padEnd(INDENT.length));
    const first = paint[status](text.slice(0, word.length)) + text.slice(word.length);
    return hint === undefined ? first : `${first}\n${wrap(forTerminal(hint), width, INDENT)}`;
  });
  const problems = checks.filter(({ status }) => status === 'problem').length;
  const closing =
    problems === 0
      ? style.success('No problems found.')
      : style.error(`${count(problems, 'problem')} found.`);
  return `${lines.join('\n')}\n\n${closing}\n`;
}

/** If there are several accounts, counts those without problems, and shows each repeated problem once. */
function joined(checks: readonly Check[]): readonly Check[] {
  const ofAccounts = checks.filter(({ account }) => account);
  const others = checks.filter(({ account }) => !account);
  if (ofAccounts.length === 0) return others;
  const byAccount = [...groupBy(ofAccounts, ({ account }) => account?.accountId).values()];
  const fine = byAccount.filter((each) => each.every(({ status }) => status === 'ok')).length;
  const remarks = groupBy(
    ofAccounts.filter(({ status }) => status !== 'ok'),
    ({ check, message, hint }) => JSON.stringify([check, message, hint]),
  );
  const lines = [...remarks.values()].flatMap(([first, ...more]): Check[] => {
    if (!first) return [];
    const names = nameList(
      [first, ...more].flatMap(({ account }) => account ?? []),
      (account) => accountText(account, String),
    );
    return [{ ...first, message: `${names}: ${first.message}` }];
  });
  const message = `The token can read the webhooks and policies of ${fine} of ${byAccount.length} accounts, and they can use webhooks.`;
  const at = others.findIndex(({ check }) => check === 'write');
  return others.toSpliced(
    at,
    0,
    ...(fine > 0 ? [{ check: 'accounts', status: 'ok', message } as const] : []),
    ...lines,
  );
}

/** Returns the checks as one JSON document with stable keys. */
export function doctorDocument(checks: readonly Check[]): unknown {
  return {
    ok: checks.every(({ status }) => status !== 'problem'),
    checks: checks.map(({ check, status, message, hint, code, account }) => ({
      check,
      ...(account && { account_id: account.accountId }),
      status,
      message,
      ...(hint !== undefined && { hint }),
      ...(code !== undefined && { code }),
    })),
  };
}
