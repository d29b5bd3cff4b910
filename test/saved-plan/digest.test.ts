import { describe, expect, test } from '@jest/globals';
import { checksumOf, digestOf, urlHash } from '../../src/saved-plan/digest.js';
import type { AccountId, PolicyId } from '../../src/core/ids.js';
import { EMPTY_SUMMARY } from '../../src/core/plan.js';
import { displayHost } from '../../src/core/urls.js';
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
    ['the dashes and case of an ID', digest(), digest({ ...replace, before: live({ id: dashedId(171) }) })],
    ['the type', digest(remove), digest({ ...remove, before: live({ type: 'slack' }) })],
    [
      'whether the value of a variable was known, which hides a live URL',
      digest(remove),
      digest({ ...remove, before: live({ url: { host: displayHost(URL_1), sha256: urlHash(URL_1) } }) }),
    ],
    ['the creation time', digest(), digest({ ...replace, retire: [live({ created_at: null })] })],
    ['the text for the changes', digest(), digest({ ...replace, reason: 'other', changes: [] })],
    [
      'policies, which are read again',
      digest(),
      digest({ ...replace, policies: [{ id: '1' as PolicyId, name: 'P', orphaned: false }] }),
    ],
    [
      'notes, totals and the live IDs',
      digest(),
      digest(replace, {
        notes: [{ code: 'not-compared', message: '', names: [] }],
        summary: { ...EMPTY_SUMMARY, replace: 1 },
        live_ids: [id(171)],
        ignored_ids: [id(5)],
        unlisted_ids: [id(6)],
      }),
    ],
    [
      'the form of the IDs of a policy and its webhooks',
      digest(routed),
      digest({
        ...routed,
        id: dashedId(1001),
        before: { webhooks: [{ name: 'Ops', id: dashedId(171) }] },
        after: { webhooks: [{ name: 'Ops', id: dashedId(171) }, { name: 'New' }] },
      }),
    ],
    [
      'the form of an ID that is not live',
      digest({ ...routed, before: { webhooks: [{ name: '', id: id(9) }] } }),
      digest({ ...routed, before: { webhooks: [{ name: '', id: dashedId(9) }] } }),
    ],
    [
      'the IDs of the webhooks of a policy: a new webhook has none',
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
      'the form of the ID of an override',
      digest(replace, { overrides: [{ flag: '--replace', id: id(171), name: 'Ops' }] }),
      digest(replace, { overrides: [{ flag: '--replace', id: dashedId(171), name: 'Ops' }] }),
    ],
    [
      'the location of a secret file',
      digest({ ...create, after: { ...after, secret: secret('/a') } }),
      digest({ ...create, after: { ...after, secret: secret('/b') } }),
    ],
    [
      'accounts without changes',
      digest(),
      digestOf({ ...plan(), accounts: [...plan().accounts, ...plan(replace, { actions: [] }).accounts] }),
    ],
  ])('does not depend on %s', (_, a, b) => {
    expect(b).toBe(a);
  });

  test('depends on the overrides, because they are decisions', () => {
    const overrides = [{ flag: '--replace', id: id(1), name: 'Ops' }] as const;
    expect(digest(replace, { overrides })).not.toBe(digest());
  });

  test.each<readonly [string, ActionDocument, ActionDocument]>([
    ['the kind', create, { ...create, kind: 'update' }],
    ['the name', create, { ...create, name: 'Newer' }],
    ['the ID of the webhook', remove, { ...remove, before: live({ id: id(2) }) }],
    ['its old name', remove, { ...remove, before: live({ name: 'Old' }) }],
    ['its URL', remove, { ...remove, before: live({ url: URL_2 }) }],
    ['its new URL', create, { ...create, after: { ...after, url: URL_1 } }],
    ['its new name', create, { ...create, after: { ...after, name: 'Ops 2' } }],
    ['the secret', create, { ...create, after: { ...after, secret: { env: 'TOKEN', version: '2' } } }],
    ['no secret', create, { ...create, after: { ...after, secret: 'none' } }],
    ['that no secret is declared', create, { ...create, after: { name: after.name, url: after.url } }],
    ['the resource', create, { ...create, resource: 'policy' }],
    ['the ID of the policy', routed, { ...routed, id: id(1002) }],
    ['the name of the policy', routed, { ...routed, name: 'Nightly' }],
    ['the current webhooks of a policy', routed, { ...routed, before: { webhooks: [] } }],
    [
      'the new webhooks of a policy',
      routed,
      { ...routed, after: { webhooks: [{ name: 'Ops', id: id(171) }] } },
    ],
    [
      'an ID that is not live',
      { ...routed, before: { webhooks: [{ name: '', id: id(8) }] } },
      { ...routed, before: { webhooks: [{ name: '', id: id(9) }] } },
    ],
    ['the retired webhooks', replace, { ...replace, retire: [before, live({ id: id(2) })] }],
    ['the survivor', replace, { ...replace, survivor: live({ id: id(2) }) }],
    [
      'the name of a secret file',
      { ...create, after: { ...after, secret: secret('/a') } },
      { ...create, after: { ...after, secret: { file: 'secrets/other', path: '/a', version: '1' } } },
    ],
    [
      'the version of a secret file',
      { ...create, after: { ...after, secret: secret('/a') } },
      { ...create, after: { ...after, secret: secret('/a', '2') } },
    ],
  ])('depends on %s', (_, a, b) => {
    expect(digest(b)).not.toBe(digest(a));
  });

  test('depends on the account, and on the order of the actions', () => {
    expect(digest(replace, { account_id: 'f'.repeat(32) as AccountId })).not.toBe(digest());
    const [two, turned] = [
      [create, remove],
      [remove, create],
    ].map((actions) => digest(replace, { actions }));
    expect(two).not.toBe(turned);
  });

  test('depends on each part of the overrides, because they were reviewed', () => {
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

  test('depends on the format version', () => {
    expect(digestOf({ ...plan(), format_version: 2 as never })).not.toBe(digest());
  });
});

test('the checksum covers everything except itself', () => {
  const document = plan();
  const sum = checksumOf(document);
  expect(checksumOf({ ...document, checksum: sum })).toBe(sum);
  expect(checksumOf(plan({ ...replace, reason: 'other' }))).not.toBe(sum);
  expect(checksumOf({ ...document, digest: 'x' })).not.toBe(sum);
});
