import { describe, expect, test } from '@jest/globals';
import { decodeEligible, decodePolicy, decodeWebhook, encodeWebhook } from '../../src/cloudflare/wire.js';
import { Redactor } from '../../src/text/redactor.js';
import { Secret } from '../../src/core/secret.js';

describe('a webhook', () => {
  test('as in a recorded response', () => {
    const raw = {
      created_at: '2025-03-12T17:31:52.88075Z',
      id: '1dbdd679dc554259b0d1928b787d0dab',
      last_failure: null,
      last_success: '2025-03-13T00:00:00Z',
      name: 'Ops',
      type: 'generic',
      url: 'https://httpbin.org/post',
      added_in_2030: { x: 1 },
    };
    expect(decodeWebhook(raw)).toEqual({
      ok: true,
      value: {
        id: raw.id,
        name: 'Ops',
        url: raw.url,
        type: 'generic',
        createdAt: raw.created_at,
        lastSuccess: raw.last_success,
        lastFailure: null,
      },
    });
  });

  test('with only an ID, in the form in which it was returned', () => {
    const id = '1DBDD679-dc55-4259-b0d1-928b787d0dab';
    expect(decodeWebhook({ id, name: null })).toEqual({
      ok: true,
      value: { id, name: '', url: '', type: '', createdAt: null, lastSuccess: null, lastFailure: null },
    });
  });

  test.each([
    [null, 'it is not an object'],
    [[], 'it is not an object'],
    ['x', 'it is not an object'],
    [{}, 'it has no id'],
    [{ id: '' }, 'it has no id'],
    [{ id: 7 }, 'it has no id'],
    [{ id: 'a', name: 7 }, 'its name is not a string'],
    [{ id: 'a', url: {} }, 'its url is not a string'],
  ])('%j is not a webhook', (raw, fault) => {
    expect(decodeWebhook(raw)).toEqual({ ok: false, error: fault });
  });

  test('is sent with its secret in plain text, which is added to the redactor', () => {
    const redactor = new Redactor();
    const body = { name: 'A', url: new Secret('https://h.example/abcdefgh'), secret: new Secret('s3cr3t!') };
    expect(encodeWebhook(body, redactor)).toBe(
      '{"name":"A","url":"https://h.example/abcdefgh","secret":"s3cr3t!"}',
    );
    expect(redactor.redact('got s3cr3t! for abcdefgh')).toBe('got … for …');
    expect(encodeWebhook({ name: 'A', url: 'https://h.example/' }, redactor)).toBe(
      '{"name":"A","url":"https://h.example/"}',
    );
  });

  test('what is hidden of a literal URL is redacted, unless it is short', () => {
    const redactor = new Redactor();
    encodeWebhook({ name: 'A', url: 'https://h.example/?token=4vG8mR2xPqaZ&key=prod' }, redactor);
    expect(redactor.redact('got 4vG8mR2xPqaZ in production')).toBe('got … in production');
  });
});

describe('a policy', () => {
  test('keeps all returned fields, and counts the other mechanisms', () => {
    const raw = {
      id: 'p',
      name: 'Origin errors',
      enabled: false,
      conditions: {},
      mechanisms: {
        email: [{ id: 'a@b.c' }, { id: 'd@e.f' }],
        pagerduty: [{ id: 'x' }],
        webhooks: [{ id: 'w1', name: 'old' }, { id: 'w2' }],
        odd: 5,
      },
    };
    expect(decodePolicy(raw)).toEqual({
      ok: true,
      value: {
        id: 'p',
        name: 'Origin errors',
        enabled: false,
        webhookIds: ['w1', 'w2'],
        otherMechanisms: 3,
        raw,
      },
    });
  });

  test.each([[{ id: 'p' }], [{ id: 'p', mechanisms: null }], [{ id: 'p', mechanisms: { webhooks: null } }]])(
    '%j has no webhooks',
    (raw) => {
      expect(decodePolicy(raw)).toMatchObject({
        ok: true,
        value: { webhookIds: [], otherMechanisms: 0, enabled: true, raw },
      });
    },
  );

  test.each([
    [{ id: 'p', mechanisms: [] }, 'its mechanisms are not an object'],
    [{ id: 'p', mechanisms: { webhooks: {} } }, 'its mechanisms.webhooks is not a list'],
    [{ id: 'p', mechanisms: { webhooks: ['w'] } }, 'a webhook in it is not an object'],
    [{ id: 'p', mechanisms: { webhooks: [{}] } }, 'it has no id'],
  ])('%j is not a policy', (raw, fault) => {
    expect(decodePolicy(raw)).toEqual({ ok: false, error: fault });
  });
});

test('eligibility is a list or a single entry', () => {
  const entry = { eligible: true, ready: true, type: 'webhooks' };
  const value = [{ mechanism: 'webhooks', ...entry }];
  expect(decodeEligible({ webhooks: [entry] })).toEqual({ ok: true, value });
  expect(decodeEligible({ webhooks: entry })).toEqual({ ok: true, value });
  expect(decodeEligible([])).toEqual({ ok: false, error: 'it is not an object' });
});
