import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { blocksOf } from '../docs/pages.js';
import { BIN } from '../gitops/support/tools.js';
import { ACCOUNT, fileOf, TOKEN, withAccount, type Site } from '../support/site.js';
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
    expect(kinds).toEqual(['Kustomization']);
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

/** Stand-ins that behave as the documentation of each tool says. "Encrypted" means base64 here. */
const STAND_INS = {
  sops: `#!/bin/sh
case $1 in
  exec-env) set -a; eval "$(base64 -d <"$2")"; set +a; exec sh -c "$3" ;;
  decrypt) exec base64 -d <"$2" ;;
esac
exit 1`,
  op: `#!/bin/sh
[ "$1" = read ] && { echo resolved-by-op; exit; }
[ "$1" = run ] && [ "$3" = -- ] || exit 1
set -a; . "./\${2#--env-file=}"; set +a; shift 3
case $OPS_SECRET in op://*) OPS_SECRET=$(op read "$OPS_SECRET") ;; esac
exec "$@"`,
  vault: '#!/bin/sh\n[ "$*" = "kv get -field=secret secret/ops" ] && echo resolved-by-vault',
};
const base64 = (text: string): string => Buffer.from(text).toString('base64');

(existsSync(BIN) ? describe : describe.skip)('docs/secrets.md', () => {
  const scripts = blocksOf('docs/secrets.md', 'sh').map(({ text }) => text);
  const [desired = ''] = blocksOf('docs/secrets.md', 'yaml').map(({ text }) => text);
  const withSecrets = (use: (site: Site, sh: (line: string) => Promise<string>) => Promise<void>) =>
    withAccount({ files: desired.replace('/run/secrets/relay', 'vault/secrets/relay') }, async (site) => {
      await site.write({
        'secrets.env': base64('OPS_SECRET=resolved-by-sops\n'),
        'op.env': 'OPS_SECRET=op://vault/ops/secret\n',
        'vault/secrets/relay': 'written-by-the-agent\n',
        'hookwright.enc.yaml': base64(desired),
        ...Object.fromEntries(Object.entries(STAND_INS).map(([name, text]) => [`.bin/${name}`, text])),
      });
      await shell(site, 'chmod +x .bin/*');
      await use(site, (line) => shell(site, line.replaceAll('/vault/secrets', './vault/secrets')));
    });

  test.each([
    ['sops exec-env', 'resolved-by-sops'],
    ['op run', 'resolved-by-op'],
    ['vault kv get', 'resolved-by-vault'],
  ])('%s passes the secret to apply', (tool, secret) =>
    withSecrets(async (site, sh) => {
      const script = scripts.find((text) => text.includes(tool)) ?? '';
      expect(await sh(script)).toContain('Apply complete! Resources: 2 added');
      const live = site.emulator.account(ACCOUNT).webhooks.map((webhook) => webhook.secret);
      expect(live.sort()).toEqual([secret, 'written-by-the-agent'].sort());
    }),
  );

  test('an encrypted file is read from stdin', () =>
    withSecrets(async (_, sh) => {
      const script = scripts.find((text) => text.includes('sops decrypt')) ?? '';
      expect(await sh(script)).toContain('Plan: 2 to add');
    }));

  test('reads files of the Vault agent with --secret-dir', () =>
    withSecrets(async (_, sh) => {
      const script = scripts.find((text) => text.includes('--secret-dir')) ?? '';
      expect(await sh(`export OPS_SECRET=by-hand-1234\n${script}`)).toContain('Apply complete!');
    }));

  test('the lines of .envrc set the variables that apply needs', () =>
    withSecrets(async (_, sh) => {
      expect(await sh(`${scripts.at(-1) ?? ''}hookwright apply --auto-approve`)).toContain('Apply complete!');
    }));

  test('refuses an unresolved reference before anything is written', () =>
    withSecrets(async (site, sh) => {
      await expect(
        sh('export OPS_SECRET=op://vault/ops/secret; hookwright apply --auto-approve'),
      ).rejects.toMatchObject({ code: 6 });
      expect(site.emulator.writes()).toEqual([]);
    }));
});
