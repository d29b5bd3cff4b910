import { describe, expect, test } from '@jest/globals';
import { ACCOUNT, OTHER_ACCOUNT, type Site, withAccount } from '../support/site.js';

const FILE = `\
# Kept by hand.
account_id: ${ACCOUNT}
unlisted: keep

webhooks:
    # chat
    -   name:   Pinned         # by ID
        id: ${'a'.repeat(32)}
        url: "https://pinned.example/"

    - name: 'New name'
      previously: [Old name, Older name]   # renamed soon
      url: https://renamed.example/
    # moved
    - { name: Moved, url: "https://moved.example/before", secret: { env: MOVED_SECRET, version: 2 } } # why

    # pager
    - name: Pager
      url: https://pager.example/
      # belongs to Pager
    - name: By hand
      url: https://hand.example/
      secret: { env: HAND_SECRET }
    - name: Relay
      url: { env: RELAY_WEBHOOK_URL }

policies:
    - name: Origin errors   # route
      webhooks:
        - Pinned # first
        - Pager
        - Moved
# the end
`;

const LIVE = [
  { id: 'a'.repeat(32), name: 'Pinned EU', url: 'https://pinned.example/' },
  { name: 'Old name', url: 'https://renamed.example/' },
  { name: 'Moved', url: 'https://moved.example/after' },
  { name: 'Renamed by hand', url: 'https://hand.example/' },
  { name: 'Relay', url: 'https://relay.example/?key=abcdefgh' },
];

