import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { DesiredAccount } from '../../src/core/desired.js';
import { NO_LOOKUP, planFromDocument, type Lookup } from '../../src/saved-plan/decode.js';
import type { Live } from '../../src/core/live.js';
import type { ActionDocument, PlanDocument } from '../../src/saved-plan/plan-document.js';
import type { Plan } from '../../src/core/plan.js';
import { Secret } from '../../src/core/secret.js';
import { sha256 } from '../../src/saved-plan/digest.js';
import { savedDocument, toPlanDocument } from '../../src/saved-plan/encode.js';
import {
  ACCOUNT,
  account,
  desired,
  envSecret,
  envUrl,
  id,
  leftover,
  live,
  policy,
  URL_1,
  URL_2,
} from '../support/core/builders.js';
import { planOf } from '../support/core/planning.js';

const TOKEN_URL = 'https://relay.example.com/hook?token=Zq81xLmP0sWvT7bN4kRy';
const HIDDEN = { kind: 'hidden', host: 'relay.example.com', sha256: sha256(TOKEN_URL) };

const lookup = (more: Partial<Lookup> = {}): Lookup => ({
  literalUrl: () => undefined,
  secretPath: (file) => `/repo/${file}`,
  ...more,
});

function planned(file: DesiredAccount, found: readonly Live[]): Plan {
  return { accounts: [planOf(file, found, {}, [policy(1, [1])])], failures: [] };
}

/** Returns the plan as read from a file: plain JSON. */
function saved(plan: Plan): PlanDocument {
  return JSON.parse(JSON.stringify(savedDocument(plan, '/repo'))) as PlanDocument;
}

const actionsOf = (document: PlanDocument, more?: Partial<Lookup>) =>
  planFromDocument(document, lookup(more)).accounts.flatMap(({ actions }) => actions);

test('a plan with every kind of action, guards, notes and failures is restored unchanged', () => {
  const file = account(
    [
      desired('New', URL_2, { secret: { kind: 'file', file: 's', path: '/repo/s', version: '2' } }),
      desired('Unversioned', URL_2, { secret: { kind: 'file', file: 's', path: '/repo/s' } }),
      desired('From env', envUrl(undefined, 1), { secret: envSecret(3) }),
      desired('Room', URL_1, { previously: ['Chat'], secret: { kind: 'none' } }),
      desired('Moved', URL_2),
      desired('Begun', URL_2),
      desired('Pinned', URL_2, { id: id(99) }),
    ],
    {
      ignore: [`id:${id(6)}`],
      routes: [{ name: 'Policy 1', webhooks: ['New', 'Room', `id:${id(6)}`] }],
    },
  );
  const found = [
    live(1, 'Gone'),
    live(2, 'Chat'),
    live(3, 'Moved'),
    live(4, 'Begun'),
    leftover(5, 'Begun', 4, URL_2, { createdAt: null }),
    live(6, 'Moved', URL_2),
  ].map(({ id: of, name, url, type, createdAt }) => ({ id: of, name, url, type, createdAt }));
  const plan: Plan = {
    ...planned(file, found),
    failures: [{ accountId: ACCOUNT, error: { code: 'network', message: 'down' } }],
  };
  const [first] = plan.accounts;
  expect(new Set(first?.actions.map(({ kind, resource }) => `${kind} ${resource}`)).size).toBe(5);
  expect(first?.guards).toMatchObject([{ code: 'pinned' }]);
  expect(first?.liveIds).toHaveLength(6);
  expect(first?.ignoredIds).toEqual([id(6)]);
  expect(planFromDocument(saved(plan), lookup())).toEqual(plan);
});

describe('a URL that may be a credential is not in the document', () => {
  const file = account([desired('Ops', TOKEN_URL)]);

  test('the URL of an entry is found in the file by its hash', () => {
    const document = saved(planned(file, []));
    expect(JSON.stringify(document)).not.toContain('Zq81');
    const literalUrl: Lookup['literalUrl'] = (of, name, hash) =>
      of === ACCOUNT && name === 'Ops' && hash === sha256(TOKEN_URL) ? TOKEN_URL : undefined;
    expect(actionsOf(document, { literalUrl })).toMatchObject([{ after: { url: { url: TOKEN_URL } } }]);
  });

  test('a URL that is not found stays hidden: its host and its hash', () => {
    for (const given of [lookup(), NO_LOOKUP]) {
      const document = saved(planned(file, []));
      const plan = planFromDocument(document, given);
      expect(plan.accounts[0]?.actions).toMatchObject([{ after: { url: HIDDEN } }]);
      // What is known about it is unchanged.
      expect(savedDocument(plan, '/repo')).toEqual(document);
    }
  });

  test('a live URL stays hidden', () => {
    const document = saved(planned(account([]), [live(171, 'Ops', TOKEN_URL)]));
    expect(actionsOf(document)).toMatchObject([{ before: { url: HIDDEN } }]);
  });

  test('a URL that looks like the hidden form is a URL', () => {
    const url = `https://relay.example.com/cf#v=${sha256(TOKEN_URL)}`;
    const document = saved(planned(account([desired('Ops', url)]), []));
    expect(JSON.stringify(document)).not.toContain(sha256(TOKEN_URL));
    expect(actionsOf(document)).toMatchObject([
      { after: { url: { host: 'relay.example.com', sha256: sha256(url) } } },
    ]);
  });

  test('a document without the hash is not a saved plan', () => {
    const shown = toPlanDocument(planned(file, []));
    expect(() => planFromDocument(shown, NO_LOOKUP)).toThrow(
      'The plan has no hash of a URL at relay.example.com.',
    );
  });
});

