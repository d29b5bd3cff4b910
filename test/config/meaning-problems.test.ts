import { describe, expect, test } from '@jest/globals';
import { ACCOUNT, faultsOf, loadText, OTHER_ACCOUNT, webhook } from './memory-files.js';

const ID = 'b115d5ec15c641ee8b7692c449b5227b';
const DASHED = 'B115D5EC-15C6-41EE-8B76-92C449B5227B';
const two = (first: string, second: string): string =>
  `webhooks:\n  - { url: "https://a.example.com", ${first} }\n  - { url: "https://b.example.com", ${second} }\n`;
const to = (url: string, ...fields: readonly string[]): string =>
  ['webhooks:', '  - name: Ops', `    url: ${url}`, ...fields].join('\n');

describe('names and IDs', () => {
  test.each<[what: string, text: string, faults: readonly string[]]>([
    ['a name twice', two('name: A', 'name: A'), ['3:43 duplicate-name: duplicate name "A"']],
    [
      'a name twice, one of them pinned',
      two('name: A', `name: A, id: ${ID}`),
      ['3:43 duplicate-name: duplicate name "A"'],
    ],
    ['a name twice, both pinned', two(`name: A, id: 1${ID.slice(1)}`, `name: A, id: ${ID}`), []],
    [
      'an ID twice, in two forms',
      two(`name: A, id: ${ID}`, `name: B, id: ${DASHED}`),
      ['3:50 duplicate-id: two webhooks have this ID'],
    ],
    [
      'a previous name that is ignored',
      `ignore: [A]\n${two('name: B, previously: [A]', 'name: C')}`,
      [
        '3:59 declared-and-ignored: the previous name "A" is listed under "ignore", so the webhook would never be renamed',
      ],
    ],
    [
      'a previous name that only a pattern ignores',
      `ignore: [A*]\n${two('name: B, previously: [A]', 'name: C')}`,
      [],
    ],
    [
      'a previous name in use',
      two('name: A', 'name: B, previously: [A]'),
      ['3:59 duplicate-name: the previous name "A" is still used by another entry'],
    ],
    [
      'a previous name that is its own',
      webhook('    previously: [Ops]'),
      ['4:18 duplicate-name: the previous name "Ops" is the current name of the same entry'],
    ],
    [
      'a previous name twice',
      two('name: A, previously: [X]', 'name: B, previously: [X]'),
      ['3:59 duplicate-name: the previous name "X" is listed twice'],
    ],
    [
      'declared and ignored',
      `ignore: [Ops]\n${webhook()}`,
      ['1:10 declared-and-ignored: "Ops" is listed under both "ignore" and "webhooks"'],
    ],
    ['declared, and a pattern matches', `ignore: ["O*", "id:1${ID.slice(1)}"]\n${webhook()}`, []],
    [
      'pinned and ignored',
      `ignore: ["id:${DASHED}"]\n${webhook(`    id: ${ID}`)}`,
      ['1:10 declared-and-ignored: this ID is listed under both "ignore" and "webhooks"'],
    ],
    [
      'an ignored ID that is not valid',
      'ignore: ["id:12"]\nwebhooks: []',
      ['1:10 bad-id: ignore: not a valid webhook ID'],
    ],
    [
      'an absent ID that is not valid',
      'absent: ["id:12"]\nwebhooks: []',
      ['1:10 bad-id: absent: not a valid webhook ID'],
    ],
    [
      'names that differ by a letter that looks the same',
      two('name: Ops', 'name: "\u041eps"'),
      [
        '3:43 warning name-alike: "\u041eps" and "Ops" differ only by case, space or characters that look the same',
      ],
    ],
    [
      'names that differ by an invisible character',
      two('name: Ops', 'name: "Op\u200ds"'),
      [
        '3:43 warning name-alike: "Op\u200ds" and "Ops" differ only by case, space or characters that look the same',
      ],
    ],
    [
      'a word in two scripts',
      two('name: "\u041eps team"', 'name: "\u041e\u043f\u0441 team, \u00b5s, \u2764\ufe0f"'),
      ['2:43 warning name-alike: the name "\u041eps team" contains U+041E in a word with Latin letters'],
    ],
    [
      'an invisible character in a name',
      two('name: "Ops\u200b"', 'name: B'),
      ['2:43 warning name-alike: the name "Ops\u200b" contains the invisible character U+200B'],
    ],
    [
      'a space at the end is the only difference',
      two('name: Ops', 'name: "Ops "'),
      [
        '3:43 warning name-alike: "Ops " and "Ops" differ only by case, space or characters that look the same',
      ],
    ],
    [
      'IDs without "id:"',
      `ignore: [${ID}]\nabsent: [${DASHED}]\nwebhooks: []`,
      [
        '1:10 warning bad-id: ignore: this is taken as a name',
        '2:10 warning bad-id: absent: this is taken as a name',
      ],
    ],
    [
      'an ID, also absent',
      `absent: ["id:${DASHED}"]\n${webhook(`    id: ${ID}`)}`,
      ['1:10 declared-and-absent: this ID is listed under both "absent" and "webhooks"'],
    ],
    [
      'an ID, ignored and absent',
      `ignore: ["id:${DASHED}"]\nabsent: ["id:${ID}"]\nwebhooks: []`,
      ['1:10 ignored-and-absent: this ID is listed under both "ignore" and "absent"'],
    ],
    [
      'an ID for several accounts',
      `account_id: [${ACCOUNT}, ${OTHER_ACCOUNT}]\n${webhook(`    id: ${ID}`)}`,
      ['5:9 bad-id: id: not allowed in a document that describes several accounts'],
    ],
    [
      'the ID of a policy for several accounts',
      `account_id: [${ACCOUNT}, ${OTHER_ACCOUNT}]\n${webhook()}\npolicies: [{ name: P, id: ${ID}, webhooks: [] }]`,
      ['5:27 bad-id: id: not allowed in a document that describes several accounts'],
    ],
    [
      'absent, and different only in case',
      `absent: [OPS]\n${webhook()}`,
      [
        '1:10 warning name-alike: "OPS" and "Ops" differ only by case, space or characters that look the same',
      ],
    ],
    [
      'declared and absent',
      `absent: [Ops]\n${webhook()}`,
      ['1:10 declared-and-absent: "Ops" is listed under both "absent" and "webhooks"'],
    ],
    [
      'ignored and absent',
      'ignore: [Old]\nabsent: [Old]\nwebhooks: []',
      ['1:10 ignored-and-absent: "Old" is listed under both "ignore" and "absent"'],
    ],
    [
      'a pattern under absent',
      'absent: ["old-*"]\nwebhooks: []',
      ['1:10 warning absent-pattern: absent: this is taken as a name'],
    ],
    [
      'the marker of a replacement',
      'webhooks: [{ name: "Ops [hookwright: replaces 0a1b2c3d]", url: "https://a.example.com" }]',
      [
        '1:20 reserved-name: the name "Ops [hookwright: replaces 0a1b2c3d]" ends with the marker of an unfinished replacement',
      ],
    ],
    [
      'different only in case',
      two('name: Ops', 'name: OPS'),
      [
        '3:43 warning name-alike: "OPS" and "Ops" differ only by case, space or characters that look the same',
      ],
    ],
    [
      'different only in spaces',
      two('name: Ops one', 'name: Opsone'),
      [
        '3:43 warning name-alike: "Opsone" and "Ops one" differ only by case, space or characters that look the same',
      ],
    ],
    [
      'different only in the form of é',
      two('name: caf\u00e9', 'name: cafe\u0301'),
      [
        '3:43 warning name-alike: "cafe\u0301" and "caf\u00e9" differ only by case, space or characters that look the same',
      ],
    ],
    [
      'a space at the end',
      'webhooks: [{ name: "Ops ", url: "https://a.example.com" }]',
      ['1:20 warning name-space: the name "Ops " starts or ends with a space'],
    ],
  ])('%s', async (_what, text, faults) => {
    expect(await faultsOf(text)).toEqual(faults);
  });

  test('names that are swapped need IDs', async () => {
    const { diagnostics } = await loadText(two('name: A, previously: [B]', 'name: B, previously: [A]'));
    expect(diagnostics.map(({ hint }) => hint)).toEqual([
      expect.stringContaining('give both entries their "id" and remove "previously"'),
      expect.stringContaining('give both entries their "id" and remove "previously"'),
    ]);
  });

  test('names the other place', async () => {
    const { diagnostics } = await loadText(two('name: A', 'name: A'));
    expect(diagnostics[0]?.hint).toContain('at hookwright.yaml:2:43.');
  });
});

