import { chmod, readdir, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ACCOUNT, withAccount, type Site } from '../support/site.js';

const FILE = `\
# Kept by hand.   Do not sort.
account_id: ${ACCOUNT}
unlisted:   delete          # the whole truth

webhooks:
    # chat
    -   name:   Ops         # first
        url: "https://ops.example/"
        secret: { env: RELAY_WEBHOOK_URL }

    - name: 'Pager'
      url: https://pager.example/
      # belongs to Pager

# the end
`;

const LIVE = [
  { name: 'Ops', url: 'https://ops.example/' },
  { name: 'Pager', url: 'https://pager.example/' },
  { name: 'Relay', url: 'https://relay.example/?key=abcdefgh' },
  { name: 'Audit log', url: 'https://audit.example/' },
];

async function expectNoChanges({ run }: Site): Promise<void> {
  const plan = await run(['plan', '--detailed-exitcode']);
  expect(plan).toMatchObject({ code: 0 });
  expect(plan.stdout).toContain('No changes.');
}

describe('import into a file', () => {
  test('adds missing webhooks after the last entry and changes no other byte', () =>
    withAccount({ files: FILE, webhooks: LIVE }, async (site) => {
      const { code, stdout, stderr } = await site.run(['import', '-f', 'hookwright.yaml']);
      expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
      const added = `\
    - name: Audit log
      url: https://audit.example/
    - name: Relay
      url: { env: RELAY_WEBHOOK_URL_2 } # https://relay.example/?key=…
`;
      const text = await site.read('hookwright.yaml');
      expect(text).toBe(FILE.replace('belongs to Pager\n', (line) => line + added));
      expect(stderr).toContain('Added 2 webhooks');
      expect(stderr).toContain('  + "Audit log"\n  + "Relay"\n');
      expect(stderr).toContain('RELAY_WEBHOOK_URL_2  the whole URL of "Relay"');
      await expectNoChanges(site);
      expect(site.emulator.writes()).toEqual([]);
      expect(await readdir(site.cwd)).toEqual(['hookwright.yaml']);
    }));

  test('a webhook with the credential URL of an entry gets a variable, even if that of the entry is not set', () => {
    const head = `account_id: ${ACCOUNT}\nunlisted: keep\nwebhooks:\n  - { name: A, url: { env: A_URL } }\n`;
    const webhooks = ['A', 'Copy'].map((name) => ({ name, url: 'https://relay.example/in/short' }));
    return withAccount({ files: head, webhooks }, async (site) => {
      await site.run(['import', '-f', 'hookwright.yaml']);
      expect(await site.read('hookwright.yaml')).toBe(
        `${head}  - name: Copy\n    url: { env: COPY_WEBHOOK_URL } # https://relay.example\n`,
      );
      await expectNoChanges(site);
    });
  });

  test('a second import adds nothing and does not write the file', () =>
    withAccount({ files: FILE, webhooks: LIVE }, async ({ run, read, cwd }) => {
      await run(['import', '-f', 'hookwright.yaml']);
      const [text, before] = [await read('hookwright.yaml'), await stat(path.join(cwd, 'hookwright.yaml'))];
      const again = await run(['import', '-f', 'hookwright.yaml']);
      expect(again.stderr).toContain('Nothing to add');
      expect(await read('hookwright.yaml')).toBe(text);
      expect((await stat(path.join(cwd, 'hookwright.yaml'))).ino).toBe(before.ino);
    }));

  test.each([
    [
      'an empty list with a comment',
      `account_id: ${ACCOUNT}\nunlisted: keep\nwebhooks: []  # none yet\n`,
      '# none yet',
    ],
    [
      'a list in brackets',
      `account_id: ${ACCOUNT}\nunlisted: keep\nwebhooks: [ {name: Ops, url: "https://ops.example/"} ] # here\n`,
      '# here',
    ],
    [
      'JSON',
      `{"account_id": "${ACCOUNT}", "unlisted": "keep", "webhooks": [{"name": "Ops", "url": "https://ops.example/"}]}`,
      'Ops',
    ],
    [
      'no newline at the end',
      `# top\naccount_id: ${ACCOUNT}\nunlisted: keep\nwebhooks:\n- {name: Ops, url: https://ops.example/}`,
      '# top',
    ],
    [
      'CRLF',
      `# top\r\naccount_id: ${ACCOUNT}\r\nunlisted: keep\r\nwebhooks:\r\n- name: Ops\r\n  url: https://ops.example/\r\n`,
      '# top\r\n',
    ],
    [
      'the list first',
      `webhooks:\n  - name: Ops\n    url: >-\n      https://ops.example/\nunlisted: keep # why\naccount_id: ${ACCOUNT}\n`,
      '# why',
    ],
    [
      'an anchor',
      `account_id: ${ACCOUNT}\nunlisted: keep\nwebhooks:\n  - &ops\n    name: Ops\n    url: https://ops.example/ # ops\n`,
      '&ops',
    ],
    [
      'an ignore',
      `account_id: ${ACCOUNT}\nunlisted: keep\nignore: [dash-*] # theirs\nwebhooks: []\n`,
      '# theirs',
    ],
    ['only comments', `# to be filled\n`, '# to be filled'],
  ])('%s', (_what, files, kept) =>
    withAccount(
      { files, webhooks: [...LIVE, { id: 'c'.repeat(32), name: '', url: 'https://nameless.example/' }] },
      async (site) => {
        const { code, stderr } = await site.run(['import', '-f', 'hookwright.yaml', '--account', ACCOUNT]);
        expect({ code, stderr }).toMatchObject({ code: 0 });
        const text = await site.read('hookwright.yaml');
        expect(text).toContain(kept);
        expect(text).toMatch(/id:c{32}/);
        expect(text.includes('\r\n')).toBe(files.includes('\r\n'));
        expect(/[^\r]\n/.test(text)).toBe(!files.includes('\r\n'));
        await expectNoChanges(site);
      },
    ),
  );

  test('adds to lists in brackets, in place', () =>
    withAccount(
      {
        files: `account_id: ${ACCOUNT}\nunlisted: keep\nignore: [dash-*] # theirs\nwebhooks: [{name: Ops, url: "https://ops.example/"}]\nabsent: [Old]\n`,
        webhooks: [...LIVE, { id: 'c'.repeat(32), name: '', url: 'https://nameless.example/' }],
      },
      async (site) => {
        await site.run(['import', '-f', 'hookwright.yaml']);
        expect(await site.read('hookwright.yaml')).toBe(`\
account_id: ${ACCOUNT}
unlisted: keep
ignore: [dash-*, "id:${'c'.repeat(32)}" # its name is empty: ""
  ] # theirs
webhooks: [{name: Ops, url: "https://ops.example/"}, { name: Audit log, url: https://audit.example/ }, { name: Pager, url: https://pager.example/ }, { name: Relay, url: { env: RELAY_WEBHOOK_URL } } # https://relay.example/?key=…
  ]
absent: [Old]
`);
        await expectNoChanges(site);
      },
    ));

  test.each(['ignore', 'webhooks'])('refuses to add to %s if it is an alias', (list) => {
    const lists = { ignore: '[dash-*]', webhooks: '[]', [list]: '*list' };
    const files = `x-list: &list []\naccount_id: ${ACCOUNT}\nunlisted: keep\nignore: ${lists.ignore}\nwebhooks: ${lists.webhooks}\n`;
    return withAccount(
      {
        files,
        webhooks: [
          { name: 'Ops', url: 'https://ops.example/' },
          { id: 'c'.repeat(32), name: '', url: 'https://b.example/' },
        ],
      },
      async ({ run, read }) => {
        const { code, stderr } = await run(['import', '-f', 'hookwright.yaml']);
        expect(stderr).toContain('entries cannot be added to the lists as they are written');
        expect(code).toBe(3);
        expect(await read('hookwright.yaml')).toBe(files);
      },
    );
  });

  test('writes a missing file and its directory', () =>
    withAccount({ webhooks: LIVE }, async (site) => {
      const env = { CLOUDFLARE_ACCOUNT_ID: ACCOUNT };
      const { code, stdout, stderr } = await site.run(['import', '-f', 'hookwright.yaml'], { env });
      expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
      expect(stderr).toContain('Imported 4 webhooks');
      await expectNoChanges(site);
      expect((await site.run(['import', '-f', 'new/folder/file.yaml'], { env })).code).toBe(0);
      const lost = await site.run(['import', '-f', '/proc/hookwright/file.yaml'], { env });
      expect(lost.code).toBe(1);
      expect(lost.stderr).toContain('Cannot write /proc/hookwright/file.yaml');
    }));

  test('a duplicate of an entry without an ID is ignored by its ID', () =>
    withAccount(
      { files: FILE, webhooks: [...LIVE, { id: 'd'.repeat(32), name: 'Ops', url: 'https://ops.example/' }] },
      async (site) => {
        const { stderr } = await site.run(['import', '-f', 'hookwright.yaml']);
        expect(await site.read('hookwright.yaml')).toContain(
          `ignore:\n  - "id:${'d'.repeat(32)}" # the file already has`,
        );
        expect(stderr).toContain('already has a webhook with this name');
        await expectNoChanges(site);
      },
    ));

  test('leaves out webhooks that are ignored, absent or left over from an interrupted replacement', () =>
    withAccount(
      {
        files: FILE.replace('webhooks:', 'ignore: ["dash-*"]\nabsent: [Old]\nwebhooks:'),
        webhooks: [
          { name: 'dash-1', url: 'https://dash.example/' },
          { name: 'Old', url: 'https://old.example/' },
          { name: 'Ops [hookwright: replaces 0a1b2c3d]', url: 'https://ops.example/' },
        ],
      },
      async ({ run, read }) => {
        const before = await read('hookwright.yaml');
        expect((await run(['import', '-f', 'hookwright.yaml'])).stderr).toContain('Nothing to add');
        expect(await read('hookwright.yaml')).toBe(before);
      },
    ));

  test('keeps the mode of the file and a link to it', () =>
    withAccount({ files: FILE, webhooks: LIVE }, async ({ run, cwd, read }) => {
      await chmod(path.join(cwd, 'hookwright.yaml'), 0o640);
      await symlink('hookwright.yaml', path.join(cwd, 'link.yaml'));
      expect((await run(['import', '-f', 'link.yaml'])).code).toBe(0);
      expect(await read('hookwright.yaml')).toContain('Audit log');
      expect((await stat(path.join(cwd, 'hookwright.yaml'))).mode & 0o777).toBe(0o640);
    }));
});
