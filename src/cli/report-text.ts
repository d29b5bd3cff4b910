import { jsonText } from '../text/untrusted.js';
import { renderDiagnosticsJson } from '../render/diagnostics.js';
import { renderGitlab } from '../render/gitlab.js';
import { renderPlanHtml } from '../render/html.js';
import { renderDiagnosticsJUnit, renderPlanJUnit } from '../render/junit.js';
import { renderApplyMarkdown } from '../render/markdown-apply.js';
import { renderPlanMarkdown } from '../render/markdown.js';
import { toApplyDocument } from '../saved-plan/encode.js';
import { renderSarif } from '../render/sarif.js';
import { documentOf, sha256 } from '../saved-plan/digest-part.js';
import type { Reported, ReportKind } from './reports.js';
import { VERSION } from './version.js';

/** What a report of this kind tells of what is known; `undefined`: nothing, so that no file is written. */
export function reportText(
  kind: ReportKind,
  { diagnostics, plan, result, feeds }: Reported,
): string | undefined {
  if (kind === 'sarif') return renderSarif(diagnostics, { version: VERSION });
  if (!plan) {
    if (kind === 'json') return renderDiagnosticsJson(diagnostics);
    return kind === 'junit' ? renderDiagnosticsJUnit(diagnostics) : undefined;
  }
  const document = documentOf(plan);
  const { digest } = document;
  switch (kind) {
    case 'json':
      return `${jsonText(result ? toApplyDocument(plan, result, { sha256, digest }) : document)}\n`;
    case 'markdown':
      return result ? renderApplyMarkdown(plan, result) : renderPlanMarkdown(plan, { digest });
    case 'html':
      return renderPlanHtml(plan, { digest, ...(feeds && { feeds }) });
    case 'gitlab':
      return renderGitlab(plan);
    case 'junit':
      return renderPlanJUnit(plan, result);
  }
}
