import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
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
  readonly variables: Readonly<Record<string, string>>;
};

describe('the GitLab pipeline', () => {
  let pipeline: Pipeline;
  beforeAll(() => {
    pipeline = parse(textOf('examples/gitlab/.gitlab-ci.yml')) as Pipeline;
  });
  /** The arguments of a job's own command. */
  const argumentsOf = (job: Job): string[] => {
    const line = job.script.find((command) => command.startsWith('hookwright ')) ?? '';
    return line.split(' ').slice(1);
  };

  test('its command lines do what they say, and write every report that it collects', () =>
    withAccount(
      { files: fileOf('  - { name: A, url: "https://a.example/", secret: none }') },
      async (site) => {
        const git = (...args: string[]): Buffer =>
          execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.com', ...args], {
            cwd: site.cwd,
          });
        git('init', '--quiet');
        git('add', '.');
        git('commit', '--quiet', '--message=Begin');
        git('tag', 'deployed');
        const env = Object.fromEntries(
          Object.entries(pipeline.variables)
            .filter(([name]) => name.startsWith('HOOKWRIGHT_'))
            .map(([name, value]) => [name, value]),
        );
        expect(env['HOOKWRIGHT_ACCOUNT']).toBe(ACCOUNT);
        for (const name of ['validate', 'plan', 'apply'] as const) {
          const job = pipeline[name];
          const { code } = await site.run(argumentsOf(job), { env });
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
    ));

  test('only the apply job has the token that may write, and nothing else goes to Git than the tag', () => {
    expect(pipeline.plan.script[0]).toBe('export CLOUDFLARE_API_TOKEN="$CLOUDFLARE_READ_TOKEN"');
    expect(pipeline.apply).toMatchObject({ environment: 'production', resource_group: 'hookwright' });
    const pushes = pipeline.apply.script.filter((line) => line.includes('git push'));
    expect(pushes).toEqual([expect.stringMatching(/ refs\/tags\/deployed$/)]);
  });
});
