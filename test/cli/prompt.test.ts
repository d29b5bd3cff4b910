import { describe, expect, test } from '@jest/globals';
import { testInProcess } from '../support/cli.js';
import { ACCOUNT, fileOf, OTHER_ACCOUNT, withAccount, type Given, type Site } from '../support/site.js';

const ONE = '  - { name: A, url: "https://a.example/" }\n';
const GIVEN: Given = {
  files: fileOf(ONE),
  webhooks: [
    { name: 'A', url: 'https://a.example/' },
    { name: 'Gone', url: 'https://gone.example/' },
  ],
};
/** A terminal that stays open after the last line. */
async function* answers(...lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
  await new Promise(() => undefined);
}
const CREATE: Given = { files: fileOf(ONE) };

describe('the prompt', () => {
  testInProcess("asks in Terraform's words after the plan, and applies it on yes", () =>
    withAccount(CREATE, async ({ run, names }) => {
      const { code, stdout, stderr } = await run(['apply', '--no-color'], { tty: true, stdin: 'yes\n' });
      expect(stdout).toContain('Plan: 1 to add, 0 to change, 0 to destroy.');
      expect(stderr).toContain('Do you want to perform these actions?\n');
      expect(stderr).toContain("Only 'yes' will be accepted to approve.\n\n  Enter a value: ");
      expect(stdout).toContain('Apply complete! Resources: 1 added, 0 changed, 0 destroyed.');
      expect(code).toBe(0);
      expect(names()).toEqual(['A']);
    }),
  );

  testInProcess.each([
    ['y', 'y\n'],
    ['YES', 'YES\n'],
    ['Yes', 'Yes\n'],
    ['yes!', 'yes!\n'],
    ['no, then yes', 'no\nyes\n'],
    ['an empty line', '\n'],
    ['the end of the input', ''],
    ['a quoted yes', "'yes'\n"],
  ])('treats %s as no: exit 1, nothing written', (_, stdin) =>
    withAccount(CREATE, async ({ run, emulator }) => {
      const { code, stderr } = await run(['apply'], { tty: true, stdin });
      expect(code).toBe(1);
      expect(stderr).toContain('Apply cancelled.');
      expect(emulator.writes()).toEqual([]);
    }),
  );

  testInProcess('Ctrl-C prints only that nothing was written', () =>
    withAccount(CREATE, async ({ start, emulator }) => {
      const running = start(['apply', '--no-color'], { tty: true, stdin: answers() });
      while (!running.stderr().endsWith('Enter a value: ')) await new Promise(setImmediate);
      running.signal('SIGINT');
      const { code, stderr } = await running.done;
      expect(code).toBe(130);
      const rest = stderr.slice(stderr.indexOf('Enter a value: '));
      expect(rest).toBe('Enter a value: \n\nError: Apply cancelled. Nothing was written.\n');
      expect(emulator.writes()).toEqual([]);
    }),
  );

  testInProcess('creates a webhook beside one with its name that --target leaves as it is', () =>
    withAccount(
      {
        files: `${fileOf(ONE, `absent: ["id:${'a'.repeat(32)}"]`)}policies: [{ name: P, webhooks: [A] }]\n`,
        webhooks: [{ id: 'a'.repeat(32), name: 'A', url: 'https://other.example/' }],
        policies: [{ name: 'P', mechanisms: { email: [{ id: 'ops@example.com' }] } }],
      },
      async ({ run, names }) => {
        const args = ['apply', '--target', 'policy:P'];
        const { code } = await run(args, { tty: true, stdin: 'yes\n' });
        expect([code, names()]).toEqual([0, ['A', 'A']]);
      },
    ),
  );

  testInProcess('does not ask if there is nothing to do', () =>
    withAccount(
      { ...CREATE, webhooks: [{ name: 'A', url: 'https://a.example/' }] },
      async ({ run, methods }) => {
        const { code, stderr } = await run(['apply'], { tty: true });
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        expect(methods()).toEqual(['GET']);
      },
    ),
  );

  testInProcess('does not ask if guards refuse everything', () =>
    withAccount({ ...GIVEN, files: fileOf(ONE, '') }, async ({ run, emulator }) => {
      const { code, stderr } = await run(['apply'], { tty: true, stdin: 'yes\n' });
      expect(code).toBe(6);
      expect(stderr).not.toContain('Enter a value');
      expect(emulator.writes()).toEqual([]);
    }),
  );

  testInProcess('shows the plan on stderr if stdout must be one JSON document', () =>
    withAccount(CREATE, async ({ run }) => {
      const { code, stdout, stderr } = await run(['apply', '--format', 'json'], {
        tty: true,
        stdin: 'yes\n',
      });
      expect(code).toBe(0);
      expect(stderr).toContain('1 to add, 0 to change, 0 to destroy');
      expect(JSON.parse(stdout)).toMatchObject({ outcomes: [{ name: 'A', status: 'applied' }] });
    }),
  );

  testInProcess('prints one JSON document for no as well', () =>
    withAccount(CREATE, async ({ run }) => {
      const { code, stdout } = await run(['apply', '--format', 'json'], { tty: true, stdin: 'no\n' });
      expect(code).toBe(1);
      expect(JSON.parse(stdout)).toHaveProperty('error.code');
    }),
  );

  testInProcess('closes stdin after the answer, because it would keep the process alive', () =>
    withAccount(CREATE, async ({ run }) => {
      let released = false;
      const stdin = Object.assign(answers('no\n'), { destroy: () => (released = true) });
      expect((await run(['apply'], { tty: true, stdin })).code).toBe(1);
      expect(released).toBe(true);
    }),
  );

  testInProcess('a terminal without a known width counts as 80 columns wide', () =>
    withAccount(CREATE, async ({ run }) => {
      const known = await run(['plan', '--no-color'], { tty: true, columns: 80 });
      expect(await run(['plan', '--no-color'], { tty: true, columns: 0 })).toEqual(known);
    }),
  );

  testInProcess('CI=true means not interactive, even on a terminal', () =>
    withAccount(CREATE, async ({ run, emulator }) => {
      const { code } = await run(['apply'], { tty: true, stdin: 'yes\n', env: { CI: 'true' } });
      expect(code).toBe(3);
      expect(emulator.writes()).toEqual([]);
    }),
  );
});

