import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Emulator } from '../../src/emulator/emulator.js';
import { ACCOUNT, POLICIES, WEBHOOKS, ask, create, emulate, stopAll } from './api.js';

const context = { folder: '', file: '' };
beforeEach(async () => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'hookwright-emulator-'));
  context.file = path.join(context.folder, 'data.json');
});
afterEach(async () => {
  await stopAll();
  await rm(context.folder, { recursive: true });
});

const saved = async (): Promise<unknown> => JSON.parse(await readFile(context.file, 'utf8'));

describe('data file', () => {
  test('data is still there at the next start, including secrets and policies', async () => {
    const first = await emulate({ dataFile: context.file });
    await create(first, 'a', 'https://hooks.slack.com/services/T/B/tok');
    const id = await create(first, 'b', 'https://b.example/', 's');
    const mechanisms = { webhooks: [{ id }] };
    await ask(first, 'POST', POLICIES, { name: 'p', alert_type: 't', mechanisms });
    expect(await saved()).toEqual({ accounts: { [ACCOUNT]: first.account(ACCOUNT) } });
    await stopAll();
    const second = await emulate({ dataFile: context.file });
    expect(second.account(ACCOUNT)).toEqual(first.account(ACCOUNT));
    await ask(second, 'DELETE', `${WEBHOOKS}/${id}`);
    expect(await saved()).toEqual({ accounts: { [ACCOUNT]: second.account(ACCOUNT) } });
  });

  test('many writes at once leave one complete file, readable only by its owner, and no drafts', async () => {
    const emulator = await emulate({ dataFile: context.file });
    const names = Array.from({ length: 40 }, (_, i) => `w${i}`);
    const counts = await Promise.all(
      names.map(async (name) => {
        await create(emulator, name, 'https://a.example/');
        // Once the response is sent, the webhook is in the file.
        return (await readFile(context.file, 'utf8')).includes(`"name": "${name}"`);
      }),
    );
    expect(counts).toEqual(names.map(() => true));
    expect(await readdir(context.folder)).toEqual(['data.json']);
    expect((await stat(context.file)).mode & 0o777).toBe(0o600);
  });

  test('reads do not write; a write also saves what was seeded', async () => {
    const emulator = await emulate({ dataFile: context.file });
    emulator.seed(ACCOUNT, [{ name: 'given', url: 'https://a.example/' }]);
    expect((await ask(emulator, 'GET', WEBHOOKS)).body.result).toMatchObject([{ name: 'given' }]);
    expect(await readdir(context.folder)).toEqual([]);
    await create(emulator, 'new', 'https://a.example/');
    const again = await emulate({ dataFile: context.file });
    expect(again.account(ACCOUNT).webhooks.map(({ name }) => name)).toEqual(['given', 'new']);
  });

  test('a handwritten file can omit everything that a create sets', async () => {
    const webhooks = [{ name: 'a', url: 'https://hooks.slack.com/services/T/B/tok' }];
    const policies = [{ name: 'p', uses: ['a'] }];
    await writeFile(context.file, JSON.stringify({ accounts: { [ACCOUNT]: { webhooks, policies } } }));
    const emulator = await emulate({ dataFile: context.file });
    const account = emulator.account(ACCOUNT);
    expect(account.webhooks).toMatchObject([
      { url: 'https://hooks.slack.com/services/T/B', type: 'slack', secret: 'tok', last_success: null },
    ]);
    expect(account.policies[0]?.mechanisms).toEqual({ webhooks: [{ id: account.webhooks[0]?.id }] });
  });

  const inAccount = (content: unknown): string => JSON.stringify({ accounts: { [ACCOUNT]: content } });
  test.each([
    ['{"accounts": {"secret-value', 'it is not JSON'],
    ['[]', '"accounts" must be an object'],
    ['{"accounts":{"x":{}}}', 'accounts.x: an account ID is 32 lowercase hexadecimal digits'],
    [inAccount(7), `accounts.${ACCOUNT} must be an object`],
    [inAccount({ webhooks: {} }), `accounts.${ACCOUNT}.webhooks must be a list`],
    [inAccount({ webhooks: [7] }), 'webhooks[0] must be an object'],
    [inAccount({ webhooks: [{ url: 'https://a.example/' }] }), 'webhooks[0] must have a "name" (a string)'],
    [inAccount({ webhooks: [{ name: 'a', url: 'a' }] }), 'webhooks[0] must have a "url" (an absolute URL)'],
    [inAccount({ webhooks: [{ name: 'a', url: 'https://a/', id: 7 }] }), 'has a "id" that is not a string'],
    [inAccount({ policies: [{ name: 'p', mechanisms: { webhooks: [7] } }] }), 'policies[0] has "mechanisms"'],
    [inAccount({ webhooks: null }), `accounts.${ACCOUNT}.webhooks must be a list`],
    [inAccount({ webhooks: [{ name: 'a', url: 'https://a/', last_failure: 7 }] }), 'is not a string or null'],
    [inAccount({ policies: [{ name: 'p', enabled: 'no' }] }), 'has a "enabled" that is not true or false'],
    [inAccount({ policies: [{ name: 'p', filters: [] }] }), 'has a "filters" that is not an object'],
    [inAccount({ policies: [{ name: 'p', uses: 'a' }] }), 'has a "uses" that is not a list of strings'],
    [inAccount({ policies: [{ name: 'p', uses: ['a'] }] }), 'policy "p" uses "a", which does not exist'],
    [
      inAccount({ webhooks: ['a', 'b'].map((name) => ({ name, url: 'https://a/', id: '1'.repeat(32) })) }),
      `accounts.${ACCOUNT}: ID ${'1'.repeat(32)} exists already`,
    ],
  ])('refuses %s', async (text, message) => {
    await writeFile(context.file, text);
    const failure: unknown = await new Emulator({ dataFile: context.file })
      .start()
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'invalid-file', message: expect.stringContaining(message) });
    expect(String(failure)).not.toContain('secret-value');
    expect(await readFile(context.file, 'utf8')).toBe(text);
  });

  test('the first change creates the file and its directory', async () => {
    const file = path.join(context.folder, 'new', 'directory', 'data.json');
    const emulator = await emulate({ dataFile: file });
    const reply = await ask(emulator, 'POST', WEBHOOKS, { name: 'a', url: 'https://a.example/' });
    expect(reply.status).toBe(201);
    expect(await readFile(file, 'utf8')).toContain('https://a.example/');
  });

  test('the error names a file that cannot be read or written', async () => {
    await expect(new Emulator({ dataFile: context.folder }).start()).rejects.toMatchObject({ code: 'io' });
    const emulator = await new Emulator({ dataFile: path.join(context.folder, 'no', 'such') }).start();
    await writeFile(path.join(context.folder, 'no'), 'not a directory');
    const reply = await ask(emulator, 'POST', WEBHOOKS, { name: 'a', url: 'https://a.example/' });
    expect([reply.status, reply.body.errors[0]?.message]).toEqual([
      500,
      expect.stringContaining('cannot write'),
    ]);
    await expect(emulator.stop()).rejects.toMatchObject({ code: 'io' });
  });
});

test('seeding reports what is wrong', async () => {
  const emulator = await emulate();
  const id = '1'.repeat(32);
  expect(() => emulator.seed(ACCOUNT, [], [{ name: 'p', uses: ['no one'] }])).toThrow('uses "no one"');
  emulator.seed(ACCOUNT, [{ id, name: 'a', url: 'https://a.example/' }]);
  expect(() => emulator.seed(ACCOUNT, [{ id, name: 'b', url: 'https://a.example/' }])).toThrow(
    'exists already',
  );
});
