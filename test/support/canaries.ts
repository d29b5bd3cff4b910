import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { WebhookSeed } from '../../src/emulator/data-file.js';
import type { CliResult } from './cli.js';
import { ACCOUNT, type Given } from './site.js';

/** Has the length of real tokens, because some code judges a value only by its appearance. */
const random = (name: string): string => `TCANARY${name}4vG8mR2xPqaZ09bY18`;

/** An account, files and an environment that are full of secrets. */
export type Canaries = {
  /** The API token and every value that the file refers to; no action needs one of them. */
  readonly env: Readonly<Record<string, string>>;
  readonly given: Given;
};

/** Creates secrets of `size` characters; from 20 on with characters that quoting and encoding change. */
export function canariesOf(size: number): Canaries {
  const sized = (name: string): string => `CANARY${name}4vG8mR2xPqaZ09bY18${'k7Q'.repeat(20)}`.slice(0, size);
  const secret = (name: string): string =>
    size < 20 ? sized(name) : `~"${sized(name).slice(0, size - 9)}\\/+& é`;
  const env = {
    CLOUDFLARE_API_TOKEN: size < 20 ? sized('token') : `${sized('token').slice(0, size - 4)}+/=&`,
    ENV_SECRET: secret('env'),
    ENV_URL: `https://relay.example/in/${sized('envurl')}?source=cloudflare`,
    SLACK_URL: `https://hooks.slack.com/services/T000/B000/${sized('slackurl')}`,
    UNREAD_SECRET: secret('unread'),
    LEFT_URL: `https://user:${sized('left')}@left.example/`,
  };
  const entries = `
  - { name: Env, url: "https://env.example/", secret: { env: ENV_SECRET } }
  - { name: File, url: "https://file.example/", secret: { file: secrets/file } }
  - { name: Literal, url: "https://literal.example/", secret: '${secret('literal').replaceAll("'", "''")}' }
  - { name: Url, url: { env: ENV_URL } }
  - { name: Url file, url: { file: secrets/url } }
  - { name: Slack url, url: { env: SLACK_URL } }
  - { name: Slack, url: "https://hooks.slack.com/services/T000/B111/${sized('slack')}" }
  - { name: Zapier, url: "https://hooks.zapier.com/hooks/catch/1/${sized('zapier')}/" }
  - { name: User info, url: "https://user:${sized('userinfo')}@a.example/cf" }
  - { name: Query, url: "https://a.example/cf?key=${sized('query')}&x=1", secret: none }
  - { name: Fragment, url: "https://a.example/cf#token=${sized('fragment')}" }
  - { name: Parameter, url: "https://a.example/cf;token=${sized('parameter')}/in" }
  - { name: Path, url: "https://a.example/hooks/${random('path')}/in" }
  - { name: Host, url: "https://${random('host')}.in.a.example/" }
  - { name: Moves, url: "https://moves.example/?token=${sized('moves')}", secret: { env: ENV_SECRET } }
  - { name: Renamed, url: "https://renamed.example/", secret: { env: ENV_SECRET }, previously: [Before] }
  - { name: Unread, url: "https://unread.example/", secret: { env: UNREAD_SECRET } }
`;
  const left = '  - { name: Left, url: { env: LEFT_URL } }\n';
  const head = `account_id: ${ACCOUNT}\nunlisted: delete\nwebhooks:`;
  /** Each way in which a live webhook can have a secret. */
  const webhooks: readonly WebhookSeed[] = [
    {
      name: 'Url',
      url: `https://relay.example/in/${sized('old')}?source=cloudflare`,
      secret: secret('liveurl'),
    },
    { name: 'Moves', url: `https://old.example/?token=${sized('livemoves')}`, secret: secret('livesecret') },
    { name: 'Before', url: 'https://renamed.example/', secret: secret('livebefore') },
    { name: 'Unread', url: 'https://unread.example/', secret: secret('liveunread') },
    { name: 'Left', url: env.LEFT_URL },
    { name: 'Gone', url: `https://user:${sized('livegone')}@gone.example/`, type: 'generic' },
    { name: 'Gone too', url: `https://hooks.slack.com/services/T1/B1/${sized('liveslack')}`, type: 'slack' },
    {
      name: 'Gone chat',
      url: `https://chat.googleapis.com/v1/spaces/AA/messages?key=k&token=${sized('livechat')}`,
      type: 'gchat',
    },
  ];
  return {
    env,
    given: {
      files: {
        'hookwright.yaml': head + entries,
        'before.yaml': head + entries + left,
        'secrets/file': `${secret('file')}\n`,
        'secrets/url': `https://relay.example/${sized('urlfile')}\n`,
      },
      webhooks,
      policies: [{ name: 'P', uses: ['Moves', 'Before'] }],
      emulator: { quirks: { 'split-urls': 'off' } },
    },
  };
}

export const FLAGS = [
  '--allow-literal-secrets',
  '--previous',
  'before.yaml',
  ...['Left', 'Gone', 'Gone too', 'Gone chat'].flatMap((name) => ['--allow-delete', name]),
];

/** Returns the forms in which an API or a log may quote a text, whole or in part. */
export function formsOf(text: string): readonly string[] {
  const json = JSON.stringify(text);
  const bytes = Buffer.from(text);
  const [beforeQuery = text] = text.split('?');
  const base64 = ['', 'a', 'ab'].map((before) => Buffer.from(before + text).toString('base64'));
  return [
    ...[text, text.toUpperCase(), text.toLowerCase(), text.trim(), beforeQuery],
    ...[text.replace(/^https?:\/\//, ''), text.slice(0, -1), text.slice(1)].filter(
      (part) => part.length >= 8,
    ),
    ...[encodeURIComponent(text), encodeURIComponent(encodeURIComponent(text)), json, JSON.stringify(json)],
    ...[...base64, bytes.toString('base64url'), bytes.toString('hex'), bytes.toString('hex').toUpperCase()],
    text.replaceAll('&', '&amp;').replaceAll('"', '&quot;'),
    text.replaceAll(/[^]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`),
  ];
}

/** The characters that are certain in the base64 of a text with a canary, for each of the 3 alignments. */
const BASE64 = [0, 1, 2].map((before) => {
  const text = Buffer.concat([Buffer.alloc(before), Buffer.from('CANARY')]).toString('base64');
  return text.slice([0, 2, 3][before], [8, 9, 10][before]);
});

/** Returns the text around each canary that is visible. */
export function leaksIn(text: string): readonly string[] {
  const found = [...text.matchAll(/CANARY|%43%41%4e|\\u0043\\u0041|43414e415259/gi)].map(
    ({ index }) => index,
  );
  for (const form of BASE64) {
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) found.push(at);
  }
  return found.map((at) => text.slice(Math.max(0, at - 60), at + 60));
}

/** Returns everything that a command has written: its streams and all files except those it was given. */
export async function tracesOf({ stdout, stderr }: CliResult, cwd: string): Promise<string> {
  const given = new Set([
    'hookwright.yaml',
    'before.yaml',
    path.join('secrets', 'file'),
    path.join('secrets', 'url'),
  ]);
  const entries = await readdir(cwd, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(cwd, path.join(entry.parentPath, entry.name)))
    .filter((file) => !given.has(file));
  const texts = await Promise.all(files.map((file) => readFile(path.join(cwd, file), 'utf8')));
  return [stdout, stderr, ...texts].join('\n');
}
