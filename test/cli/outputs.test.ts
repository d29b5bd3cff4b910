import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import desired from '../../schemas/hookwright.schema.json' with { type: 'json' };
import events from '../../schemas/events.schema.json' with { type: 'json' };
import plan from '../../schemas/plan.schema.json' with { type: 'json' };
import { REPORT_KINDS } from '../../src/cli/flags.js';
import { runCli, testInProcess } from '../support/cli.js';
import { ACCOUNT, fileOf, OTHER_ACCOUNT, withAccount, type Given } from '../support/site.js';

const A = '  - { name: A, url: "https://a.example/" }\n';
const B = '  - { name: B, url: "https://b.example/" }\n';
const GIVEN: Given = { files: fileOf(A) };

describe('files that a run writes', () => {
  test('a run that ends before there is a plan gives the reason in its JSON report', () =>
    withAccount(GIVEN, async ({ run, read }) => {
      const { code } = await run(['plan', '--account', OTHER_ACCOUNT, '--report', 'json=report.json']);
      expect(code).toBe(3);
      expect(JSON.parse(await read('report.json'))).toEqual({
        format_version: 1,
        error: { code: 'usage', message: expect.stringContaining('no file describes this account') },
      });
    }));

  test.each([
    ['plan', ['plan']],
    ['apply', ['apply', '--auto-approve']],
    ['a refused plan', ['plan', '-f', 'undecided.yaml']],
  ])('%s: all reports, in addition to the text', (_, args) =>
    withAccount(
      {
        files: { 'hookwright.yaml': fileOf(A), 'undecided.yaml': fileOf(A, '') },
        webhooks: args.includes('-f') ? [{ name: 'X', url: 'https://x.example/' }] : [],
      },
      async ({ run, read }) => {
        const flags = REPORT_KINDS.flatMap((kind) => ['--report', `${kind}=out/${kind}`]);
        const { stdout } = await run([...args, ...flags]);
        expect(stdout).toContain('Plan: 1 to add');
        for (const kind of REPORT_KINDS) expect((await read(`out/${kind}`)).length).toBeGreaterThan(10);
        expect(JSON.parse(await read('out/json'))).toMatchObject({ summary: { create: 1 } });
      },
    ),
  );

  test('a plan that cannot be saved is still in its reports', () =>
    withAccount(GIVEN, async ({ run, read }) => {
      const flags = ['--out', 'hookwright.yaml/x', '--report', 'json=out.json', '--format', 'json'];
      const { code, stdout } = await run(['plan', ...flags]);
      expect([code, await read('out.json')]).toEqual([1, stdout]);
    }));

  test('validate: the JSON report is the document of --format json', () =>
    withAccount(GIVEN, async ({ run, read }) => {
      const { stdout } = await run(['validate', '--format', 'json', '--report', 'json=out.json']);
      expect(await read('out.json')).toBe(stdout);
      expect(JSON.parse(stdout)).toMatchObject({ valid: true, documents: 1 });
    }));

  test('validate refuses --account if no file describes it; it is the account of a document without one', () =>
    withAccount({ files: { 'a.yaml': fileOf(A), 'b.yaml': 'webhooks: []\n' } }, async ({ run }) => {
      const checked = async (file: string, account: string): Promise<unknown> => {
        const { code, stderr } = await run(['validate', '-f', file, '--account', account]);
        return [code, stderr];
      };
      expect(await checked('a.yaml', ACCOUNT)).toEqual([0, '']);
      expect(await checked('b.yaml', OTHER_ACCOUNT)).toEqual([0, '']);
      const refused = expect.stringContaining(`--account ${OTHER_ACCOUNT}: no file describes this account.`);
      expect(await checked('a.yaml', OTHER_ACCOUNT)).toEqual([3, refused]);
    }));

  test.each([
    ['plan', ['plan', '--report', 'json=hookwright.yaml/x']],
    ['plan', ['plan', '--out', 'hookwright.yaml/x']],
    ['validate', ['validate', '--report', 'sarif=hookwright.yaml/x']],
  ])(
    '%s: a file that cannot be written exits with 1, an error message, and still one document: %j',
    (_, args) =>
      withAccount(GIVEN, async ({ run }) => {
        for (const format of ['text', 'json']) {
          const { code, stdout, stderr } = await run([...args, '--format', format]);
          expect({ code, bug: (stdout + stderr).includes('This is a bug') }).toEqual({ code: 1, bug: false });
          expect(stdout + stderr).toMatch(/annot write/);
          if (format === 'json') JSON.parse(stdout);
        }
      }),
  );

  test.each([
    [['plan', '--out', 'o', '--report', 'json=o'], '--report o would be written to the same file as --out'],
    [
      ['plan', '--report', 'json=o', '--report', 'junit=./x/../o'],
      '--report ./x/../o would be written to the same file as another report',
    ],
    [
      ['apply', '--events', 'o', '--report', 'json=o'],
      '--report o would be written to the same file as --events',
    ],
    [
      ['apply', 'plan.json', '--report', 'json=plan.json'],
      '--report plan.json would overwrite the saved plan',
    ],
    [
      ['apply', 'plan.json', '--events', './plan.json'],
      '--events ./plan.json would overwrite the saved plan',
    ],
    [
      ['show', 'plan.json', '--report', 'json=plan.json'],
      '--report plan.json would overwrite the saved plan',
    ],
    [
      ['plan', '--previous', 'plan.json', '--out', 'plan.json'],
      '--out plan.json would overwrite the previous state',
    ],
  ])('nothing is lost by writing two things to one file: %j', (args, message) =>
    withAccount(GIVEN, async ({ run, read, emulator }) => {
      await run(['plan', '--out', 'plan.json']);
      const before = await read('plan.json');
      const { code, stderr } = await run(args);
      expect({ code, error: stderr.includes(`Error: ${message}. Pass another path.`) }).toEqual({
        code: 3,
        error: true,
      });
      expect(await read('plan.json')).toBe(before);
      await expect(read('o')).rejects.toThrow('ENOENT');
      expect(emulator.writes()).toEqual([]);
    }),
  );

  test('two outputs can go to the same device', () =>
    withAccount(GIVEN, async ({ run }) => {
      const both = ['--report', 'json=/dev/null', '--report', 'junit=/dev/null'];
      expect(await run(['plan', '--out', '/dev/null', ...both])).toMatchObject({ code: 0 });
    }));

  const UNWRITABLE = [
    ['--report', 'json=hookwright.yaml/x'],
    ['--events', 'hookwright.yaml/x'],
    ...(existsSync('/dev/full') ? [['--events', '/dev/full'] as const] : []),
  ] as const;

  test.each(UNWRITABLE)('%s %s that cannot be written is reported once, and stops nothing', (...flag) =>
    withAccount({ files: fileOf(A + B) }, async ({ run, read, names }) => {
      const apply = ['apply', '--auto-approve', ...flag, '--report', 'junit=out/junit', '--format', 'json'];
      const { code, stdout, stderr } = await run(apply);
      expect(code).toBe(4);
      expect(JSON.parse(stdout)).toMatchObject({ outcomes: [{ status: 'applied' }, { status: 'applied' }] });
      expect(stderr.match(/Cannot write/g)).toHaveLength(1);
      expect(names()).toEqual(['A', 'B']);
      expect(await read('out/junit')).toContain('<testsuite');
      expect((await run(['apply', '--auto-approve', ...flag])).code).toBe(1);
    }),
  );

  (process.platform === 'win32' ? test.skip : test)('events into a pipe without a reader delay nothing', () =>
    withAccount({ files: fileOf(A) }, async ({ run, cwd, names, emulator }) => {
      const pipe = path.join(cwd, 'pipe');
      execFileSync('mkfifo', [pipe]);
      const apply = ['apply', '--auto-approve', '--events', 'pipe'];
      expect(await run(apply)).toMatchObject({
        code: 4,
        stderr: expect.stringContaining('Cannot write the events file pipe (ENXIO). The run continues'),
      });
      emulator.account(ACCOUNT).webhooks.forEach((webhook) => (webhook.name = 'Other'));
      const fd = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
      try {
        expect(() => {
          for (;;) writeSync(fd, 'x'.repeat(4096));
        }).toThrow('EAGAIN');
        const { code, stderr } = await run(apply);
        expect({ code, stderr }).toEqual({
          code: 4,
          stderr: expect.stringContaining('(its reader does not keep up)'),
        });
      } finally {
        closeSync(fd);
      }
      expect(names()).toEqual(['A']);
    }),
  );

  test('the other reports are written, whichever comes first', () =>
    withAccount(GIVEN, async ({ run, read }) => {
      const reports = ['json=hookwright.yaml/x', 'markdown=out/md', 'html=hookwright.yaml/y', 'junit=out/j'];
      const flags = reports.flatMap((report) => ['--report', report]);
      for (const [args, code] of [
        [['plan'], 1],
        [['apply', '--auto-approve'], 4],
      ] as const) {
        const { code: ended, stderr } = await run([...args, ...flags]);
        expect(ended).toBe(code);
        expect(stderr.match(/Cannot write/g)).toHaveLength(2);
        expect(await read('out/md')).toContain('A');
        expect(await read('out/j')).toContain('A');
      }
    }));

  test('a report of a plan is not written without one, and a warning says so', () =>
    withAccount(GIVEN, async ({ run, write, read }) => {
      const reports = ['markdown=md', 'sarif=sarif', 'html=html'].flatMap((report) => ['--report', report]);
      const warning = 'Warning: the markdown and html reports were not written, because there is no plan.';
      expect((await run(['validate', ...reports])).stderr).toContain(warning);
      const valid = await read('hookwright.yaml');
      await write({ 'hookwright.yaml': 'webhooks: 1\n' });
      expect((await run(['plan', ...reports])).stderr).toContain(warning);
      expect(await read('sarif')).toContain('wrong-type');
      await write({ 'hookwright.yaml': valid });
      await expect(read('md')).rejects.toThrow('ENOENT');
      const { stderr } = await run(['plan', ...reports, '--report=json=json'], {
        env: { CLOUDFLARE_API_TOKEN: '' },
      });
      expect(JSON.parse(await read('json'))).toMatchObject({ error: { code: 'usage' } });
      expect(stderr).toContain(
        'Warning: the markdown, sarif, and html reports were not written, because the command failed.',
      );
    }));

  test('policies that only the html report shows can be unreadable', () =>
    withAccount(GIVEN, async ({ run, emulator, names, read }) => {
      emulator.fault = ({ path }) => (path.endsWith('/policies') ? '403' : undefined);
      const report = ['--report', 'html=out.html'];
      const { code, stderr } = await run(['apply', '--auto-approve', '--retries', '0', ...report]);
      expect([code, names()]).toEqual([0, ['A']]);
      expect(stderr).toContain(
        `Warning: the html report does not show the policies of account ${ACCOUNT}, because they could not be read.`,
      );
      expect(await read('out.html')).toContain('Plan: 1 to add');
    }));

  test.each(['pdf=x', 'json', 'json=', '=x'])('--report %s is a usage error before any request', (report) =>
    withAccount(GIVEN, async ({ run, methods }) => {
      for (const command of [['plan'], ['apply', '--auto-approve']]) {
        expect(await run([...command, '--report', report])).toMatchObject({ code: 3 });
      }
      expect(methods()).toEqual([]);
    }),
  );
});

