import type { Diagnostic } from '../core/diagnostic.js';
import { EXIT, type ExitCode } from '../core/exit-codes.js';
import { jsonText } from '../text/untrusted.js';
import { renderAnnotations, renderDiagnostics, sortDiagnostics } from '../render/diagnostics.js';
import { ansiStyle, plainStyle } from '../text/style.js';
import { wantsColour } from './io.js';
import type { Run } from './run.js';

/** Prints faults and warnings; gives the exit code to end with if there is a fault, else `undefined`. */
export function tellDiagnostics(
  run: Run,
  diagnostics: readonly Diagnostic[],
  json = run.options.format === 'json',
): ExitCode | undefined {
  const { io, out, options } = run;
  const faults = diagnostics.filter(({ severity }) => severity === 'error');
  const style = wantsColour(io, io.stderr, options.color === false) ? ansiStyle : plainStyle;
  if (faults.length > 0 && json) {
    out.result(
      jsonText({
        error: {
          code: 'invalid-file',
          message: faultCount(faults.length),
          diagnostics: sortDiagnostics(diagnostics),
        },
      }),
    );
  }
  if (!json || faults.length === 0) {
    out.tell(faults.length > 0 ? 'error' : 'warn', renderDiagnostics(diagnostics, style));
  }
  if (io.env['GITHUB_ACTIONS'] === 'true') out.tell('error', renderAnnotations(diagnostics));
  return faults.length > 0 ? EXIT.invalid : undefined;
}

function faultCount(count: number): string {
  return count === 1 ? '1 error in the desired state.' : `${count} errors in the desired state.`;
}
