import { describe, expect, test } from '@jest/globals';
import { ACCOUNT, fileOf, withAccount } from '../support/site.js';

describe('a saved plan and what the file ignores', () => {
  const IGNORED = 'a'.repeat(32);
  const file = fileOf(
    '  - { name: Ops, url: "https://ops.example/" }\n',
    `unlisted: delete\nignore: ["id:${IGNORED}"]`,
  );

  test.each(['https://ops.example/', 'https://other.example/'])(
    'an ignored webhook of the same name, at %s, is not the one that is to be created',
    (url) =>
      withAccount(
        { files: file, webhooks: [{ id: IGNORED, name: 'Ops', url }] },
        async ({ run, emulator }) => {
          expect((await run(['plan', '--out', 'plan.json'])).code).toBe(0);
          const { code, stdout } = await run(['apply', 'plan.json']);
          expect([code, stdout]).toEqual([0, expect.stringContaining('Apply complete! Resources: 1 added')]);
          expect(emulator.account(ACCOUNT).webhooks.map(({ name }) => name)).toEqual(['Ops', 'Ops']);
          const again = await run(['plan']);
          expect(again.stdout).toContain('No changes.');
          // What was created is what the plan wanted, so the plan may be applied again.
          expect((await run(['apply', 'plan.json'])).code).toBe(0);
          expect(emulator.account(ACCOUNT).webhooks).toHaveLength(2);
        },
      ),
  );
});

describe('secrets of what --target selects', () => {
  test('a webhook that is found by its pin is not selected by the name that it has now', () =>
    withAccount(
      {
        files: fileOf(
          `  - { name: New, id: ${'b'.repeat(32)}, url: "https://new.example/", secret: { env: S } }\n  - { name: B, url: "https://b.example/" }\n`,
          'unlisted: keep',
        ),
        webhooks: [{ id: 'b'.repeat(32), name: 'Old', url: 'https://new.example/' }],
      },
      async ({ run, names }) => {
        const args = ['apply', '--target', 'Old', '--target', 'B', '--auto-approve'];
        const { code, stdout } = await run(args, { env: { S: 'secret-of-new' } });
        expect([code, stdout]).toEqual([
          0,
          expect.stringContaining('Apply complete! Resources: 1 added, 0 changed'),
        ]);
        expect(names()).toEqual(['B', 'Old']);
      },
    ));
});
