import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { ACCOUNT, OTHER_ACCOUNT } from '../support/site.js';
import { A, fileWith, OUTPUTS, PULL, PUSH, SHA, UNTRUSTED, withAction } from './support/action.js';
import { BOT } from './support/github.js';
import { BIN } from './support/tools.js';
import type { Texts } from './support/workflow.js';

jest.setTimeout(60_000);
const action = existsSync(BIN) ? describe : describe.skip;
if (!existsSync(BIN)) console.warn('The action is not run: dist/ is not built (npm run build).');

action('the action', () => {
  test('plan, then apply of the plan file, set every output', () =>
    withAction(async ({ use, emulator, folder }) => {
      emulator.seed(ACCOUNT, [{ name: 'B', url: 'https://b.example/' }]);
      const file = { 'plan-file': path.join(folder, 'plan.json') };
      const undecided = { 'hookwright.yaml': A['hookwright.yaml']?.replace('unlisted: delete', '') ?? '' };
      const refused = await use({ command: 'plan', ...file }, PULL, undecided);
      expect(refused.code).toBe(6);
      expect(refused.outputs).toMatchObject({
        changes: 'true',
        'exit-code': '6',
        'error-code': 'unlisted-undecided',
      });

      const planned = await use({ command: 'plan', ...file, report: `html=${folder}/plan.html` });
      expect(planned.code).toBe(0);
      expect(Object.keys(planned.outputs).sort()).toEqual([...OUTPUTS].sort());
      expect(planned.outputs).toMatchObject({
        changes: 'true',
        create: '1',
        update: '0',
        replace: '0',
        delete: '1',
        'exit-code': '2',
        'error-code': '',
        'plan-file': file['plan-file'],
      });
      expect(await readFile(`${folder}/plan.html`, 'utf8')).toMatch(/^<!doctype html>/);
      expect(planned.summary).toBe(`${await readFile(planned.outputs['markdown-file'] ?? '', 'utf8')}\n`);
      const digest = planned.outputs['digest'] ?? '';
      const applied = await use({ command: 'apply', ...file, 'expect-digest': digest }, PUSH);
      expect([applied.code, applied.outputs['exit-code']]).toEqual([0, '0']);
      expect(applied.summary).toContain('## hookwright apply: complete');
      const again = await use({ command: 'plan' });
      expect(again.outputs).toMatchObject({ changes: 'false', create: '0', 'exit-code': '0' });
    }));

  test('a repository inside the checkout cannot make Git run a program', () =>
    withAction(async ({ use, folder }) => {
      const proof = path.join(folder, 'proof');
      // The tag leads to a missing object, which Git would fetch with this program.
      const bare = {
        HEAD: 'ref: refs/heads/main\n',
        config: `[core]\n\trepositoryformatversion = 1\n\tbare = true\n\tsshCommand = "env > ${proof}; false"\n[extensions]\n\tpartialClone = origin\n[remote "origin"]\n\turl = ssh://a.example/b\n\tpromisor = true\n`,
        'objects/none': '',
        'refs/tags/deployed': `${SHA}\n`,
        ...A,
      };
      const files = Object.fromEntries(Object.entries(bare).map(([name, text]) => [`envs/${name}`, text]));
      const previous = { previous: 'git:deployed', 'previous-optional': 'true' };
      const { code, log } = await use(
        { command: 'plan', 'working-directory': 'envs', ...previous },
        PULL,
        files,
      );
      expect(existsSync(proof)).toBe(false);
      expect(log).toContain('--previous git:REV needs a Git repository.');
      expect(code).toBe(3);
    }));

  test('apply without a plan file, with other arguments', () =>
    withAction(async ({ use, emulator }) => {
      const { code } = await use({ command: 'apply', args: '--target\nA\n--parallelism\n1' }, PUSH);
      expect(code).toBe(0);
      expect(emulator.account(ACCOUNT).webhooks.map(({ name }) => name)).toEqual(['A']);
    }));

  test('pull_request: one comment, with its key in the heading, is kept up to date', () =>
    withAction(async ({ use, comments }) => {
      const inputs = { command: 'plan', comment: 'true', 'comment-key': 'eu-1', 'skip-unchanged': 'true' };
      await use(inputs);
      expect(comments()).toEqual([expect.stringContaining('\n## hookwright plan for eu-1: 1 to add')]);
      await use({ command: 'apply' }, PUSH);
      await use(inputs);
      expect(comments()).toEqual([expect.stringContaining('\n## hookwright plan for eu-1: no changes')]);
      await use({ ...inputs, 'comment-key': 'eu-2' });
      expect(comments()).toHaveLength(1);
      await use({ ...inputs, 'comment-key': 'eu-2', 'skip-unchanged': 'false' });
      expect(comments()).toHaveLength(2);
    }));

  test('push: the approved digest is required, and the result of the apply replaces the plan in the comment', () =>
    withAction(async ({ use, github, comments, folder }) => {
      const planned = await use({ command: 'plan', comment: 'true' });
      const expected = { command: 'plan', 'expect-digest': 'pull-request', comment: 'true' };
      const alone = await use(expected, PUSH);
      expect(alone.code).toBe(5);
      expect(alone.outputs).toMatchObject({ 'exit-code': '5', 'error-code': 'digest-mismatch' });
      expect(alone.log).toContain('No approved plan was found in a pull request');
      github.pulls.set(SHA, [{ number: 7, merged_at: '2026-01-01T00:00:00Z', merge_commit_sha: SHA }]);

      const other = await use(expected, PUSH, fileWith('b.example'));
      expect(other.log).toContain('This plan is not the approved one in pull request #7');
      const planFile = path.join(folder, 'plan.json');
      const same = await use({ ...expected, 'plan-file': planFile }, PUSH);
      expect([same.code, comments()]).toEqual([0, [expect.stringContaining('## hookwright plan: 1 to add')]]);

      await use({ command: 'apply', 'plan-file': planFile, comment: 'true' }, PUSH);
      expect(comments()).toEqual([expect.stringContaining('## hookwright apply: complete')]);
      expect(comments()[0]).toContain(
        `<!-- hookwright:comment default ${planned.outputs['digest'] ?? '?'} -->`,
      );
    }));

  test('push: an approval that cannot be read does not count', () =>
    withAction(async ({ use }) => {
      const { code, log } = await use(
        { command: 'plan', 'expect-digest': 'pull-request' },
        { ...PUSH, rights: 'none' },
      );
      expect(code).toBe(5);
      expect(log).toContain(
        'returned 403. Give the job the permission "pull-requests: read". Nothing was written.',
      );
    }));

  test('merge_group: a plan without a comment', () =>
    withAction(async ({ use, github }) => {
      const event = { ...PUSH, name: 'merge_group', payload: { merge_group: { head_sha: SHA } } };
      const { code, summary } = await use({ command: 'plan', comment: 'true' }, event);
      expect([code, summary, github.comments.size]).toEqual([0, expect.stringContaining('1 to add'), 0]);
    }));

  test.each([
    ['a fork', UNTRUSTED],
    ['Dependabot', { ...UNTRUSTED, payload: { ...PULL.payload, sender: { login: 'dependabot[bot]' } } }],
  ])('%s: if a comment cannot be written, a warning names the permission', (_, event) =>
    withAction(async ({ use, comments }) => {
      const { code, log } = await use({ command: 'plan', comment: 'true' }, event);
      expect([code, comments()]).toEqual([0, []]);
      expect(log).toMatch(
        /::warning title=hookwright::The comment was not written: POST .* returned 403\. Give/,
      );
      expect(log).toContain('the permission "pull-requests: write"');
    }),
  );

  test('GitHub out of reach: the plan succeeds, and a warning reports the comment', () =>
    withAction(async ({ use, github }) => {
      await github.stop();
      const { code, log } = await use({ command: 'plan', comment: 'true' });
      expect([code, log]).toEqual([0, expect.stringContaining('The comment was not written: GET ')]);
    }));

  test('a plan with an unexpected digest fails with 5', () =>
    withAction(async ({ use }) => {
      const { code, log } = await use({ command: 'plan', 'expect-digest': 'f'.repeat(64) });
      expect([code, log]).toEqual([
        5,
        expect.stringContaining('This plan is not the approved one: the file or'),
      ]);
    }));

  test('lists only the account that the workflow pins, whatever the files of a pull request declare', () =>
    withAction(async ({ use, emulator, comments }) => {
      emulator.seed(OTHER_ACCOUNT, [{ name: 'Not to be seen', url: 'https://other.example/' }]);
      const text = A['hookwright.yaml'] ?? '';
      const describing = (accounts: string): Texts => ({
        'hookwright.yaml': text.replace(`account_id: ${ACCOUNT}`, `account_id: ${accounts}`),
      });
      const pinned = { command: 'plan', account: ACCOUNT, comment: 'true' };
      const other = await use(pinned, PULL, describing(OTHER_ACCOUNT));
      expect([other.code, other.outputs['error-code']]).toEqual([3, 'usage']);
      const both = await use(pinned, PULL, describing(`[${ACCOUNT}, ${OTHER_ACCOUNT}]`));
      expect([both.code, both.outputs['create']]).toEqual([0, '1']);
      expect(emulator.requests.some(({ path: asked }) => asked.includes(OTHER_ACCOUNT))).toBe(false);
      expect(comments().join()).not.toContain('Not to be seen');
    }));

  test('the comment shows the old and the new value of a visible parameter of a URL', () =>
    withAction(async ({ use, emulator, comments }) => {
      emulator.seed(ACCOUNT, [{ name: 'A', url: 'https://a.example/cf?env=production&key=hunter2a' }]);
      const file = {
        'hookwright.yaml': (A['hookwright.yaml'] ?? '').replace(
          'a.example/',
          'a.example/cf?env=staging&key=hunter2a',
        ),
      };
      await use({ command: 'plan', comment: 'true' }, PULL, file);
      const [comment = ''] = comments();
      const shown = comment
        .replaceAll('<!-- -->', '')
        .replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
        .replaceAll('&amp;', '&');
      expect(shown).toContain('https://a.example/cf?env=production&key=…');
      expect(shown).toContain('https://a.example/cf?env=staging&key=…');
      expect(shown).not.toContain('hunter2');
    }));

  test('inputs are data, whatever they contain', () =>
    withAction(async ({ use, folder }) => {
      const evil = `$(touch ${folder}/owned)\`touch ${folder}/owned\`";touch ${folder}/owned;'`;
      const inputs = ['files', 'previous', 'account', 'plan-file', 'report', 'args', 'expect-digest'];
      for (const name of inputs) await use({ command: 'plan', [name]: evil });
      expect(existsSync(`${folder}/owned`)).toBe(false);
      const flag = await use({ command: 'validate', files: '--version' });
      expect([flag.code, flag.log]).toEqual([3, expect.stringContaining('--version')]);
      const injected = await use({ command: 'plan', 'plan-file': `${folder}/p\ndigest=forged` });
      expect(injected.outputs['digest']).toMatch(/^[\da-f]{64}$/);
      const wrongs: readonly Texts[] = [{ command: evil }, { 'comment-key': evil }, { comment: 'yes' }];
      for (const wrong of wrongs) {
        const { code, outputs, log } = await use({ command: 'plan', ...wrong });
        expect([code, outputs['exit-code'], outputs['error-code']]).toEqual([3, '3', 'usage']);
        expect(log).toMatch(/^::error title=hookwright::The input "[a-z-]+" must /);
      }
    }));

  test('in a directory of the repository, annotations and SARIF use paths from its root', () =>
    withAction(async ({ use, folder }) => {
      const files = { 'infra/webhooks/hookwright.yaml': 'webhooks: x\n' };
      const inputs = {
        command: 'validate',
        'working-directory': 'infra/webhooks',
        report: `sarif=${folder}/sarif`,
      };
      const { code, log } = await use(inputs, PULL, files);
      expect([code, log]).toEqual([
        3,
        expect.stringContaining('::error file=infra/webhooks/hookwright.yaml,line=1,'),
      ]);
      const sarif = JSON.parse(await readFile(`${folder}/sarif`, 'utf8')) as object;
      expect(JSON.stringify(sarif)).toContain('"uri":"infra/webhooks/hookwright.yaml"');
    }));

  test.each([
    ['an unknown flag', { args: '--nonsense' }, 3, 'usage'],
    ['a missing path', { files: 'nowhere.yaml' }, 3, 'invalid-file'],
    ['an account that is in no file', { account: 'f'.repeat(32) }, 3, 'usage'],
    ['an unreachable API', { args: '--api-url\nhttp://127.0.0.1:9\n--retries\n0' }, 1, 'network'],
  ])('error-code of %s', (_, inputs, code, errorCode) =>
    withAction(async ({ use }) => {
      const step = await use({ command: 'plan', ...(inputs as Texts) });
      expect([step.code, step.outputs['error-code']]).toEqual([code, errorCode]);
      expect(step.outputs['changes']).toBe('');
      expect(step.outputs['plan-file'] !== '').toBe(errorCode === 'network');
    }),
  );

  test('a valid file has no warning about a report that only plan and apply have', () =>
    withAction(async ({ use }) => {
      const { code, log, summary } = await use({ command: 'validate' });
      expect([code, log]).toEqual([0, expect.stringMatching(/^Success!/)]);
      expect(summary).not.toContain('Warning');
    }));

  test('a plan that cannot be made replaces the old comment', () =>
    withAction(async ({ use, comments }) => {
      await use({ command: 'plan', comment: 'true' });
      const bad = { 'hookwright.yaml': 'webhooks: "@octocat ::error::x"\n' };
      const { code, outputs } = await use({ command: 'plan', comment: 'true' }, PULL, bad);
      expect(code).toBe(3);
      expect(outputs).toMatchObject({ 'exit-code': '3', 'error-code': 'invalid-file', changes: '' });
      expect(comments()).toEqual([
        expect.stringContaining(
          '<!-- hookwright:comment default none -->\n## hookwright plan: failed\n\n    hookwright.yaml:',
        ),
      ]);
      expect(comments()[0]).not.toMatch(/^ {0,3}\S*(?:@octocat|::error)/m);
      expect(comments()[0]).not.toContain('::error file=');
    }));

  test('neither trusts nor changes a forged comment by someone else', () =>
    withAction(async ({ use, github, comments }) => {
      const planned = await use({ command: 'plan' });
      const body = `<!-- hookwright:plan -->\n<!-- hookwright:comment default ${planned.outputs['digest'] ?? ''} -->\n`;
      github.comments.set(7, [{ id: 1, body, user: { login: 'mallory' } }]);
      github.pulls.set(SHA, [{ number: 7, merged_at: '2026-01-01T00:00:00Z', merge_commit_sha: SHA }]);
      const { code, log } = await use({ command: 'plan', 'expect-digest': 'pull-request' }, PUSH);
      expect([code, log]).toEqual([
        5,
        expect.stringContaining('No approved plan was found in pull request #7'),
      ]);
      await use({ command: 'plan', comment: 'true' });
      expect(comments()).toEqual([body, expect.stringContaining('1 to add')]);
      expect(github.comments.get(7)?.at(-1)?.user.login).toBe(BOT);
    }));

  test('canceling a job ends hookwright, which finishes what is in flight', () =>
    withAction(
      async ({ emulator, folder }) => {
        await writeFile(path.join(folder, 'hookwright.yaml'), A['hookwright.yaml'] ?? '');
        const asked = new Promise<void>((resolve) => {
          emulator.onRequest = () => resolve();
        });
        const child = spawn(process.execPath, [path.join(path.dirname(BIN), 'action.js')], {
          env: {
            PATH: process.env['PATH'],
            CI: 'true',
            CLOUDFLARE_API_TOKEN: 'token',
            CLOUDFLARE_BASE_URL: emulator.url,
            GITHUB_WORKSPACE: folder,
            RUNNER_TEMP: folder,
            INPUT_COMMAND: 'apply',
            'INPUT_COMMENT-KEY': 'default',
          },
        });
        let log = '';
        for (const stream of [child.stdout, child.stderr])
          stream.on('data', (data: Buffer) => (log += data.toString()));
        await asked;
        child.kill('SIGINT');
        const [code] = (await once(child, 'close')) as [number];
        expect([code, log]).toEqual([130, expect.stringContaining('Apply cancelled. Nothing was written.')]);
      },
      { latency: 500 },
    ));
});