describe('saved plans', () => {
  test('apply carries out exactly the saved plan, without asking and without the flags of plan', () =>
    withAccount(GIVEN, async ({ run, write, names }) => {
      expect((await run(['plan', '--out', 'plan.json'])).code).toBe(0);
      await write({ 'hookwright.yaml': fileOf(B) });
      expect((await run(['apply', 'plan.json'])).code).toBe(0);
      expect(names()).toEqual(['A']);
    }));

  test('later changes make it stale: exit 5, nothing written, each change named', () =>
    withAccount(
      { files: fileOf(A), webhooks: [{ name: 'Gone', url: 'https://gone.example/' }] },
      async ({ run, emulator }) => {
        await run(['plan', '--out', 'plan.json']);
        Object.assign(emulator.account(ACCOUNT).webhooks[0] ?? {}, { name: 'Needed' });
        for (const format of ['text', 'json']) {
          const { code, stdout, stderr } = await run(['apply', 'plan.json', '--format', format]);
          expect(code).toBe(5);
          expect(stdout + stderr).toContain('Saved plan is stale');
          expect(stdout + stderr).toMatch(/Gone.*name/);
          if (format === 'json') expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'stale-plan' } });
        }
        expect(emulator.writes()).toEqual([]);
      },
    ));

  test('a modified plan, a file that is not a plan, and a missing file exit with 3', () =>
    withAccount(GIVEN, async ({ run, read, write, methods }) => {
      await run(['plan', '--out', 'plan.json']);
      const edited = (await read('plan.json')).replaceAll('a.example', 'evil.example');
      const before = methods().length;
      await write({
        'edited.json': edited,
        'cut.json': edited.slice(0, -20),
        'other.json': '[1]',
        'null.json': 'null',
      });
      for (const file of [
        'edited.json',
        'cut.json',
        'other.json',
        'null.json',
        'missing.json',
        'hookwright.yaml',
      ]) {
        for (const command of ['apply', 'show']) {
          const { code, stderr } = await run([command, file]);
          expect({ file, code }).toEqual({ file, code: 3 });
          expect(stderr).not.toMatch(/This is a bug|undefined/);
        }
      }
      expect(methods()).toHaveLength(before);
    }));

  test('on a second apply, actions that are already live count as applied', () =>
    withAccount(GIVEN, async ({ run, emulator }) => {
      await run(['plan', '--out', 'plan.json']);
      expect((await run(['apply', 'plan.json'])).code).toBe(0);
      const writes = emulator.writes().length;
      expect((await run(['apply', 'plan.json'])).code).toBe(0);
      expect(emulator.writes()).toHaveLength(writes);
    }));

  test.each(['--target', '--rotate', '--replace', '--allow-delete', '--allow-detach'])(
    'it does not accept %s',
    (flag) =>
      withAccount(GIVEN, async ({ run }) => {
        await run(['plan', '--out', 'plan.json']);
        const { code, stderr } = await run(['apply', 'plan.json', flag, 'A']);
        expect(code).toBe(3);
        expect(stderr).toContain(flag);
      }),
  );

  test('--expect-digest accepts only the reviewed plan: otherwise exit 5', () =>
    withAccount(GIVEN, async ({ run, write, emulator }) => {
      const { digest } = JSON.parse((await run(['plan', '--format', 'json'])).stdout) as { digest: string };
      await write({ 'hookwright.yaml': fileOf(B) });
      const other = await run(['apply', '--auto-approve', '--expect-digest', digest]);
      expect(other.code).toBe(5);
      expect(other.stdout).toContain('"B"');
      expect(emulator.writes()).toEqual([]);
      await write({ 'hookwright.yaml': fileOf(A) });
      expect((await run(['apply', '--auto-approve', '--expect-digest', digest])).code).toBe(0);
    }));
});

