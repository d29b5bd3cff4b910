import { type ShownPlan as Plan, totalSummary } from '../core/plan.js';
import { jsonText } from '../text/untrusted.js';
import { totals } from './totals.js';

/**
 * Renders the counts that GitLab shows in a merge request, for `artifacts:reports:terraform`
 * (https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsterraform). A replacement counts as one
 * create and one delete, as in Terraform's own report.
 */
export function renderGitlab(plan: Plan): string {
  const { add, change, destroy } = totals(totalSummary(plan.accounts));
  return `${jsonText({ create: add, update: change, delete: destroy }, 0)}\n`;
}
