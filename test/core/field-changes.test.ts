import { describe, expect, test } from '@jest/globals';
import type { DesiredSecret, DesiredUrl } from '../../src/core/desired.js';
import {
  fieldChanges,
  type FieldChange,
  type FieldValue,
  unseenDifference,
  secretText,
  valueText,
} from '../../src/core/field-changes.js';
import type { ShownAction } from '../../src/core/plan.js';
import { Secret } from '../../src/core/secret.js';
import { id, live, URL_1, URL_2 } from '../support/core/builders.js';

const literal = (url: string): DesiredUrl => ({ kind: 'literal', url });
const ENV: DesiredUrl = { kind: 'env', env: 'RELAY_URL', version: '2' };
const SECRET: DesiredSecret = { kind: 'env', env: 'OPS_TOKEN' };
const BEFORE = live(1, 'Ops');

type Change = { name?: string; url?: DesiredUrl; secret?: DesiredSecret; because: readonly string[] };

/** Returns an update or replacement of {@link BEFORE}. */
const changing = (
  kind: 'update' | 'replace',
  { name = 'Ops', url = literal(URL_1), secret, because }: Change,
  before: unknown = BEFORE,
): ShownAction =>
  ({
    kind,
    resource: 'webhook',
    name,
    id: id(1),
    before,
    after: { name, url, ...(secret && { secret }) },
    because,
    retire: [],
    policies: [],
  }) as unknown as ShownAction;

describe('the changed fields', () => {
  test('of a create are all', () => {
    const create = (secret?: DesiredSecret): ShownAction => ({
      kind: 'create',
      resource: 'webhook',
      name: 'Ops',
      because: 'new',
      after: { name: 'Ops', url: ENV, ...(secret && { secret }) },
    });
    const fields = [
      { field: 'name', after: { kind: 'name', name: 'Ops' } },
      { field: 'url', after: { kind: 'url', url: ENV } },
    ];
    expect(fieldChanges(create())).toEqual(fields);
    const secret = { field: 'secret', after: { kind: 'secret', secret: SECRET } };
    expect(fieldChanges(create(SECRET))).toEqual([...fields, secret]);
  });

  test.each([
    [undefined, false],
    [true, true],
  ])('of a deletion are name and URL; a URL that is a secret (%s) stays one', (urlIsSecret, isSecret) => {
    const before = { ...BEFORE, ...(urlIsSecret && { urlIsSecret }) };
    const action = {
      kind: 'delete',
      resource: 'webhook',
      name: 'Ops',
      id: id(1),
      because: 'unlisted',
      before,
      policies: [],
    };
    expect(fieldChanges(action as unknown as ShownAction)).toEqual([
      { field: 'name', before: { kind: 'name', name: 'Ops' } },
      { field: 'url', before: { kind: 'live-url', url: URL_1, isSecret } },
    ]);
  });

  test.each(['update', 'replace'] as const)(
    'of a rename by %s: the name never forces a replacement',
    (kind) => {
      expect(fieldChanges(changing(kind, { name: 'New', because: ['renamed'] }))).toEqual([
        {
          field: 'name',
          before: { kind: 'name', name: 'Ops' },
          after: { kind: 'name', name: 'New' },
        },
      ]);
    },
  );

  test.each([
    ['update', ['url-in-place'], ENV, true],
    ['update', ['renamed', 'url-rotated'], ENV, true],
    ['replace', ['url-rotated'], ENV, true],
    ['replace', ['url-changed'], literal(URL_2), false],
    ['replace', ['requested', 'url-changed'], literal(URL_1), false],
    // The reasons of a saved plan can be fewer than its changes.
    ['update', ['renamed'], literal(URL_2), false],
  ] as const)('of a %s for %j have the URL', (kind, because, url, isSecret) => {
    expect(fieldChanges(changing(kind, { url, because }))).toEqual([
      {
        field: 'url',
        before: { kind: 'live-url', url: URL_1, isSecret },
        after: { kind: 'url', url },
        forcesReplacement: kind === 'replace',
      },
    ]);
  });

  test.each([
    ['the same literal URL', literal(URL_1), BEFORE],
    ['a reference, whose value is not compared', ENV, BEFORE],
    [
      'a hidden URL',
      literal(URL_2),
      { ...BEFORE, url: { kind: 'hidden', host: 'relay.example.com', sha256: '' } },
    ],
  ])('do not have the URL without a reason: %s', (_, url, before) => {
    expect(fieldChanges(changing('update', { url, because: ['renamed'] }, before))).toEqual([]);
  });

  test.each(['update', 'replace'] as const)(
    'of a rotation by %s have the secret, if there is one',
    (kind) => {
      const because = ['secret-rotated'];
      expect(fieldChanges(changing(kind, { secret: SECRET, because }))).toEqual([
        {
          field: 'secret',
          before: { kind: 'unreadable' },
          after: { kind: 'secret', secret: SECRET },
          forcesReplacement: kind === 'replace',
        },
      ]);
      expect(fieldChanges(changing(kind, { because }))).toEqual([]);
      expect(fieldChanges(changing(kind, { secret: SECRET, because: ['requested'] }))).toEqual([]);
    },
  );

  test('of a policy are its webhooks', () => {
    const [before, after] = [[{ name: 'Ops', id: id(1) }], []];
    const action = {
      kind: 'update',
      resource: 'policy',
      name: 'P',
      id: id(1001),
      because: 'routes',
      before,
      after,
    };
    expect(fieldChanges(action as unknown as ShownAction)).toEqual([
      {
        field: 'webhooks',
        before: { kind: 'webhooks', targets: before },
        after: { kind: 'webhooks', targets: after },
      },
    ]);
  });
});

