import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { EnvNames, importEntries, nameProblem } from '../../src/commands/import/import-entries.js';
import { newFile, scalar } from '../../src/commands/import/import-merge.js';
import { templateIn } from '../../src/text/templates.js';
import { ACCOUNT, loadText } from '../config/memory-files.js';
import { live } from '../support/core/builders.js';

describe('a scalar', () => {
  test('is read back as exactly this text, by YAML 1.1 and 1.2, and contains nothing invisible', () =>
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string()), (text) => {
        const written = scalar(text);
        expect(written).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        for (const version of ['1.1', '1.2'] as const) {
          expect(parse(`- a: ${written} # remark`, { version })).toEqual([{ a: text }]);
        }
      }),
    ));

  test.each([
    ['Ops Slack', 'Ops Slack'],
    ['https://relay.example.com/cf', 'https://relay.example.com/cf'],
    ['yes', '"yes"'],
    ['Null', '"Null"'],
    ['y', '"y"'],
    ['123', '"123"'],
    ['trailing ', '"trailing "'],
    ['a: b', '"a: b"'],
    ['https://relay.example/:', '"https://relay.example/:"'],
    ['\u202e', '"\\u202e"'],
  ])('%j is written %s', (text, written) => expect(scalar(text)).toBe(written));
});

/** Names that people use, and text that is special in YAML. */
const nameText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...Array.from('#:-?*&!|>%@`"\'[]{},~= \t\nyn01.e_xA')) }),
  fc.constantFrom(
    'Discord #alerts',
    '&ops team',
    '*ops',
    'yes',
    'null',
    '2026-01-01',
    '0o17',
    '- a',
    'a: b',
    '? x',
  ),
);

test('names of webhooks and policies are read back as they were written', () =>
  fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(nameText, { maxLength: 8 }),
      fc.uniqueArray(nameText, { maxLength: 4 }),
      async (names, policies) => {
        const isPublishable = (): boolean => true;
        const rules = {
          declared: new Map(),
          earlier: new Set<string>(),
          envNames: new EnvNames([]),
          isPublishable,
        };
        const found = importEntries(
          names.map((name, n) => live(n, name)),
          rules,
        );
        const written = found.entries.map(({ name }) => name);
        const routes = policies
          .filter((name) => nameProblem(name, rules) === undefined && !templateIn(name))
          .map((name) => ({ name, webhooks: written.filter((each) => !each.startsWith('id:')) }));
        const { accounts, diagnostics } = await loadText(newFile(ACCOUNT, { ...found, routes }));
        expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
        expect(accounts[0]?.webhooks.map(({ name }) => name)).toEqual(written);
        expect(accounts[0]?.routes ?? []).toEqual(routes);
        expect(accounts[0]?.ignore).toEqual(found.ignored.map(({ id }) => `id:${id}`));
      },
    ),
    { numRuns: 300 },
  ));

describe('variables', () => {
  test.each([
    ['Ops Slack', 'OPS_SLACK_SECRET', 'OPS_SLACK_WEBHOOK_URL'],
    ['Café — alerts (EU)', 'CAFE_ALERTS_EU_SECRET', 'CAFE_ALERTS_EU_WEBHOOK_URL'],
    ['ops webhook', 'OPS_WEBHOOK_SECRET', 'OPS_WEBHOOK_URL'],
    ['the secret', 'THE_SECRET', 'THE_SECRET_WEBHOOK_URL'],
    ['🚨', 'WEBHOOK_SECRET', 'WEBHOOK_WEBHOOK_URL'],
    ['42 ways', 'WEBHOOK_42_WAYS_SECRET', 'WEBHOOK_42_WAYS_WEBHOOK_URL'],
    ['Cloudflare base', 'WEBHOOK_CLOUDFLARE_BASE_SECRET', 'WEBHOOK_CLOUDFLARE_BASE_WEBHOOK_URL'],
    ['Hookwright API', 'WEBHOOK_HOOKWRIGHT_API_SECRET', 'WEBHOOK_HOOKWRIGHT_API_WEBHOOK_URL'],
    ['Azure client', 'WEBHOOK_AZURE_CLIENT_SECRET', 'AZURE_CLIENT_WEBHOOK_URL'],
    ['GitHub', 'WEBHOOK_GITHUB_SECRET', 'GITHUB_WEBHOOK_URL'],
    ['key a8Kd92mQx71LpZ03', 'WEBHOOK_SECRET', 'WEBHOOK_WEBHOOK_URL'],
  ])('of %j', (name, secret, url) => {
    const names = new EnvNames([]);
    expect([names.secretOf(name), names.urlOf(name)]).toEqual([secret, url]);
  });

  test('are unique, never in use, and always valid in a shell and in the schema', () =>
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constant('Ops')), { maxLength: 30 }), (texts) => {
        const names = new EnvNames(['OPS_SECRET']);
        const given = texts.flatMap((text) => [names.secretOf(text), names.urlOf(text)]);
        expect(new Set([...given, 'OPS_SECRET']).size).toBe(given.length + 1);
        for (const name of given) expect(name).toMatch(/^[A-Z_][A-Z0-9_]{0,100}$/);
      }),
    ));
});
