import { describe, expect, test } from '@jest/globals';
import { DESTINATIONS, destinationOf, type Destination } from '../../src/core/destinations.js';
import { EXPLANATIONS } from '../../src/commands/explain/run-explain.js';
import { DEFAULT_QUIRKS } from '../../src/emulator/quirks.js';
import { storedForm } from '../../src/emulator/stored-form.js';
import { readPage } from '../docs/pages.js';
import { SERVICES } from '../live/target.js';
import { SAMPLES, type Sample } from '../support/destinations.js';
import { ACCOUNT, fileOf, withAccount, type Site } from '../support/site.js';

/** Every place that has to know a service, asked about every service of the table. */
const known = DESTINATIONS.map((destination) => ({
  service: destination.name,
  destination,
  sample: SAMPLES.find(({ service }) => service === destination.name),
}));
const sampled = known.flatMap(({ sample, ...rest }) => (sample ? [{ ...rest, sample }] : []));
const isSplit = ({ split, keepsCredential }: Destination): boolean => split !== undefined && !keepsCredential;

const entry = (url: string, secret = ''): string => fileOf(`  - { name: Ops, url: ${url}${secret} }\n`);
const SECRET = ', secret: { env: OPS_SECRET }';

/** What is wrong with the file, without the error that says that something is. */
async function codesOf({ run }: Site): Promise<readonly string[]> {
  const { stdout } = await run(['validate', '--format', 'json']);
  const codes = [...stdout.matchAll(/"code": "([\w-]+)"/g)].map(([, code = '']) => code);
  return codes.filter((code) => code !== 'invalid-file').sort();
}

/** The account has the webhook, made with the whole url; the file is yet to be written. */
function withLive({ whole, split, secret }: Sample, use: (site: Site) => Promise<void>): Promise<void> {
  const beside = split === undefined && secret !== undefined ? { secret } : {};
  return withAccount({ webhooks: [{ name: 'Ops', url: whole, ...beside }] }, use);
}

async function expectNoChanges({ run }: Site, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const { code, stdout } = await run(['plan', '--detailed-exitcode'], { env });
  expect(stdout).toContain('No changes.');
  expect(code).toBe(0);
}

test.each(known)('$service has a row in test/support/destinations.ts', ({ service, sample }) => {
  expect(sample?.service).toBe(service);
  expect(destinationOf(new URL(sample?.whole ?? ''))?.name).toBe(service);
});

describe.each(sampled)('$service', ({ destination, sample }) => {
  const { whole, split, secret } = sample;
  const ends = destination.retired === undefined ? [] : ['retired-host'];

  test('the sample says what the row says', () => {
    expect(split !== undefined).toBe(isSplit(destination));
    expect(secret !== undefined).toBe(isSplit(destination) || destination.needsSecret === true);
  });

  test('the emulator, which has a table of its own, sees the same in its url', () => {
    const stored = { url: split ?? whole, type: destination.type };
    expect(storedForm(whole, undefined, DEFAULT_QUIRKS)).toEqual(
      split === undefined ? stored : { ...stored, secret },
    );
    expect(storedForm(stored.url, secret, DEFAULT_QUIRKS)).toEqual(
      secret === undefined ? stored : { ...stored, secret },
    );
  });

  test('validate takes the right form and says what is wrong with the others', () =>
    withAccount({ files: entry(whole, destination.needsSecret ? SECRET : '') }, async (site) => {
      const fault = isSplit(destination) ? ['url-token'] : [];
      expect(await codesOf(site)).toEqual([
        ...ends,
        ...(destination.keepsCredential ? ['url-credential'] : fault),
      ]);
      await site.write({ 'hookwright.yaml': entry('{ env: OPS_URL }') });
      expect(await codesOf(site)).toEqual([]);
      if (!destination.needsSecret) return;
      await site.write({ 'hookwright.yaml': entry(whole) });
      expect(await codesOf(site)).toEqual([...ends, 'secret-needed']);
    }));

  test('a plan is empty whether the file has the url whole, split, or in a variable that is not set', () =>
    withLive(sample, async (site) => {
      await site.write({ 'hookwright.yaml': entry('{ env: OPS_URL }') });
      await expectNoChanges(site);
      await expectNoChanges(site, { OPS_URL: whole });
      if (secret === undefined) return;
      await site.write({ 'hookwright.yaml': entry(split ?? whole, SECRET) });
      expect(await codesOf(site)).toEqual(ends);
      await expectNoChanges(site);
    }));

  test('import writes what validate and plan have nothing against, with all that a rename has to send', () =>
    withLive(sample, async (site) => {
      const { stdout } = await site.run(['import'], { env: { CLOUDFLARE_ACCOUNT_ID: ACCOUNT } });
      const asks = destination.needsSecret === true || destination.splitSecretKnown === true;
      expect(stdout).toContain(asks ? 'secret: { env: OPS_SECRET }' : 'url: { env: OPS_WEBHOOK_URL }');
      expect(stdout).not.toContain(asks ? 'url: { env' : 'secret: { env: OPS');
      await site.write({ 'hookwright.yaml': stdout });
      expect(await codesOf(site)).toEqual(asks ? ends : []);
      await expectNoChanges(site);
    }));

  const { name, type, needsSecret } = destination;
  if (type === 'generic') return;

  test('the pages name it', () => {
    const lists = isSplit(destination) ? ['docs/migrating-from-terraform.md', 'README.md'] : [];
    const pages = ['docs/cloudflare.md', ...lists];
    expect(pages.filter((page) => !readPage(page).includes(name))).toEqual([]);
    const explained = EXPLANATIONS.find(({ code }) => code === 'secret-needed');
    if (needsSecret) expect(explained?.meaning).toContain(name);
  });

  test('the live suite can be given its url', () => {
    expect(SERVICES).toContain(type);
  });
});
