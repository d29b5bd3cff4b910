import { createHash } from 'node:crypto';
import { digestOf } from './saved-plan/digest.js';
import type { ApplyResult } from './core/outcome.js';
import type { ApplyDocument, PlanDocument } from './saved-plan/plan-document.js';
import type { Plan } from './core/plan.js';
import { renderPlanHtml } from './render/html.js';
import { renderApplyMarkdown } from './render/markdown-apply.js';
import { renderPlanMarkdown } from './render/markdown.js';
import { toApplyDocument, toPlanDocument } from './saved-plan/encode.js';
import { renderPlanText } from './render/plan-text.js';
import { ansiStyle, plainStyle } from './text/style.js';

export type TextOptions = {
  /** With ANSI colours; default false. */
  readonly color?: boolean;
  /** Columns to wrap prose at; default 80. */
  readonly width?: number;
};

/** The plan as `hookwright plan` prints it. */
export function renderText(planned: Plan, { color = false, width = 80 }: TextOptions = {}): string {
  return renderPlanText(planned, { style: color ? ansiStyle : plainStyle, width });
}

/** The document of `schemas/plan.schema.json`, with its digest; with a result, how each action ended. */
export function renderJson(planned: Plan): PlanDocument;
export function renderJson(planned: Plan, result: ApplyResult): ApplyDocument;
export function renderJson(planned: Plan, result?: ApplyResult): PlanDocument {
  const document = toPlanDocument(planned, { sha256 });
  const digest = digestOf(document, sha256);
  return result ? toApplyDocument(planned, result, { sha256, digest }) : { ...document, digest };
}

/** For a pull request: under 65,536 characters, worst first; with a result, what the apply came to. */
export function renderMarkdown(planned: Plan, result?: ApplyResult): string {
  const { digest } = renderJson(planned);
  if (result) return renderApplyMarkdown(planned, result);
  return renderPlanMarkdown(planned, digest === undefined ? {} : { digest });
}

/** One page that asks for nothing from anywhere. */
export function renderHtml(planned: Plan): string {
  return renderPlanHtml(planned);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
