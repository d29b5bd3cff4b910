import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, test } from '@jest/globals';
import { FaultyEmulator, type FaultyOptions } from '../support/faults/faulty-emulator.js';
import { ANSWERS_4XX } from './facts-refusals.js';
import { observePolicies } from './facts-policies.js';
import { factTable, observe } from './observe.js';
import { targetFrom, type LiveTarget } from './target.js';
import { Workbench } from './workbench.js';

const ACCOUNT = '023e105f4ecef8ad9ca31a8372d0c353';
const STRANGER = { name: 'hookwright-live-someone-else', url: 'https://stranger.example/' };
const SERVICES = {
  slack: 'https://hooks.slack.com/services/T000/B000/tokentoken',
  slack_workflow: 'https://hooks.slack.com/triggers/T000/123/abcdef',
  discord: 'https://discord.com/api/webhooks/123/tokentoken',
  gchat: 'https://chat.googleapis.com/v1/spaces/AAA/messages?key=k&token=t',
  feishu: 'https://open.feishu.cn/open-apis/bot/v2/hook/tokentoken',
  datadog: 'https://api.datadoghq.com/api/v1/events',
};

const emulators: FaultyEmulator[] = [];
afterEach(async () => {
  await Promise.all(emulators.splice(0).map((emulator) => emulator.stop()));
});

/** Starts an emulator whose destinations all respond, except for one. */
async function start(options: FaultyOptions = {}): Promise<{ emulator: FaultyEmulator; target: LiveTarget }> {
  const emulator = await new FaultyEmulator({
    destinationStatus: (url) => (url.includes('.invalid') ? 530 : url === ANSWERS_4XX ? 405 : 200),
    ...options,
  }).start();
  emulators.push(emulator);
  emulator.seed(ACCOUNT, [STRANGER], [{ name: 'Theirs', uses: [STRANGER.name] }]);
  const idOf = (id: string): string => id.replaceAll('-', '');
  const target: LiveTarget = {
    baseUrl: emulator.url,
    token: 'token-of-the-live-suite',
    accountId: ACCOUNT,
    destination: 'https://destination.example/hook',
    services: SERVICES,
    mayCreatePolicies: true,
    settleMs: 20,
    receiver: {
      secretOf: (id) => emulator.account(ACCOUNT).webhooks.find((webhook) => webhook.id === idOf(id))?.secret,
      testMessages: () => emulator.testMessages.length,
    },
  };
  return { emulator, target };
}

async function factsOf(target: LiveTarget): Promise<Record<string, string>> {
  const facts = await observe(new Workbench(target));
  return Object.fromEntries(facts.map(({ id, observed }) => [id, observed]));
}

const USUAL = {
  'list-after-create': 'at once',
  'create-answer': '201, result: id',
  'create-test': 'yes',
  ids: 'dashless',
  'ids-accepted': 'yes',
  'read-keys': 'created_at, id, last_failure, last_success, name, type, url',
  'secret-shown': 'no',
  'test-counts': 'no',
  'created-digits': 'at most 6',
  'list-info': 'no result_info',
  'eligible-shape': 'as an object',
  'put-rename': 'yes',
  'put-url': 'kept',
  'put-unreachable': '200',
  'put-test': 'yes',
  'put-secret': 'kept',
  'put-no-secret': 'kept',
  'name-length': '300 at least',
  'name-spaces': 'kept',
  'name-unicode': 'kept',
  'name-marker': 'kept',
  'http-url': 'yes',
  'type-in-body': 'ignored',
  'duplicate-urls': 'allowed',
  'duplicate-names': 'allowed',
  'create-unreachable': '400, no code, "Webhook test failed with status code 530"',
  'create-4xx': '400, no code, "Webhook test failed with status code 405 Method Not Allowed"',
  'get-unknown': '404, no code, "Webhook not found"',
  'put-unknown': '400, no code, "invalid Webhook ID"',
  'delete-unknown': '500, code 15000, "internal server error"',
  'delete-answer': '200, result: id',
  'policy-unknown': '404, no code, "Policy not found."',
  'account-malformed': '404, code 7003, "Could not route to … perhaps your object identifier is invalid?"',
  'policy-webhook-ids': 'dashless',
  'policy-put': 'replaced',
  'policy-without-mechanism': 'no: 400, code 17102, "mechanism required"',
  'policy-after-delete': 'there, without a recipient',
  'custom-alerts':
    'not tried: create a custom alert in the dashboard, and set HOOKWRIGHT_LIVE_CUSTOM_ALERT to its name',
  'service-slack': 'type slack, 1 path segment less',
  'slack-split': 'with the token as secret: accepted; without: accepted',
  'service-slack_workflow': 'type generic, url unchanged',
  'service-discord': 'type discord, 1 path segment less',
  'service-gchat': 'type gchat, without its query',
  'service-feishu': 'type feishu, 1 path segment less',
  'service-teams': 'not tried: set HOOKWRIGHT_LIVE_TEAMS_URL',
  'service-datadog': 'type datadog, url unchanged',
  'service-opsgenie': 'not tried: set HOOKWRIGHT_LIVE_OPSGENIE_URL',
  'service-splunk': 'not tried: set HOOKWRIGHT_LIVE_SPLUNK_URL',
  'rate-status': 'not met',
  'denied-by-chance': 'no',
};

