import { expect, test } from '@jest/globals';
import { ACCOUNT, withAccount } from '../support/site.js';

const COMMANDS = [['plan'], ['import', '--account', ACCOUNT], ['status'], ['apply', '--auto-approve']];
const FILE = `account_id: ${ACCOUNT}\nunlisted: delete\nwebhooks: []\n`;

test('every command reports that it waits for the rate limit', async () => {
  const runs = COMMANDS.map((args) =>
    withAccount({ files: FILE }, async ({ run, emulator }) => {
      let limited = false;
      emulator.fault = () => {
        if (limited) return undefined;
        limited = true;
        return { name: '429', retryAfter: 2 };
      };
      const { code, stderr } = await run(args);
      return { command: args[0], code, stderr: /^Waiting \d s for Cloudflare's rate limit…\n/.test(stderr) };
    }),
  );
  expect(await Promise.all(runs)).toEqual(COMMANDS.map(([command]) => ({ command, code: 0, stderr: true })));
});
