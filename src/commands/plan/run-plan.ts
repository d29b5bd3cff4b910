import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { CloudflareClient } from '../../cloudflare/client.js';
import { pathWithin } from '../../config/disk.js';
import type { Spec } from '../../core/desired.js';
import { EXIT, type ExitCode, worstExit } from '../../core/exit-codes.js';
import { hasChanges, type Plan, specsOf } from '../../core/plan.js';
import { hidesCredential } from '../../core/urls.js';
import { shellWord } from '../../text/layout.js';
import { flagsFor } from '../../cli/desired-state.js';
import { clientFor } from '../../cli/connection.js';
import { exitOfPlan, logPlanErrors, routingOf, makePlan, prepare } from '../../cli/planner.js';
import { writeReports } from '../../cli/reports.js';
import type { Run } from '../../cli/run.js';
import { planAs } from '../../cli/show-plan.js';
import { writeWhole } from '../../cli/write-file.js';
import { savedText } from '../../saved-plan/encode.js';

/** Compares the live state with the file and prints the plan. Sends only GETs and needs no secrets. */
export async function plan(run: Run): Promise<ExitCode> {
  const { options, io, out } = run;
  let isSaved = options.out === undefined;
  let client: CloudflareClient | undefined;
  try {
    const prepared = await prepare(run);
    if ('exit' in prepared) return prepared.exit;
    client = clientFor(run);
    const made = await makePlan(prepared, client);
    const { plan } = made;
    out.result(planAs(run, plan));
    out.log('warn', made.warnings.join('\n'));
    logPlanErrors(run, plan);
    await writeReports(run, { diagnostics: prepared.diagnostics, plan, routing: routingOf(made) });
    if (options.out !== undefined) {
      await writeWhole(io.cwd, options.out, savedText(plan, io.cwd, filesHere(options.file ?? [], io.cwd)));
      isSaved = true;
      reportSavedPlan(run, plan, options.out);
    }
    const pending = options.detailedExitcode && hasChanges(plan) ? [EXIT.changesPending] : [];
    return worstExit([exitOfPlan(plan), ...pending]);
  } finally {
    client?.close();
    if (!isSaved) await warnOfEarlierPlan(run);
  }
}

/** Warns of a file that the next apply would read, although it is not the plan that was asked for. */
async function warnOfEarlierPlan({ options: { out: file = '' }, io, out }: Run): Promise<void> {
  const found = await stat(path.resolve(io.cwd, file)).catch(() => undefined);
  if (found?.isFile())
    out.log('warn', `Warning: ${file} was not replaced. It is from an earlier run, so do not apply it.`);
}

/** Returns the files and directories in the working directory, which a saved plan names. */
function filesHere(files: readonly string[], cwd: string): readonly string[] {
  return files.filter((file) => file !== '-' && pathWithin(cwd, path.resolve(cwd, file)) !== undefined);
}

/** Says how to apply the saved plan, or why it cannot be applied. */
function reportSavedPlan({ options, out, io }: Run, { accounts, failures }: Plan, file: string): void {
  const startable = accounts.filter(({ guards }) => guards.length === 0);
  const specs = specsOf(startable.flatMap(({ actions }) => actions));
  if (specs.some(({ secret }) => secret?.kind === 'literal')) {
    const why = 'the file contains a literal secret, and saved plans never contain secrets';
    return out.log(
      'warn',
      `Warning: ${file} can be shown but not applied: ${why}. Run apply without the plan file, or use { env: NAME }.`,
    );
  }
  if (startable.every(({ actions }) => actions.length === 0)) {
    const refused = startable.length < accounts.length ? 'which a guard refuses' : 'which has no changes';
    const state = failures.length > 0 ? 'which lacks the accounts that could not be read' : refused;
    return out.log('info', `Saved the plan, ${state}. To show it, run: hookwright show ${shellWord(file)}`);
  }
  const files = specs.some((spec) => readsFile(spec, io.cwd)) ? flagsFor(options.file ?? []) : '';
  out.log(
    'info',
    `Saved the plan. To apply exactly this plan, run: ${['hookwright apply', shellWord(file), files].filter(Boolean).join(' ')}`,
  );
}

/**
 * Reports whether apply reads the desired-state file for this: a URL that no plan contains, or where secret
 * files can be.
 */
function readsFile({ url, secret }: Spec, cwd: string): boolean {
  const isOutside = (each: Spec['url'] | Spec['secret']): boolean =>
    each?.kind === 'file' && path.relative(cwd, each.path).startsWith('..');
  return (url.kind === 'literal' && hidesCredential(url.url)) || isOutside(url) || isOutside(secret);
}