describe('URLs', () => {
  const SLACK = 'https://hooks.slack.com';
  test.each<[url: string, faults: readonly string[], fields?: string]>([
    ['relay.example.com', ['bad-url']],
    ['ftp://relay.example.com', ['bad-url']],
    ['/relay', ['bad-url']],
    [`${SLACK}/services/T0/B0`, ['warning secret-needed']],
    [`${SLACK}/services/T0/B0`, [], '    secret: { env: A }'],
    ['https://discord.com/api/webhooks/1', ['warning secret-needed']],
    ['https://chat.googleapis.com/v1/spaces/A/messages', ['warning secret-needed']],
    [`${SLACK}/services/T0/B0/canary`, ['url-token']],
    ['https://discord.com/api/webhooks/1/canary', ['url-token']],
    ['https://chat.googleapis.com/v1/spaces/A/messages?key=canary&token=canary', ['url-token']],
    ['https://open.feishu.cn/open-apis/bot/v2/hook/canary', ['url-token']],
    ['https://x.webhook.office.com/webhookb2/canary', ['warning url-credential', 'warning retired-host']],
    [`${SLACK}/triggers/T0/1/canary`, ['warning url-credential']],
    [
      `${SLACK}/triggers/T0/1/canary`,
      ['warning url-credential', 'slack-workflow-secret'],
      '    secret: { env: A }',
    ],
    [`${SLACK}/triggers/T0/1/canary`, ['warning url-credential'], '    secret: none'],
    ['https://user:canary@relay.example.com', ['warning url-credential']],
    ['https://relay.example.com/?team=a&token=canary', ['warning url-credential']],
    ['https://relay.example.com/?team=a', []],
    ['https://${HOST}.example.com/', ['url-placeholder']],
    ['https://relay.example.com/${ID}', ['url-placeholder']],
    ['https://relay.example.com/$ID', ['url-placeholder']],
    ['https://relay.example.com/{{ id }}', ['url-placeholder']],
    ['https://relay.example.com/##ID##', ['url-placeholder']],
    ['https:\\/\\/relay.example.com\\/canary', ['bad-url']],
    ['https:/relay.example.com/cf', ['bad-url']],
    ['https:relay.example.com/cf', ['bad-url']],
    ['https:///relay.example.com/cf', ['bad-url']],
    ['https://?a', ['bad-url']],
    ['https://relay.example.com/a b', ['bad-url']],
    [' https://relay.example.com/', ['bad-url']],
    ['https://relay .example.com/', ['bad-url']],
    ['https://relay.example.com/\u00a0', ['bad-url']],
    ['<https://relay.example.com/cf>', ['bad-url']],
    ['[link](https://relay.example.com/cf)', ['bad-url']],
    ['https://relay.example.com/cf,https://b.example.com', ['bad-url']],
    ['https://relay.example.com/cf?next=a,https://b.example.com', []],
    ['https://relay.example.com/%zz', []],
    ['https://relay.example.com/ü', []],
    ['https://rélay.example.com/', []],
    ['HTTPS://Relay.Example.COM:443/cf', []],
    ['http://relay.example.com', ['warning http-url']],
    ['https://relay.example.com:8443', ['warning port']],
    ['https://splunk.example.com:8088/services/collector', [], '    secret: { env: A }'],
    ['https://splunk.example.com:8088/services/collector', ['warning secret-needed']],
    ['https://api.datadoghq.com/api/v1/events', ['warning secret-needed']],
    [
      'https://api.opsgenie.com/v2/alerts',
      ['warning retired-host', 'warning secret-needed'],
      '    secret: none',
    ],
    ['https://localhost/', ['warning private-host']],
    ['https://relay/', ['warning private-host']],
    ['https://relay.local/', ['warning private-host']],
    ['https://192.168.1.1/', ['warning private-host']],
    ['https://0x7f.1/', ['warning private-host']],
    ['https://[::1]/', ['warning private-host']],
    ['https://[fd00::1]/', ['warning private-host']],
    ['https://[::ffff:10.0.0.1]/', ['warning private-host']],
    ['https://8.8.8.8/', []],
    ['https://[2606:4700::1111]/', []],
  ])('%s: %j', async (url, faults, fields = '') => {
    const { diagnostics } = await loadText(to(`'${url}'`, fields));
    expect(
      diagnostics.map(({ severity, code }) => (severity === 'error' ? code : `warning ${code}`)),
    ).toEqual(faults);
    expect(diagnostics.filter(({ line, column }) => line !== 3 || column !== 10)).toHaveLength(
      faults.includes('slack-workflow-secret') ? 1 : 0,
    );
    expect(JSON.stringify(diagnostics)).not.toContain('canary');
  });

  test.each([
    ['rel\u0430y.example.com', 'U+0430 in a word with Latin letters'],
    ['relay\u200b.example.com', 'the invisible character U+200B'],
  ])('a host that looks like another: %j', async (host, strange) => {
    expect(await faultsOf(to(`https://${host}/cf`))).toEqual([
      `3:10 warning name-alike: url: the host contains ${strange}`,
    ]);
  });

  test('a host in one script, and a path in two', async () => {
    expect(await faultsOf(to('https://\u043f\u0440\u0438\u043c\u0435\u0440.example.com/a\u0430'))).toEqual(
      [],
    );
  });

  test('a quoted string can contain any character', async () => {
    expect(await faultsOf(to('"https://relay.example.com/\\ncf"'))).toEqual([
      '3:10 bad-url: url: contains a newline',
    ]);
    expect(await faultsOf(to('"https://relay.example.com/\\x7f"'))).toEqual([
      '3:10 bad-url: url: contains a control character',
    ]);
  });

  test.each([
    ['https://relay.example.com/\u007f', 'Remove it'],
    ['https://relay.example.com:99999/cf', 'Correct the host and the port'],
    ['ftp://relay.example.com/cf', 'Use a URL that starts with https://'],
    ['env:RELAY_URL', 'write url: { env: RELAY_URL }'],
    ['env:canary', 'write url: { env: NAME }'],
    ['env RELAY_URL', 'write url: { env: RELAY_URL }'],
    ['$RELAY_URL', 'write url: { env: RELAY_URL }'],
    ['${RELAY_URL}', 'write url: { env: RELAY_URL }'],
    ['${{ secrets.RELAY_URL }}', 'write url: { env: RELAY_URL }'],
    ['{{ .Values.relay }}', 'write url: { env: NAME }'],
    ['file:///run/secrets/relay', 'write url: { file: PATH }'],
    ['./secrets/relay', 'write url: { file: PATH }'],
    ['op://vault/relay/url', 'write url: { env: NAME }'],
    ['relay.example.com/canary', 'for example https://relay.example.com/…'],
    ['canary', 'for example https://relay.example.com/cf'],
    ['<https://relay.example.com/>', 'Remove the < and >.'],
    ['[a](https://relay.example.com/)', 'a Markdown link'],
    ['https:\\/\\/relay.example.com', 'Remove the backslashes.'],
    ['https://relay.example.com/a b', '%20'],
    ['https:/relay.example.com', 'two slashes and the host'],
    ['https://a.example,https://b.example', 'an entry for each'],
  ])('%s has the right hint', async (url, hint) => {
    const { diagnostics } = await loadText(to(`'${url}'`));
    expect(diagnostics).toMatchObject([{ severity: 'error' }]);
    expect(diagnostics[0]?.hint).toContain(hint);
    expect(JSON.stringify(diagnostics)).not.toContain('canary');
  });

  test('a token in a URL is a warning if literals are allowed', async () => {
    const text = to(`${SLACK}/services/T0/B0/canary`);
    expect(await faultsOf(text, { allowLiteralSecrets: true })).toEqual([
      '3:10 warning url-token: url: contains a Slack token',
    ]);
  });

  test('the message says how to proceed', async () => {
    const { diagnostics } = await loadText(to(`${SLACK}/services/T0/B0/canary`));
    expect(diagnostics[0]?.hint).toContain(
      `(${SLACK}/services/T0/B0) and the token as secret: { env: NAME }`,
    );
  });

  test('a Slack workflow URL from the environment cannot have a secret either', async () => {
    const env = { FLOW: `${SLACK}/triggers/T0/1/canary` };
    expect(await faultsOf(to('{ env: FLOW }', '    secret: { env: A }'), { env })).toEqual([
      '4:13 slack-workflow-secret: secret: not allowed with a Slack workflow URL',
    ]);
  });
});

