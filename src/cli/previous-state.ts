import { gitFiles } from '../config/git-files.js';
import type { DesiredAccount } from '../core/desired.js';
import { HookwrightError } from '../core/errors.js';
import { EXIT, type ExitCode } from '../core/exit-codes.js';
import type { Diagnostic } from '../core/diagnostic.js';
import type { AccountId } from '../core/ids.js';
import { forTerminal } from '../text/untrusted.js';
import { readDesired, reportDiagnostics } from './desired-state.js';
import type { Run } from './run.js';

/**
 * The desired state last deployed, by account: a file or folder, or the same paths at a Git revision.
 * What is not there at the revision counts as empty. `undefined`: none was named.
 */
export async function readPrevious(
  run: Run,
): Promise<ReadonlyMap<AccountId, DesiredAccount> | { readonly exit: ExitCode } | undefined> {
  const { previous } = run.options;
  if (previous === undefined) return undefined;
  const git = previous.startsWith('git:');
  if (git && run.options.file?.includes('-'))
    throw new HookwrightError(
      'usage',
      '--previous git:REV reads the same paths at a Git revision, but standard input (-f -) has no path. Pass files with -f.',
    );
  const files = git ? await gitFiles(run.io.cwd, previous.slice('git:'.length)) : undefined;
  // What was deployed is not judged again by flags that may have changed since.
  const options = {
    ...run.options,
    allowLiteralSecrets: true,
    envAllow: [],
    ...(git ? {} : { file: [previous] }),
  };
  const { accounts, diagnostics } = await readDesired(
    { ...run, options },
    { needAccountId: true, ...(files && { files }) },
  );
  const faults = diagnostics.filter(({ severity }) => severity === 'error');
  if (faults.length > 0) {
    run.out.log('error', `Cannot use --previous ${forTerminal(previous)}:`);
    return { exit: reportDiagnostics(run, faults.map(hinted)) ?? EXIT.invalid };
  }
  return new Map(accounts.map((account) => [account.accountId, account]));
}

/** The paths were not passed with `-f`. */
function hinted(diagnostic: Diagnostic): Diagnostic {
  if (diagnostic.code !== 'no-file') return diagnostic;
  return { ...diagnostic, hint: 'Check the path passed with --previous. For a branch or tag, use git:REV.' };
}
