import { describe, expect, test } from '@jest/globals';
import type { DesiredAccount, DesiredSecret, DesiredWebhook } from '../../src/core/desired.js';
import type { DiffOptions } from '../../src/core/diff.js';
import type { Live } from '../../src/core/live.js';
import { match } from '../../src/core/match.js';
import { Secret } from '../../src/core/secret.js';
import {
  account,
  dashedId,
  desired,
  envSecret,
  envUrl,
  id,
  live,
  URL_1,
  URL_2,
  URL_3,
} from '../support/core/builders.js';
import { briefs, guardCodes, planOf } from '../support/core/planning.js';

type Case = {
  readonly rule: string;
  readonly file: readonly DesiredWebhook[];
  readonly more?: Partial<DesiredAccount>;
  readonly live: readonly Live[];
  readonly options?: Partial<DiffOptions>;
  readonly plan: readonly string[];
  readonly guards?: readonly string[];
};

const NONE = { kind: 'none' } as const;

const fileSecret = (path: string): DesiredSecret => ({ kind: 'file', file: 'ops', path });
const SLACK = 'https://hooks.slack.com/services/T000/B000';
const DATADOG = 'https://api.datadoghq.com/api/v1/events';
const OPSGENIE = 'https://api.opsgenie.com/v2/alerts';
const SPLUNK = 'https://splunk.example.com/services/collector';
const GCHAT = 'https://chat.googleapis.com/v1/spaces/AAAA/messages';
const FEISHU = 'https://open.feishu.cn/open-apis/bot/v2/hook';
const deployed = (...webhooks: readonly DesiredWebhook[]): Partial<DiffOptions> => ({
  previous: account(webhooks),
});

const pins: readonly Case[] = [
  {
    rule: 'a pinned ID wins over the name',
    file: [desired('Ops', URL_1, { id: id(2) })],
    live: [live(1, 'Ops'), live(2, 'Other'), live(3, 'Third'), live(4, 'Fourth')],
    more: { ignore: ['Third', 'Fourth'] },
    plan: ['update #2 Ops: renamed', 'delete #1 Ops: unlisted'],
  },
  {
    rule: 'a pinned ID matches with any dashes and case, on either side',
    file: [desired('Ops', URL_1, { id: dashedId(171) })],
    live: [live(171, 'Ops'), live(2, 'Two')],
    plan: ['delete #2 Two: unlisted'],
  },
  {
    rule: 'the API may return the form with dashes',
    file: [desired('Ops', URL_1, { id: id(171) })],
    live: [live(1, 'Ops', URL_1, { id: dashedId(171) })],
    plan: [],
  },
  {
    rule: 'a pinned ID that is not live is an error, not a create, and matches nothing else',
    file: [desired('Ops', URL_1, { id: id(9), previously: ['Old'] })],
    live: [live(1, 'Ops'), live(2, 'Old')],
    more: { unlisted: 'keep' },
    plan: [],
    guards: ['pinned'],
  },
  {
    rule: 'a pin wins over a name that is earlier in the file',
    file: [desired('Ops', URL_2), desired('Pager', URL_1, { id: id(1) })],
    live: [live(1, 'Ops')],
    plan: ['create Ops', 'update #1 Pager: renamed'],
  },
  {
    rule: 'several pinned entries with one name',
    file: [desired('Ops', URL_1, { id: id(2) }), desired('Ops', URL_2, { id: id(1) })],
    live: [live(1, 'Ops', URL_2), live(2, 'Ops', URL_1)],
    plan: [],
  },
];

const names: readonly Case[] = [
  { rule: 'same name', file: [desired('Ops')], live: [live(1, 'Ops')], plan: [] },
  {
    rule: 'names are case-sensitive',
    file: [desired('Ops', URL_2)],
    live: [live(1, 'ops')],
    plan: ['create Ops', 'delete #1 ops: unlisted'],
  },
  { rule: 'nothing found', file: [desired('Ops')], live: [], plan: ['create Ops'] },
  {
    rule: 'previously renames in place',
    file: [desired('Ops', URL_1, { previously: ['Chat'] })],
    live: [live(1, 'Chat')],
    plan: ['update #1 Ops: renamed'],
  },
  {
    rule: 'if several have a previous name, it is not known which one is meant',
    file: [desired('Ops', URL_1, { previously: ['Chat'] })],
    live: [live(1, 'Chat', URL_1), live(2, 'Chat', URL_2)],
    plan: [],
    guards: ['ambiguous-name'],
  },
  {
    rule: 'the first previous name that is live wins',
    file: [desired('Ops', URL_1, { previously: ['Recent', 'Chat', 'Older'] })],
    live: [live(1, 'Older', URL_2), live(2, 'Chat', URL_1)],
    more: { unlisted: 'keep' },
    plan: ['update #2 Ops: renamed'],
  },
  {
    rule: 'if both are live, the name wins and the previous one is unlisted',
    file: [desired('Ops', URL_1, { previously: ['Chat'] })],
    live: [live(1, 'Chat'), live(2, 'Ops')],
    plan: ['delete #1 Chat: unlisted'],
  },
  {
    rule: 'a previous name with another URL: renamed and changed by one replacement',
    file: [desired('Ops', URL_2, { previously: ['Chat'] })],
    live: [live(1, 'Chat')],
    plan: ['replace #1 Ops: url-changed'],
  },
  {
    rule: 'a previous name that is the name of an entry belongs to that entry',
    file: [desired('Ops', URL_1, { previously: ['Chat'] }), desired('Chat', URL_2)],
    live: [live(1, 'Chat', URL_2)],
    plan: ['create Ops'],
  },
];

