import { describe, expect, test } from '@jest/globals';
import type { DesiredSecret } from '../../src/core/desired.js';
import {
  account,
  dashedId,
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
import { briefs, guardCodes, planOf, setOf } from '../support/core/planning.js';

const crowd = Array.from({ length: 8 }, (_, i) =>
  live(100 + i, `Other ${i}`, `https://relay.example.com/${i}`),
);
const crowdFile = crowd.map(({ name, url }) => desired(name, url));

describe('pinned', () => {
  const pinned = desired('Ops', URL_2, { id: id(1) });

  test('refuses to replace a pinned webhook, and says how to proceed', () => {
    const planned = planOf(account([pinned]), [live(1, 'Ops')]);
    expect(briefs(planned.actions)).toEqual(['replace #1 Ops: url-changed']);
    expect(planned.guards).toMatchObject([{ code: 'pinned', names: ['Ops'] }]);
    expect(planned.guards[0]?.message).toMatch(/Undo the change, or remove the "id"/);
  });

  test('allows an update', () => {
    const inPlace = account([pinned], { strategy: { url: 'in-place', secret: 'replace' } });
    expect(guardCodes(planOf(inPlace, [live(1, 'Ops')]))).toEqual([]);
  });

  test('accepts every form of the ID', () => {
    const dashed = live(171, 'Ops', URL_1, { id: dashedId(171) });
    expect(guardCodes(planOf(account([desired('Ops', URL_2, { id: id(171) })]), [dashed]))).toEqual([
      'pinned',
    ]);
  });

  test('also refuses --rotate and --replace of a pinned webhook', () => {
    const file = account([desired('Ops', URL_1, { id: id(1), secret: envSecret() })]);
    for (const options of [{ rotate: setOf('Ops') }, { replace: setOf('Ops') }]) {
      expect(guardCodes(planOf(file, [live(1, 'Ops')], options))).toEqual(['pinned']);
    }
  });

  test('names a pinned ID that is not live', () => {
    const [guard] = planOf(account([desired('Ops', URL_1, { id: id(7) })]), []).guards;
    expect(guard).toMatchObject({ code: 'pinned', names: ['Ops'] });
    expect(guard?.message).toContain(id(7));
  });

  test('sorts several by name and ID, whatever the order of the file', () => {
    const gone = [desired('B', URL_1, { id: id(7) }), desired('A', URL_1, { id: id(9) })];
    const twice = desired('A', URL_2, { id: id(8) });
    const { guards } = planOf(account([...gone, twice]), []);
    expect(guards.map(({ names, message }) => [names, /ID (\w+),/.exec(message)?.[1]])).toEqual([
      [['A'], id(8)],
      [['A'], id(9)],
      [['B'], id(7)],
    ]);
  });

  test("allows another entry's replacement", () => {
    const file = account([desired('Ops', URL_1, { id: id(1) }), desired('Pager', URL_2)]);
    expect(guardCodes(planOf(file, [live(1, 'Ops'), live(2, 'Pager')]))).toEqual([]);
  });
});

describe('protected', () => {
  const file = (url: string) => account([desired('Ops', url, { protect: true }), ...crowdFile]);

  test('refuses a replacement, allows an update', () => {
    const planned = planOf(file(URL_2), [live(1, 'Ops'), ...crowd]);
    expect(planned.guards).toMatchObject([{ code: 'protected', names: ['Ops'] }]);
    expect(planned.guards[0]?.message).toMatch(
      /Undo the change, or remove "protect: true" in a separate commit/,
    );
    const renamed = account([desired('Ops', URL_1, { protect: true, previously: ['Chat'] })]);
    expect(guardCodes(planOf(renamed, [live(1, 'Chat')]))).toEqual([]);
    expect(guardCodes(planOf(file(URL_2), crowd))).toEqual([]);
  });

  test.each([
    ['under delete', 'delete'],
    ['under keep', 'keep'],
  ] as const)('refuses removal from the file: %s', (_, unlisted) => {
    const planned = planOf(account(crowdFile, { unlisted }), [live(1, 'Ops'), ...crowd], {
      previous: file(URL_1),
    });
    expect(planned.guards).toMatchObject([{ code: 'protected', names: ['Ops'] }]);
    expect(planned.guards[0]?.message).toContain('"absent"');
  });

  test('allows removal if it is under absent', () => {
    const absent = account(crowdFile, { absent: ['Ops'] });
    const planned = planOf(absent, [live(1, 'Ops'), ...crowd], { previous: file(URL_1) });
    expect(briefs(planned.actions)).toEqual(['delete #1 Ops: absent']);
    expect(guardCodes(planned)).toEqual([]);
  });

  test('allows removal if it was not protected', () => {
    const previous = account([desired('Ops')]);
    expect(guardCodes(planOf(account(crowdFile), [live(1, 'Ops'), ...crowd], { previous }))).toEqual([]);
  });
});

describe('in-use', () => {
  const found = [live(1, 'Ops'), live(2, 'Pager', URL_2), ...crowd];
  const file = account(crowdFile);
  const allowDelete = setOf('Ops', 'Pager');

  test('names each used webhook with its policies', () => {
    const policies = [policy(2, [1, 100]), policy(1, [1], { otherMechanisms: 0 }), policy(3, [100])];
    const planned = planOf(file, found, { allowDelete }, policies);
    expect(planned.guards).toMatchObject([{ code: 'in-use', names: ['Ops'] }]);
    expect(planned.guards[0]?.message).toContain('policies "Policy 1" (its last recipient), "Policy 2"');
    expect(planned.guards[0]?.message).toContain(
      'Give "Policy 1" another webhook under "policies", or another recipient in Cloudflare first, or pass --allow-detach "Ops".',
    );
    const shared = planOf(file, found, { allowDelete }, [policy(2, [1, 100])]);
    expect(shared.guards[0]?.message).toContain(
      'Take it out of these policies under "policies" or in Cloudflare first, or pass --allow-detach "Ops".',
    );
  });

  test('is one guard for each webhook', () => {
    const planned = planOf(file, found, { allowDelete }, [policy(1, [1, 2])]);
    expect(planned.guards.map(({ names }) => names)).toEqual([['Ops'], ['Pager']]);
    expect(planned.guards[0]?.message).toContain('used by policy "Policy 1";');
  });

  test('is not overridden by absent, but by --allow-detach, by name or ID', () => {
    const absent = account(crowdFile, { absent: ['Ops', 'Pager'] });
    const policies = [policy(1, [1])];
    expect(guardCodes(planOf(absent, found, {}, policies))).toEqual(['in-use']);
    for (const name of ['Ops', `id:${id(1)}`]) {
      const planned = planOf(absent, found, { allowDetach: setOf(name) }, policies);
      expect(guardCodes(planned)).toEqual([]);
      expect(planned.overrides).toEqual([{ flag: '--allow-detach', name: 'Ops', id: id(1) }]);
    }
  });

  test('allows a replacement, which switches the policies', () => {
    const planned = planOf(account([desired('Ops', URL_2)]), [live(1, 'Ops')], {}, [policy(1, [1])]);
    expect(guardCodes(planned)).toEqual([]);
    expect(planned.actions).toMatchObject([
      { kind: 'replace', policies: [{ name: 'Policy 1', orphaned: false }] },
    ]);
  });
});

describe('secret-needed', () => {
  const DATADOG = 'https://api.datadoghq.com/api/v1/events';
  const SLACK = 'https://hooks.slack.com/services/T000/B000';
  const NONE = { kind: 'none' } as const;

  test.each([
    ['Datadog', DATADOG],
    ['Opsgenie', 'https://api.opsgenie.com/v2/alerts'],
    ['Splunk', 'https://splunk.example.com:8088/services/collector'],
    ['Slack without the last part of its URL', SLACK],
    ['Discord without its token', 'https://discord.com/api/webhooks/1'],
    ['Feishu without its token', 'https://open.feishu.cn/open-apis/bot/v2/hook'],
    ['Google Chat without its key', 'https://chat.googleapis.com/v1/spaces/A/messages'],
  ])('%s does not work without a secret', (_, url) => {
    const codes = (secret?: DesiredSecret) =>
      guardCodes(planOf(account([desired('Ops', url, { ...(secret && { secret }) })]), []));
    expect(codes()).toEqual(['secret-needed']);
    expect(codes(envSecret())).toEqual([]);
    expect(codes(NONE)).toEqual([]);
  });

  test.each([
    ['a whole Slack URL', `${SLACK}/token`],
    ['a Slack workflow', 'https://hooks.slack.com/triggers/T/1/abc'],
    ['Teams', 'https://acme.webhook.office.com/webhookb2/a@b/IncomingWebhook/c/d'],
    ['a relay', URL_1],
  ])('%s does', (_, url) => {
    expect(guardCodes(planOf(account([desired('Ops', url)]), []))).toEqual([]);
  });

  test('checks the value of a variable if it is known', () => {
    expect(guardCodes(planOf(account([desired('Ops', envUrl(DATADOG))]), []))).toEqual(['secret-needed']);
    expect(guardCodes(planOf(account([desired('Ops', envUrl())]), []))).toEqual([]);
  });

  test('also refuses a replacement; names all webhooks, and says how to proceed', () => {
    const file = account([desired('New', DATADOG), desired('Ops', DATADOG)]);
    const planned = planOf(file, [live(1, 'Ops')]);
    expect(briefs(planned.actions)).toEqual(['create New', 'replace #1 Ops: url-changed']);
    expect(planned.guards).toMatchObject([{ code: 'secret-needed', names: ['New', 'Ops'] }]);
    for (const part of ['"New", "Ops"', 'secret: { env: NAME }', '"secret: none"']) {
      expect(planned.guards[0]?.message).toContain(part);
    }
  });

  test('allows webhooks that are live, renamed, finished or taken back', () => {
    const at = (url: string, name = 'Ops') => live(1, name, url, { type: 'datadog' });
    const file = account([desired('Ops', DATADOG, { previously: ['Chat'] })]);
    expect(guardCodes(planOf(file, [at(DATADOG)]))).toEqual([]);
    expect(guardCodes(planOf(file, [at(DATADOG, 'Chat')]))).toEqual([]);
    for (const [mine, other] of [
      [URL_1, DATADOG],
      [DATADOG, URL_1],
    ] as const) {
      const planned = planOf(file, [live(1, 'Ops', mine), leftover(2, 'Ops', 1, other)]);
      expect(planned.actions).toMatchObject([{ kind: 'replace', survivor: {} }]);
      expect(guardCodes(planned)).toEqual([]);
    }
  });
});

test('records the overrides that had an effect, with the webhook', () => {
  const file = account([
    desired('A', URL_1),
    desired('B', URL_2),
    desired('C', 'https://relay.example.com/c'),
    desired('New', 'https://relay.example.com/new'),
  ]);
  const found = [
    live(1, 'A'),
    live(2, 'B', URL_2),
    live(3, 'Gone', 'https://relay.example.com/gone'),
    // The leftover of an interrupted replacement belongs to its entry.
    leftover(4, 'C', 99, 'https://relay.example.com/c'),
  ];
  const { overrides, actions } = planOf(file, found, {
    rotate: setOf('A', 'New', 'Gone'),
    replace: setOf('B', 'C', 'no one'),
    allowDelete: setOf('Gone', 'A'),
    allowDetach: setOf('A', 'Other'),
  });
  expect(briefs(actions)).toEqual([
    'create New',
    'replace #1 A: secret-rotated',
    'replace #2 B: requested',
    'replace #4 C: requested',
    'delete #3 Gone: unlisted',
  ]);
  expect(overrides).toEqual([
    { flag: '--rotate', name: 'A', id: id(1) },
    { flag: '--replace', name: 'B', id: id(2) },
    { flag: '--replace', name: 'C', id: id(4) },
    { flag: '--allow-delete', name: 'Gone', id: id(3) },
  ]);
});
