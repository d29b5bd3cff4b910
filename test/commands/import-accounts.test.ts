import { describe, expect, test } from '@jest/globals';
import { ACCOUNT, withAccount } from '../support/site.js';

const SECOND = 'abcdef00112233445566778899aabbcc';
const THIRD = 'abcdef00112233445566778899aabbdd';
const TWO = `\
account_id: ${ACCOUNT}
unlisted: keep
webhooks: []
---
# the second one
account_id: ${SECOND}
unlisted: keep
webhooks:
  - name: There
    url: https://there.example/
`;

describe('import into a file of several accounts', () => {
  test('the account decides which document is extended', () =>
    withAccount({ files: TWO }, async ({ run, emulator, read }) => {
      emulator.seed(SECOND, [
        { name: 'There', url: 'https://there.example/' },
        { name: 'New', url: 'https://new.example/' },
      ]);
      const { code } = await run(['import', '-f', 'hookwright.yaml', '--account', SECOND]);
      expect(code).toBe(0);
      expect(await read('hookwright.yaml')).toBe(`${TWO}  - name: New\n    url: https://new.example/\n`);
    }));

  test('an account that is not in the file gets its own document', () =>
    withAccount({ files: TWO }, async ({ run, emulator, read }) => {
      emulator.seed(THIRD, [{ name: 'New', url: 'https://new.example/' }]);
      expect((await run(['import', '-f', 'hookwright.yaml', '--account', THIRD])).code).toBe(0);
      const text = await read('hookwright.yaml');
      expect(text.startsWith(`${TWO}---\naccount_id: ${THIRD}\n`)).toBe(true);
      expect((await run(['plan', '--account', THIRD, '--detailed-exitcode'])).code).toBe(0);
    }));

  test.each([
    ['no account named', TWO, ['-f', 'hookwright.yaml'], 'describes several accounts'],
    [
      'one list for two accounts',
      `account_id: [${ACCOUNT}, ${SECOND}]\nwebhooks: []\n`,
      ['-f', 'hookwright.yaml', '--account', SECOND],
      'describes several accounts',
    ],
    ['two files', TWO, ['-f', 'hookwright.yaml', '-f', 'b.yaml'], 'one file'],
    ['stdin', TWO, ['-f', '-'], 'one file'],
    ['a directory', TWO, ['-f', '.'], 'is a directory'],
    [
      'a file with errors',
      'webhooks: 3\n',
      ['-f', 'hookwright.yaml', '--account', ACCOUNT],
      'hookwright.yaml:1',
    ],
    [
      'an aliased list',
      `account_id: ${ACCOUNT}\nunlisted: keep\nignore: &x []\nwebhooks: *x\n`,
      ['-f', 'hookwright.yaml'],
      'entries cannot be added',
    ],
  ])('refused: %s', (_what, files, args, words) =>
    withAccount({ files, webhooks: [{ name: 'A', url: 'https://a.example/' }] }, async ({ run, read }) => {
      const { code, stderr } = await run(['import', ...args]);
      expect(stderr).toContain(words);
      expect(code).toBe(3);
      expect(await read('hookwright.yaml')).toBe(files);
    }),
  );
});
