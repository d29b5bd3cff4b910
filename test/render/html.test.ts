import { describe, expect, test } from '@jest/globals';
import type { PolicyId } from '../../src/core/ids.js';
import type { Live } from '../../src/core/live.js';
import type { Action } from '../../src/core/plan.js';
import { routingInPlan, routingGraph, type AccountRouting } from '../../src/render/routing-graph.js';
import { renderPlanHtml } from '../../src/render/html.js';
import { renderPicture } from '../../src/render/picture.js';
import {
  ACCOUNT,
  account,
  create,
  destroy,
  HOSTILE,
  id,
  live,
  mixedPlan,
  OTHER,
  plan,
  policy,
  replace,
  route,
  spec,
  update,
  UNSEEN,
} from './fixtures.js';
import { readMarkup } from './markup.js';

const VOID = ['meta', 'link'];
const pid = (n: number): PolicyId => id(1000 + n) as string as PolicyId;
const routingOf = (
  webhooks: readonly Live[],
  ...policies: readonly (readonly [string, readonly number[]])[]
): AccountRouting => ({
  accountId: ACCOUNT,
  webhooks: webhooks.map((one) => ({ id: one.id, name: one.name })),
  policies: policies.map(([name, ids], i) => ({ id: pid(i), name, webhookIds: ids.map(id) })),
});
const ROUTING = routingOf(
  [live(1, 'Quiet'), live(2, 'Ops chat'), live(3, 'Relay'), live(4, 'Old pager')],
  ['Origin errors', [3]],
  ['Nightly', [4, 1]],
  ['Mail only', []],
);

describe('the graph', () => {
  const [first = account([])] = mixedPlan().accounts;
  const graph = routingGraph(ROUTING, first);

  test('nodes show changes; edges show policies that switch or lose a webhook', () => {
    expect(graph.webhooks.map(({ label, state }) => [label, state])).toEqual([
      ['Old pager', 'delete'],
      ['Ops Slack', 'create'],
      ['Ops chat → Ops room', 'update'],
      ['Relay', 'replace'],
      ['Quiet', 'same'],
    ]);
    expect(graph.policies.map(({ label }) => label)).toEqual(['Nightly', 'Origin errors']);
    expect(graph.edges).toEqual([
      { policy: pid(0), webhook: id(3), state: 'moved' },
      { policy: pid(1), webhook: id(4), state: 'cut' },
      { policy: pid(1), webhook: id(1), state: 'same' },
    ]);
    expect(graph.leftOut).toBe(0);
  });

  test('both forms of an ID match; a webhook that does not exist is shown as missing', () => {
    const dashed = `${id(1).slice(0, 8)}-${id(1).slice(8)}`.toUpperCase();
    const routing = {
      ...routingOf([live(1, 'A')], ['P', [7]]),
      webhooks: [{ id: dashed as Live['id'], name: 'A' }],
    };
    const one = routingGraph(
      { ...routing, policies: [{ id: pid(0), name: 'P', webhookIds: [id(1), id(7)] }] },
      account([]),
    );
    expect(one.webhooks.map(({ label, state }) => [label, state])).toEqual([
      [`missing: ${id(7)}`, 'missing'],
      ['A', 'same'],
    ]);
    expect(one.edges).toHaveLength(2);
  });

  test('policies move off the leftovers of a replacement; the survivor stays', () => {
    const action = replace(live(1, 'R'), spec('R'), {
      survivor: live(2, 'R [hookwright: new]'),
      retire: [live(1, 'R'), live(3, 'R')],
    });
    const routing = routingOf([live(1, 'R'), live(2, 'R [hookwright: new]'), live(3, 'R')], ['P', [1, 2, 3]]);
    const one = routingGraph(routing, account([action]));
    expect(one.webhooks.map(({ key, state }) => [key, state])).toEqual([
      [id(1), 'replace'],
      [id(3), 'delete'],
      [id(2), 'update'],
    ]);
    expect(one.edges.map(({ state }) => state)).toEqual(['moved', 'same', 'moved']);
  });

  test('an unchanged webhook is drawn only if a policy of a changed one uses it; the others are counted', () => {
    const webhooks = Array.from({ length: 100 }, (_, i) => live(i, `W${i}`));
    const routing = routingOf(webhooks, ['P', [98, 99]], ['Q', [1, 2]]);
    const one = routingGraph(routing, account([destroy(live(99, 'W99'))]));
    expect(one.webhooks.map(({ label }) => label)).toEqual(['W99', 'W98']);
    expect(one.policies.map(({ label }) => label)).toEqual(['P']);
    expect(one.leftOut).toBe(98 + 1);
  });

  test('the size of the drawing is limited; changes come first', () => {
    const webhooks = Array.from({ length: 100 }, (_, i) => live(i, `W${i}`));
    const all = webhooks.map((_, i) => i);
    const one = routingGraph(routingOf(webhooks, ['P', all]), account([destroy(live(99, 'W99'))]), 3);
    expect(one.webhooks.map(({ label }) => label)).toEqual(['W99', 'W0', 'W1']);
    expect(one.leftOut).toBe(97);
    const unchanged = routingGraph(routingOf(webhooks, ['P', [98]]), account([]), 3);
    expect(unchanged.webhooks.map(({ label }) => label)).toEqual(['W98', 'W0', 'W1']);
  });

  test('a saved plan contains the policies of webhooks that it replaces and deletes', () => {
    const shared = { id: pid(0), name: 'P', orphaned: false };
    const actions = [
      replace(live(1, 'R'), spec('R'), { policies: [shared] }),
      destroy(live(2, 'D'), [shared]),
      create('C'),
    ];
    const [routes] = routingInPlan(plan(account(actions)));
    expect(routes).toEqual({
      accountId: ACCOUNT,
      policies: [{ id: pid(0), name: 'P', webhookIds: [id(1), id(2)] }],
      webhooks: [
        { id: id(1), name: 'R' },
        { id: id(2), name: 'D' },
      ],
    });
  });
});

