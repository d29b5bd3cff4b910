import { describe, expect, test } from '@jest/globals';
import { TOKEN, withAccount } from '../support/site.js';
import { ENDINGS, SEVERAL, type Ending } from './endings.js';

const run = ({ given, args, env = {}, fault }: Ending, ...format: string[]) =>
  withAccount(given, async (site) => {
    if (fault) site.emulator.fault = ({ method, path, n }) => fault(method, path, n);
    return site.run([...args, ...format], { env });
  });

describe('every result has its exit code and one JSON document', () => {
  test.each([...ENDINGS, ...SEVERAL])('$what: $code', async (ending) => {
    const { code, stdout, stderr } = await run(ending);
    const shown = stdout + stderr;
    expect({ code, shown }).toEqual({ code: ending.code, shown });
    expect(shown).not.toBe('');
    expect(shown).not.toMatch(/This is a bug|\bat \S+ \(|\[object Object\]|undefined|NaN/);
    expect(shown).not.toContain(TOKEN);

    const asked = await run(ending, '--format', 'json');
    expect(asked.code).toBe(ending.code);
    expect(JSON.parse(asked.stdout)).toMatchObject(ending.json);
    expect(asked.stdout.endsWith('}\n')).toBe(true);
    expect(asked.stdout + asked.stderr).not.toContain(TOKEN);
  });

  test('every exit code except those of signals and stale plans is tested above', () => {
    expect(new Set(ENDINGS.map(({ code }) => code))).toEqual(new Set([0, 1, 2, 3, 4, 6, 7]));
  });
});