const takenOver: readonly Case[] = [
  {
    rule: 'a new entry does not take over a webhook with another URL',
    file: [desired('Ops', URL_2)],
    live: [live(1, 'Ops', URL_1)],
    options: deployed(),
    plan: [],
    guards: ['ambiguous-name'],
  },
  {
    rule: 'whatever else was deployed',
    file: [desired('Ops', URL_2), desired('Known', URL_3)],
    live: [live(1, 'Ops', URL_1), live(2, 'Known', URL_3)],
    options: deployed(desired('Known', URL_3)),
    plan: [],
    guards: ['ambiguous-name'],
  },
  {
    rule: 'a new entry matches a webhook with its URL',
    file: [desired('Ops', URL_1)],
    live: [live(1, 'Ops', URL_1)],
    options: deployed(),
    plan: [],
  },
  {
    rule: 'or one if the URL is not known here',
    file: [desired('Ops', envUrl())],
    live: [live(1, 'Ops', URL_1)],
    options: deployed(),
    plan: [],
  },
  {
    rule: 'or one that differs only in its credential',
    file: [desired('Ops', `${SLACK}/token`, { secret: NONE })],
    live: [live(1, 'Ops', SLACK, { type: 'slack' })],
    options: deployed(),
    plan: [],
  },
  {
    rule: 'an entry that was deployed with its name is not new',
    file: [desired('Ops', URL_2)],
    live: [live(1, 'Ops', URL_1)],
    options: deployed(desired('Ops', URL_3)),
    plan: ['replace #1 Ops: url-changed'],
  },
  {
    rule: 'nor one that was deployed with a previous name',
    file: [desired('Ops', URL_2, { previously: ['Chat'] })],
    live: [live(1, 'Ops', URL_1)],
    options: deployed(desired('Chat', URL_3)),
    plan: ['replace #1 Ops: url-changed'],
  },
  {
    rule: 'an ID says that it is meant',
    file: [desired('Ops', URL_2, { id: id(1) })],
    live: [live(1, 'Ops', URL_1)],
    more: { strategy: { url: 'in-place', secret: 'replace' } },
    options: deployed(),
    plan: ['update #1 Ops: url-in-place'],
  },
  {
    rule: '"absent" says that it is not: it is deleted after the new one is created',
    file: [desired('Ops', URL_2)],
    live: [live(1, 'Ops', URL_1)],
    more: { absent: [`id:${dashedId(1)}`] },
    options: deployed(),
    plan: ['create Ops', 'delete #1 Ops: absent'],
  },
  {
    rule: 'so does "ignore"',
    file: [desired('Ops', URL_2)],
    live: [live(1, 'Ops', URL_1)],
    more: { ignore: [`id:${dashedId(1)}`] },
    options: deployed(),
    plan: ['create Ops'],
  },
  {
    rule: 'without --previous it is not known which entries are new',
    file: [desired('Ops', URL_2)],
    live: [live(1, 'Ops', URL_1)],
    plan: ['replace #1 Ops: url-changed'],
  },
];

