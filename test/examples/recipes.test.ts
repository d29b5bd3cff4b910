import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { blocksOf } from '../docs/pages.js';
import { BIN } from '../gitops/support/tools.js';
import { fileOf, TOKEN, withAccount, type Site } from '../support/site.js';
import { textOf } from './files.js';

const blocks = blocksOf('docs/recipes.md', 'yaml').map(({ text }) => parse(text) as unknown);
type Step = { readonly run: string };
type Atlantis = {
  readonly workflows: Readonly<
    Record<string, Readonly<Record<'plan' | 'apply', { readonly steps: readonly Step[] }>>>
  >;
};
type Spacelift = {
  readonly stack_defaults: Readonly<Record<'after_plan' | 'before_apply', readonly string[]>>;
};
const find = (key: string): unknown => blocks.find((block) => key in (block as object));

/** Runs a line as these tools do: in a shell, with the command on the search path. */
async function shell(site: Site, line: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const bin = path.join(site.cwd, '.bin');
  await mkdir(bin, { recursive: true });
  if (!existsSync(path.join(bin, 'hookwright'))) await symlink(BIN, path.join(bin, 'hookwright'));
  const env = {
    PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}`,
    CLOUDFLARE_API_TOKEN: TOKEN,
    CLOUDFLARE_BASE_URL: site.emulator.url,
    HOOKWRIGHT_SETTLE: '0.05',
    ...more,
  };
  const { stdout } = await promisify(execFile)('sh', ['-ec', line], { cwd: site.cwd, env });
  return stdout;
}

const files = fileOf('  - { name: A, url: "https://a.example/", secret: none }');
const { hookwright } = (find('workflows') as Atlantis).workflows;
const { after_plan: afterPlan, before_apply: beforeApply } = (find('stack_defaults') as Spacelift)
  .stack_defaults;

(existsSync(BIN) ? describe : describe.skip)('the recipe, except for the tool itself', () => {
  test.each([
    ['Atlantis', hookwright?.plan.steps.map(({ run }) => run), hookwright?.apply.steps.map(({ run }) => run)],
    ['Spacelift', afterPlan, beforeApply],
  ])('%s: shows and saves the plan, and applies exactly this plan', (_, plan = [], apply = []) =>
    withAccount({ files }, async (site) => {
      const more = { PLANFILE: path.join(site.cwd, 'default.tfplan') };
      expect(await shell(site, plan.join(' && '), more)).toContain(
        'Plan: 1 to add, 0 to change, 0 to destroy.',
      );
      expect(site.emulator.writes()).toEqual([]);
      // Anything merged in the meantime waits for its own plan.
      await site.write({ 'hookwright.yaml': fileOf('') });
      expect(await shell(site, apply.join(' && '), more)).toContain('Apply complete! Resources: 1 added');
      expect(site.names()).toEqual(['A']);
    }),
  );

  test('Argo CD and Flux deploy the directory that contains the Job', () => {
    const kinds = blocks.map((block) => (block as { readonly kind?: string }).kind).filter(Boolean);
    expect(kinds).toEqual(['Application', 'Kustomization']);
    const [job] = parseAllDocuments(textOf('examples/kubernetes/apply-job.yaml'));
    const { metadata } = job?.toJS() as { readonly metadata: { readonly annotations: object } };
    expect(metadata.annotations).toMatchObject({
      'argocd.argoproj.io/hook': 'PostSync',
      'kustomize.toolkit.fluxcd.io/force': 'enabled',
    });
  });

  test('GitLab: the page shows the include of the example', () => {
    expect(find('include')).toEqual(parse(textOf('examples/gitlab/.gitlab-ci.yml')));
  });
});
