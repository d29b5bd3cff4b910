import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { Emulator } from '../../src/emulator/emulator.js';
import { emptyFolder } from '../support/cli.js';
import { fileOf, ACCOUNT } from '../support/site.js';
import { GITHUB_TOKEN, REPOSITORY, startGitHub, type GitHub } from './support/github.js';
import { runJob, type JobResult } from './support/runner.js';
import { BIN, makeTools } from './support/tools.js';
import type { Step, Texts } from './support/workflow.js';

jest.setTimeout(60_000);
const action = existsSync(BIN) ? describe : describe.skip;
if (!existsSync(BIN)) console.warn('The action is not run: dist/ is not built (npm run build).');

type Scene = {
  readonly emulator: Emulator;
  readonly github: GitHub;
  readonly folder: string;
  /** Runs the action once in a fresh workspace that holds `files`. */
  readonly use: (inputs: Texts, files?: Texts) => Promise<JobResult>;
};

const OUTPUTS = ['changes', 'digest', 'plan-file', 'create', 'update', 'replace', 'delete', 'exit-code'];

async function withAction(run: (scene: Scene) => Promise<void>): Promise<void> {
  const folder = await emptyFolder();
  const emulator = await new Emulator().start();
  const github = await startGitHub();
  const { bin } = await makeTools(folder);
  const use = async (inputs: Texts, files: Texts = {}): Promise<JobResult> => {
    const tree = path.join(folder, 'tree');
    await mkdir(tree, { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(path.join(tree, name), text);
    const steps: Step[] = [
      { run: `cp -R '${tree}/.' .` },
      { id: 'it', uses: 'hookwright/hookwright@v0', with: inputs, env: { CLOUDFLARE_API_TOKEN: 'token' } },
    ];
    const outputs = Object.fromEntries(OUTPUTS.map((name) => [name, `\${{ steps.it.outputs.${name} }}`]));
    const event = { pull_request: { number: 7 } };
    const result = await runJob(
      { steps, outputs },
      { github: { event, repository: REPOSITORY, ref: '', token: GITHUB_TOKEN } },
      {
        folder,
        origin: '',
        env: {
          PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}`,
          HOME: folder,
          CI: 'true',
          CLOUDFLARE_BASE_URL: emulator.url,
          HOOKWRIGHT_SETTLE: '0.05',
          GITHUB_API_URL: github.url,
          GITHUB_REPOSITORY: REPOSITORY,
        },
      },
    );
    if (!result) throw new Error('the job did not run');
    return result;
  };
  try {
    await run({ emulator, github, folder, use });
  } finally {
    await Promise.all([emulator.stop(), github.stop()]);
    await rm(folder, { recursive: true, force: true });
  }
}

const A = { 'hookwright.yaml': fileOf('  - { name: A, url: "https://a.example/", secret: none }') };

action('the action', () => {
  test('plan, then apply of its file, tells counts and digest', () =>
    withAction(async ({ use, emulator, folder }) => {
      emulator.seed(ACCOUNT, [{ name: 'B', url: 'https://b.example/' }]);
      const planFile = path.join(folder, 'plan.json');
      const undecided = { 'hookwright.yaml': A['hookwright.yaml'].replace('unlisted: delete', '') };
      const plan = await use(
        { command: 'plan', 'plan-file': planFile, report: `html=${folder}/plan.html` },
        undecided,
      );
      expect(plan.ok).toBe(false);
      expect(plan.outputs).toMatchObject({ changes: 'true', create: '1', delete: '0', 'exit-code': '6' });

      const allowed = await use(
        { command: 'plan', 'plan-file': planFile, report: `html=${folder}/plan.html` },
        A,
      );
      expect(allowed.ok).toBe(true);
      expect(allowed.outputs).toMatchObject({
        changes: 'true',
        delete: '1',
        update: '0',
        replace: '0',
        'exit-code': '2',
      });
      expect(await readFile(`${folder}/plan.html`, 'utf8')).toMatch(/^<!doctype html>/);
      const digest = allowed.outputs['digest'] ?? '';
      const applied = await use({ command: 'apply', 'plan-file': planFile, 'expect-digest': digest });
      expect([applied.ok, applied.outputs['exit-code']]).toEqual([true, '0']);
      expect(applied.summary).toContain('## hookwright apply: complete');
      const again = await use({ command: 'plan' });
      expect(again.outputs).toMatchObject({ changes: 'false', create: '0', 'exit-code': '0' });
    }));

  test('apply without a plan file, with further arguments', () =>
    withAction(async ({ use, emulator }) => {
      const { ok } = await use({ command: 'apply', args: '--target\nA\n--parallelism\n1' }, A);
      expect(ok).toBe(true);
      expect(emulator.account(ACCOUNT).webhooks.map(({ name }) => name)).toEqual(['A']);
    }));

  test('a plan with another digest than the one expected fails with 5', () =>
    withAction(async ({ use }) => {
      const { ok, outputs, log } = await use({ command: 'plan', 'expect-digest': 'f'.repeat(64) }, A);
      expect([ok, outputs['exit-code']]).toEqual([false, '5']);
      expect(log).toContain('::error::This is not the approved plan');
    }));

  test('inputs are data, whatever is in them', () =>
    withAction(async ({ use, folder }) => {
      const evil = `$(touch ${folder}/owned)\`touch ${folder}/owned\`";touch ${folder}/owned;'`;
      const inputs = ['files', 'previous', 'account', 'plan-file', 'report', 'args', 'expect-digest'];
      for (const name of inputs) await use({ command: 'plan', [name]: evil }, A);
      const command = await use({ command: evil }, A);
      expect(command.log).toContain('::error::The input "command" must be validate, plan or apply.');
      expect((await use({ command: 'plan', 'comment-key': evil }, A)).log).toContain(
        'letters, digits and hyphens',
      );
      expect(existsSync(`${folder}/owned`)).toBe(false);
    }));

  test('a plan that cannot be made takes the place of the old comment', () =>
    withAction(async ({ use, github }) => {
      await use({ command: 'plan', comment: 'true' }, A);
      const bad = { 'hookwright.yaml': 'webhooks: "@octocat ::error::x"\n' };
      const { ok, outputs } = await use({ command: 'plan', comment: 'true' }, bad);
      expect([ok, outputs['exit-code'], outputs['changes']]).toEqual([false, '3', '']);
      const comments = github.comments.get(7) ?? [];
      expect(comments).toHaveLength(1);
      expect(comments[0]?.body).toContain(
        '<!-- hookwright:comment default none -->\n## hookwright plan: failed\n\n    hookwright.yaml:',
      );
      expect(comments[0]?.body).not.toMatch(/^ {0,3}\S*(?:@octocat|::error)/m);
    }));
});
