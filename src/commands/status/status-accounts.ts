import { diskFiles } from '../../config/disk.js';
import { DEFAULT_FILE } from '../../config/load.js';
import type { DesiredAccount } from '../../core/desired.js';
import { HookwrightError } from '../../core/errors.js';
import type { ExitCode } from '../../core/exit-codes.js';
import type { AccountId } from '../../core/ids.js';
import { defaultAccount, onlyAccount, readDesired } from '../../cli/desired-state.js';
import { tellDiagnostics } from '../../cli/diagnostics.js';
import type { Run } from '../../cli/run.js';

/** A target account; `desired` is set if a file describes it. */
export type Subject = { readonly accountId: AccountId; readonly desired?: DesiredAccount };

/**
 * Returns the target accounts of a command that needs no file: those of the files passed with `-f`, or of the
 * default file if it exists and is valid; otherwise `--account` or the environment. Throws `usage`.
 */
export async function subjects(
  run: Run,
): Promise<{ readonly accounts: readonly Subject[] } | { readonly exit: ExitCode }> {
  const named = run.options.file !== undefined;
  if (named || (await hasDefaultFile(run))) {
    const { accounts, diagnostics } = await readDesired(run, { needAccountId: true });
    const faults = diagnostics.filter(({ severity }) => severity === 'error');
    if (named) {
      const exit = tellDiagnostics(run, faults);
      if (exit !== undefined) return { exit };
      return { accounts: onlyAccount(accounts, run).map(subject) };
    }
    const wanted = run.options.account === undefined ? undefined : defaultAccount(run);
    const mine = accounts.filter(({ accountId }) => wanted === undefined || accountId === wanted);
    if (faults.length === 0 && mine.length > 0) return { accounts: mine.map(subject) };
    if (faults.length > 0) {
      run.out.tell(
        'warn',
        `Warning: ${DEFAULT_FILE} has errors and is not used. To see them, run: hookwright validate`,
      );
    }
  }
  const accountId = defaultAccount(run);
  if (accountId) return { accounts: [{ accountId }] };
  throw new HookwrightError(
    'usage',
    `No account given. Pass --account ID, set CLOUDFLARE_ACCOUNT_ID, or pass a file with -f (this directory has no usable ${DEFAULT_FILE}).`,
  );
}

/** Returns whether the default desired-state file exists. */
export async function hasDefaultFile({ io }: Pick<Run, 'io'>): Promise<boolean> {
  const bytes = await diskFiles(io)
    .readFile(DEFAULT_FILE)
    .catch(() => undefined);
  return bytes !== undefined;
}

function subject(desired: DesiredAccount): Subject {
  return { accountId: desired.accountId, desired };
}