describe('only the credential differs', () => {
  const slack = (token: string): string => `https://hooks.slack.com/services/T000/B000/${token}`;
  const from = (url: unknown, isSecret = false): FieldValue =>
    ({ kind: 'live-url', url, isSecret }) as FieldValue;
  const to = (url: DesiredUrl): FieldValue => ({ kind: 'url', url });
  const name: FieldValue = { kind: 'name', name: 'Ops' };
  const hidden = { kind: 'hidden', host: 'hooks.slack.com', sha256: 'ab' };

  test.each<[string, FieldValue | undefined, FieldValue | undefined, string | undefined]>([
    ['in the token', from(slack('tokenA1')), to(literal(slack('tokenB2'))), 'credential differs'],
    ['also in the path', from(slack('tokenA1')), to(literal(slack('x').replace('B000', 'B001'))), undefined],
    ['a live URL that is a secret', from(slack('tokenA1'), true), to(literal(slack('tokenB2'))), undefined],
    ['a hidden live URL', from(hidden), to(literal(slack('tokenB2'))), undefined],
    ['two hidden URLs', from(hidden), to({ ...hidden, kind: 'hidden', sha256: 'cd' }), 'hidden part differs'],
    [
      'hidden URLs of two hosts',
      from(hidden),
      to({ ...hidden, kind: 'hidden', host: 'b.example' }),
      undefined,
    ],
    ['a reference', from(slack('tokenA1')), to(ENV), undefined],
    ['no URL before', undefined, to(literal(slack('tokenB2'))), undefined],
    ['no URL after', from(slack('tokenA1')), undefined, undefined],
    ['a name', name, name, undefined],
    ['a name after', from(slack('tokenA1')), name, undefined],
  ])('%s', (_, before, after, expected) => {
    const change: FieldChange = {
      field: 'url',
      ...(before && { before }),
      ...(after && { after }),
    };
    expect(unseenDifference(change)).toBe(expected);
  });
});

test.each<[FieldValue, string]>([
  [{ kind: 'name', name: 'a"b' }, '"a"b"'],
  [{ kind: 'url', url: literal(URL_1) }, `"${URL_1}"`],
  [
    { kind: 'url', url: literal('https://hooks.slack.com/services/T0/B0/secretToken') },
    '"https://hooks.slack.com/services/T0/B0/…"',
  ],
  [{ kind: 'url', url: ENV }, '(env RELAY_URL, version 2)'],
  [{ kind: 'url', url: { kind: 'file', file: 'relay', path: '/run/relay' } }, '(file relay)'],
  [{ kind: 'live-url', url: URL_1, isSecret: false }, `"${URL_1}"`],
  [{ kind: 'live-url', url: URL_1, isSecret: true }, '"https://relay.example.com"'],
  [{ kind: 'secret', secret: SECRET }, '(env OPS_TOKEN)'],
  [{ kind: 'unreadable' }, '(not readable)'],
  [
    {
      kind: 'webhooks',
      targets: [
        { name: 'Ops', id: id(1) },
        { name: 'New' },
        { name: '', id: id(9) },
        { name: 'Mine', id: id(2), kept: 'ignored' },
      ],
    },
    `["Ops", "New", ${id(9)} (does not exist), "Mine" (ignored)]`,
  ],
  [{ kind: 'webhooks', targets: [] }, '[]'],
])('as text: %j', (value, text) => {
  expect(valueText(value)).toBe(text);
});

test.each<[DesiredSecret, string]>([
  [{ kind: 'env', env: 'OPS', version: '1.10' }, '(env OPS, version 1.10)'],
  [{ kind: 'file', file: 'ops', path: '/run/ops', version: '2' }, '(file ops, version 2)'],
  [{ kind: 'literal', value: new Secret('literal-value') }, '(literal, not shown)'],
  [{ kind: 'none' }, 'none'],
])('a secret as text: %j', (secret, text) => {
  expect(secretText(secret)).toBe(text);
});
