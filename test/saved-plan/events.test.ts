import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from '@jest/globals';
import type { ApplyEvent } from '../../src/core/outcome.js';
import { renderEvent } from '../../src/saved-plan/encode.js';
import { ACCOUNT, HOSTILE, id } from '../render/fixtures.js';

const schema: unknown = JSON.parse(readFileSync('schemas/events.schema.json', 'utf8'));
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const validate = new Ajv({
  allErrors: true,
  strict: true,
  strictRequired: false,
  formats: { 'date-time': rfc3339 },
}).compile(schema as object);
const TIME = '2026-09-01T12:00:00.000Z';

const events: readonly ApplyEvent[] = [
  { type: 'apply-started', total: 2 },
  { type: 'action-started', accountId: ACCOUNT, kind: 'create', resource: 'webhook', name: 'A' },
  { type: 'action-started', accountId: ACCOUNT, kind: 'delete', resource: 'webhook', name: 'A', id: id(1) },
  {
    type: 'action-step',
    accountId: ACCOUNT,
    kind: 'replace',
    resource: 'webhook',
    name: 'A',
    step: 'created the new webhook',
  },
  { type: 'action-started', accountId: ACCOUNT, kind: 'update', resource: 'policy', name: 'P', id: id(1001) },
  {
    type: 'action-ended',
    outcome: {
      accountId: ACCOUNT,
      kind: 'replace',
      resource: 'webhook',
      name: 'A',
      id: id(1),
      status: 'applied',
      wrote: true,
      already: true,
      note: 'n',
    },
  },
  {
    type: 'action-ended',
    outcome: {
      accountId: ACCOUNT,
      kind: 'create',
      resource: 'webhook',
      name: 'A',
      status: 'failed',
      wrote: false,
      error: { code: 'network', message: 'down' },
    },
  },
  { type: 'waiting', reason: 'rate-limit', milliseconds: 12_000 },
  { type: 'waiting-ended' },
  { type: 'interrupted', signal: 'SIGINT' },
  { type: 'twin-withdrawn', accountId: ACCOUNT, name: 'A', id: id(2) },
  { type: 'apply-ended', applied: 1, failed: 1, skipped: 0, unknown: 0, discrepancies: 0 },
];

test.each(events)('$type is one line that matches the schema', (event) => {
  const line = renderEvent(event, TIME);
  expect(line.indexOf('\n')).toBe(line.length - 1);
  const document: unknown = JSON.parse(line);
  validate(document);
  expect(validate.errors ?? []).toEqual([]);
  expect(document).toMatchObject({ version: 1, time: TIME, type: event.type });
});

test('keys are snake_case, the fields of an outcome are at the top level', () => {
  const replaced = events.find(({ type }) => type === 'action-ended');
  expect(JSON.parse(renderEvent(replaced ?? { type: 'waiting-ended' }, TIME))).toEqual({
    version: 1,
    time: TIME,
    type: 'action-ended',
    account_id: ACCOUNT,
    kind: 'replace',
    resource: 'webhook',
    name: 'A',
    id: id(1),
    status: 'applied',
    wrote: true,
    already: true,
    note: 'n',
  });
});

test('an undocumented event does not match', () => {
  expect(validate({ version: 1, time: TIME, type: 'waiting-ended', more: 1 })).toBe(false);
  expect(validate({ version: 1, time: 'yesterday', type: 'waiting-ended' })).toBe(false);
  expect(validate({ version: 1, time: TIME, type: 'coffee' })).toBe(false);
});

test.each(HOSTILE)('hostile name %# is kept exactly, on one line', (name) => {
  const line = renderEvent(
    { type: 'action-started', accountId: ACCOUNT, kind: 'create', resource: 'webhook', name },
    TIME,
  );
  expect(line.trimEnd()).not.toContain('\n');
  expect(JSON.parse(line)).toHaveProperty('name', name);
});