const urls: readonly Case[] = [
  {
    rule: 'under delete, the only pair left with the same URL is a rename',
    file: [desired('Ops')],
    live: [live(1, 'Renamed by hand')],
    plan: ['update #1 Ops: renamed'],
  },
  {
    rule: 'the URL is compared after normalization',
    file: [desired('Ops', 'HTTPS://Relay.Example.com:443/a/../one')],
    live: [live(1, 'Renamed by hand')],
    plan: ['update #1 Ops: renamed'],
  },
  {
    rule: 'not under keep',
    file: [desired('Ops')],
    live: [live(1, 'Mine')],
    more: { unlisted: 'keep' },
    plan: ['create Ops'],
  },
  {
    rule: 'not with two live ones',
    file: [desired('Ops')],
    live: [live(1, 'A'), live(2, 'B')],
    plan: ['create Ops', 'delete #1 A: unlisted', 'delete #2 B: unlisted'],
  },
  {
    rule: 'not with two new entries',
    file: [desired('Ops'), desired('Pager')],
    live: [live(1, 'A')],
    plan: ['create Ops', 'create Pager', 'delete #1 A: unlisted'],
  },
  {
    rule: 'not with two of each, because it is not known which is which',
    file: [desired('Ops'), desired('Pager')],
    live: [live(1, 'A'), live(2, 'B')],
    plan: ['create Ops', 'create Pager', 'delete #1 A: unlisted', 'delete #2 B: unlisted'],
  },
  {
    rule: 'matched ones do not count on either side',
    file: [desired('Ops'), desired('Known')],
    live: [live(1, 'Known'), live(2, 'Renamed by hand')],
    plan: ['update #2 Ops: renamed'],
  },
  {
    rule: 'not one that is absent',
    file: [desired('Ops')],
    live: [live(1, 'Old pager')],
    more: { absent: ['Old pager'] },
    plan: ['create Ops', 'delete #1 Old pager: absent'],
  },
  {
    rule: 'not one that is ignored',
    file: [desired('Ops')],
    live: [live(1, 'dash-1')],
    more: { ignore: ['dash-*'] },
    plan: ['create Ops'],
  },
  {
    rule: 'by the value of a variable',
    file: [desired('Ops', envUrl(URL_2))],
    live: [live(1, 'A', URL_1), live(2, 'B', URL_2)],
    plan: ['update #2 Ops: renamed', 'delete #1 A: unlisted'],
  },
  {
    rule: 'not if the variable is not set',
    file: [desired('Ops', envUrl())],
    live: [live(1, 'A')],
    plan: ['create Ops', 'delete #1 A: unlisted'],
  },
  {
    rule: 'a chat URL in a variable whose stored part identifies the webhook',
    file: [desired('Ops', envUrl('https://hooks.slack.com/services/T000/B000/tokentokentoken'))],
    live: [live(1, 'A', SLACK, { type: 'slack' })],
    plan: ['update #1 Ops: renamed'],
  },
  {
    rule: 'a different chat channel is a different webhook',
    file: [desired('Ops', envUrl('https://hooks.slack.com/services/T000/B001/tokentokentoken'))],
    live: [live(1, 'A', SLACK, { type: 'slack' })],
    plan: ['create Ops', 'delete #1 A: unlisted'],
  },
  {
    rule: 'two entries whose chat URLs differ only in the credential: it is not known which one was renamed',
    file: [desired('Ops', envUrl(`${SLACK}/one`)), desired('Pager', envUrl(`${SLACK}/two`))],
    live: [live(1, 'A', SLACK, { type: 'slack' })],
    plan: ['create Ops', 'create Pager', 'delete #1 A: unlisted'],
  },
  {
    rule: 'not a webhook of a service with the same URL for everyone: Datadog',
    file: [desired('Ops', DATADOG, { secret: NONE })],
    live: [live(1, 'A', DATADOG, { type: 'datadog' })],
    plan: ['create Ops', 'delete #1 A: unlisted'],
  },
  {
    rule: 'Opsgenie',
    file: [desired('Ops', OPSGENIE, { secret: NONE })],
    live: [live(1, 'A', OPSGENIE, { type: 'opsgenie' })],
    plan: ['create Ops', 'delete #1 A: unlisted'],
  },
  {
    rule: 'Splunk',
    file: [desired('Ops', SPLUNK, { secret: NONE })],
    live: [live(1, 'A', SPLUNK, { type: 'splunk' })],
    plan: ['create Ops', 'delete #1 A: unlisted'],
  },
  {
    rule: 'Google Chat',
    file: [desired('Ops', GCHAT, { secret: NONE })],
    live: [live(1, 'A', GCHAT, { type: 'gchat' })],
    plan: ['create Ops', 'delete #1 A: unlisted'],
  },
  {
    rule: 'Feishu',
    file: [desired('Ops', FEISHU, { secret: NONE })],
    live: [live(1, 'A', FEISHU, { type: 'feishu' })],
    plan: ['create Ops', 'delete #1 A: unlisted'],
  },
  {
    rule: 'not one that Cloudflare treats as such a service, whatever its URL',
    file: [desired('Ops')],
    live: [live(1, 'A', URL_1, { type: 'splunk' })],
    plan: ['create Ops', 'delete #1 A: unlisted'],
  },
  {
    rule: 'a chat URL without its credential identifies the webhook',
    file: [desired('Ops', SLACK, { secret: NONE })],
    live: [live(1, 'A', SLACK, { type: 'slack' })],
    plan: ['update #1 Ops: renamed'],
  },
  {
    rule: 'not an entry with a secret: the live webhook may have a different one',
    file: [desired('Ops', URL_1, { secret: envSecret(1) })],
    live: [live(1, 'A')],
    plan: ['create Ops', 'delete #1 A: unlisted'],
  },
  {
    rule: 'an entry without a secret, or with secret: none',
    file: [desired('Ops', URL_1, { secret: NONE })],
    live: [live(1, 'A')],
    plan: ['update #1 Ops: renamed'],
  },
  {
    rule: 'an entry with the secret that was deployed with the live name',
    file: [desired('Ops', URL_1, { secret: envSecret(1) })],
    live: [live(1, 'A')],
    options: deployed(desired('A', URL_1, { secret: envSecret(1) })),
    plan: ['update #1 Ops: renamed'],
  },
  {
    rule: 'not with another version of it',
    file: [desired('Ops', URL_1, { secret: envSecret(2) })],
    live: [live(1, 'A')],
    options: deployed(desired('A', URL_1, { secret: envSecret(1) })),
    plan: ['create Ops', 'delete #1 A: unlisted'],
  },
  {
    rule: 'not with another reference',
    file: [desired('Ops', URL_1, { secret: envSecret(1, 'OTHER') })],
    live: [live(1, 'A')],
    options: deployed(desired('A', URL_1, { secret: envSecret(1) })),
    plan: ['create Ops', 'delete #1 A: unlisted'],
  },
  {
    rule: 'the previous state can be in another directory',
    file: [desired('Ops', URL_1, { secret: fileSecret('/now/ops') })],
    live: [live(1, 'A')],
    options: deployed(desired('A', URL_1, { secret: fileSecret('/last/ops') })),
    plan: ['update #1 Ops: renamed'],
  },
  {
    rule: 'not with a literal secret, which can differ',
    file: [desired('Ops', URL_1, { secret: { kind: 'literal', value: new Secret('new') } })],
    live: [live(1, 'A')],
    options: deployed(desired('A', URL_1, { secret: { kind: 'literal', value: new Secret('old') } })),
    plan: ['create Ops', 'delete #1 A: unlisted'],
  },
  {
    rule: 'not if the secret was deployed with another name',
    file: [desired('Ops', URL_1, { secret: envSecret(1) })],
    live: [live(1, 'A')],
    options: deployed(desired('B', URL_1, { secret: envSecret(1) })),
    plan: ['create Ops', 'delete #1 A: unlisted'],
  },
  {
    rule: 'not if two were deployed with the live name',
    file: [desired('Ops', URL_1, { secret: envSecret(1) })],
    live: [live(1, 'A')],
    options: deployed(
      desired('A', URL_1, { secret: envSecret(1), id: id(8) }),
      desired('A', URL_2, { secret: envSecret(1), id: id(9) }),
    ),
    plan: ['create Ops', 'delete #1 A: unlisted'],
  },
  {
    rule: 'a different URL is a different webhook',
    file: [desired('Ops', URL_2)],
    live: [live(1, 'A', URL_3)],
    plan: ['create Ops', 'delete #1 A: unlisted'],
  },
];

