import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { REPORT_KINDS } from '../../src/cli/flags.js';
import { templateIn } from '../../src/text/templates.js';
import { NAUGHTY } from '../support/naughty.js';
import { ACCOUNT, fileOf, OTHER_ACCOUNT, withAccount, type Given } from '../support/site.js';

/** Live webhooks with these names, to be deleted; a policy with the same name uses each. */
const WEBHOOKS = NAUGHTY.map((name, i) => ({ name, url: `https://n${i}.example/` }));
const GIVEN: Given = {
  files: fileOf('', 'unlisted: delete'),
  webhooks: WEBHOOKS,
  policies: NAUGHTY.map((name, i) => ({ name, uses: [WEBHOOKS[i]?.name ?? ''] })),
};
/** YAML accepts names of at most 1,000 characters without lone surrogates. */
const writable = (name: string): boolean =>
  name.trim() !== '' && name.length <= 1000 && Buffer.from(name).toString() === name;

/** Characters that must not reach a terminal or log, and commands that must not reach CI. */
const UNCLEAN: readonly RegExp[] = [
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/,
  /[\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe\uffff]|[\u{e0000}-\u{e0fff}]/u,
  /(?<![\ud800-\udbff])[\udc00-\udfff]|[\ud800-\udbff](?![\udc00-\udfff])/,
  /^\s*::[\w-]+/m,
  /##(vso)?\[/,
];
const uncleanIn = (text: string): readonly string[] =>
  UNCLEAN.flatMap((pattern) => {
    const at = text.search(pattern);
    return at < 0 ? [] : [`${pattern.source}: ${JSON.stringify(text.slice(Math.max(0, at - 30), at + 30))}`];
  });

