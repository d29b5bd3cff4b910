import type { Diagnostic } from '../core/diagnostic.js';
import { groupBy } from '../core/order.js';
import type { ApplyResult, Outcome } from '../core/outcome.js';
import { reasonCode, type ShownAccountPlan as AccountPlan, type ShownPlan as Plan } from '../core/plan.js';
import { forHtml } from '../text/untrusted.js';
import { sortDiagnostics } from './diagnostics.js';
import { accountText, resourcePrefix } from './wording.js';

type BadResult = 'failure' | 'error' | 'skipped';

type TestCase = {
  readonly name: string;
  readonly classname: string;
  readonly bad?: { readonly as: BadResult; readonly type: string; readonly message: string };
  readonly output?: string;
};

type Suite = { readonly name: string; readonly cases: readonly TestCase[] };

/**
 * Renders a validation as JUnit XML: a suite per file, a failure per error; warnings pass, with their text.
 */
export function renderDiagnosticsJUnit(diagnostics: readonly Diagnostic[]): string {
  const byFile = groupBy(sortDiagnostics(diagnostics), ({ file }) => file);
  const suites = [...byFile].map(([name, found]) => ({ name, cases: found.map(diagnosticCase) }));
  return xml('hookwright validate', suites);
}

function diagnosticCase({ severity, code, file, line, column, message, hint }: Diagnostic): TestCase {
  const place = `${file}:${line}:${column}`;
  const text = `${place}: ${severity}: ${message}${hint === undefined ? '' : `\n${hint}`}`;
  return {
    name: `${place} ${code}`,
    classname: file,
    ...(severity === 'error'
      ? { bad: { as: 'failure' as const, type: code, message: text } }
      : { output: text }),
  };
}

/**
 * Renders a plan, or with `result` an apply, as JUnit XML: one suite per account. Guards and failed actions
 * are failures, unread accounts and unknown outcomes are errors, planned actions pass.
 */
export function renderPlanJUnit(plan: Plan, result?: ApplyResult): string {
  const accounts = plan.accounts.map((account) => accountSuite(account, result));
  const failures = plan.failures.map((failure) => ({
    name: accountText(failure, String),
    cases: [
      {
        name: 'read the account',
        classname: failure.accountId,
        bad: { as: 'error' as const, type: failure.error.code, message: failure.error.message },
      },
    ],
  }));
  return xml(result ? 'hookwright apply' : 'hookwright plan', [...accounts, ...failures]);
}

function accountSuite(account: AccountPlan, result: ApplyResult | undefined): Suite {
  const classname = account.accountId;
  const guards = account.guards.map(({ code, message }) => ({
    name: `guard ${code}`,
    classname,
    bad: { as: 'failure' as const, type: code, message },
  }));
  const actions = result
    ? result.outcomes.filter(({ accountId }) => accountId === classname).map(outcomeCase)
    : account.actions.map((action) => ({
        name: `${action.kind} ${resourcePrefix(action)}${action.name}`,
        classname,
        output: reasonCode(action),
      }));
  const differ = (result?.discrepancies ?? [])
    .filter(({ accountId }) => accountId === classname)
    .map(({ message }, i) => ({
      name: `verified by listing again ${i + 1}`,
      classname,
      bad: { as: 'failure' as const, type: 'not-verified', message },
    }));
  const cases = [...guards, ...actions, ...differ];
  const name = accountText(account, String);
  return { name, cases: cases.length > 0 ? cases : [{ name: 'no changes', classname }] };
}

const AS: Readonly<Record<Outcome['status'], BadResult | undefined>> = {
  applied: undefined,
  failed: 'failure',
  unknown: 'error',
  skipped: 'skipped',
};

function outcomeCase(outcome: Outcome): TestCase {
  const { accountId, kind, name, status, error, note } = outcome;
  const as = AS[status];
  const message = error?.message ?? note ?? status;
  return {
    name: `${kind} ${resourcePrefix(outcome)}${name}`,
    classname: accountId,
    ...(as && { bad: { as, type: error?.code ?? status, message } }),
    ...(!as && note !== undefined && { output: note }),
  };
}

function xml(name: string, suites: readonly Suite[]): string {
  const all = suites.flatMap(({ cases }) => cases);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${forHtml(name)}" tests="${all.length}" failures="${tally(all, 'failure')}" errors="${tally(all, 'error')}">`,
    ...suites.flatMap(suiteXml),
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}

function tally(cases: readonly TestCase[], as: BadResult): number {
  return cases.filter(({ bad }) => bad?.as === as).length;
}

function suiteXml({ name, cases }: Suite): readonly string[] {
  const counts = `tests="${cases.length}" failures="${tally(cases, 'failure')}" errors="${tally(cases, 'error')}" skipped="${tally(cases, 'skipped')}"`;
  return [`  <testsuite name="${forHtml(name)}" ${counts}>`, ...cases.map(caseXml), '  </testsuite>'];
}

function caseXml({ name, classname, bad, output }: TestCase): string {
  const open = `    <testcase name="${forHtml(name)}" classname="${forHtml(classname)}"`;
  if (bad?.as === 'skipped') return `${open}><skipped message="${forHtml(bad.message)}"/></testcase>`;
  if (bad) {
    const text = bad.message.split('\n').map(forHtml).join('\n');
    const first = forHtml(bad.message.split('\n')[0] ?? '');
    return `${open}><${bad.as} type="${forHtml(bad.type)}" message="${first}">${text}</${bad.as}></testcase>`;
  }
  if (output === undefined) return `${open}/>`;
  return `${open}><system-out>${output.split('\n').map(forHtml).join('\n')}</system-out></testcase>`;
}
