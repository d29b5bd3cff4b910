import { EXIT, type ExitCode } from '../../core/exit-codes.js';
import { renderDiagnosticsJson } from '../../render/diagnostics.js';
import { onlyAccount, readDesired, reportDiagnostics } from '../../cli/desired-state.js';
import { count } from '../../text/layout.js';
import type { Run } from '../../cli/run.js';

/** Checks the files offline: no token, no request, and no account ID unless `--account` is passed. */
export async function validate(run: Run): Promise<ExitCode> {
  const needAccountId = run.options.account !== undefined;
  const { accounts, counts, diagnostics } = await readDesired(run, { needAccountId });
  const json = run.options.format === 'json';
  const exit = reportDiagnostics(run, diagnostics);
  if (exit === undefined) onlyAccount(accounts, run);
  if (run.options.report) {
    const { writeReports } = await import('../../cli/reports.js');
    await writeReports(run, { diagnostics, ...(exit === undefined && { counts }) });
  }
  if (exit !== undefined) return exit;
  if (json) run.out.result(renderDiagnosticsJson(diagnostics, counts));
  else
    run.out.result(
      `Success! The desired state is valid (${count(counts.webhooks, 'webhook')}${counts.files > 1 ? ` in ${counts.files} files` : ''}).`,
    );
  return EXIT.done;
}