describe('hostile names', () => {
  test('a shell runs nothing in the flags that guards suggest, and they work in each of several accounts', () => {
    const names = [
      'Plain name',
      '$(echo ran)',
      '`echo ran`',
      'a"b',
      "it's $HOME",
      String.raw`back\slash`,
      'wow!',
    ];
    const webhooks = names.map((name, i) => ({ name, url: `https://n${i}.example/` }));
    const policies = names.map((name, i) => ({ name: `Policy ${i}`, uses: [name] }));
    const others = fileOf('').replace(ACCOUNT, OTHER_ACCOUNT);
    return withAccount({ files: `${fileOf('')}---\n${others}`, webhooks, policies }, async (site) => {
      site.emulator.seed(OTHER_ACCOUNT, webhooks, policies);
      const { stdout } = await site.run(['plan', '--format', 'json']);
      const plan = JSON.parse(stdout) as { accounts: { guards: { message: string }[] }[] };
      const messages = plan.accounts.flatMap(({ guards }) => guards.map(({ message }) => message));
      const flags = messages.map((message) => / pass (--allow.*)\.$/.exec(message)?.[1] ?? '');
      expect(flags).toHaveLength(2 * (names.length + 1));
      const words = execFileSync('sh', ['-c', `printf '%s\\0' ${flags.join(' ')}`], { encoding: 'utf8' });
      const { code, stderr } = await site.run(['apply', '--auto-approve', ...words.split('\0').slice(0, -1)]);
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect([...site.names(), ...site.names(OTHER_ACCOUNT)]).toEqual([]);
    });
  });

  test.each([
    ['plan', ['plan']],
    ['apply', ['apply', '--auto-approve']],
    ['plan, undecided', ['plan', '-f', 'undecided.yaml']],
    ['status', ['status']],
  ])('%s: text without invisible characters or commands', (_, args) =>
    withAccount(
      { ...GIVEN, files: { 'hookwright.yaml': fileOf(''), 'undecided.yaml': fileOf('', '') } },
      async ({ run }) => {
        const { stdout, stderr } = await run(args);
        expect(stdout).toContain('DROP TABLE');
        expect(uncleanIn(stdout)).toEqual([]);
        expect(uncleanIn(stderr)).toEqual([]);
      },
    ),
  );

  test('an apply that deletes them reports each of them, cleanly and exactly, on every channel', () => {
    const names = NAUGHTY.filter(writable);
    return withAccount({ webhooks: WEBHOOKS }, async (site) => {
      // A name that looks like a placeholder is an error, and the hint says to use the ID.
      const { webhooks } = site.emulator.account(ACCOUNT);
      const absent = names.map((name) =>
        templateIn(name) ? `id:${webhooks.find((webhook) => webhook.name === name)?.id}` : name,
      );
      await site.write({
        'hookwright.yaml': fileOf('', `unlisted: keep\nabsent: ${JSON.stringify(absent)}`),
      });
      const reports = REPORT_KINDS.flatMap((kind) => ['--report', `${kind}=${kind}`]);
      const args = ['apply', '--auto-approve', '--events', 'events.ndjson', ...reports];
      const { code, stdout, stderr } = await site.run(args);
      const left = NAUGHTY.filter((name) => !writable(name)).sort();
      expect({ code, live: site.names() }).toEqual({ code: 0, live: left });
      for (const kind of REPORT_KINDS) expect(uncleanIn(await site.read(kind))).toEqual([]);
      expect(uncleanIn(stdout + stderr)).toEqual([]);
      const events = await site.read('events.ndjson');
      expect(uncleanIn(events)).toEqual([]);
      const ownEvents = events
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { type: string; name?: string });
      const ended = ownEvents.filter(({ type }) => type === 'action-ended').map(({ name = '' }) => name);
      const exact = (list: readonly string[]): readonly string[] =>
        list.filter((name) => !name.includes('evil.example/hooks/')).sort();
      expect(exact(ended)).toEqual(exact(names));
    });
  });

  test.each([
    ['plan', ['plan'], 'accounts'],
    ['status', ['status'], 'accounts'],
  ])('%s --format json: one valid document with exact names, in clean bytes', (_, args, key) =>
    withAccount(GIVEN, async ({ run }) => {
      const { stdout } = await run([...args, '--format', 'json']);
      expect(uncleanIn(stdout)).toEqual([]);
      const document = JSON.parse(stdout) as Record<string, unknown>;
      const found = new Set<unknown>();
      JSON.stringify(document[key], (property, value: unknown) =>
        property === 'name' ? (found.add(value), value) : value,
      );
      // Every name is kept as it is.
      for (const name of NAUGHTY) expect([...found]).toContain(name);
    }),
  );

  test('Markdown contains no markup, mentions or links from them, and stays short', () =>
    withAccount(GIVEN, async ({ run }) => {
      const { stdout } = await run(['plan', '--format', 'markdown']);
      expect(uncleanIn(stdout)).toEqual([]);
      expect(stdout.length).toBeLessThan(65_536);
      expect(stdout).not.toMatch(
        /<script|<img|<svg|<h1|\]\(https|@everyone|@octocat|\*\*bold|GH-2|repo#3|!\[\]/,
      );
    }));

  test('HTML and JUnit contain no tags from them', () =>
    withAccount(GIVEN, async ({ run, read }) => {
      await run(['plan', '--report', 'html=plan.html', '--report', 'junit=plan.xml']);
      for (const file of ['plan.html', 'plan.xml']) {
        const text = await read(file);
        expect(text).toContain('DROP TABLE');
        expect(text).not.toMatch(/<script>alert|<img src|<svg\/onload|<h1>out|<details open on|\]\]> &xxe/);
        expect(uncleanIn(text)).toEqual([]);
      }
    }));

  test('as desired names they are created, and the second plan is empty', () => {
    const desired = NAUGHTY.filter((name) => writable(name) && !templateIn(name));
    const entries = desired.map(
      (name, i) => `  - { name: ${JSON.stringify(name)}, url: "https://n${i}.example/" }\n`,
    );
    return withAccount({ files: fileOf(entries.join('')) }, async ({ run, names }) => {
      const checked = await run(['validate', '--format', 'json']);
      expect(uncleanIn(checked.stdout + checked.stderr)).toEqual([]);
      expect(JSON.parse(checked.stdout)).toMatchObject({ valid: true });
      const { code, stdout, stderr } = await run(['apply', '--auto-approve']);
      expect(code).toBe(0);
      expect(uncleanIn(stdout + stderr)).toEqual([]);
      expect(names()).toEqual([...desired].sort());
      expect(await run(['plan', '--detailed-exitcode'])).toMatchObject({ code: 0 });
    });
  });

  test('the account with all of them is unchanged', () =>
    withAccount(GIVEN, ({ emulator }) => {
      expect(emulator.account(ACCOUNT).webhooks.map(({ name }) => name)).toEqual(NAUGHTY);
      return Promise.resolve();
    }));
});
