import { expect, test } from '@jest/globals';
import schema from '../../schemas/hookwright.schema.json' with { type: 'json' };
import { parseAllDocuments } from 'yaml';
import { runCli } from '../support/cli.js';
import { exampleFiles, isDesiredState, ROOT, textOf } from './files.js';

const yaml = exampleFiles().filter((file) => /\.ya?ml$/.test(file));

test('every YAML file is read without a warning', () => {
  for (const file of yaml) {
    const found = parseAllDocuments(textOf(file)).flatMap((document) => [
      ...document.errors,
      ...document.warnings,
    ]);
    expect([file, found]).toEqual([file, []]);
  }
});

test.each(yaml.filter(isDesiredState))('%s is valid, without warnings', async (file) => {
  const { code, stdout, stderr } = await runCli(['validate', '--file', file], { cwd: ROOT });
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('Success!');
});

test('the two accounts of the GitOps repository are valid together', async () => {
  const { code } = await runCli(['validate', '--file', 'examples/gitops-repo/webhooks'], { cwd: ROOT });
  expect(code).toBe(0);
});

test.each(yaml.filter(isDesiredState))(
  '%s names its schema by its $id, which works in any directory',
  (file) => {
    const named = /^# yaml-language-server: \$schema=(\S+)$/m.exec(textOf(file))?.[1];
    expect(named).toBe(schema.$id);
  },
);
