import { describe, expect, test } from '@jest/globals';
import { REPORT_KINDS } from '../../src/cli/flags.js';
import { FAULTS, type Fault } from '../support/faults/faults.js';
import { ENV, FLAGS, GIVEN, leaksIn, tracesOf } from '../support/canaries.js';
import { withAccount } from '../support/site.js';

const REPORTS = REPORT_KINDS.flatMap((kind) => ['--report', `${kind}=report.${kind}`]);
const PLANNING = [...FLAGS, ...REPORTS, '--rotate', 'Env'];
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  validate: ['--allow-literal-secrets', ...REPORTS],
  plan: [...PLANNING, '--out', 'plan.json'],
  apply: [...PLANNING, '--auto-approve', '--events', 'events.ndjson'],
  import: ['--allow-literal-secrets'],
  status: ['--allow-literal-secrets'],
  test: ['Moves', '--allow-literal-secrets'],
  doctor: ['--allow-literal-secrets'],
};
const FORMATS: Readonly<Record<string, readonly string[]>> = {
  validate: ['text', 'json'],
  plan: ['text', 'json', 'markdown'],
  apply: ['text', 'json', 'markdown'],
  status: ['text', 'json'],
  test: ['text', 'json'],
  doctor: ['text', 'json'],
};
const NETWORK = ['--timeout', '0.2', '--retries', '0'];

/** What a run leaves behind under a fault, in the place where there is a secret to leak. */
function traces(command: string, flags: readonly string[], fault?: (method: string) => Fault | undefined) {
  return withAccount(GIVEN, async ({ run, cwd, emulator }) => {
    if (fault) emulator.fault = ({ method }) => fault(method);
    const env = { ...ENV, GITHUB_ACTIONS: 'true', HOOKWRIGHT_PATIENCE: '0.2', HOOKWRIGHT_SETTLE: '0' };
    // Short patience only where there is something to wait for: a slow machine is no fault.
    const network = fault && command !== 'validate' ? NETWORK : [];
    const result = await run([command, ...(COMMANDS[command] ?? []), ...network, ...flags], { env });
    return { ...result, all: await tracesOf(result, cwd) };
  });
}

describe('no secret is left behind', () => {
  test('the search finds a canary in each form', () => {
    for (const name of Object.values(ENV)) {
      const forms = [
        name,
        encodeURIComponent(name),
        JSON.stringify(name),
        JSON.stringify(JSON.stringify(name)),
      ];
      const base64 = ['', 'a', 'ab'].map((before) => Buffer.from(before + name).toString('base64'));
      for (const form of [...forms, ...base64]) expect(leaksIn(`x${form}y`)).not.toEqual([]);
    }
  });

  const quiet = Object.keys(COMMANDS).flatMap((command) =>
    (FORMATS[command] ?? ['']).flatMap((format) =>
      ['info', 'debug'].map((level) => ({ command, format, level })),
    ),
  );
  test.each(quiet)('$command $format $level', async ({ command, format, level }) => {
    const flags = [...(format === '' ? [] : ['--format', format]), '--log-level', level];
    const { code, all } = await traces(command, flags);
    expect(leaksIn(all)).toEqual([]);
    if (command === 'apply' || command === 'plan') expect({ code, all }).toEqual({ code: 0, all });
  });

  const faults = FAULTS.map(({ name }) => name);
  test.each(faults)('whatever goes wrong: %s', async (name) => {
    const wrong: Fault = {
      name,
      bytes: 2 * 1024 * 1024,
      milliseconds: 30,
      location: `https://e.example/?k=${ENV.ENV_URL}`,
    };
    // A limit that is never lifted is waited for without end.
    let limited = 0;
    const fault = (): Fault | undefined => (name.startsWith('429') && (limited += 1) > 1 ? undefined : wrong);
    const all = await Promise.all([
      traces('plan', ['--log-level', 'debug'], fault),
      traces('apply', ['--log-level', 'debug'], (method) => (method === 'GET' ? undefined : fault())),
      traces('apply', ['--format', 'json'], (method) => (method === 'POST' ? fault() : undefined)),
      traces('import', ['--log-level', 'debug'], fault),
      traces('status', ['--log-level', 'debug'], fault),
    ]);
    for (const each of all) expect(leaksIn(each.all)).toEqual([]);
  });

  test('a saved plan, shown in each format and carried out', () =>
    withAccount(GIVEN, async ({ run, cwd }) => {
      await run(['plan', ...PLANNING, '--out', 'plan.json'], { env: ENV });
      for (const format of ['text', 'json', 'markdown']) {
        const shown = await run(['show', 'plan.json', '--format', format]);
        expect(shown.code).toBe(0);
        expect(leaksIn(await tracesOf(shown, cwd))).toEqual([]);
      }
      const applied = await run(['apply', 'plan.json', '--allow-literal-secrets', '--log-level', 'debug'], {
        env: ENV,
      });
      expect(leaksIn(await tracesOf(applied, cwd))).toEqual([]);
    }));

  test('faults of the file show no scalar that could be a secret', () => {
    const faulty = String((GIVEN.files as Record<string, string>)['hookwright.yaml']).replaceAll(
      /^( {2}- \{.*)\}$/gm,
      '$1, wat: 1 }',
    );
    return withAccount({ files: { 'hookwright.yaml': faulty } }, async ({ run, cwd }) => {
      for (const format of ['text', 'json']) {
        const result = await run(['validate', ...REPORTS, '--format', format], {
          env: { ...ENV, GITHUB_ACTIONS: 'true' },
        });
        expect(result.code).toBe(3);
        expect(leaksIn(await tracesOf(result, cwd))).toEqual([]);
      }
    });
  });
});
