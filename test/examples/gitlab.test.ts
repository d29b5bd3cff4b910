import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { ACCOUNT, fileOf, withAccount } from '../support/site.js';
import { textOf } from './files.js';

type Job = {
  readonly script: readonly string[];
  readonly artifacts: {
    readonly paths?: readonly string[];
    readonly reports: Readonly<Record<string, string>>;
  };
};
type Pipeline = Readonly<Record<'validate' | 'plan' | 'apply', Job>> & {
  readonly '.hookwright': { readonly variables: Readonly<Record<string, string | number>> };
};
type Inputs = Readonly<Record<string, { readonly default?: string }>>;

const TEMPLATE = textOf('examples/gitlab/templates/hookwright.yml');
const [header] = parseAllDocuments(TEMPLATE);
const { spec } = header?.toJS() as { readonly spec: { readonly inputs: Inputs } };
const { include } = parse(textOf('examples/gitlab/.gitlab-ci.yml')) as {
  readonly include: readonly [
    { readonly component: string; readonly inputs: Readonly<Record<string, string>> },
  ];
};

/** Returns the component with the example's inputs, as GitLab interpolates them: only below the header. */
function pipelineOf(given: Readonly<Record<string, string>>): Pipeline {
  const [, body = ''] = TEMPLATE.split(/^---\n/m);
  const filled = body.replaceAll(/\$\[\[ inputs\.([\w-]+) \]\]/g, (_, name: string) => {
    const value = given[name] ?? spec.inputs[name]?.default;
    if (value === undefined) throw new Error(`the input ${name} has no value`);
    return value;
  });
  expect(filled).not.toContain('$[[');
  return parse(filled) as Pipeline;
}

describe('the GitLab component', () => {
  const [{ component, inputs }] = include;
  const pipeline = pipelineOf(inputs);

  test('is included by name, with every input that it requires and no other', () => {
    expect(component).toMatch(/\/hookwright@\d+\.\d+\.\d+$/);
    const required = Object.entries(spec.inputs).filter(([, input]) => input.default === undefined);
    expect(Object.keys(inputs)).toEqual(required.map(([name]) => name));
  });

  test.each([
    ['the first time', false],
    ['with a tag', true],
  ])('%s, its command lines do what they say, and write every report that it collects', (_, tagged) =>
    withAccount(
      { files: fileOf('  - { name: A, url: "https://a.example/", secret: none }') },
      async (site) => {
        const git = (...args: readonly string[]): string =>
          execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.com', ...args], {
            cwd: site.cwd,
          }).toString();
        git('init', '--quiet');
        git('add', '.');
        git('commit', '--quiet', '--message=Begin');
        if (tagged) git('tag', 'deployed');
        const env: Record<string, string> = {};
        for (const [name, value] of Object.entries(pipeline['.hookwright'].variables)) {
          if (name.startsWith('HOOKWRIGHT_')) env[name] = String(value);
        }
        expect(env).toEqual({
          HOOKWRIGHT_FILE: 'hookwright.yaml',
          HOOKWRIGHT_ACCOUNT: ACCOUNT,
          HOOKWRIGHT_ENV_ALLOW: '*_SECRET\n*_WEBHOOK_URL',
        });
        // The line that checks the tag, run in a shell.
        const [asks = ''] = pipeline.plan.script.filter((line) => line.startsWith('if git'));
        const shell = `${asks} >/dev/null; echo "$HOOKWRIGHT_PREVIOUS"`;
        const previous = execFileSync('bash', ['-c', shell], { cwd: site.cwd }).toString().trim();
        expect(previous.endsWith('git:deployed')).toBe(tagged);
        for (const name of ['validate', 'plan', 'apply'] as const) {
          const job = pipeline[name];
          const line = job.script.find((command) => command.startsWith('hookwright ')) ?? '';
          const more: Record<string, string> = {};
          if (name === 'plan' && tagged) more['HOOKWRIGHT_PREVIOUS'] = 'git:deployed';
          const { code } = await site.run(line.split(' ').slice(1), { env: { ...env, ...more } });
          expect([name, code]).toEqual([name, 0]);
          for (const file of [...(job.artifacts.paths ?? []), ...Object.values(job.artifacts.reports)]) {
            expect(await site.read(file)).not.toBe('');
          }
          if (name === 'plan') {
            expect(JSON.parse(await site.read('tfplan.json'))).toEqual({ create: 1, update: 0, delete: 0 });
            expect(site.emulator.writes()).toEqual([]);
          }
        }
        expect(site.names()).toEqual(['A']);
      },
    ),
  );

  test('only the apply job has the token that can write, and it pushes nothing except the tag', () => {
    expect(pipeline.plan.script[0]).toBe('export CLOUDFLARE_API_TOKEN="$CLOUDFLARE_READ_TOKEN"');
    expect(pipeline.apply).toMatchObject({
      environment: 'production',
      resource_group: 'hookwright-production',
    });
    const pushes = pipeline.apply.script.filter((line) => line.includes('git push'));
    expect(pushes).toEqual([expect.stringMatching(/ "refs\/tags\/deployed"$/)]);
  });
});
