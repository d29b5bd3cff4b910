import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from '@jest/globals';
import type { ApplyResult } from '../../src/core/outcome.js';
import { Secret } from '../../src/core/secret.js';
import { savedDocument, toApplyDocument, toPlanDocument } from '../../src/saved-plan/encode.js';
import { jsonText } from '../../src/text/untrusted.js';
import {
  ACCOUNT,
  account,
  create,
  destroy,
  HOSTILE,
  id,
  live,
  mixedPlan,
  plan,
  policy,
  replace,
  sha256,
  spec,
  update,
  COMMAND,
  UNSEEN,
} from '../render/fixtures.js';

const schema: unknown = JSON.parse(readFileSync('schemas/plan.schema.json', 'utf8'));
const validate = new Ajv({
  allErrors: true,
  strict: true,
  allowUnionTypes: true,
  strictRequired: false,
}).compile(schema as object);

function fits(document: unknown): void {
  validate(document);
  expect(validate.errors ?? []).toEqual([]);
}

test('a mixed plan has the documented keys and matches the schema', () => {
  const document = toPlanDocument(mixedPlan());
  fits(document);
  expect(document.summary).toEqual({
    create: 1,
    update: 1,
    replace: 1,
    delete: 1,
    unchanged: 5,
    ignored: 2,
    kept: 0,
  });
  expect(document.accounts[0]?.actions.map(({ kind, name, reason }) => [kind, name, reason])).toEqual([
    ['create', 'Ops Slack', 'new'],
    ['update', 'Ops room', 'renamed'],
    ['replace', 'Relay', 'url-changed'],
    ['delete', 'Old pager', 'unlisted'],
  ]);
  expect(document.accounts[0]?.actions[0]).toEqual({
    kind: 'create',
    resource: 'webhook',
    name: 'Ops Slack',
    reason: 'new',
    changes: [
      { field: 'name', before: null, after: 'Ops Slack' },
      { field: 'url', before: null, after: 'https://hooks.slack.com/services/T000/B000' },
      { field: 'secret', before: null, after: { env: 'OPS_SLACK_TOKEN', version: '2' } },
    ],
    after: {
      name: 'Ops Slack',
      url: 'https://hooks.slack.com/services/T000/B000',
      secret: { env: 'OPS_SLACK_TOKEN', version: '2' },
    },
  });
});

test('several reasons are joined by +; the survivor and all retired webhooks are included', () => {
  const action = replace(live(1, 'R'), spec('R', 'https://n.example.com/', { kind: 'none' }), {
    because: ['url-changed', 'secret-rotated'],
    survivor: live(2, 'R [hookwright: new]'),
    policies: [policy(1, 'P')],
  });
  const document = toPlanDocument(plan(account([action])));
  fits(document);
  const [done] = document.accounts[0]?.actions ?? [];
  expect(done?.reason).toBe('url-changed+secret-rotated');
  expect(done?.survivor?.id).toBe(id(2));
  expect(done?.retire?.map((one) => one.id)).toEqual([id(1)]);
  expect(done?.changes.at(-1)).toEqual({ field: 'secret', before: { unknown: true }, after: 'none' });
});

describe('credentials', () => {
  const hidden = 'https://hooks.slack.com/services/T000/B000/XXXXcanaryXXXX';
  const literal = { kind: 'literal', value: new Secret('canary-secret') } as const;
  const env = {
    name: 'E',
    url: { kind: 'env', env: 'RELAY', value: new Secret('https://canary.example/') },
  } as const;
  const p = plan(
    account([
      create('C', hidden, literal),
      { kind: 'create', resource: 'webhook', name: 'E', because: 'new', after: env },
      update(live(3, 'old', hidden), spec('new', hidden)),
      destroy(live(4, 'D', 'https://user:canary@relay.example.com/')),
    ]),
  );

  test('the host in place of the URL, and nothing of the secret', () => {
    const document = toPlanDocument(p);
    fits(document);
    const text = JSON.stringify(document);
    expect(text).not.toContain('canary');
    expect(text).not.toContain('sha256');
    expect(text).toContain('"url":{"host":"hooks.slack.com"}');
    expect(text).toContain('"literal":true');
  });

  test('a saved plan also has the hash, to recognize the URL', () => {
    const document = savedDocument(p, '/repo');
    fits(document);
    const text = JSON.stringify(document);
    expect(text).not.toContain('canary');
    expect(text).toContain(`"url":{"host":"hooks.slack.com","sha256":"${sha256(hidden)}"}`);
  });

  test('the live URL of an entry with a reference is its host, even if it looks harmless', () => {
    const url = 'https://relay.example.com/cf';
    const after = { ...env, url: { kind: 'env', env: 'RELAY' } } as const;
    const marked = { ...live(5, 'Marked', url), urlIsSecret: true } as const;
    const text = JSON.stringify(
      toPlanDocument(plan(account([update(live(4, 'E', url), after), destroy(marked)]))),
    );
    expect(text).not.toContain('/cf');
    expect(text).toContain('"url":{"host":"relay.example.com"}');
  });
});

test('an apply adds outcomes, discrepancies and the signal', () => {
  const result: ApplyResult = {
    outcomes: [
      {
        accountId: ACCOUNT,
        kind: 'create',
        resource: 'webhook',
        name: 'Ops Slack',
        id: id(9),
        status: 'applied',
        wrote: true,
      },
      {
        accountId: ACCOUNT,
        kind: 'replace',
        resource: 'webhook',
        name: 'R',
        status: 'applied',
        wrote: true,
        note: 'n',
      },
      {
        accountId: ACCOUNT,
        kind: 'delete',
        resource: 'webhook',
        name: 'Old pager',
        status: 'failed',
        wrote: false,
        error: { code: 'network', message: 'down' },
      },
    ],
    discrepancies: [{ accountId: ACCOUNT, message: 'still there' }],
    interrupted: 'SIGINT',
  };
  const document = toApplyDocument(mixedPlan(), result);
  fits(document);
  expect(document.outcomes[1]).toEqual({
    account_id: ACCOUNT,
    kind: 'replace',
    resource: 'webhook',
    name: 'R',
    status: 'applied',
    wrote: true,
    note: 'n',
  });
});

test('failures and guards match the schema; an undocumented key does not', () => {
  const document = toPlanDocument({
    accounts: [],
    failures: [{ accountId: ACCOUNT, error: { code: 'access-denied', message: 'no' } }],
  });
  fits(document);
  expect(validate({ ...document, extra: 1 })).toBe(false);
  expect(validate({ ...document, format_version: 2 })).toBe(false);
  expect(validate({ ...document, interrupted: 'SIGINT' })).toBe(false);
});

test.each(HOSTILE)('hostile text %# is kept exactly, and safe to print', (name) => {
  const made = plan(account([create(name, name), destroy(live(1, name, name), [policy(1, name)])]));
  const text = jsonText(toPlanDocument(made));
  const document: unknown = JSON.parse(text);
  fits(document);
  expect(document).toHaveProperty('accounts.0.actions.0.name', name);
  expect(text).not.toMatch(UNSEEN);
  expect(text).not.toMatch(COMMAND);
});
