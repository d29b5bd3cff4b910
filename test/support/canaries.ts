import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { WebhookSeed } from '../../src/emulator/data-file.js';
import type { CliResult } from './cli.js';
import { ACCOUNT, type Given } from './site.js';

/** Letters and digits, so that it stands as it is in every encoding but base64. */
const core = (name: string): string => `CANARY${name}4vG8mR2xPq`;
/** Around it: what quoting, percent-encoding and JSON change. */
const secret = (name: string): string => `~"${core(name)}\\/+& é`;
const token = (name: string): string => `T${core(name)}aZ09bY18`;

/** The API token and every secret of the environment. */
export const ENV = {
  CLOUDFLARE_API_TOKEN: `${core('token')}+/=&`,
  ENV_SECRET: secret('env'),
  ENV_URL: `https://hooks.slack.com/services/T000/B000/${token('envurl')}`,
  UNUSED_URL: `https://user:${token('unused')}@relay.example/`,
};

/** Each way to have a secret on the desired side; the file needs --allow-literal-secrets. */
const DESIRED = `account_id: ${ACCOUNT}
unlisted: delete
webhooks:
  - { name: Env, url: "https://env.example/", secret: { env: ENV_SECRET } }
  - { name: File, url: "https://file.example/", secret: { file: secrets/file } }
  - { name: Literal, url: "https://literal.example/", secret: '${secret('literal')}' }
  - { name: Url, url: { env: ENV_URL } }
  - { name: Slack, url: "https://hooks.slack.com/services/T000/B111/${token('slack')}" }
  - { name: User info, url: "https://user:${token('userinfo')}@a.example/cf" }
  - { name: Query, url: "https://a.example/cf?key=${token('query')}&x=1", secret: none }
  - { name: Path, url: "https://a.example/hooks/${token('path')}/in" }
  - { name: Moves, url: "https://moves.example/?token=${token('moves')}", secret: { env: ENV_SECRET } }
  - { name: Renamed, url: "https://renamed.example/", secret: { env: ENV_SECRET }, previously: [Before] }
`;

/** Each way to have one on the live side. */
const LIVE: readonly WebhookSeed[] = [
  { name: 'Moves', url: `https://old.example/?token=${token('livemoves')}`, secret: secret('livesecret') },
  { name: 'Before', url: `https://renamed.example/`, secret: secret('livebefore') },
  { name: 'Gone', url: `https://user:${token('livegone')}@gone.example/`, type: 'generic' },
  { name: 'Gone too', url: `https://hooks.slack.com/services/T1/B1/${token('liveslack')}`, type: 'slack' },
  {
    name: 'Gone chat',
    url: `https://chat.googleapis.com/v1/spaces/AA/messages?key=k&token=${token('livechat')}`,
    type: 'gchat',
  },
];

/** An account and files that are full of secrets. */
export const GIVEN: Given = {
  files: { 'hookwright.yaml': DESIRED, 'secrets/file': `${secret('file')}\n` },
  webhooks: LIVE,
  policies: [{ name: 'P', uses: ['Moves', 'Before'] }],
  emulator: { quirks: { 'split-urls': 'off' } },
};

export const FLAGS = [
  '--allow-literal-secrets',
  '--allow-delete',
  'Gone',
  '--allow-delete',
  'Gone too',
  '--allow-delete',
  'Gone chat',
];

/** Base64 of a text that holds a canary somewhere: what is certain at each of the three alignments. */
const BASE64 = [0, 1, 2].map((before) => {
  const text = Buffer.concat([Buffer.alloc(before), Buffer.from('CANARY')]).toString('base64');
  return text.slice([0, 2, 3][before], [8, 9, 10][before]);
});

/** Where a canary can be seen: the text around it. */
export function leaksIn(text: string): readonly string[] {
  const found = [...text.matchAll(/CANARY|%43%41%4e|\\u0043\\u0041/gi)].map(({ index }) => index);
  for (const form of BASE64) {
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) found.push(at);
  }
  return found.map((at) => text.slice(Math.max(0, at - 60), at + 60));
}

/** Everything that a run of a command has left behind: its streams and all files but those it was given. */
export async function tracesOf({ stdout, stderr }: CliResult, cwd: string): Promise<string> {
  const given = new Set(['hookwright.yaml', path.join('secrets', 'file')]);
  const entries = await readdir(cwd, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(cwd, path.join(entry.parentPath, entry.name)))
    .filter((file) => !given.has(file));
  const texts = await Promise.all(files.map((file) => readFile(path.join(cwd, file), 'utf8')));
  return [stdout, stderr, ...texts].join('\n');
}
