import { describe, expect, test } from '@jest/globals';
import { ENTRY_FAULTS } from '../../src/commands/explain/explain-entries.js';
import { FILE_FAULTS } from '../../src/commands/explain/explain-files.js';
import { explainedCodes, EXPLANATIONS } from '../../src/commands/explain/explanations.js';
import { runCli } from '../support/cli.js';
import { diagnosticCodes, MAKERS, takersOfCodes } from './diagnostic-codes.js';

describe('explanations', () => {
  test('every code of a diagnostic has one, and none is for a code that is gone', () => {
    expect([...Object.keys(FILE_FAULTS), ...Object.keys(ENTRY_FAULTS)].sort()).toEqual(diagnosticCodes());
  });

  test('whatever takes a code is known to make faults, so that none is overlooked', () => {
    // It asks for a code that was made elsewhere.
    const others = ['startOf'];
    for (const [name, index] of takersOfCodes()) {
      if (!others.includes(name)) expect([name, MAKERS[name]]).toEqual([name, index]);
    }
  });

  test('each is three sentences or more, within reason', () => {
    for (const { codes } of EXPLANATIONS) {
      for (const [code, parts] of Object.entries(codes)) {
        expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
        for (const part of parts) expect(part).toMatch(/^.{5,250}[.)]$|https:\S+$|[A-Z_]+\.$/);
      }
    }
  });
});

describe('explain', () => {
  test.each(explainedCodes())('%s', async (code) => {
    const { code: exit, stdout, stderr } = await runCli(['explain', code]);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout.startsWith(`${code} (`)).toBe(true);
  });

  test('a code that is an error and a guard has both', async () => {
    const { stdout } = await runCli(['explain', 'in-use']);
    expect(stdout).toContain('in-use (error)');
    expect(stdout).toContain('in-use (guard)');
  });

  test.each([
    ['in-sue', 'Did you mean "in-use"?'],
    ['unlisted', 'Did you mean "unlisted-undecided"?'],
    ['zzzzzzzzzzzzzzzz', 'Known codes: usage, '],
  ])('%s is not known', async (code, told) => {
    const { code: exit, stdout, stderr } = await runCli(['explain', code]);
    expect({ exit, stdout }).toEqual({ exit: 3, stdout: '' });
    expect(stderr).toContain(told);
  });
});
