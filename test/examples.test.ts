import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { exampleFiles, isDesiredState, textOf } from './examples/files.js';
import { ACCOUNT, withAccount } from './support/site.js';

const URL_VALUE = 'https://relay.example.com/hooks/Zq81xLmP0sWvT7';

type Entry = {
  readonly id?: string;
  readonly name: string;
  readonly url: unknown;
  readonly secret?: { readonly file?: string };
};

type Document = {
  readonly webhooks: readonly Entry[];
  readonly include?: readonly string[];
  readonly policies?: readonly { readonly name: string }[];
};

/** Each example does what it says: it can be applied with the README's HOOKWRIGHT_ENV_ALLOW, and then nothing is left to do. */
test.each(exampleFiles().filter(isDesiredState))('%s is applied, and the second plan is empty', (file) =>
  withAccount({}, async ({ run, cwd, emulator }) => {
    // What an orchestrator mounts is, for once, beside the file.
    const text = textOf(file).replaceAll('/run/secrets/', 'run/secrets/');
    const documents = parseAllDocuments(text).map((document) => document.toJS() as Document);
    const folder = path.join(cwd, 'example');
    const texts = new Map([['hookwright.yaml', text]]);
    for (const name of documents.flatMap(({ include = [] }) => include)) {
      texts.set(name, textOf(path.join(path.dirname(file), name)));
    }
    for (const [name, each] of texts) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), each);
    }
    const entries = [...texts.values()].flatMap((each) =>
      parseAllDocuments(each).flatMap((document) => (document.toJS() as Document).webhooks),
    );
    for (const { secret } of entries) {
      if (secret?.file === undefined) continue;
      const target = path.join(folder, secret.file);
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, 'secret of a file\n');
    }
    const pinned = entries.flatMap(({ id, name, url }) =>
      id !== undefined && typeof url === 'string' ? [{ id, name, url }] : [],
    );
    const routed = documents.flatMap(({ policies = [] }) => policies.map(({ name }) => ({ name, uses: [] })));
    emulator.seed(ACCOUNT, pinned, routed);
    const [, allowed = ''] = /HOOKWRIGHT_ENV_ALLOW=\$'([^']+)'/.exec(textOf('README.md')) ?? [];
    const env: Record<string, string> = {
      CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
      HOOKWRIGHT_ENV_ALLOW: allowed.replaceAll('\\n', '\n'),
    };
    for (const [, kind = '', name = ''] of [...texts.values()]
      .join('\n')
      .matchAll(/\b(url|secret):[^\n]*\benv: *["']?(\w+)/g)) {
      env[name] = kind === 'url' ? URL_VALUE : `secret of ${name}`;
    }

    const applied = await run(['apply', '--auto-approve', '-f', 'example'], { env });
    expect(applied).toMatchObject({ code: 0 });
    expect(emulator.writes().length).toBeGreaterThan(0);
    const planned = await run(['plan', '--detailed-exitcode', '-f', 'example'], { env });
    expect(planned).toMatchObject({ code: 0 });
    expect(planned.stdout).toContain('No changes. Your webhooks match the desired state.');
  }),
);
