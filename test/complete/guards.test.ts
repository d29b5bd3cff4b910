import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import schema from '../../schemas/plan.schema.json' with { type: 'json' };
import { COMMANDS } from '../../src/commands/commands.js';
import { makeFlag, variableOf } from '../../src/cli/flags.js';
import { GUARD_CODES } from '../../src/core/plan.js';
import { ROOT } from '../docs/pages.js';
import { ACCOUNT, fileOf, OTHER_ACCOUNT, withAccount } from '../support/site.js';

const { guard, override } = schema.definitions;
const CASES = readdirSync(path.join(ROOT, 'test/cases'));

/** Every place that has to know a guard, asked about every guard. */
test('the schema of plans has the code of every guard, and no others', () => {
  expect([...guard.properties.code.enum].sort()).toEqual([...GUARD_CODES].sort());
});

test.each(GUARD_CODES)('%s has a golden run', (code) => {
  expect(CASES).toContain(`guard-${code}`);
});

/** The flags of plan that decide something by hand, and so are part of a plan. */
const deciding = (COMMANDS.find(({ name }) => name === 'plan')?.flags ?? []).filter(
  (flag) => variableOf(flag) === undefined && flag !== 'allowLiteralSecrets',
);

describe('a flag that lets a guard pass', () => {
  test.each(deciding)('%s is recorded in saved plans', (flag) => {
    expect(override.properties.flag.enum).toContain(makeFlag(flag).long);
  });

  test.each(deciding)('%s is refused beside a saved plan, whose decisions are made', (flag) =>
    withAccount({ files: fileOf('  - { name: A, url: "https://a.example/" }\n') }, async ({ run }) => {
      await run(['plan', '--out', 'plan.json']);
      const long = makeFlag(flag).long ?? '';
      const { code, stderr } = await run(['apply', 'plan.json', long, 'A']);
      expect(code).toBe(3);
      expect(stderr).toContain(`${long} cannot be used with a saved plan`);
      expect(stderr).toContain(`apply the new plan: hookwright plan ${long} A --out plan.json\n`);
    }),
  );

  test.each(deciding)('%s with a name that fits in two accounts has to say which', (flag) => {
    const file = fileOf('  - { name: A, url: "https://a.example/" }\n', 'unlisted: delete');
    const files = { 'a.yaml': file, 'b.yaml': file.replace(ACCOUNT, OTHER_ACCOUNT) };
    const webhooks = [{ name: 'Gone', url: 'https://gone.example/' }];
    return withAccount({ files, webhooks }, async ({ run, emulator }) => {
      emulator.seed(OTHER_ACCOUNT, webhooks);
      const results = await Promise.all(
        ['A', 'Gone'].map((name) =>
          run(['plan', '-f', 'a.yaml', '-f', 'b.yaml', makeFlag(flag).long ?? '', name]),
        ),
      );
      expect(results.map(({ stderr }) => stderr).join('')).toContain('matches webhooks in 2 accounts');
    });
  });
});
