import { describe, expect, test } from '@jest/globals';
import { checksumOf, digestOf } from '../../src/saved-plan/digest.js';
import { EMPTY_SUMMARY } from '../../src/core/plan.js';
import type {
  AccountDocument,
  ActionDocument,
  LiveDocument,
  PlanDocument,
  SpecDocument,
} from '../../src/saved-plan/plan-document.js';
import { ACCOUNT, dashedId, id, URL_1, URL_2 } from '../support/core/builders.js';

const before: LiveDocument = {
  id: id(171),
  name: 'Ops',
  url: URL_1,
  type: 'generic',
  created_at: '2025-01-01T00:00:00Z',
};
const after: SpecDocument = { name: 'Ops', url: URL_2, secret: { env: 'TOKEN', version: '1' } };
const replace: ActionDocument = {
  kind: 'replace',
  resource: 'webhook',
  name: 'Ops',
  id: before.id,
  reason: 'url-changed',
  changes: [{ field: 'url', before: URL_1, after: URL_2 }],
  before,
  after,
  retire: [before],
};
const create: ActionDocument = {
  kind: 'create',
  resource: 'webhook',
  name: 'New',
  reason: 'new',
  changes: [],
  after,
};
const remove: ActionDocument = {
  kind: 'delete',
  resource: 'webhook',
  name: 'Ops',
  reason: 'unlisted',
  changes: [],
  before,
};

const routed: ActionDocument = {
  kind: 'update',
  resource: 'policy',
  name: 'Origin errors',
  id: id(1001),
  reason: 'routes',
  changes: [{ field: 'webhooks', before: ['Ops'], after: ['Ops', 'New'] }],
  before: { webhooks: [{ name: 'Ops', id: id(171) }] },
  after: { webhooks: [{ name: 'New' }, { name: 'Ops', id: id(171) }] },
};

function plan(action: ActionDocument = replace, more: Partial<AccountDocument> = {}): PlanDocument {
  const account = { account_id: ACCOUNT, actions: [action], summary: EMPTY_SUMMARY };
  return {
    format_version: 1,
    summary: EMPTY_SUMMARY,
    accounts: [{ ...account, guards: [], notes: [], overrides: [], ...more }],
    failures: [],
  };
}

const digest = (...given: Parameters<typeof plan>): string => digestOf(plan(...given));

