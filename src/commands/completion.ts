import { HookwrightError } from '../core/errors.js';
import { EXIT, type ExitCode } from '../core/exit-codes.js';
import { completionScript, SHELLS } from './completion-part.js';
import type { Run } from '../cli/run.js';

/** Prints the script that completes commands and flags in a shell. */
export function completion({ argument, out }: Run): Promise<ExitCode> {
  const shell = SHELLS.find((name) => name === argument);
  if (!shell) throw new HookwrightError('usage', `completion takes one of ${SHELLS.join(', ')}.`);
  out.result(completionScript(shell));
  return Promise.resolve(EXIT.done);
}