describe('the graph of a route', () => {
  const ops = { name: 'Ops', id: id(1) };
  const relay = { name: 'Relay', id: id(2) };
  const webhooks = [live(1, 'Ops'), live(2, 'Relay'), live(3, 'Other')];
  const drawn = (routing: AccountRouting, ...actions: readonly Action[]) => {
    const { policies, webhooks: nodes, edges } = routingGraph(routing, account(actions));
    return {
      policies: policies.map(({ label }) => label),
      webhooks: nodes.map(({ label, state }) => `${label}: ${state}`),
      edges: edges.map(({ webhook, state }) => `${webhook.replace(/^0*(\d)0*$/, '$1')} ${state}`),
    };
  };

  test('webhooks that are added, removed and unchanged', () => {
    const routing = routingOf(webhooks, ['P', [1, 3]], ['Quiet', [3]]);
    const other = { name: 'Other', id: id(3) };
    expect(drawn(routing, route(0, 'P', [ops, other], [other, relay]))).toEqual({
      policies: ['P'],
      webhooks: ['Ops: same', 'Other: same', 'Relay: same'],
      edges: ['1 cut', '3 same', '2 added'],
    });
  });

  test('a policy without webhooks is drawn with those that it gets', () => {
    expect(drawn(routingOf(webhooks, ['P', []]), route(0, 'P', [], [ops]))).toEqual({
      policies: ['P'],
      webhooks: ['Ops: same'],
      edges: ['1 added'],
    });
  });

  test('a webhook that the plan creates is one node, also if only a route names it', () => {
    const routing = routingOf(webhooks, ['P', [1]]);
    const routed = route(0, 'P', [ops], [{ name: 'New' }]);
    const expected = {
      policies: ['P'],
      webhooks: ['New: create', 'Ops: same'],
      edges: ['1 cut', 'new:New added'],
    };
    expect(drawn(routing, create('New'), routed)).toEqual(expected);
    expect(drawn(routing, routed)).toEqual(expected);
  });

  test('an ID that is not live is removed', () => {
    const routing = routingOf(webhooks, ['P', [9]]);
    expect(drawn(routing, route(0, 'P', [{ name: '', id: id(9) }], []))).toMatchObject({
      webhooks: [`missing: ${id(9)}: missing`],
      edges: ['9 cut'],
    });
  });

  test('a saved plan contains the routes that it changes, with the names of added and removed webhooks', () => {
    const actions = [
      create('New'),
      replace(live(3, 'Moved'), spec('Moved', 'https://new.example.com/'), { policies: [policy(0, 'P')] }),
      route(0, 'P', [{ name: 'Moved', id: id(3) }], [ops, { name: 'Moved', id: id(3) }]),
      route(1, 'Empty', [], [{ name: 'New' }, relay]),
      route(2, 'Dead', [{ name: '', id: id(9) }, ops], [ops]),
    ];
    const [routing] = routingInPlan(plan(account(actions)));
    if (!routing) throw new Error('no routes');
    expect(routing.policies).toEqual([
      { id: pid(0), name: 'P', webhookIds: [id(3)] },
      { id: pid(1), name: 'Empty', webhookIds: [] },
      { id: pid(2), name: 'Dead', webhookIds: [id(9), id(1)] },
    ]);
    expect(drawn(routing, ...actions)).toEqual({
      policies: ['P', 'Dead', 'Empty'],
      webhooks: ['Moved: replace', 'New: create', `missing: ${id(9)}: missing`, 'Ops: same', 'Relay: same'],
      edges: ['3 moved', '1 added', 'new:New added', '2 added', '9 cut', '1 same'],
    });
  });

  test('the page says that it is a policy', () => {
    const html = renderPlanHtml(plan(account([route(0, 'P', [ops], [relay])])));
    expect(html).toContain('policy <code>P</code> will be updated in-place: its webhooks changed');
    expect(html).toContain('<dt>webhooks</dt><dd><code>[&#34;Ops&#34;]</code>'.replaceAll('&#34;', '&quot;'));
  });
});

