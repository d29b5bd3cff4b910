import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { Emulator } from '../../../src/emulator/emulator.js';
import { emptyFolder } from '../../support/cli.js';
import { REPOSITORY, startGitHub, tokenFor, type GitHub } from './github.js';
import { Repository } from './repository.js';
import type { Machine } from './runner.js';
import { makeTools, type Issue } from './tools.js';
import type { Texts, Workflow } from './workflow.js';
import { runWorkflow, type JobRuns, type Site } from './workflow-run.js';

const EXAMPLE = path.resolve(import.meta.dirname, '../../../examples/gitops-repo');

/** A run of a workflow, whose failed jobs can be rerun. */
export type WorkflowRun = { readonly jobs: JobRuns; readonly rerunFailed: () => Promise<WorkflowRun> };

type Event = {
  readonly name: string;
  readonly ref: string;
  readonly actor?: string;
  readonly payload?: object;
  /** False for forks and Dependabot: GitHub gives them no secrets and a read-only token. */
  readonly trusted?: boolean;
};

/** The example repository and its environment. */
export type Stage = {
  readonly emulator: Emulator;
  readonly github: GitHub;
  readonly repository: Repository;
  readonly issues: () => Promise<readonly Issue[]>;
  /** Secrets of the repository, under '', and of its environments. */
  readonly secrets: Record<string, Record<string, string>>;
  /** URLs that do not accept Cloudflare's test message. */
  readonly refused: Set<string>;
  /** Opens or updates pull request `number`. */
  readonly pullRequest: (
    number: number,
    by?: { readonly from?: string; readonly actor?: string },
  ) => Promise<JobRuns>;
  /** Runs the merge queue for pull request `number`. */
  readonly mergeGroup: (number: number) => Promise<JobRuns>;
  /** Merges the pull request, which starts a deployment. */
  readonly merge: (number: number) => Promise<WorkflowRun>;
  /** Starts a deployment after a push to main or by hand. */
  readonly deploy: (event?: 'push' | 'workflow_dispatch') => Promise<WorkflowRun>;
  readonly drift: () => Promise<JobRuns>;
  readonly close: () => Promise<void>;
};

export async function openStage(): Promise<Stage> {
  const folder = await emptyFolder();
  const refused = new Set<string>();
  const destinationStatus = (url: string): number | undefined => (refused.has(url) ? 503 : undefined);
  const emulator = await new Emulator({ destinationStatus }).start();
  const github = await startGitHub();
  const { bin, action, issuesFile, issues } = await makeTools(folder);
  const env = environment(folder, bin, {
    CLOUDFLARE_BASE_URL: emulator.url,
    GH_ISSUES: issuesFile,
    GITHUB_API_URL: github.url,
  });
  await mkdir(path.join(folder, 'runner'));
  const repository = await Repository.create(EXAMPLE, folder, env);
  const secrets: Stage['secrets'] = {};
  const origin = `file://${repository.origin}`;

  async function run(workflow: string, event: Event, before?: JobRuns, sha?: string): Promise<WorkflowRun> {
    const { name, ref, actor = 'octocat', payload = {}, trusted = true } = event;
    const commit = sha ?? (await repository.at(ref));
    const machine: Machine = { folder: path.join(folder, 'runner'), origin, action, env };
    const readOnly = {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'url.denied:.pushInsteadOf',
      GIT_CONFIG_VALUE_0: 'file:',
    };
    const site: Site = {
      github: { event_name: name, event: payload, repository: REPOSITORY, ref, sha: commit, actor },
      workflow: async (file) => parse(await repository.git('show', `${commit}:${file}`)) as Workflow,
      machineFor: (permissions) => {
        const granted = permissions['pull-requests'];
        const mayPush = trusted && permissions['contents'] === 'write';
        return {
          machine: mayPush ? machine : { ...machine, env: { ...env, ...readOnly } },
          token: tokenFor(trusted || granted === undefined ? granted : 'read'),
        };
      },
      secretsFor: (named) => (trusted ? { ...secrets[''], ...(named !== undefined && secrets[named]) } : {}),
    };
    const jobs = await runWorkflow(`.github/workflows/${workflow}.yml`, site, before);
    return { jobs, rerunFailed: () => run(workflow, event, jobs, commit) };
  }

  return {
    emulator,
    github,
    repository,
    issues,
    secrets,
    refused,
    pullRequest: async (number, { from = REPOSITORY, actor = 'octocat' } = {}) => {
      const payload = { pull_request: { number, head: { repo: { full_name: from } } } };
      const trusted = from === REPOSITORY && actor !== 'dependabot[bot]';
      const ref = `refs/pull/${number}/merge`;
      return (await run('check', { name: 'pull_request', ref, payload, actor, trusted })).jobs;
    },
    mergeGroup: async (number) => {
      const ref = `refs/heads/${await repository.queue(number)}`;
      const payload = { merge_group: { head_ref: ref } };
      return (await run('check', { name: 'merge_group', ref, payload })).jobs;
    },
    merge: async (number) => {
      const commit = await repository.merge(number);
      github.pulls.set(commit, [{ number, merged_at: '2026-01-01T00:00:00Z', merge_commit_sha: commit }]);
      return run('deploy', { name: 'push', ref: 'refs/heads/main' });
    },
    deploy: (name = 'push') => run('deploy', { name, ref: 'refs/heads/main' }),
    drift: async () => (await run('drift', { name: 'schedule', ref: 'refs/heads/main' })).jobs,
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
    GIT_CONFIG_NOSYSTEM: '1',
    ...Object.fromEntries(
      Object.entries(identity).flatMap(([key, value]) => [
        [`GIT_AUTHOR_${key}`, value],
        [`GIT_COMMITTER_${key}`, value],
      ]),
    ),
    HOOKWRIGHT_RETRIES: '0',
    HOOKWRIGHT_RETRY_DELAY: '1',
    HOOKWRIGHT_SETTLE: '0.05',
    ...more,
  };
}
