import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { REPORT_KINDS } from '../../src/cli/flags.js';
import { ACCOUNT, fileOf, withAccount, type Given, type Site } from '../support/site.js';

const REPORTS = REPORT_KINDS.flatMap((kind) => ['--report', `${kind}=report.${kind}`]);
const ALL = [...REPORTS, '--out', 'plan.json'];

/** The names, a path and a parameter are also words in the secrets. */
const given: Given = {
  files: fileOf(
    '  - { name: production, url: "https://a.example/cloudflare?env=production", secret: { env: A_SECRET } }\n' +
      '  - { name: "true", url: { env: RELAY_URL } }\n' +
      '  - { name: message, url: "https://message.example/", secret: { env: A_SECRET } }\n',
  ),
  webhooks: [
    { name: 'true', url: 'https://relay.example/live' },
    { name: 'message', url: 'https://old.example/null' },
  ],
};

type Secrets = { readonly token: string; readonly secret: string; readonly url: string };

/** Returns everything that a plan in this format writes with these secrets. */
async function written(
  { run, read }: Site,
  format: string,
  { token, secret, url }: Secrets,
): Promise<string> {
  const env = { CLOUDFLARE_API_TOKEN: token, A_SECRET: secret, RELAY_URL: url };
  const { code, stdout, stderr } = await run(['plan', '--format', format, ...ALL], { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr });
  const files = await Promise.all([...REPORT_KINDS.map((kind) => `report.${kind}`), 'plan.json'].map(read));
  return [stdout, ...files].join('\n---\n');
}

const PLAIN: Secrets = {
  token: 'Zq81xLmP0sWvT7',
  secret: 'hunter2-and-more',
  url: 'https://relay.example/x',
};

