import { describe, expect, test } from '@jest/globals';
import { REPORT_KINDS } from '../../src/cli/flags.js';
import { refuse } from '../../src/emulator/responses.js';
import { sendAnswer } from '../../src/emulator/serve-request.js';
import { type Canaries, canariesOf, FLAGS, formsOf, leaksIn, tracesOf } from '../support/canaries.js';
import { FAULTS, type Fault } from '../support/faults/faults.js';
import { ACCOUNT, withAccount, type Site } from '../support/site.js';

const REPORTS = REPORT_KINDS.flatMap((kind) => ['--report', `${kind}=report.${kind}`]);
const PLANNING = [...FLAGS, ...REPORTS, '--rotate', 'Env'];
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  validate: ['--allow-literal-secrets', ...REPORTS],
  plan: [...PLANNING, '--out', 'plan.json'],
  apply: [...PLANNING, '--auto-approve', '--events', 'events.ndjson'],
  'apply plan.json': ['--events', 'events.ndjson', ...REPORTS],
  'show plan.json': [],
  import: ['--account', ACCOUNT],
  'import -f hookwright.yaml': ['--allow-literal-secrets'],
  status: ['--allow-literal-secrets'],
  test: ['Moves', '--auto-approve', '--allow-literal-secrets'],
  doctor: ['--allow-literal-secrets'],
};
const FORMATS: Readonly<Record<string, readonly string[]>> = {
  validate: ['text', 'json'],
  plan: ['text', 'json', 'markdown'],
  apply: ['text', 'json', 'markdown'],
  'apply plan.json': ['text', 'json', 'markdown'],
  'show plan.json': ['text', 'json', 'markdown'],
  status: ['text', 'json'],
  test: ['text', 'json'],
  doctor: ['text', 'json'],
};
/** Every command in each of its formats. */
const RUNS = Object.keys(COMMANDS).flatMap((command) =>
  (FORMATS[command] ?? ['']).map((format) => ({ command, format })),
);
/** The shortest length that is hidden within other text, and one that is hidden in parts. */
const SIZES = [6, 64];
/** Also the length of a fragment, and the shortest that looks random. */
const MORE_SIZES = [6, 8, 20, 64];
/** The runs that send requests, so that the response can be wrong. */
const ONLINE = RUNS.filter(({ command }) => !/validate|show/.test(command));
const NETWORK = ['--timeout', '0.2', '--retries', '0'];

type Told = { readonly command: string; readonly format: string; readonly level: 'info' | 'debug' };

/** Returns all output of a run. `prepare`: injects faults. */
function traces(
  { command, format, level }: Told,
  { env, given } = canariesOf(64),
  prepare?: (emulator: Site['emulator']) => void,
) {
  const isSaved = command.endsWith('plan.json');
  const files = isSaved ? filesWith(given, withoutLiteral) : given.files;
  return withAccount({ ...given, ...(files && { files }) }, async ({ run, cwd, emulator }) => {
    if (isSaved) expect((await run(['plan', ...PLANNING, '--out', 'plan.json'], { env })).code).toBe(0);
    prepare?.(emulator);
    // Short timeouts only if there is something to wait for, so that a slow machine causes no failure.
    const network = prepare && !/validate|show/.test(command) ? NETWORK : [];
    const flags = [...(format === '' ? [] : ['--format', format]), '--log-level', level, ...network];
    const result = await run([...command.split(' '), ...(COMMANDS[command] ?? []), ...flags], {
      env: { ...env, GITHUB_ACTIONS: 'true', HOOKWRIGHT_SETTLE: '0' },
    });
    return { ...result, all: await tracesOf(result, cwd) };
  });
}

/** In parallel: a run with a fault spends most of its time waiting. */
async function all<T>(items: readonly T[], use: (item: T, index: number) => Promise<void>): Promise<void> {
  await Promise.all(items.map(use));
}

/** A literal secret can only be applied with the file. */
const withoutLiteral = (text: string): string => text.replace(/^.*name: Literal.*\n/m, '');

/** Returns the files with the desired state changed. */
function filesWith({ files }: Canaries['given'], change: (text: string) => string): Record<string, string> {
  const given = typeof files === 'string' ? { 'hookwright.yaml': files } : (files ?? {});
  return Object.fromEntries(
    Object.entries(given).map(([name, text]) => [name, name.endsWith('.yaml') ? change(text) : text]),
  );
}