test('a secret file with an absolute path is the same from any directory', () => {
  const file = '/run/secrets/ops';
  const document = saved(
    planned(account([desired('Ops', URL_1, { secret: { kind: 'file', file, path: file } })]), []),
  );
  const secretPath: Lookup['secretPath'] = (written) => path.resolve('/other/place', written);
  expect(actionsOf(document, { secretPath })).toMatchObject([{ after: { secret: { file, path: file } } }]);
});

describe('a secret', () => {
  const literal = account([
    desired('Ops', URL_1, { secret: { kind: 'literal', value: new Secret('canary') } }),
  ]);

  test('that is in the file can be shown but not applied', () => {
    const document = saved(planned(literal, []));
    expect(JSON.stringify(document)).not.toContain('canary');
    expect(() => actionsOf(document)).toThrow(
      'Saved plans never contain secrets, so this plan cannot be applied',
    );
    expect(planFromDocument(document, NO_LOOKUP).accounts[0]?.actions).toMatchObject([
      { after: { secret: { kind: 'literal' } } },
    ]);
  });

  test('from a file is at the path in the document, or else at the path of the reference', () => {
    const secret = { file: 'secrets/ops' };
    const create: ActionDocument = {
      kind: 'create',
      resource: 'webhook',
      name: 'Ops',
      reason: 'new',
      changes: [],
      after: { name: 'Ops', url: URL_1, secret },
    };
    const document = (action: ActionDocument): PlanDocument => ({
      ...saved(planned(literal, [])),
      accounts: saved(planned(literal, [])).accounts.map((each) => ({ ...each, actions: [action] })),
    });
    expect(actionsOf(document(create))).toMatchObject([{ after: { secret: { path: '/repo/secrets/ops' } } }]);
    const elsewhere = {
      ...create,
      after: { name: 'Ops', url: URL_1, secret: { ...secret, path: 'state/x' } },
    };
    expect(actionsOf(document(elsewhere))).toMatchObject([{ after: { secret: { path: '/repo/state/x' } } }]);
    expect(planFromDocument(document(create), NO_LOOKUP).accounts[0]?.actions).toMatchObject([
      { after: { secret: { path: 'secrets/ops' } } },
    ]);
  });
});

describe('a document edited by hand', () => {
  const whole = saved(planned(account([desired('Ops', URL_2)]), [live(1, 'Ops')]));
  const edited = (change: (action: ActionDocument) => object): PlanDocument => ({
    ...whole,
    accounts: whole.accounts.map((each) => ({
      ...each,
      actions: each.actions.map((action) => change(action) as ActionDocument),
    })),
  });

  test.each(['before', 'after', 'retire'] as const)('an action without its %s is refused', (key) => {
    const document = edited((action) => ({ ...action, [key]: undefined }));
    expect(() => actionsOf(document)).toThrow('The replace of "Ops" is incomplete.');
  });

  test('a reason that this kind of action does not have is refused', () => {
    const document = edited((action) => ({ ...action, reason: 'url-changed+renamed' }));
    expect(() => actionsOf(document)).toThrow('"Ops" has the unknown reason "renamed".');
  });

  test.each(['before', 'after', 'id'] as const)('a route without its %s is refused', (key) => {
    const file = account([desired('Ops')], { routes: [{ name: 'Policy 1', webhooks: ['Ops'] }] });
    const route = saved({ accounts: [planOf(file, [live(1, 'Ops')], {}, [policy(1, [])])], failures: [] });
    const [account1] = route.accounts;
    expect(actionsOf(route)).toHaveLength(1);
    const actions = account1?.actions.map((action) => ({ ...action, [key]: undefined })) ?? [];
    const cut = { ...route, accounts: account1 ? [{ ...account1, actions }] : [] };
    expect(() => actionsOf(cut)).toThrow('The update of "Policy 1" is incomplete.');
  });

  test('the sides of a policy are not those of a webhook, and vice versa', () => {
    const routes = { webhooks: [] };
    expect(() => actionsOf(edited((action) => ({ ...action, before: routes })))).toThrow('incomplete');
    expect(() => actionsOf(edited((action) => ({ ...action, after: routes })))).toThrow('incomplete');
    expect(() => actionsOf(edited((action) => ({ ...action, resource: 'policy' })))).toThrow('incomplete');
  });

  test('a live URL that is a reference to a variable is empty', () => {
    const document = edited((action) => ({
      ...action,
      before: { id: id(1), name: 'Ops', type: 'generic', url: { env: 'RELAY_URL' } },
    }));
    expect(actionsOf(document)).toMatchObject([{ before: { url: '' } }]);
  });

  test('an unknown kind of action is reported as a bug', () => {
    expect(() => actionsOf(edited((action) => ({ ...action, kind: 'odd' })))).toThrow('unreachable');
  });
});