/** Words of the documents, literals, parts of JSON, and other text. */
const words = fc.oneof(
  fc.constantFrom('true', 'false', 'null', '1', 'name', 'actions', 'update', 'message', 'cloudflare'),
  fc.constantFrom(
    '"',
    '}',
    '{"a":1}',
    '":{"',
    '\\',
    '\\"',
    'https',
    '</td>',
    '|',
    '&quot;',
    '…',
    'é',
    '日本語',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
);

describe('a document does not depend on the values of secrets', () => {
  test.each(['text', 'json', 'markdown'])('plan --format %s, its reports and the saved plan', (format) =>
    withAccount(given, async (site) => {
      const expected = await written(site, format, PLAIN);
      for (const name of ['production', 'true', 'message', 'cloudflare']) expect(expected).toContain(name);
      if (format === 'json') JSON.parse(expected.slice(0, expected.indexOf('\n---\n')));
      await fc.assert(
        fc.asyncProperty(words, words, words, async (token, secret, word) => {
          // The values must fit into a header and a variable, and no webhook can have the token.
          fc.pre(/^(?!(["']).*\1$)[!-~]+$/.test(token) && !/[\r\n\0]/.test(secret) && secret !== token);
          const url = `https://relay.example/${encodeURIComponent(word)}?source=${encodeURIComponent(word)}`;
          // The saved plan contains the hash of the new URL.
          const plain = { ...PLAIN, url };
          expect(await written(site, format, { token, secret, url })).toBe(
            await written(site, format, plain),
          );
        }),
        { numRuns: 40 },
      );
    }),
  );
});

test('a reviewer sees the old and new value of a visible parameter', () =>
  withAccount(
    {
      files: fileOf('  - { name: A, url: "https://a.example/cf?env=staging&key=hunter2b&team=ops" }\n'),
      webhooks: [{ name: 'A', url: 'https://a.example/cf?env=production&key=hunter2a&team=ops' }],
    },
    async ({ run, read }) => {
      for (const format of ['text', 'markdown']) {
        const { stdout } = await run(['plan', '--format', format, '--report', 'html=plan.html']);
        for (const text of [stdout, await read('plan.html')]) {
          const shown = text
            .replaceAll('<!-- -->', '')
            .replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
            .replaceAll('&amp;', '&');
          expect(shown).toContain('https://a.example/cf?env=production&key=…&team=ops');
          expect(shown).toContain('https://a.example/cf?env=staging&key=…&team=ops');
          expect(text).not.toContain('hunter2');
        }
      }
    },
  ));

test('the HTML report shows a url with a query to its end, and the quote behind it', () =>
  withAccount(
    { files: fileOf('  - { name: A, url: "https://a.example/cf?env=production&team=ops" }\n') },
    async ({ run, read }) => {
      await run(['plan', '--report', 'html=plan.html']);
      const url = 'https://a.example/cf?env=production&amp;team=ops';
      expect(await read('plan.html')).toContain(`&quot;${url}&quot;`);
      expect(await read('plan.html')).not.toContain('…');
    },
  ));

describe('the live URL of an entry with a reference is shown as scheme and host', () => {
  const LIVE = 'https://relay.example/in/abc12?a=b';
  const files = fileOf('  - { name: A, url: { env: RELAY_URL } }\n');
  const env = { RELAY_URL: 'https://relay.example/in/zz9' };
  const shown = async (site: Site, args: readonly string[], reports: readonly string[] = []) => {
    const { stdout, stderr } = await site.run(args, { env });
    const all = [stdout, stderr, ...(await Promise.all(reports.map(site.read)))].join('\n');
    expect(all).not.toMatch(/abc12|a=b|zz9/);
    return all.replaceAll(/\s+/g, ' ');
  };

  test.each(['text', 'json', 'markdown'])('plan and status --format %s', (format) =>
    withAccount({ files, webhooks: [{ name: 'A', url: LIVE }] }, async (site) => {
      const reports = REPORT_KINDS.map((kind) => `report.${kind}`);
      expect(await shown(site, ['plan', '--format', format, ...REPORTS], reports)).toContain('relay.example');
      if (format !== 'markdown')
        expect(await shown(site, ['status', '--format', format])).toContain('https://relay.example');
    }),
  );

  test('a plan that has become stale', () =>
    withAccount(
      {
        files,
        webhooks: [{ name: 'A', url: 'https://relay.example/in/before' }],
        emulator: { quirks: { 'put-url': 'applied' } },
      },
      async (site) => {
        const { run, emulator } = site;
        expect((await run(['plan', '--out', 'plan.json'], { env })).code).toBe(0);
        const { id } = emulator.account(ACCOUNT).webhooks[0] ?? { id: '' };
        await fetch(`${emulator.url}/accounts/${ACCOUNT}/alerting/v3/destinations/webhooks/${id}`, {
          method: 'PUT',
          headers: { authorization: 'Bearer x' },
          body: JSON.stringify({ name: 'A', url: LIVE }),
        });
        expect(await shown(site, ['apply', 'plan.json'])).toContain('(another URL)');
      },
    ));

  test('an unchanged URL', () =>
    withAccount(
      {
        files: files.replace('webhooks:', 'strategy: { url: in-place }\nwebhooks:'),
        webhooks: [{ name: 'A', url: LIVE }],
      },
      async (site) => {
        const all = await shown(site, ['apply', '--auto-approve']);
        expect(all).toContain('the URL is still https://relay.example.');
      },
    ));

  test('several webhooks with one name', () =>
    withAccount({ files, webhooks: [1, 2].map(() => ({ name: 'A', url: LIVE })) }, async (site) => {
      expect(await shown(site, ['plan'])).toContain('https://relay.example');
      expect(await shown(site, ['test', 'A', '--auto-approve'])).toContain('https://relay.example');
    }));
});

test.each(['true', 'name', 'type', '{"type"', '1', 'message', 'Apply'])(
  'an apply whose secrets and token are %j: every document is complete',
  (word) =>
    withAccount(given, async ({ run, read }) => {
      const env = {
        CLOUDFLARE_API_TOKEN: word,
        A_SECRET: word,
        RELAY_URL: `https://relay.example/?source=${word}`,
      };
      const flags = ['--auto-approve', '--format', 'json', '--events', 'events', '--report', 'json=report'];
      const { code, stdout } = await run(['apply', ...flags], { env });
      const events = (await read('events')).trim().split('\n');
      for (const text of [stdout, await read('report'), ...events])
        expect(typeof JSON.parse(text)).toBe('object');
      for (const name of ['production', 'true', 'message']) expect(stdout).toContain(JSON.stringify(name));
      expect({ code, stdout }).toEqual({ code: 0, stdout });
    }),
);