describe('without a terminal', () => {
  test.each(['text', 'json', 'markdown'])('an apply is refused with exit 3 and no write (%s)', (format) =>
    withAccount(CREATE, async ({ run, emulator }) => {
      const { code, stdout, stderr } = await run(['apply', '--format', format], { stdin: 'yes\n' });
      expect(code).toBe(3);
      expect(stdout + stderr).toContain('--auto-approve');
      if (format === 'json') expect(JSON.parse(stdout)).toHaveProperty('error.code', 'usage');
      expect(emulator.writes()).toEqual([]);
    }),
  );

  test('a variable cannot approve', () =>
    withAccount(CREATE, async ({ run, emulator }) => {
      const env = { HOOKWRIGHT_AUTO_APPROVE: 'true' };
      expect((await run(['apply'], { env })).code).toBe(3);
      expect(emulator.writes()).toEqual([]);
    }));
});

describe('between the prompt and the first write', () => {
  /** Answers yes after a change in the account. */
  async function* yesAfter(change: () => void): AsyncGenerator<string> {
    change();
    yield await Promise.resolve('yes\n');
  }
  const changed = (site: Site, change: () => void): ReturnType<Site['run']> =>
    site.run(['apply'], { tty: true, columns: 120, stdin: yesAfter(change) });

  testInProcess('the account is listed again', () =>
    withAccount(CREATE, async ({ run, methods }) => {
      await run(['apply'], { tty: true, stdin: 'yes\n' });
      expect(methods()).toEqual(['GET', 'GET', 'POST', 'GET']);
    }),
  );

  testInProcess.each([
    ['name', { name: 'Needed after all' }, 'Needed after all'],
    ['url', { url: 'https://other.example/' }, 'https://other.example/'],
  ])('a %s that changed makes the plan stale: exit 5, nothing written', (field, move, found) =>
    withAccount(GIVEN, async (site) => {
      const { code, stderr } = await changed(site, () => {
        const gone = site.emulator.account(ACCOUNT).webhooks.find(({ name }) => name === 'Gone');
        Object.assign(gone ?? {}, move);
      });
      expect(code).toBe(5);
      expect(stderr).toMatch(/stale/i);
      expect(stderr).toContain('"Gone"');
      expect(stderr).toContain(field);
      expect(stderr).toContain(found);
      expect(stderr).toContain('Nothing was written. Run apply again and review the new plan.');
      expect(site.emulator.writes()).toEqual([]);
    }),
  );

  testInProcess('a new webhook with a desired name makes the plan stale', () =>
    withAccount(CREATE, async (site) => {
      const { code } = await changed(site, () => {
        site.emulator.seed(ACCOUNT, [{ name: 'A', url: 'https://other.example/' }]);
      });
      expect(code).toBe(5);
      expect(site.emulator.writes()).toEqual([]);
    }),
  );

  testInProcess('one stale account stops everything, because the plan was approved as a whole', () => {
    const two = [ACCOUNT, OTHER_ACCOUNT].map((id) => fileOf(ONE).replace(ACCOUNT, id)).join('---\n');
    return withAccount({ files: two }, async (site) => {
      const { code } = await changed(site, () => {
        site.emulator.seed(ACCOUNT, [{ name: 'A', url: 'https://other.example/' }]);
      });
      expect(code).toBe(5);
      expect(site.emulator.writes()).toEqual([]);
    });
  });
});
