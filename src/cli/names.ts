import { HookwrightError } from '../core/errors.js';
import type { DesiredAccount } from '../core/desired.js';
import { NO_OPTIONS, type DiffOptions } from '../core/diff.js';
import { parseAccountId, type AccountId } from '../core/ids.js';
import { hasWildcard } from '../core/selection.js';
import { longName, type Options } from './flags.js';

/** The flags whose values are names of webhooks. */
type NameFlag = 'target' | 'rotate' | 'replace' | 'allowDelete' | 'allowDetach';

/** `ACCOUNT_ID:NAME`, or a bare name that must fit in one account only. */
type Named = { readonly account?: AccountId; readonly name: string };

/** `--target ACCOUNT_ID:NAME`, say; an account id has 32 digits, or 36 characters with dashes. */
export function parseNamed(text: string): Named {
  const colon = text.indexOf(':');
  const account = colon === 32 || colon === 36 ? parseAccountId(text.slice(0, colon)) : undefined;
  return account ? { account, name: text.slice(colon + 1) } : { name: text };
}

/** What the flags that take names mean for one account. */
export function optionsFor(
  account: AccountId,
  options: Options,
  previous: DesiredAccount | undefined,
): DiffOptions {
  const of = (flag: NameFlag): string[] =>
    (options[flag] ?? [])
      .map(parseNamed)
      .flatMap((named) => (named.account && named.account !== account ? [] : [named.name]));
  const targets = of('target');
  return {
    ...NO_OPTIONS,
    // Targets of other accounts only: nothing of this one is selected.
    targets: targets.length === 0 && (options.target ?? []).length > 0 ? [NOTHING] : targets,
    rotate: new Set(of('rotate')),
    replace: new Set(of('replace')),
    allowDelete: new Set(of('allowDelete')),
    allowDetach: new Set(of('allowDetach')),
    ...(previous && { previous }),
  };
}

/** A pattern that no name fits: it is empty, and names are not. */
const NOTHING = '';

/** The names that an account knows: of its desired webhooks and, once listed, of its live ones. */
export type AccountNames = { readonly account: AccountId; readonly names: ReadonlySet<string> };

/** Refuses a bare name that fits in more than one account. */
export function refuseAmbiguous(
  options: Options,
  accounts: readonly AccountNames[],
  flags: readonly NameFlag[],
): void {
  for (const flag of flags) {
    for (const text of options[flag] ?? []) {
      const { account, name } = parseNamed(text);
      if (account || (flag === 'target' && hasWildcard(name))) continue;
      const fits = accounts.filter(({ names }) => names.has(name));
      if (fits.length <= 1) continue;
      const ways = fits.map((each) => JSON.stringify(`${each.account}:${name}`)).join(' or ');
      throw new HookwrightError(
        'usage',
        `${longName(flag)} ${JSON.stringify(name)} matches webhooks in ${fits.length} accounts. Specify one: ${ways}.`,
      );
    }
  }
}

/** `withoutSecret`: names of entries that say nothing of a secret, and whose url is none. */
export type DeclaredNames = AccountNames & { readonly withoutSecret: ReadonlySet<string> };

/** To rotate or replace what the file does not have, or to rotate where it says nothing of a secret, is a slip of the pen. */
export function refuseUnknown(options: Options, accounts: readonly DeclaredNames[]): void {
  for (const flag of ['rotate', 'replace'] as const) {
    for (const text of options[flag] ?? []) {
      const { account, name } = parseNamed(text);
      const fits = accounts.filter((each) => (!account || each.account === account) && each.names.has(name));
      if (fits.length === 0) {
        throw new HookwrightError(
          'usage',
          `${longName(flag)} ${JSON.stringify(text)}: no webhook in the file has this name.`,
        );
      }
      if (flag === 'replace' || fits.some(({ withoutSecret }) => !withoutSecret.has(name))) continue;
      throw new HookwrightError(
        'usage',
        `--rotate ${JSON.stringify(text)}: the file declares no secret for this webhook, so there is nothing to rotate. ` +
          'Declare the secret (or "secret: none" to remove it), or replace the webhook with --replace.',
      );
    }
  }
}