describe('no secret leaks', () => {
  test.each(SIZES)('the search finds a canary of %i characters in each form', (size) => {
    for (const value of Object.values(canariesOf(size).env)) {
      // A form that lost a character at either end may have lost what the search looks for.
      const forms = formsOf(value).filter((form) => form.length !== value.length - 1);
      for (const form of forms)
        expect({ form, isFound: leaksIn(`x${form}y`).length > 0 }).toEqual({ form, isFound: true });
    }
  });

  // Without a file, a short word in a path is not known to be a secret.
  const isKnown = (command: string, size: number): boolean => command !== 'import' || size !== 8;
  const quiet = MORE_SIZES.flatMap((size) =>
    RUNS.filter(({ command }) => isKnown(command, size)).flatMap((run) =>
      (['info', 'debug'] as const).map((level) => ({ ...run, level, size })),
    ),
  );
  test.each(quiet)('$command $format $level, secrets of $size characters', async ({ size, ...scenario }) => {
    const { code, all } = await traces(scenario, canariesOf(size));
    expect(leaksIn(all)).toEqual([]);
    expect({ code, all }).toEqual({ code: 0, all });
  });

  test.each(FAULTS.map(({ name }) => name))('for every fault: %s', async (name) => {
    const { env } = canariesOf(64);
    const wrong: Fault = {
      name,
      bytes: 2 * 1024 * 1024,
      milliseconds: 30,
      location: `https://e.example/?k=${env['ENV_URL'] ?? ''}`,
    };
    const reads = ({ command }: Pick<Told, 'command'>): boolean => !command.startsWith('apply');
    await all(ONLINE, async (scenario) => {
      // An endless rate limit would be waited for without end.
      let limited = 0;
      const fault = (): Fault | undefined =>
        name.startsWith('429') && (limited += 1) > 1 ? undefined : wrong;
      const left = await traces({ ...scenario, level: 'debug' }, canariesOf(64), (emulator) => {
        emulator.fault = ({ method }) => (reads(scenario) || method !== 'GET' ? fault() : undefined);
      });
      expect({ ...scenario, leaks: leaksIn(left.all) }).toEqual({ ...scenario, leaks: [] });
    });
  });

  // Over these, every command meets every value.
  const quoted = SIZES.flatMap((size) => [400, 403, 500].map((status) => ({ size, status }))).map(
    (quoting, shift) => ({ ...quoting, shift }),
  );
  test.each(quoted)(
    'an API that answers $status with every secret there is, of $size characters',
    async (quoting) => {
      const { size, status, shift } = quoting;
      const canaries = canariesOf(size);
      const values = Object.values(canaries.env);
      await all(ONLINE, async (scenario, index) => {
        // What none of the run's files names is not known. A message is quoted as far as 300 characters.
        const known =
          scenario.command === 'import'
            ? 1
            : values.length - (/^(plan|apply)$/.test(scenario.command) ? 0 : 1);
        const message = formsOf(values[(index + shift) % known] ?? '').join(' | ');
        const left = await traces({ ...scenario, level: 'debug' }, canaries, (emulator) => {
          emulator.intercept = ({ method }) =>
            scenario.command.startsWith('apply') && method === 'GET'
              ? undefined
              : {
                  name: 'quoting',
                  effect: false,
                  status,
                  send: (wire) => sendAnswer({ ...wire, answer: refuse(status, message) }),
                };
        });
        expect({ ...scenario, leaks: leaksIn(left.all) }).toEqual({ ...scenario, leaks: [] });
      });
    },
  );

  test('faults of the file show no scalar that could be a secret', () => {
    const { env, given } = canariesOf(64);
    const files = filesWith(given, (text) => text.replaceAll(/^( {2}- \{.*)\}$/gm, '$1, wat: 1 }'));
    return withAccount({ files }, async ({ run, cwd }) => {
      for (const format of ['text', 'json']) {
        const result = await run(['validate', ...REPORTS, '--format', format], {
          env: { ...env, GITHUB_ACTIONS: 'true' },
        });
        expect(result.code).toBe(3);
        expect(leaksIn(await tracesOf(result, cwd))).toEqual([]);
      }
    });
  });
});
