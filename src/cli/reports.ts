import type { Diagnostic } from '../core/diagnostic.js';
import { HookwrightError, usageError } from '../core/errors.js';
import type { ApplyResult } from '../core/outcome.js';
import type { ShownPlan as Plan } from '../core/plan.js';
import { renderDiagnosticsJson } from '../render/diagnostics.js';
import { renderGitlab } from '../render/totals.js';
import { renderPlanHtml } from '../render/html.js';
import { renderDiagnosticsJUnit, renderPlanJUnit } from '../render/junit.js';
import type { AccountRouting } from '../render/routing-graph.js';
import { renderSarif } from '../render/sarif.js';
import { toPlanDocument } from '../saved-plan/encode.js';
import { FORMAT_VERSION } from '../saved-plan/plan-document.js';
import { jsonText } from '../text/untrusted.js';
import { diagnosticsFromRoot } from './desired-state.js';
import { type Options, REPORT_KINDS } from './flags.js';
import type { Io } from './io.js';
import { type Run, VERSION } from './run.js';
import { documentAs } from './show-plan.js';
import { writeWhole } from './write-file.js';

export type ReportKind = (typeof REPORT_KINDS)[number];
export type Report = { readonly kind: ReportKind; readonly file: string };

/**
 * Returns the reports that `--report KIND=FILE` requests. Throws `usage` if KIND is unknown or FILE empty.
 */
export function reportsOf({ report = [] }: Options): readonly Report[] {
  return report.map((text) => {
    const equals = text.indexOf('=');
    const kind = REPORT_KINDS.find((known) => known === text.slice(0, equals));
    const file = text.slice(equals + 1);
    if (kind && file !== '') return { kind, file };
    throw usageError(
      `--report must be KIND=FILE, with KIND one of ${REPORT_KINDS.join(', ')}, not ${JSON.stringify(text)}.`,
    );
  });
}

export type Reported = {
  readonly diagnostics: readonly Diagnostic[];
  /** What was read, if only the files were checked. */
  readonly counts?: Readonly<Record<string, number>>;
  /** Absent if the files were invalid. */
  readonly plan?: Plan;
  readonly result?: ApplyResult;
  readonly routing?: readonly AccountRouting[];
};

/**
 * Writes every requested report; each kind contains what it can. A report that cannot be written is an error
 * of the run, but the other reports are still written.
 */
export async function writeReports(run: Run, reported: Reported): Promise<void> {
  run.out.hasReports = true;
  await writeEach(run, (kind) => reportText(kind, reported, run.io), 'there is no plan');
}

/** Writes to the JSON reports why the run ended early, unless they contain its result already. */
export async function writeFailure(run: Run, { code, message }: HookwrightError): Promise<void> {
  if (run.out.hasReports) return;
  const text = jsonText({ format_version: FORMAT_VERSION, error: { code, message } });
  await writeEach(run, (kind) => (kind === 'json' ? `${text}\n` : undefined), 'the command failed');
}

/** Writes the reports that have a text, and warns of the others. `why`: they have none. */
async function writeEach(
  run: Run,
  textOf: (kind: ReportKind) => string | undefined,
  why: string,
): Promise<void> {
  const missing = new Set<ReportKind>();
  for (const { kind, file } of reportsOf(run.options)) {
    const text = textOf(kind);
    if (text === undefined) {
      missing.add(kind);
      continue;
    }
    try {
      await writeWhole(run.io.cwd, file, text);
    } catch (error) {
      if (!(error instanceof HookwrightError)) throw error;
      run.out.log('error', `Error: ${error.message}`);
      run.out.hasLoss = true;
    }
  }
  if (missing.size === 0) return;
  const reports = `${new Intl.ListFormat('en').format(missing)} ${missing.size === 1 ? 'report was' : 'reports were'}`;
  run.out.log('warn', `Warning: the ${reports} not written, because ${why}.`);
}

/** Returns the text of one report; `undefined` if this kind has nothing to report, so no file is written. */
function reportText(
  kind: ReportKind,
  { diagnostics, counts, plan, result, routing = [] }: Reported,
  io: Io,
): string | undefined {
  if (kind === 'sarif') return renderSarif(diagnosticsFromRoot(io, diagnostics), VERSION);
  if (!plan) {
    if (kind === 'json') return `${renderDiagnosticsJson(diagnostics, counts)}\n`;
    return kind === 'junit' ? renderDiagnosticsJUnit(diagnostics) : undefined;
  }
  switch (kind) {
    case 'json':
    case 'markdown':
      return documentAs(kind, plan, result);
    case 'html':
      return renderPlanHtml(plan, { digest: toPlanDocument(plan).digest, routing });
    case 'gitlab':
      return renderGitlab(plan);
    case 'junit':
      return renderPlanJUnit(plan, result);
  }
}