describe('the picture', () => {
  test('a group for each node and edge, within the drawing', () => {
    const [first = account([])] = mixedPlan().accounts;
    const svg = renderPicture(routingGraph(ROUTING, first));
    const tags = readMarkup(svg);
    expect(tags.filter((tag) => tag.startsWith('<g class="node policy"'))).toHaveLength(2);
    expect(tags.filter((tag) => tag.startsWith('<g class="node webhook'))).toHaveLength(5);
    expect(tags).toContain(`<g class="edge moved" data-policy="${pid(0)}" data-webhook="${id(3)}">`);
    expect(svg).toContain('<title>Nightly no longer notifies Old pager</title>');
    expect(svg).toContain('viewBox="0 0 400 230"');
    for (const [, y] of svg.matchAll(/ y="([\d.]+)"/g)) expect(Number(y)).toBeLessThan(230);
  });

  test.each([
    ['short', ['short']],
    ['a name that takes two lines', ['a name that takes', 'two lines']],
    ['x'.repeat(50), ['x'.repeat(19), `${'x'.repeat(18)}…`]],
  ])('label %j', (name, lines) => {
    const svg = renderPicture(routingGraph(routingOf([live(1, name)]), account([])));
    const shown = [...svg.matchAll(/<text x[^>]*>([^<]*)</g)].map(([, line]) => line);
    expect(shown).toEqual(lines);
  });
});

describe('the page', () => {
  test('requests nothing, runs nothing, and shows the most severe actions first', () => {
    const html = renderPlanHtml(mixedPlan(), { digest: 'abc123', routing: [ROUTING] });
    const tags = readMarkup(html, VOID);
    expect(html).toContain("default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'");
    expect(tags.some((tag) => /^<(script|img|iframe|object|embed|form|a)\b/.test(tag))).toBe(false);
    expect(tags.filter((tag) => /\s(src|href|xlink:href|action)=/.test(tag))).toEqual([
      '<link rel="icon" href="data:,">',
    ]);
    expect(html).not.toMatch(/url\(|@import/);
    expect(html).toContain('<title>hookwright: Plan: 2 to add, 1 to change, 2 to destroy</title>');
    const kinds = tags.flatMap((tag) => /<details class="(\w+)"/.exec(tag)?.[1] ?? []);
    expect(kinds).toEqual(['delete', 'replace', 'update', 'create']);
    expect(html).toContain('<strong>in-use</strong>');
    expect(html).toContain('prefers-color-scheme: dark');
    expect(html).toContain('Digest <code>abc123</code>');
    expect(html).toContain('<svg ');
  });

  test('no changes: says so, and still draws the routes', () => {
    const html = renderPlanHtml(plan(account([])), { routing: [ROUTING] });
    expect(html).toContain('<p>No changes. Your webhooks match the desired state.</p>');
    expect(html).toContain('<svg ');
  });

  test('of several accounts, only those with changes have a section', () => {
    const html = renderPlanHtml({
      ...plan(account([create('A')]), account([], { accountId: OTHER })),
      failures: [{ accountId: OTHER, error: { code: 'network', message: 'down' } }],
    });
    expect(html.match(/<h2>Account/g)).toHaveLength(1);
    expect(html).toContain(`account <code>${OTHER}</code>: down (network)`);
    expect(html).not.toContain('<svg ');
  });
});

test.each(HOSTILE)('hostile text %# does not break the page', (name) => {
  const before = live(1, name, name);
  const html = renderPlanHtml(
    plan(
      account([create(name, name), update(before, spec(name)), destroy(live(2, name))], {
        guards: [{ code: 'in-use', message: name, names: [] }],
        notes: [{ code: 'not-compared', message: name, names: [] }],
      }),
    ),
    { routing: [routingOf([before, live(2, name)], [name, [1, 2]])], digest: name },
  );
  const tags = readMarkup(html, VOID).map((tag) => tag.replace(/"[^"]*"/g, '""'));
  expect(tags.some((tag) => /^<(script|img|iframe)|\son\w+=/.test(tag))).toBe(false);
  expect(html).not.toMatch(UNSEEN);
});