const CONTRARY = {
  'put-url': 'applied',
  'put-secret': 'cleared',
  'put-test': 'off',
  'put-policy': 'merged',
  'delete-unknown': '404',
  'delete-policy': 'refuse',
  'delete-result': 'none',
  ids: 'dashed',
  'split-urls': 'off',
  'type-from-body': 'honored',
  'duplicate-names': 'refused',
  'http-urls': 'refused',
  'eligible-shape': 'array',
  'name-limit': 128,
  'list-lag': 120,
  'test-refusal': '422',
  'denied-every': 17,
} as const;

describe('the conformance suite', () => {
  test('observes the default quirks', async () => {
    const { target } = await start();
    expect(await factsOf(target)).toEqual(USUAL);
  });

  test('observes the opposite quirks', async () => {
    const { target } = await start({ quirks: CONTRARY });
    expect(await factsOf(target)).toEqual({
      ...USUAL,
      'list-after-create': 'later',
      'create-unreachable': '422, no code, "Webhook test request failed"',
      'create-4xx': '422, no code, "Webhook test request failed"',
      'denied-by-chance': 'yes',
      ids: 'dashed',
      'eligible-shape': 'as a list',
      'put-url': 'applied',
      'put-test': 'no',
      'put-secret': 'applied',
      'put-no-secret': 'cleared',
      'name-length': '128; with 200 it is refused: 400, no code, "name is longer than 128 characters"',
      'http-url': 'no: 400, no code, "url must be https"',
      'type-in-body': 'honored',
      'duplicate-names': 'refused: 400, no code, "a webhook with this name already exists"',
      'delete-unknown': '404, no code, "Webhook not found"',
      'delete-answer': '200, no result',
      'policy-put': 'merged',
      'policy-after-delete':
        'the delete is refused: 400, no code, "webhook is in use by a notification policy"',
      'service-slack': 'type slack, url unchanged',
      'service-discord': 'type discord, url unchanged',
      'service-gchat': 'type gchat, url unchanged',
      'service-feishu': 'type feishu, url unchanged',
    });
  });

  test.each([
    ['Theirs', 'yes'],
    ['Somewhere else', 'no'],
  ])('reports whether policies include the custom alert %j: %s', async (customAlert, observed) => {
    const { target } = await start();
    const bench = new Workbench({ ...target, customAlert, mayCreatePolicies: false });
    await observePolicies(bench);
    expect(bench.facts.find(({ id }) => id === 'custom-alerts')?.observed).toBe(observed);
  });

  test('also recognizes a rate limit by its code, waits, and reports its status', async () => {
    const rate = { limit: 60, windowMs: 3000 };
    const { target } = await start({ quirks: { 'rate-status': '200', rate } });
    expect((await factsOf(target))['rate-status']).toBe('200');
  });

  test.each(['GET', 'POST', 'PUT', 'DELETE'])(
    'leaves nothing behind when %s fails midway',
    async (method) => {
      const { emulator, target } = await start();
      let left = 3;
      emulator.fault = (request) => {
        if (request.method !== method || (left -= 1) > 0 || left < -2) return undefined;
        return 'reset-after';
      };
      const bench = new Workbench(target);
      await observe(bench).catch(() => bench.clear());
      const { webhooks, policies } = emulator.account(ACCOUNT);
      expect(webhooks.map(({ name }) => name)).toEqual([STRANGER.name]);
      expect(policies.map(({ name }) => name)).toEqual(['Theirs']);
    },
  );

  test('says why if nothing can be created, and changes nothing', async () => {
    const { emulator, target } = await start({ quirks: { eligible: 'no' } });
    await expect(observe(new Workbench(target))).rejects.toThrow('not entitled');
    expect(emulator.writes()).toHaveLength(1);
  });

  test('on Cloudflare, receiver facts are not observable, and policies are not changed', async () => {
    const { emulator, target } = await start();
    const { baseUrl, token, accountId, destination, settleMs } = target;
    const known = { baseUrl, token, accountId, destination, settleMs };
    const facts = await factsOf({ ...known, mayCreatePolicies: false, services: {} });
    expect(facts['put-secret']).toBe('not observable here');
    expect(facts['policy-put']).toBe('not tried: set HOOKWRIGHT_LIVE_POLICIES=1');
    expect(emulator.writes().filter(({ path }) => path.includes('/policies'))).toEqual([]);
  });

  test('reads the target from the environment, and names what is missing', () => {
    expect(() => targetFrom({ CLOUDFLARE_API_TOKEN: 'x' })).toThrow(
      'CLOUDFLARE_ACCOUNT_ID, HOOKWRIGHT_LIVE_DESTINATION',
    );
  });

  test('npm run test:live finds the suite', () => {
    const found = execFileSync('npm', ['run', '--silent', 'test:live', '--', '--listTests'], {
      encoding: 'utf8',
    });
    expect(found).toContain('test/live/cloudflare.test.ts');
  });

  test('formats the table as Markdown', () => {
    expect(factTable([{ id: 'a', question: 'b | c', observed: 'd\ne' }])).toBe(
      '| Fact | Question | Observed |\n|---|---|---|\n| a | b \\| c | d e |',
    );
  });
});
