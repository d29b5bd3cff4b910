import { forHtml, forTerminal } from '../text/untrusted.js';
import type { NodeState, PolicyNode, RouteEdge, RoutingGraph, WebhookNode } from './routing-graph.js';
import { columns, fitting, truncated } from '../text/layout.js';
import { SYMBOLS } from './wording.js';

// In units of the drawing; at a width of 400, 1 unit is about 1 CSS pixel on a narrow phone.
const WIDTH = 400;
const POLICY_WIDTH = 142;
const WEBHOOK_X = 236;
const BOX_HEIGHT = 36;
const PITCH = 46;
const CHARS = 19;

const SIGNS: Readonly<Record<NodeState, string>> = { ...SYMBOLS, same: '', missing: '?' };

const WORDS: Readonly<Record<NodeState, string>> = {
  create: 'is created',
  update: 'is updated in-place',
  replace: 'is replaced',
  delete: 'is destroyed',
  same: 'stays as it is',
  missing: 'does not exist',
};

const EDGE_WORDS: Readonly<Record<RouteEdge['state'], string>> = {
  same: 'notifies',
  moved: 'will be switched to the new',
  cut: 'no longer notifies',
  added: 'will notify',
};

/** Renders an inline SVG: policies on the left, webhooks on the right, with their routes and changes. */
export function renderPicture({ policies, webhooks, edges }: RoutingGraph): string {
  const height = Math.max(policies.length, webhooks.length, 1) * PITCH;
  const [left, right] = [placed(policies, height), placed(webhooks, height)];
  const label = `Which of ${policies.length} policies notify which of ${webhooks.length} webhooks, and what changes`;
  return [
    `<svg class="picture" role="img" aria-label="${label}" viewBox="0 0 ${WIDTH} ${height}">`,
    ...edges.flatMap(({ policy, webhook, state }) => {
      const [from, to] = [left.get(policy), right.get(webhook)];
      return from && to ? edgeSvg(from, to, state) : [];
    }),
    ...Array.from(left.values(), policySvg),
    ...Array.from(right.values(), webhookSvg),
    '</svg>',
  ].join('\n');
}

/** `y`: of the upper side of its box. */
type Placed<Node> = Node & { readonly y: number };

function placed<Node extends PolicyNode>(
  nodes: readonly Node[],
  height: number,
): ReadonlyMap<string, Placed<Node>> {
  const top = (height - nodes.length * PITCH + PITCH - BOX_HEIGHT) / 2;
  return new Map(nodes.map((node, i) => [node.key, { ...node, y: top + i * PITCH }]));
}

function edgeSvg(
  policy: Placed<PolicyNode>,
  webhook: Placed<WebhookNode>,
  state: RouteEdge['state'],
): string {
  const from = policy.y + BOX_HEIGHT / 2;
  const to = webhook.y + BOX_HEIGHT / 2;
  const end = WEBHOOK_X - 1;
  const bend = (POLICY_WIDTH + end) / 2;
  const title = `${policy.label} ${EDGE_WORDS[state]} ${webhook.label}`;
  return (
    `<g class="edge ${state}" data-policy="${forHtml(policy.key)}" data-webhook="${forHtml(webhook.key)}">` +
    `<title>${forHtml(title)}</title>` +
    `<path d="M${POLICY_WIDTH} ${from} C${bend} ${from} ${bend} ${to} ${end - 6} ${to}"/>` +
    `<path class="tip" d="M${end - 7} ${to - 4} L${end} ${to} L${end - 7} ${to + 4} Z"/></g>`
  );
}

function policySvg({ key, label, y }: Placed<PolicyNode>): string {
  return (
    `<g class="node policy" data-policy="${forHtml(key)}"><title>${forHtml(`policy ${label}`)}</title>` +
    `<rect x="1" y="${y}" width="${POLICY_WIDTH - 1}" height="${BOX_HEIGHT}" rx="5"/>` +
    `${labelSvg(label, 8, y)}</g>`
  );
}

function webhookSvg({ key, label, state, y }: Placed<WebhookNode>): string {
  const width = WIDTH - WEBHOOK_X - 1;
  return (
    `<g class="node webhook ${state}" data-webhook="${forHtml(key)}">` +
    `<title>${forHtml(`webhook ${label} ${WORDS[state]}`)}</title>` +
    `<rect x="${WEBHOOK_X}" y="${y}" width="${width}" height="${BOX_HEIGHT}" rx="5"/>` +
    `<text class="sign" x="${WEBHOOK_X + 14}" y="${y + 22}">${SIGNS[state].trim()}</text>` +
    `${labelSvg(label, WEBHOOK_X + 29, y)}</g>`
  );
}

function labelSvg(label: string, x: number, y: number): string {
  const lines = twoLines(forTerminal(label) || '""');
  const first = lines.length === 1 ? y + 22 : y + 15;
  return lines.map((line, i) => `<text x="${x}" y="${first + i * 14}">${forHtml(line)}</text>`).join('');
}

/** Splits the label into one or two lines, at a space if possible; truncates it with `…` if too long. */
function twoLines(label: string): readonly string[] {
  if (columns(label) <= CHARS) return [label];
  const head = fitting(label, CHARS);
  const space = head.lastIndexOf(' ');
  const first = space > CHARS / 3 ? head.slice(0, space) : head;
  const rest = label.slice(first.length).trimStart();
  return [first, truncated(rest, CHARS)];
}