describe('schema', () => {
  test.each([
    [[], desired],
    [['desired'], desired],
    [['plan'], plan],
    [['events'], events],
  ])('%j prints the published schema', async (args, schema) => {
    const { code, stdout } = await runCli(['schema', ...args]);
    expect({ code, schema: JSON.parse(stdout) as unknown }).toEqual({ code: 0, schema });
  });
});

describe('progress on a terminal', () => {
  testInProcess('is one line that is redrawn, and removed at the end', () =>
    withAccount({ files: fileOf(A + B) }, async ({ run }) => {
      const { stderr } = await run(['apply', '--auto-approve', '--no-color'], { tty: true });
      expect(stderr).toContain('\r\u001b[2K1/2 done');
      const shown = stderr
        .split('\n')
        .map((line) => line.slice(line.lastIndexOf('\u001b[2K') + 1).replace('[2K', ''));
      expect(shown.map((line) => line.replace(/ \[id=.*/, '')).sort()).toEqual([
        '',
        'A: Creation complete',
        'B: Creation complete',
      ]);
    }),
  );

  testInProcess.each<Readonly<Record<string, string>>>([{}, { NO_COLOR: '1' }])(
    'the demo shows the result of its apply, with %j',
    (env) =>
      withAccount({}, async ({ run }) => {
        expect((await run(['demo'], { tty: true, env })).stdout).toContain(
          'Apply complete! Resources: 1 added',
        );
      }),
  );

  testInProcess.each([
    [
      ['apply', '--auto-approve'],
      ['A: Creating…', 'A: Creation complete'],
    ],
    [['demo'], ['Relay: Replacing…', 'Relay: Replacement complete']],
  ])('is one line for each event if the terminal cannot redraw lines: %j', (args, expected) =>
    withAccount({ files: fileOf(A + B) }, async ({ run }) => {
      const { stdout, stderr } = await run(args, { tty: true, env: { TERM: 'dumb' } });
      for (const escape of ['\r', '\u001b']) expect(stdout + stderr).not.toContain(escape);
      const lines = stderr.split('\n').map((line) => line.replace(/ ?\[id=.*/, ''));
      expect(lines.filter((line) => expected.includes(line))).toEqual(expected);
    }),
  );
});
