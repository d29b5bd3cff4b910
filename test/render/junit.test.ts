import { describe, expect, test } from '@jest/globals';
import type { Diagnostic } from '../../src/core/diagnostic.js';
import { renderGitlab } from '../../src/render/totals.js';
import { renderDiagnosticsJUnit, renderPlanJUnit } from '../../src/render/junit.js';
import {
  ACCOUNT,
  account,
  create,
  HOSTILE,
  mixedPlan,
  mixedResult,
  OTHER,
  plan,
  route,
  UNSEEN,
} from './fixtures.js';
import { readMarkup } from './markup.js';

const problem: Diagnostic = {
  severity: 'error',
  code: 'unknown-field',
  file: 'b.yaml',
  line: 4,
  column: 5,
  message: 'unknown field "secert"',
  hint: 'Did you mean "secret"?',
};

test('validation: a suite per file, errors fail, warnings pass', () => {
  const warning: Diagnostic = { ...problem, severity: 'warning', code: 'http-url', line: 1 };
  expect(renderDiagnosticsJUnit([problem, warning])).toBe(`\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="hookwright validate" tests="2" failures="1" errors="0">
  <testsuite name="b.yaml" tests="2" failures="1" errors="0" skipped="0">
    <testcase name="b.yaml:1:5 http-url" classname="b.yaml"><system-out>b.yaml:1:5: warning: unknown field &quot;secert&quot;
Did you mean &quot;secret&quot;?</system-out></testcase>
    <testcase name="b.yaml:4:5 unknown-field" classname="b.yaml"><failure type="unknown-field" message="b.yaml:4:5: error: unknown field &quot;secert&quot;">b.yaml:4:5: error: unknown field &quot;secert&quot;
Did you mean &quot;secret&quot;?</failure></testcase>
  </testsuite>
</testsuites>
`);
});

describe('a plan and an apply', () => {
  test('guards fail, unread accounts are errors, planned actions pass', () => {
    const failures = [{ accountId: OTHER, error: { code: 'network', message: 'down' } }];
    const text = renderPlanJUnit({ ...mixedPlan(), failures });
    expect(text).toContain('<testsuites name="hookwright plan" tests="6" failures="1" errors="1">');
    expect(text).toContain('name="guard in-use"');
    expect(text).toContain('<error type="network" message="down">down</error>');
    expect(text).toContain('<testcase name="create Ops Slack"');
    readMarkup(text);
  });

  test('outcomes: failed, unknown, skipped, applied; a discrepancy fails', () => {
    const text = renderPlanJUnit(plan(account([])), mixedResult());
    expect(text).toContain(`<testsuite name="${ACCOUNT}" tests="5" failures="2" errors="1" skipped="1">`);
    expect(text).toContain('<skipped message="skipped"/>');
    expect(text).toContain('<system-out>noted</system-out>');
    expect(text).toContain('<failure type="not-verified" message="gone">');
    readMarkup(text);
  });

  test('a policy is not mistaken for a webhook with the same name', () => {
    const routed = plan(account([route(1, 'Ops', [], [])]));
    expect(renderPlanJUnit(routed)).toContain('<testcase name="update policy Ops"');
    const outcomes = [
      { accountId: ACCOUNT, kind: 'update', resource: 'policy', name: 'Ops', status: 'applied', wrote: true },
    ] as const;
    expect(renderPlanJUnit(routed, { outcomes, discrepancies: [] })).toContain(
      '<testcase name="update policy Ops"',
    );
  });

  test('an account without changes has one passing case', () => {
    expect(renderPlanJUnit(plan(account([])))).toContain(
      `<testcase name="no changes" classname="${ACCOUNT}"/>`,
    );
  });
});

test.each(HOSTILE)('hostile text %# keeps the XML well-formed', (name) => {
  const bad = { ...problem, file: name, message: name, hint: name };
  const guards = [{ code: 'in-use' as const, message: name, names: [name] }];
  for (const text of [
    renderDiagnosticsJUnit([bad]),
    renderPlanJUnit(plan(account([create(name)], { guards }))),
  ]) {
    readMarkup(text);
    expect(text).not.toMatch(UNSEEN);
  }
});

test('GitLab: a replacement is a create and a delete, as in Terraform', () => {
  expect(renderGitlab(mixedPlan())).toBe('{"create":2,"update":1,"delete":2}\n');
});