describe('the digest', () => {
  const live = (more: Partial<LiveDocument>): LiveDocument => ({ ...before, ...more });
  const secret = (path: string, version = '1'): SpecDocument['secret'] => ({
    file: 'secrets/ops',
    path,
    version,
  });

  test.each([
    ['the dashes and case of an id', digest(), digest({ ...replace, before: live({ id: dashedId(171) }) })],
    ['the type', digest(remove), digest({ ...remove, before: live({ type: 'slack' }) })],
    ['when it was created', digest(), digest({ ...replace, retire: [live({ created_at: null })] })],
    ['the words for the changes', digest(), digest({ ...replace, reason: 'other', changes: [] })],
    [
      'policies, which are looked up again',
      digest(),
      digest({ ...replace, policies: [{ id: '1', name: 'P', orphaned: false }] }),
    ],
    [
      'notes, totals and what was live',
      digest(),
      digest(replace, {
        notes: [{ code: 'not-compared', message: '', names: [] }],
        summary: { ...EMPTY_SUMMARY, replace: 1 },
        live_ids: [id(171)],
        ignored_ids: [id(5)],
      }),
    ],
    [
      'the form of the ids of a policy and its webhooks',
      digest(routed),
      digest({
        ...routed,
        id: dashedId(1001),
        before: { webhooks: [{ name: 'Ops', id: dashedId(171) }] },
        after: { webhooks: [{ name: 'Ops', id: dashedId(171) }, { name: 'New' }] },
      }),
    ],
    [
      'the form of an id that is not live',
      digest({ ...routed, before: { webhooks: [{ name: '', id: id(9) }] } }),
      digest({ ...routed, before: { webhooks: [{ name: '', id: dashedId(9) }] } }),
    ],
    [
      'the ids of the webhooks of a policy: one that does not exist yet has none',
      digest(routed),
      digest({
        ...routed,
        after: {
          webhooks: [
            { name: 'New', id: id(7) },
            { name: 'Ops', id: id(8) },
          ],
        },
      }),
    ],
    [
      'why a webhook stays in a policy',
      digest(routed),
      digest({
        ...routed,
        after: { webhooks: [{ name: 'New' }, { name: 'Ops', id: id(171), kept: 'ignored' }] },
      }),
    ],
    [
      'the form of the id of an override',
      digest(replace, { overrides: [{ flag: '--replace', id: id(171), name: 'Ops' }] }),
      digest(replace, { overrides: [{ flag: '--replace', id: dashedId(171), name: 'Ops' }] }),
    ],
    [
      'where the file of a secret lies',
      digest({ ...create, after: { ...after, secret: secret('/a') } }),
      digest({ ...create, after: { ...after, secret: secret('/b') } }),
    ],
    [
      'accounts without changes',
      digest(),
      digestOf({ ...plan(), accounts: [...plan().accounts, ...plan(replace, { actions: [] }).accounts] }),
    ],
  ])('does not hang on %s', (_, a, b) => {
    expect(b).toBe(a);
  });

  test('hangs on the overrides, which are decisions', () => {
    const overrides = [{ flag: '--replace', id: id(1), name: 'Ops' }] as const;
    expect(digest(replace, { overrides })).not.toBe(digest());
  });

  test.each<readonly [string, ActionDocument, ActionDocument]>([
    ['the kind', create, { ...create, kind: 'update' }],
    ['the name', create, { ...create, name: 'Newer' }],
    ['which webhook it is', remove, { ...remove, before: live({ id: id(2) }) }],
    ['what it was called', remove, { ...remove, before: live({ name: 'Old' }) }],
    ['its url', remove, { ...remove, before: live({ url: URL_2 }) }],
    ['the url that it gets', create, { ...create, after: { ...after, url: URL_1 } }],
    ['the name that it gets', create, { ...create, after: { ...after, name: 'Ops 2' } }],
    ['the secret', create, { ...create, after: { ...after, secret: { env: 'TOKEN', version: '2' } } }],
    ['no secret', create, { ...create, after: { ...after, secret: 'none' } }],
    ['that nothing is said of one', create, { ...create, after: { name: after.name, url: after.url } }],
    ['the resource', create, { ...create, resource: 'policy' }],
    ['which policy it is', routed, { ...routed, id: id(1002) }],
    ['the name of the policy', routed, { ...routed, name: 'Nightly' }],
    ['the webhooks that a policy has', routed, { ...routed, before: { webhooks: [] } }],
    [
      'the webhooks that a policy gets',
      routed,
      { ...routed, after: { webhooks: [{ name: 'Ops', id: id(171) }] } },
    ],
    [
      'an id that is not live',
      { ...routed, before: { webhooks: [{ name: '', id: id(8) }] } },
      { ...routed, before: { webhooks: [{ name: '', id: id(9) }] } },
    ],
    ['what goes', replace, { ...replace, retire: [before, live({ id: id(2) })] }],
    ['what stays', replace, { ...replace, survivor: live({ id: id(2) }) }],
    [
      'the name of the file of a secret',
      { ...create, after: { ...after, secret: secret('/a') } },
      { ...create, after: { ...after, secret: { file: 'secrets/other', path: '/a', version: '1' } } },
    ],
    [
      'the version of the file of a secret',
      { ...create, after: { ...after, secret: secret('/a') } },
      { ...create, after: { ...after, secret: secret('/a', '2') } },
    ],
  ])('hangs on %s', (_, a, b) => {
    expect(digest(b)).not.toBe(digest(a));
  });

  test('hangs on the account, and on the order of what is done', () => {
    expect(digest(replace, { account_id: 'f'.repeat(32) })).not.toBe(digest());
    const [two, turned] = [
      [create, remove],
      [remove, create],
    ].map((actions) => digest(replace, { actions }));
    expect(two).not.toBe(turned);
  });

  test('hangs on the overrides: what was allowed was reviewed', () => {
    const override = { flag: '--allow-detach', id: id(171), name: 'Ops' } as const;
    const digests = [
      digest(remove),
      digest(remove, { overrides: [override] }),
      digest(remove, { overrides: [{ ...override, flag: '--allow-delete' }] }),
      digest(remove, { overrides: [{ ...override, name: 'Other' }] }),
      digest(remove, { overrides: [{ ...override, id: id(172) }] }),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });

  test('hangs on the version of the format', () => {
    expect(digestOf({ ...plan(), format_version: 2 as never })).not.toBe(digest());
  });
});

test('the checksum is over everything but itself', () => {
  const document = plan();
  const sum = checksumOf(document);
  expect(checksumOf({ ...document, checksum: sum })).toBe(sum);
  expect(checksumOf(plan({ ...replace, reason: 'other' }))).not.toBe(sum);
  expect(checksumOf({ ...document, digest: 'x' })).not.toBe(sum);
});