describe.each([
  ['pinned ID', pins],
  ['names', names],
  ['new entries', takenOver],
  ['rename by URL', urls],
])('matching: %s', (_, cases) => {
  test.each(cases)('$rule', ({ file, more, live: found, options, plan, guards = [] }) => {
    const planned = planOf(account(file, more), found, options);
    expect(briefs(planned.actions)).toEqual(plan);
    expect(guardCodes(planned)).toEqual(guards);
  });
});

test('accepts an unknown type', () => {
  const odd = live(1, 'Ops', URL_2, { type: 'carrier-pigeon' });
  const planned = planOf(account([desired('Ops', URL_1)]), [odd]);
  expect(planned.actions).toMatchObject([{ kind: 'replace', before: { type: 'carrier-pigeon' } }]);
});

test('keeps the order of the file, and says what was found for each entry', () => {
  const { matches, unlisted, absent } = match(account([desired('B'), desired('A')], { absent: ['Old'] }), [
    live(1, 'A'),
    live(2, 'Old', URL_2),
    live(3, 'Other', URL_2),
  ]);
  expect(matches.map(({ desired: { name }, live: found }) => [name, found?.id])).toEqual([
    ['B', undefined],
    ['A', id(1)],
  ]);
  expect(absent.map(({ name }) => name)).toEqual(['Old']);
  expect(unlisted.map(({ name }) => name)).toEqual(['Other']);
});

test('the guard of a new entry names the webhook, and says how to proceed', () => {
  const { guards } = planOf(account([desired('Ops', URL_2)]), [live(1, 'Ops', URL_1)], deployed());
  expect(guards).toMatchObject([{ code: 'ambiguous-name', names: ['Ops'] }]);
  for (const part of ['new in the file', id(1), URL_1, '"ignore"', '"absent"']) {
    expect(guards[0]?.message).toContain(part);
  }
});
