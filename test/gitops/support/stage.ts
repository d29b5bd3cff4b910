import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Emulator } from '../../../src/emulator/emulator.js';
import { emptyFolder } from '../../support/cli.js';
import type { Contexts } from './expressions.js';
import { GITHUB_TOKEN, REPOSITORY, startGitHub, type GitHub } from './github.js';
import { Repository } from './repository.js';
import { runJob, type JobResult, type Machine } from './runner.js';
import { makeTools, type Issue } from './tools.js';
import { legsOf, readWorkflow, type Texts } from './workflow.js';

const EXAMPLE = path.resolve(import.meta.dirname, '../../../examples/gitops-repo');
const SECRETS = {
  repository: { CLOUDFLARE_READ_TOKEN: 'read-only-token' },
  environment: { CLOUDFLARE_API_TOKEN: 'write-token', OPS_SLACK_TOKEN: 'slack-1', RELAY_SECRET: 'relay-1' },
};

/** What each leg of a job came to, by the account's name; absent: its `if` says no. */
export type Legs = Readonly<Record<string, JobResult>>;

/** Everything that the example repository lives among. */
export type Stage = {
  readonly emulator: Emulator;
  readonly github: GitHub;
  readonly repository: Repository;
  readonly issues: () => Promise<readonly Issue[]>;
  /** The secrets of both environments; may be changed. */
  readonly environmentSecrets: Record<string, string>;
  readonly pullRequest: (
    number: number,
    from?: string,
  ) => Promise<{ readonly validate: JobResult; readonly plan: Legs }>;
  /** Says that `commit` is the merge of the pull request. */
  readonly merged: (number: number, commit: string) => void;
  readonly deployPlan: (event?: 'push' | 'workflow_dispatch') => Promise<Legs>;
  readonly deployApply: (planned: Legs) => Promise<Legs>;
  readonly drift: () => Promise<Legs>;
  readonly close: () => Promise<void>;
};

export async function openStage(): Promise<Stage> {
  const folder = await emptyFolder();
  const emulator = await new Emulator().start();
  const github = await startGitHub();
  const { bin, issuesFile, issues } = await makeTools(folder);
  const env = environment(folder, bin, { GH_ISSUES: issuesFile, GITHUB_API_URL: github.url });
  await mkdir(path.join(folder, 'runner'));
  const repository = await Repository.create(EXAMPLE, folder, env);
  const environmentSecrets: Record<string, string> = { ...SECRETS.environment };
  const workflow = (name: string): ReturnType<typeof readWorkflow> =>
    readWorkflow(path.join(EXAMPLE, '.github/workflows', `${name}.yml`));

  async function legs(
    [file, name]: readonly [string, string],
    event: { readonly name: string; readonly ref: string; readonly payload?: object },
    more: { readonly needs?: object; readonly trusted?: boolean } = {},
  ): Promise<Legs> {
    const job = workflow(file).jobs[name];
    if (!job) throw new Error(`${file} has no job ${name}`);
    const sha = await repository.at(event.ref);
    const machine: Machine = {
      folder: path.join(folder, 'runner'),
      origin: `file://${repository.origin}`,
      env: {
        ...env,
        CLOUDFLARE_BASE_URL: emulator.url,
        GITHUB_ACTIONS: 'true',
        GITHUB_REPOSITORY: REPOSITORY,
        GITHUB_SHA: sha,
      },
    };
    const { trusted = true } = more;
    const secrets = {
      ...(trusted && SECRETS.repository),
      ...(job.environment !== undefined && environmentSecrets),
    };
    const results = await Promise.all(
      legsOf(job).map(async (matrix) => {
        const contexts: Contexts = {
          github: {
            event_name: event.name,
            event: event.payload ?? {},
            repository: REPOSITORY,
            ref: event.ref,
            sha,
            token: GITHUB_TOKEN,
          },
          secrets,
          matrix,
          needs: more.needs ?? {},
        };
        const account = matrix['account'] as { readonly name: string } | undefined;
        const result = await runJob(job, contexts, machine);
        return result ? [[account?.name ?? name, result] as const] : [];
      }),
    );
    return Object.fromEntries(results.flat());
  }

  return {
    emulator,
    github,
    repository,
    issues,
    environmentSecrets,
    pullRequest: async (number, from = REPOSITORY) => {
      const payload = { pull_request: { number, head: { repo: { full_name: from } } } };
      const event = { name: 'pull_request', ref: `refs/pull/${number}/merge`, payload };
      const trusted = from === REPOSITORY;
      const { validate } = await legs(['pull-request', 'validate'], event, { trusted });
      if (!validate) throw new Error('validate did not run');
      return { validate, plan: validate.ok ? await legs(['pull-request', 'plan'], event, { trusted }) : {} };
    },
    merged: (number, commit) => {
      github.pulls.set(commit, [{ number, merged_at: '2026-01-01T00:00:00Z', merge_commit_sha: commit }]);
    },
    deployPlan: (event = 'push') => legs(['deploy', 'plan'], { name: event, ref: 'refs/heads/main' }),
    deployApply: (planned) => {
      // Later legs add to the outputs of earlier ones, as on GitHub; empty ones do not count.
      const all = Object.values(planned).flatMap(({ outputs }) => Object.entries(outputs));
      const outputs = Object.fromEntries(all.filter(([, value]) => value !== ''));
      const event = { name: 'push', ref: 'refs/heads/main' };
      return legs(['deploy', 'apply'], event, { needs: { plan: { outputs } } });
    },
    drift: () => legs(['drift', 'drift'], { name: 'schedule', ref: 'refs/heads/main' }),
    close: async () => {
      await Promise.all([emulator.stop(), github.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function environment(folder: string, bin: string, more: Texts): Texts {
  const identity = { NAME: 'Test', EMAIL: 'test@example.com' };
  return {
    PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}`,
    HOME: folder,
    CI: 'true',
    GIT_CONFIG_NOSYSTEM: '1',
    ...Object.fromEntries(
      Object.entries(identity).flatMap(([key, value]) => [
        [`GIT_AUTHOR_${key}`, value],
        [`GIT_COMMITTER_${key}`, value],
      ]),
    ),
    HOOKWRIGHT_RETRY_DELAY: '1',
    HOOKWRIGHT_SETTLE: '0.05',
    ...more,
  };
}