async function expectNoChanges({ run }: Site, flags: readonly string[] = []): Promise<void> {
  const plan = await run(['plan', '--detailed-exitcode', ...flags]);
  expect(plan).toMatchObject({ code: 0 });
  expect(plan.stdout).toContain('No changes.');
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

describe('import without --update', () => {
  test('reports which entries differ, and does not change them', () =>
    withAccount({ files: FILE, webhooks: LIVE }, async ({ run, read }) => {
      const { code, stderr } = await run(['import', '-f', 'hookwright.yaml']);
      expect(code).toBe(0);
      // Also no second entry for a webhook that was renamed by hand: the next plan would create the first one again.
      expect(await read('hookwright.yaml')).toBe(FILE);
      expect(stderr.slice(stderr.indexOf('These'))).toBe(`\
These entries differ from the live state. To update them, pass --update:

  "Pinned" has another live name: "Pinned EU".
  "New name" has another live name: "Old name".
  "Moved" has another live url: https://moved.example/after.
  "Pager" is not live.
  "By hand" has another live name: "Renamed by hand".
  policy "Origin errors" does not exist.
`);
    }));

  test('does not show a credential', () =>
    withAccount(
      {
        files: `account_id: ${ACCOUNT}\nunlisted: keep\nwebhooks:\n  - name: A\n    url: https://a.example/\n  - name: B\n    url: { env: B_URL }\n`,
        webhooks: [
          { name: 'A', url: 'https://a.example/hook?token=Zq81xLmP0sWvT7bN4kRy' },
          { name: 'B', url: 'https://b.example/private/path' },
        ],
      },
      async ({ run }) => {
        const env = { B_URL: 'https://b.example/elsewhere/path' };
        for (const flags of [[], ['--update']]) {
          const { stderr } = await run(['import', '-f', 'hookwright.yaml', ...flags], { env });
          expect(stderr).not.toMatch(/Zq81|private|elsewhere/);
          expect(oneLine(stderr)).toMatch(
            /"A" (has another|now has the) live url:? https:\/\/a.example\/hook\?token=…/,
          );
          expect(stderr).toContain('"B" has another live');
        }
      },
    ));
});

describe('import --update', () => {
  test('does not give 2 entries the same name, and says why', () => {
    const file = `account_id: ${ACCOUNT}
unlisted: keep
webhooks:
  - { name: Pinned, id: ${'a'.repeat(32)}, url: "https://pinned.example/" }
  - { name: Audit, url: "https://audit.example/" }
`;
    const webhooks = [
      { id: 'a'.repeat(32), name: 'Ops', url: 'https://pinned.example/' },
      { id: 'b'.repeat(32), name: 'Ops', url: 'https://audit.example/' },
    ];
    return withAccount({ files: file, webhooks }, async ({ run, read, write }) => {
      const { code, stderr } = await run(['import', '-f', 'hookwright.yaml', '--update']);
      const why =
        'but the file already has a webhook with this name; to keep both, add an "id" to each, and list them as "id:ID" under "policies".';
      for (const name of ['Pinned', 'Audit'])
        expect(oneLine(stderr)).toContain(`"${name}" has another live name: "Ops", ${why}`);
      expect([code, await read('hookwright.yaml')]).toEqual([0, file]);

      const pinned = file.replace('name: Audit,', `name: Audit, id: ${'b'.repeat(32)},`);
      await write({ 'hookwright.yaml': pinned });
      expect((await run(['import', '-f', 'hookwright.yaml', '--update'])).stderr).not.toContain(
        'Not updated',
      );
      expect(await read('hookwright.yaml')).toBe(pinned.replace('Pinned', 'Ops').replace('Audit', 'Ops'));
    });
  });

  test('updates names and URLs, removes entries, also in routes, and keeps comments', () =>
    withAccount(
      { files: FILE, webhooks: LIVE, policies: [{ name: 'Origin errors', uses: ['Pinned EU', 'Moved'] }] },
      async (site) => {
        const { code, stderr } = await site.run(['import', '-f', 'hookwright.yaml', '--update']);
        expect({ code, stderr }).toMatchObject({ code: 0 });
        expect(await site.read('hookwright.yaml')).toBe(`\
# Kept by hand.
account_id: ${ACCOUNT}
unlisted: keep

webhooks:
    # chat
    -   name:   Pinned EU         # by ID
        id: ${'a'.repeat(32)}
        url: "https://pinned.example/"

    - name: Old name
      previously: [Older name]   # renamed soon
      url: https://renamed.example/
    # moved
    - { name: Moved, url: https://moved.example/after, secret: { env: MOVED_SECRET, version: 2 } } # why

    # pager
    - name: Renamed by hand
      url: https://hand.example/
      secret: { env: HAND_SECRET }
    - name: Relay
      url: { env: RELAY_WEBHOOK_URL }

policies:
    - name: Origin errors   # route
      webhooks:
        - Pinned EU # first
        - Moved
# the end
`);
        expect(stderr).toContain(`\
Updated to the live state:

  "Pinned" -> "Pinned EU".
  "New name" -> "Old name".
  "Moved" now has the live url https://moved.example/after.
  "Pager" is not live, so its entry was removed.
  "By hand" -> "Renamed by hand".
`);
        await expectNoChanges(site);
        expect(site.emulator.writes()).toEqual([]);
        const again = await site.run(['import', '-f', 'hookwright.yaml', '--update']);
        expect(again.stderr).toContain('Nothing to add');
      },
    ));

  test('a credential URL becomes a reference, and a URL that is a reference is reported', () =>
    withAccount(
      {
        files: `account_id: ${ACCOUNT}\nunlisted: keep\nwebhooks:\n  - name: A\n    url: https://a.example/\n  - name: B\n    url: { env: B_URL }\n`,
        webhooks: [
          { name: 'A', url: 'https://a.example/hook?token=Zq81xLmP0sWvT7bN4kRy' },
          { name: 'B', url: 'https://b.example/private/path' },
        ],
      },
      async (site) => {
        const env = { B_URL: 'https://b.example/elsewhere/path' };
        const { stderr } = await site.run(['import', '-f', 'hookwright.yaml', '--update'], { env });
        expect(await site.read('hookwright.yaml')).toContain(
          '    url: { env: A_WEBHOOK_URL }\n  - name: B\n    url: { env: B_URL }\n',
        );
        expect(oneLine(stderr)).toContain(
          'token=…; set variable A_WEBHOOK_URL to the whole URL where "hookwright apply" runs.',
        );
        expect(oneLine(stderr)).toContain(
          'Not updated: "B" has another live URL (https://b.example): correct the variable B_URL, which contains it.',
        );
        await expectNoChanges(site);
      },
    ));

  test.each([
    [
      'the only entry of a block',
      'webhooks:\n  # why\n  - name: Gone # soon\n    url: https://gone.example/\n',
      'webhooks:\n  # why\n  []\n',
    ],
    [
      'the only entry of a block that starts below its key',
      'webhooks: # all\n# why\n- name: Gone # soon\n  url: https://gone.example/\n# after\n',
      'webhooks: # all\n# why\n  []\n# after\n',
    ],
    [
      'entries whose dash is on its own line',
      'webhooks:\n  -\n    name: Gone\n    url: https://gone.example/\n  - # dash\n    # - why\n    name: Gone 2\n    url: https://gone.example/2\n  - name: Ops\n    url: https://ops.example/\n',
      'webhooks:\n  - name: Ops\n    url: https://ops.example/\n',
    ],
    [
      'the only entry in brackets',
      'webhooks: [{ name: Gone, url: https://gone.example/ }] # why\n',
      'webhooks: [] # why\n',
    ],
    [
      'several in brackets',
      'webhooks: [{ name: Gone, url: https://g.example/ }, { name: Ops, url: https://ops.example/ }, { name: Gone 2, url: https://g.example/ }, { name: Gone 3, url: https://g.example/ }]\n',
      'webhooks: [{ name: Ops, url: https://ops.example/ }]\n',
    ],
    [
      'the last one, without a newline at the end',
      'webhooks:\n- name: Ops\n  url: https://ops.example/\n- name: Gone\n  url: https://gone.example/',
      'webhooks:\n- name: Ops\n  url: https://ops.example/\n',
    ],
    [
      'CRLF',
      'webhooks:\r\n  - name: Ops\r\n    url: https://old.example/\r\n  - name: Gone\r\n    url: https://gone.example/\r\n',
      'webhooks:\r\n  - name: Ops\r\n    url: https://ops.example/\r\n',
    ],
    [
      'a folded URL',
      'webhooks:\n  - name: Ops\n    url: >-\n      https://old.example/\n',
      'webhooks:\n  - name: Ops\n    url: https://ops.example/\n',
    ],
    [
      'a name with an anchor',
      "webhooks:\n  - name: &ops 'Old ops'\n    url: https://ops.example/\n    previously: [Older]\n",
      'webhooks:\n  - name: &ops "Ops"\n    url: https://ops.example/\n    previously: [Older]\n',
    ],
    [
      'an alias',
      'x-url: &u https://old.example/\nwebhooks:\n  - name: Ops\n    url: *u\n',
      'x-url: &u https://old.example/\nwebhooks:\n  - name: Ops\n    url: https://ops.example/\n',
    ],
  ])('removes or changes %s', (_what, list, wanted) => {
    const head = `account_id: ${ACCOUNT}\nunlisted: keep\n`;
    return withAccount({ files: head + list, webhooks: [] }, async ({ run, read, emulator }) => {
      if (wanted.includes('Ops')) emulator.seed(ACCOUNT, [{ name: 'Ops', url: 'https://ops.example/' }]);
      const { code, stderr } = await run(['import', '-f', 'hookwright.yaml', '--update']);
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(await read('hookwright.yaml')).toBe(head + wanted);
      expect((await run(['plan', '--detailed-exitcode'])).code).toBe(0);
    });
  });

  test('adds new entries after the last one was removed', () =>
    withAccount(
      {
        files: `account_id: ${ACCOUNT}\nunlisted: delete\nwebhooks:\n  - name: Gone\n    url: https://gone.example/\n`,
        webhooks: [{ name: 'Ops', url: 'https://ops.example/' }],
      },
      async (site) => {
        await site.run(['import', '-f', 'hookwright.yaml', '--update']);
        expect(await site.read('hookwright.yaml')).toContain(
          '  - name: Ops\n    url: https://ops.example/\n',
        );
        await expectNoChanges(site);
      },
    ));

  test.each([
    [
      'an anchor that is used elsewhere',
      `webhooks:\n  - name: Ops\n    url: &u https://old.example/\nx-copy: *u\n`,
      'hookwright.yaml: entries cannot be changed as they are written',
    ],
    [
      'a name that would occur twice',
      `webhooks:\n  - { name: A, previously: [Ops], url: https://ops.example/ }\n  - { name: B, previously: [Ops 2], url: https://b.example/ }\nabsent: [Ops]\n`,
      'Nothing was written because the result would not be valid',
    ],
  ])('refuses %s', (_what, list, words) => {
    const files = `account_id: ${ACCOUNT}\nunlisted: keep\n${list}`;
    return withAccount(
      { files, webhooks: [{ name: 'Ops', url: 'https://ops.example/' }] },
      async ({ run, read }) => {
        const { code, stderr } = await run(['import', '-f', 'hookwright.yaml', '--update']);
        expect(oneLine(stderr)).toContain(words);
        expect(code).toBe(3);
        expect(await read('hookwright.yaml')).toBe(files);
      },
    );
  });

  test('does not change an entry whose new name is not valid, or that is being replaced', () =>
    withAccount(
      {
        files: `account_id: ${ACCOUNT}\nunlisted: keep\nwebhooks:\n  - name: Pinned\n    id: ${'a'.repeat(32)}\n    url: https://pinned.example/\n  - name: Taken\n    url: https://taken.example/\n  - name: Half\n    url: https://half.example/\n`,
        webhooks: [
          { id: 'a'.repeat(32), name: 'Taken', url: 'https://pinned.example/' },
          { name: 'Taken', url: 'https://taken.example/' },
          { id: 'b'.repeat(32), name: 'Half', url: 'https://half.example/old' },
          { name: 'Half [hookwright: replaces bbbbbbbb]', url: 'https://half.example/' },
        ],
      },
      async ({ run, read }) => {
        const before = await read('hookwright.yaml');
        const { stderr } = await run(['import', '-f', 'hookwright.yaml', '--update']);
        expect(await read('hookwright.yaml')).toBe(before);
        const text = oneLine(stderr);
        expect(text).toContain(
          '"Pinned" has another live name: "Taken", but the file already has a webhook with this name',
        );
        expect(text).toContain('"Half" is being replaced; run "hookwright apply" to finish the replacement.');
      },
    ));

  test('needs a file', () =>
    withAccount({}, async ({ run, methods }) => {
      const { code, stderr } = await run(['import', '--update', '--account', ACCOUNT]);
      expect(code).toBe(3);
      expect(stderr).toContain('Pass the file with -f.');
      expect(methods()).toEqual([]);
    }));

  test('changes entries in included files, which two documents can share', () =>
    withAccount(
      {
        files: {
          'conf/hookwright.yaml': `account_id: ${ACCOUNT}\nunlisted: keep\ninclude: [team/edge.yaml]\nwebhooks:\n  - name: Own\n    url: https://own.example/\npolicies:\n  - { name: P, webhooks: [Edge, Own] }\n---\naccount_id: ${OTHER_ACCOUNT}\nunlisted: keep\ninclude: [./team/edge.yaml]\nwebhooks: []\n`,
          'conf/team/edge.yaml':
            '# of the team\nwebhooks:\n  - name: Edge # why\n    previously: [Border]\n    url: https://edge.example/\n  - name: Shared\n    url: https://shared.example/\n',
        },
        webhooks: [
          { name: 'Own', url: 'https://own.example/' },
          { name: 'Border', url: 'https://edge.example/' },
          { name: 'Shared', url: 'https://shared.example/new' },
        ],
        policies: [{ name: 'P', uses: ['Border', 'Own'] }],
      },
      async (site) => {
        const { run, read, emulator } = site;
        emulator.seed(OTHER_ACCOUNT, [
          { name: 'Border', url: 'https://edge.example/' },
          { name: 'Shared', url: 'https://shared.example/' },
        ]);
        const file = ['-f', 'conf/hookwright.yaml'];
        const { code, stderr } = await run(['import', ...file, '--update', '--account', ACCOUNT]);
        expect({ code, stderr }).toMatchObject({ code: 0 });
        expect(await read('conf/team/edge.yaml')).toBe(
          '# of the team\nwebhooks:\n  - name: Border # why\n    previously: []\n    url: https://edge.example/\n  - name: Shared\n    url: https://shared.example/\n',
        );
        expect(await read('conf/hookwright.yaml')).toContain('webhooks: [Border, Own]');
        expect(oneLine(stderr)).toContain('"Edge" -> "Border" (in conf/team/edge.yaml).');
        expect(oneLine(stderr)).toContain(
          'Not the same in each of its accounts: "Shared" has another live url: https://shared.example/new.',
        );
        const other = emulator.account(OTHER_ACCOUNT).webhooks.find(({ name }) => name === 'Shared');
        if (other) other.url = 'https://shared.example/new';
        await run(['import', ...file, '--update']);
        await expectNoChanges(site, file);
      },
    ));
});
