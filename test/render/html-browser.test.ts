import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { renderPlanHtml } from '../../src/render/html.js';
import { emptyFolder } from '../support/cli.js';
import {
  ACCOUNT,
  account,
  create,
  destroy,
  HOSTILE,
  id,
  live,
  mixedPlan,
  plan,
  policy,
  sha256,
} from './fixtures.js';
import type { AccountRouting } from '../../src/render/routing-graph.js';
import { CHROMIUM, openTab, type Tab, type View } from './browser.js';

jest.setTimeout(60_000);
const present = existsSync(CHROMIUM);
if (!present) console.warn(`The HTML report is not opened in a browser: there is no ${CHROMIUM}.`);

// HOOKWRIGHT_SCREENSHOTS=directory keeps the pictures for review.
const keep = process.env['HOOKWRIGHT_SCREENSHOTS'];

const ROUTING: AccountRouting = {
  accountId: ACCOUNT,
  policies: [
    { id: policy(1, '').id, name: 'Origin errors', webhookIds: [id(3)] },
    { id: policy(2, '').id, name: 'Nightly', webhookIds: [id(4)] },
    { id: policy(3, '').id, name: 'Health checks of all load balancers', webhookIds: [id(2), id(5)] },
  ],
  webhooks: [
    live(2, 'Ops chat'),
    live(3, 'Relay'),
    live(4, 'Old pager'),
    live(5, 'Audit log of the security team'),
  ],
};
const PAGE = renderPlanHtml(mixedPlan(), { digest: sha256('x'), routing: [ROUTING] });
const HOSTILE_PAGE = renderPlanHtml(
  plan(
    account(HOSTILE.map((name) => create(name, `https://x.example/${sha256(name)}`)).concat(), {
      guards: [{ code: 'in-use', message: `${'x'.repeat(300)} ${HOSTILE.join(' ')}`, names: [] }],
    }),
    account([destroy(live(9, 'W'.repeat(400)))], { accountId: 'f'.repeat(32) as typeof ACCOUNT }),
  ),
  { routing: [ROUTING] },
);
const VIEWS: readonly View[] = [1280, 400].flatMap((width) =>
  (['light', 'dark'] as const).map((theme) => ({ width, theme })),
);

/** Returns everything that is drawn in the page. */
const NODES = `[...document.querySelectorAll('.picture .node')].map((g) => ({
  kind: g.classList[1], state: g.classList[2] ?? '', label: [...g.querySelectorAll('text:not(.sign)')].map((t) => t.textContent).join(' '),
}))`;
const EDGES = `[...document.querySelectorAll('.picture .edge')].map((g) => g.classList[1] + ': ' + g.querySelector('title').textContent)`;
const OUTSIDE = `[...document.querySelectorAll('.picture .node')].filter((g) => {
  const box = g.querySelector('rect').getBBox();
  return [...g.querySelectorAll('text')].filter((text) => text.textContent.trim() !== '').some((text) => {
    const { x, y, width, height } = text.getBBox();
    return x < box.x || y < box.y || x + width > box.x + box.width || y + height > box.y + box.height;
  });
}).map((g) => g.textContent)`;
/** Returns the lowest contrast of any text with its background, as WCAG defines it. */
const CONTRAST = `(() => {
  const light = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).map(Number).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const page = light(getComputedStyle(document.body).backgroundColor);
  const of = (element) => getComputedStyle(element)[element instanceof SVGElement ? 'fill' : 'color'];
  const texts = [...document.querySelectorAll('h1, h2, p, dt, dd, code, summary, .sign, .forces, strong, figcaption, .picture text')];
  return Math.min(...texts.map(of).map(light).map((text) => (Math.max(text, page) + 0.05) / (Math.min(text, page) + 0.05)));
})()`;

(present ? describe : describe.skip)('the HTML report in a browser', () => {
  let tab: Tab;
  let folder: string;
  const addressOf = (name: string): string => pathToFileURL(path.join(folder, name)).href;
  beforeAll(async () => {
    folder = await emptyFolder();
    await writeFile(path.join(folder, 'plan.html'), PAGE);
    await writeFile(path.join(folder, 'hostile.html'), HOSTILE_PAGE);
    tab = await openTab();
  });
  afterAll(async () => {
    await tab.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('the picture has the nodes and edges of the plan', async () => {
    await tab.open(addressOf('plan.html'), { width: 1280, theme: 'light' });
    expect(await tab.read(NODES)).toEqual(
      expect.arrayContaining([
        { kind: 'policy', state: '', label: 'Origin errors' },
        { kind: 'policy', state: '', label: 'Health checks of all load balancers' },
        { kind: 'webhook', state: 'create', label: 'Ops Slack' },
        { kind: 'webhook', state: 'replace', label: 'Relay' },
        { kind: 'webhook', state: 'delete', label: 'Old pager' },
        { kind: 'webhook', state: 'same', label: 'Audit log of the security team' },
      ]),
    );
    expect(await tab.read(`${NODES}.length`)).toBe(8);
    expect((await tab.read<string[]>(EDGES)).sort()).toEqual([
      'cut: Nightly no longer notifies Old pager',
      'moved: Origin errors will be switched to the new Relay',
      'same: Health checks of all load balancers notifies Audit log of the security team',
      expect.stringMatching(/^same: Health checks of all load balancers notifies Ops /),
    ]);
  });

  test.each(VIEWS)(
    '$width px, $theme: nothing is requested, nothing overflows, all text is legible',
    async (view) => {
      for (const name of ['plan', 'hostile']) {
        await tab.open(addressOf(`${name}.html`), view);
        expect(tab.requests.filter((url) => url !== addressOf(`${name}.html`) && url !== 'data:,')).toEqual(
          [],
        );
        expect(
          await tab.read('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
        ).toBe(0);
        expect(await tab.read(OUTSIDE)).toEqual([]);
        expect(await tab.read<number>(CONTRAST)).toBeGreaterThanOrEqual(4.5);
        expect(await tab.read("document.querySelectorAll('script, iframe, img').length")).toBe(0);
        const picture = await tab.picture();
        expect(picture.length).toBeGreaterThan(10_000);
        if (keep === undefined) continue;
        await mkdir(keep, { recursive: true });
        await writeFile(path.join(keep, `${name}-${view.width}-${view.theme}.png`), picture);
      }
    },
  );

  test('the dark theme is dark and the light theme is light', async () => {
    const background = async (theme: View['theme']): Promise<string> => {
      await tab.open(addressOf('plan.html'), { width: 1280, theme });
      return tab.read('getComputedStyle(document.body).backgroundColor');
    };
    expect(await background('light')).toBe('rgb(255, 255, 255)');
    expect(await background('dark')).toBe('rgb(20, 23, 26)');
  });

  test('the page itself blocks requests and scripts', async () => {
    const evil = PAGE.replace(
      '</body>',
      '<img src="http://127.0.0.1:9/x"><script>document.title = "owned"</script></body>',
    );
    await writeFile(path.join(folder, 'evil.html'), evil);
    await tab.open(addressOf('evil.html'), { width: 1280, theme: 'light' });
    expect(await tab.read('document.title')).toContain('hookwright: Plan');
    expect(await tab.read("document.querySelector('img').naturalWidth")).toBe(0);
  });
});
