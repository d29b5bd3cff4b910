import { EXIT, type ExitCode } from '../../core/exit-codes.js';
import { renderDiagnosticsJson } from '../../render/diagnostics.js';
import { readDesired, reportDiagnostics } from '../../cli/desired-state.js';
import { count } from '../../text/layout.js';
import type { Run } from '../../cli/run.js';

/** Checks the files offline: no token, no account ID, no request. */
export async function validate(run: Run): Promise<ExitCode> {
  const { counts, diagnostics } = await readDesired(run, { needAccountId: false });
  const json = run.options.format === 'json';
  const exit = reportDiagnostics(run, diagnostics);
  if (run.options.report) {
    const { writeReports } = await import('../../cli/reports.js');
    await writeReports(run, { diagnostics });
  }
  if (exit !== undefined) return exit;
  if (json) run.out.result(renderDiagnosticsJson(diagnostics, counts));
  else
    run.out.result(
      `Success! The desired state is valid (${count(counts.webhooks, 'webhook')}${counts.files > 1 ? ` in ${counts.files} files` : ''}).`,
    );
  return EXIT.done;
}