describe('secrets', () => {
  test.each<[secret: string, faults: readonly string[]]>([
    ['canary', ['4:13 literal-secret: secret: a literal secret']],
    ['12345', ['4:13 literal-secret: secret: a literal secret']],
    ['""', ['4:13 empty: secret: must not be empty']],
    ['none', []],
    [
      '{ env: GITHUB_TOKEN }',
      ['4:20 credential-env: env: GITHUB_TOKEN is a credential of hookwright, a CI system or a cloud'],
    ],
    [
      '{ env: a8Kq2Zx9LmN4pR7tV1wY }',
      ['4:20 warning env-random: env: this looks like a token, not a variable name'],
    ],
    ['true', ['4:13 wrong-type: secret: must be a reference or none, not the boolean true']],
    ['None', ['4:13 literal-secret: secret: not a reference']],
    ['env OPS_SECRET', ['4:13 literal-secret: secret: not a reference']],
    ['{ file: ~/ops }', ['4:21 placeholder: file: ~ is not expanded']],
    ['{ file: secrets/~ops }', []],
    ['${{ secrets.OPS }}', ['4:13 literal-secret: secret: not a reference']],
    ['op://canary/item/field', ['4:13 literal-secret: secret: not a reference']],
    ['{ file: "secrets/${OPS}" }', ['4:21 placeholder: file: contains a placeholder']],
    ['{ env: OPS, version: $BUILD }', ['4:34 placeholder: version: contains a placeholder']],
    ['{ file: ops, version: "${{ vars.OPS }}" }', ['4:35 placeholder: version: contains a placeholder']],
    ['{ env: $OPS }', ['4:20 bad-env-name: env: not the name of an environment variable']],
    ['{ file: secrets/ops }', []],
    ['{ file: /run/secrets/ops }', []],
    ['{ file: ../ops }', ['4:21 secret-file-outside: file: outside the allowed directories']],
    ['{ file: secrets/../../ops }', ['4:21 secret-file-outside: file: outside the allowed directories']],
    ['{ file: /etc/passwd }', ['4:21 secret-file-outside: file: outside the allowed directories']],
    ['{ file: /run/secretsX }', ['4:21 secret-file-outside: file: outside the allowed directories']],
  ])('%s', async (secret, faults) => {
    const text = webhook(`    secret: ${secret}`);
    expect(await faultsOf(text)).toEqual(faults);
    expect(JSON.stringify((await loadText(text)).diagnostics)).not.toMatch(/canary|12345|a8Kq2/);
  });

  test.each([
    [
      '${{ secrets.OPS_TOKEN }}',
      'Write secret: { env: OPS_TOKEN }, and set OPS_TOKEN where hookwright runs.',
    ],
    ['$OPS_TOKEN', 'Write secret: { env: OPS_TOKEN }'],
    ['None', 'Did you mean none?'],
    ['env OPS_TOKEN', 'Write secret: { env: OPS_TOKEN }.'],
    ['env:OPS_TOKEN', 'Write secret: { env: OPS_TOKEN }.'],
    ['env canary', 'Write secret: { env: NAME }.'],
    ['file:secrets/ops', 'Write secret: { file: PATH }.'],
    ['op://vault/ops/token', 'see docs/secrets.md'],
    ['file:///run/secrets/ops', 'Write secret: { file: PATH }.'],
    ['{ env: $OPS_TOKEN }', 'Write only the name: { env: OPS_TOKEN }'],
  ])('%s has the right hint, even if literals are allowed', async (secret, hint) => {
    const { diagnostics } = await loadText(webhook(`    secret: ${secret}`), { allowLiteralSecrets: true });
    expect(diagnostics).toMatchObject([{ severity: 'error' }]);
    expect(diagnostics[0]?.hint).toContain(hint);
  });

  test('a literal secret is wrapped, and a warning if literals are allowed', async () => {
    const { accounts, diagnostics } = await loadText(webhook('    secret: canary'), {
      allowLiteralSecrets: true,
    });
    expect(diagnostics).toMatchObject([{ severity: 'warning', code: 'literal-secret' }]);
    expect(accounts[0]?.webhooks[0]?.secret).toMatchObject({ kind: 'literal' });
    expect(JSON.stringify({ accounts, diagnostics })).not.toContain('canary');
  });

  test('--env-allow restricts the variables of both secrets and URLs', async () => {
    const text = 'webhooks: [{ name: A, url: { env: RELAY_URL }, secret: { env: HOOK_A } }]';
    expect(await faultsOf(text, { envAllow: ['HOOK_*'] })).toEqual([
      '1:35 env-not-allowed: env: RELAY_URL is not allowed by HOOKWRIGHT_ENV_ALLOW or --env-allow',
    ]);
    expect(await faultsOf(webhook('    secret: { env: GH_TOKEN }'), { envAllow: ['*'] })).toHaveLength(1);
  });

  test.each([
    ['a8Kq2Zx9LmN4pR7tV1wY', '4:20 env-random: env: this looks like a token, not a variable name'],
    ['"s3cr3t!"', '4:20 bad-env-name: env: not the name of an environment variable'],
  ])('a pasted token is one error, although --env-allow does not allow it: %s', async (env, fault) => {
    expect(await faultsOf(webhook(`    secret: { env: ${env} }`), { envAllow: ['HOOK_*'] })).toEqual([fault]);
  });
});
