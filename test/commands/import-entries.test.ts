import { describe, expect, test } from '@jest/globals';
import type { WebhookId } from '../../src/core/ids.js';
import { EnvNames, importEntries, type ImportRules } from '../../src/commands/import/import-entries.js';
import type { Live } from '../../src/core/live.js';
import { replacementName } from '../../src/core/leftovers.js';
import { dashedId, id, live, URL_1, URL_2 } from '../support/core/builders.js';

const rules = (more: Partial<ImportRules> = {}): ImportRules => ({
  declared: new Map(),
  earlier: new Set(),
  envNames: new EnvNames([]),
  isPublishable: () => true,
  ...more,
});
const ODD = 'not-an-id' as WebhookId;

describe('entries', () => {
  test('by name, then age; several with one name each have their ID, without dashes', () => {
    const found = [live(3, 'Ops', URL_2), live(1, 'Relay'), live(2, 'Ops', URL_1, { id: dashedId(171) })];
    expect(importEntries(found, rules()).entries).toEqual([
      { name: 'Ops', id: id(171), url: URL_1 },
      { name: 'Ops', id: id(3), url: URL_2 },
      { name: 'Relay', url: URL_1 },
    ]);
  });

  test('a name that the file declares with IDs gets one too', () => {
    const declared = new Map([['Ops', true]]);
    expect(importEntries([live(1, 'Ops')], rules({ declared })).entries).toMatchObject([{ id: id(1) }]);
  });

  test('a URL that contains a credential, or must not be shown, becomes a variable', () => {
    const said = importEntries([live(1, 'Relay')], rules({ isPublishable: (text) => text !== URL_1 }));
    expect(said.entries).toMatchObject([{ url: { env: 'RELAY_WEBHOOK_URL' } }]);
    const page = live(2, 'Page', 'https://relay.example.com/hook?token=Zq81xLmP0sWvT7bN4kRy');
    expect(importEntries([page], rules()).entries).toMatchObject([{ url: { env: 'PAGE_WEBHOOK_URL' } }]);
    expect(JSON.stringify(importEntries([page], rules()))).not.toContain('Zq81');
  });

  test.each([
    ['slack', 'https://hooks.slack.com/services/T0/B0', 'OPS_SECRET'],
    ['generic', 'https://hooks.slack.com/services/T0/B0', undefined],
    ['datadog', URL_1, 'OPS_SECRET'],
    ['generic', URL_1, undefined],
  ])('the secret of a webhook of type %s at %s', (type, url, secret) => {
    const { entries } = importEntries([live(1, 'Ops', url, { type })], rules());
    expect(entries.map((entry) => entry.secret?.env)).toEqual([secret]);
  });
});

describe('are left out, with the reason', () => {
  test.each<[string, Live, Partial<ImportRules>, string]>([
    ['no name', live(1, ' '), {}, 'its name is empty'],
    ['a long name', live(1, 'x'.repeat(1001)), {}, 'its name has more than 1000 characters'],
    [
      'a marker',
      live(1, replacementName('Ops', '1'.repeat(32))),
      {},
      'its name ends with the marker of an unfinished replacement',
    ],
    [
      'a previous name',
      live(1, 'Chat'),
      { earlier: new Set(['Chat']) },
      'its name is listed under "previously" of another webhook',
    ],
    [
      'a name in the file',
      live(1, 'Ops'),
      { declared: new Map([['Ops', false]]) },
      'the file already has a webhook with this name; to keep both, add an "id" to each, and list them as "id:ID" under "policies"',
    ],
    ['no URL', live(1, 'Ops', ''), {}, 'its URL is not an absolute http or https URL'],
    [
      'a URL of another kind',
      live(1, 'Ops', 'mailto:a@b.example'),
      {},
      'its URL is not an absolute http or https URL',
    ],
    ['a long URL', live(1, 'Ops', `https://a.example/${'x/'.repeat(5000)}`), {}, 'its URL is too long'],
  ])('%s', (_, webhook, more, reason) => {
    const { entries, ignored, left } = importEntries([webhook], rules(more));
    expect([entries, left]).toEqual([[], []]);
    expect(ignored).toEqual([{ id: id(1), name: webhook.name, reason }]);
  });

  test('does not show a name that looks like a secret', () => {
    expect(
      importEntries([live(1, 'hush')], rules({ isPublishable: (text) => !text.includes('hush') })).ignored,
    ).toEqual([{ id: id(1), reason: 'its name contains text that looks like a secret' }]);
  });

  test('reports separately what cannot even be ignored by its ID', () => {
    const odd = live(1, 'Ops', URL_1, { id: ODD });
    expect(importEntries([odd], rules()).entries).toHaveLength(1);
    const reason = 'it is one of several with this name, and its ID has an unknown format';
    expect(importEntries([odd, live(2, 'Ops')], rules())).toMatchObject({
      entries: [{ id: id(2) }],
      ignored: [],
      left: [{ id: ODD, name: 'Ops', reason }],
    });
  });
});
