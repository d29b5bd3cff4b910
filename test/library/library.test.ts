import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  apply,
  connect,
  Emulator,
  loadDesired,
  plan,
  renderHtml,
  renderJson,
  renderMarkdown,
  renderText,
  type ApplyEvent,
  type Connection,
  type DesiredAccount,
} from '../../src/index.js';

const ACCOUNT = '023e105f4ecef8ad9ca31a8372d0c353';

let cwd = '';
let emulator: Emulator;
let connection: Connection;

beforeEach(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'hookwright-library-'));
  emulator = await new Emulator().start();
  connection = connect({ token: 'any', baseUrl: emulator.url, retries: 0, retryDelayMs: 1 });
});
afterEach(async () => {
  connection.close();
  await emulator.stop();
  await rm(cwd, { recursive: true, force: true });
});

async function desire(webhooks: string, rest = 'unlisted: keep'): Promise<readonly DesiredAccount[]> {
  await writeFile(
    path.join(cwd, 'hookwright.yaml'),
    `account_id: ${ACCOUNT}\n${rest}\nwebhooks: ${webhooks}\n`,
  );
  const { accounts, diagnostics } = await loadDesired({ cwd, env: {} });
  expect(diagnostics).toEqual([]);
  return accounts;
}

const RELAY = '[{ name: Relay, url: "https://relay.example.com/cf" }]';
const SECRET = '[{ name: Relay, url: "https://relay.example.com/cf", secret: { env: S } }]';

describe('loading', () => {
  test('problems are diagnostics, not errors', async () => {
    await writeFile(path.join(cwd, 'bad.yaml'), 'webhook: []\n');
    const { diagnostics } = await loadDesired({ cwd, env: {}, paths: ['bad.yaml'], accountId: ACCOUNT });
    expect(diagnostics.map(({ code }) => code)).toContain('unknown-field');
  });
});

describe('planning', () => {
  test('sends only GETs, and renders in every format', async () => {
    const planned = await plan(await desire(RELAY), connection);
    expect(emulator.requests.map(({ method }) => method)).toEqual(['GET']);
    expect(renderText(planned)).toContain('# "Relay" will be created');
    expect(renderText(planned, { color: true })).toContain('\u001b[32m');
    expect(renderMarkdown(planned)).toContain('Relay');
    expect(renderHtml(planned)).toMatch(/^<!doctype html>/);
    expect(renderJson(planned).digest).toMatch(/^[0-9a-f]{64}$/);
  });

  test('an account that cannot be read is a failure', async () => {
    const accounts = await desire(RELAY);
    const denied = connect({ token: 'invalid', baseUrl: emulator.url, retries: 0 });
    const planned = await plan(accounts, denied);
    denied.close();
    expect(planned.accounts).toEqual([]);
    expect(planned.failures.map(({ error }) => error.code)).toEqual(['access-denied']);
  });

  test('with the previous state, a removed entry is deleted even under keep', async () => {
    emulator.seed(ACCOUNT, [{ name: 'Relay', url: 'https://relay.example.com/cf' }]);
    const previous = await desire(RELAY);
    const { accounts } = await plan(await desire('[]'), connection, { previous });
    expect(accounts.flatMap(({ actions }) => actions.map(({ kind, name }) => [kind, name]))).toEqual([
      ['delete', 'Relay'],
    ]);
  });
});

describe('applying', () => {
  test('with the secret of the environment, and events', async () => {
    const events: ApplyEvent[] = [];
    const planned = await plan(await desire(SECRET), connection);
    const result = await apply(planned, connection, {
      env: { S: 'hush hush' },
      onEvent: (e) => events.push(e),
    });
    expect(result.outcomes.map(({ status }) => status)).toEqual(['applied']);
    expect(emulator.account(ACCOUNT).webhooks.map(({ secret }) => secret)).toEqual(['hush hush']);
    expect(events.at(-1)).toMatchObject({ type: 'apply-ended', applied: 1 });
    expect(renderJson(planned, result).outcomes).toHaveLength(1);
    expect(renderMarkdown(planned, result)).toContain('hookwright apply: complete');
    expect(JSON.stringify([planned, result, events])).not.toContain('hush');
  });

  test.each([
    ['a missing secret', SECRET, 'unlisted: keep', 'S is not set'],
    ['a guard', RELAY, '', 'The account has webhooks that are not in the file'],
  ])('%s refuses before anything is written', async (_, webhooks, rest, message) => {
    emulator.seed(ACCOUNT, [{ name: 'Stranger', url: 'https://stranger.example/' }]);
    const planned = await plan(await desire(webhooks, rest), connection);
    const refused = apply(planned, connection, { env: {} });
    await expect(refused).rejects.toMatchObject({ code: 'refused-by-guard' });
    await expect(refused).rejects.toThrow(message);
    expect(emulator.writes()).toEqual([]);
  });

  test('starts nothing after the signal has aborted', async () => {
    const planned = await plan(await desire(RELAY), connection);
    const result = await apply(planned, connection, { env: {}, signal: AbortSignal.abort() });
    expect(result.outcomes.map(({ status }) => status)).toEqual(['skipped']);
    expect(emulator.writes()).toEqual([]);
  });
});
