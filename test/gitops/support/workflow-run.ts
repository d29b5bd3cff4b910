import { evaluate, interpolate, isTrue, type Contexts } from './expressions.js';
import { runSteps, texts, type Machine } from './runner.js';
import { needsOf, type Job, type Texts, type Workflow } from './workflow.js';

export type JobResult = 'success' | 'failure' | 'skipped';

/** The result of a job, or of one leg of its matrix. */
export type Leg = {
  readonly result: JobResult;
  readonly outputs: Texts;
  readonly log: string;
  readonly summary: string;
  /** The jobs of a reusable workflow. */
  readonly jobs?: JobRuns;
};
export type JobRun = {
  readonly result: JobResult;
  readonly outputs: Texts;
  /** By account name. A job without a matrix has one leg, ''. */
  readonly legs: Readonly<Record<string, Leg>>;
};
export type JobRuns = Readonly<Record<string, JobRun>>;

/** What GitHub provides for a run of a workflow. */
export type Site = {
  readonly github: Contexts;
  readonly inputs?: Texts;
  /** Returns the workflow in a file of the run's commit. */
  readonly workflow: (file: string) => Promise<Workflow>;
  readonly machineFor: (permissions: Texts) => { readonly machine: Machine; readonly token: string };
  readonly secretsFor: (environment: string | undefined) => Texts;
};

const SKIPPED: JobRun = { result: 'skipped', outputs: {}, legs: {} };
const STATUS = /\b(always|cancelled|failure|success)\(\)/;

/** Runs the jobs of a workflow, each after the jobs that it needs. With `before`, reruns its failed jobs. */
export async function runWorkflow(file: string, site: Site, before?: JobRuns): Promise<JobRuns> {
  const { jobs, permissions } = await site.workflow(file);
  const runs: Record<string, JobRun> = {};
  const again = new Set<string>();
  // The jobs are in the order of their needs.
  for (const [name, job] of Object.entries(jobs)) {
    const old = before?.[name];
    if (old && old.result !== 'failure' && !needsOf(job).some((need) => again.has(need))) {
      runs[name] = old;
      continue;
    }
    again.add(name);
    const needs = Object.fromEntries(needsOf(job).map((need) => [need, needed(runs, need)]));
    const contexts = { github: site.github, inputs: site.inputs ?? {}, needs };
    runs[name] = goes(job, contexts) ? await runJob(job, contexts, permissions, site, old) : SKIPPED;
  }
  return runs;
}

function needed(runs: Readonly<Record<string, JobRun>>, name: string): JobRun {
  const run = runs[name];
  if (!run) throw new Error(`the job ${name} has not run`);
  return run;
}

function goes(job: Job, contexts: Contexts & { readonly needs: object }): boolean {
  const all = Object.values(contexts.needs as JobRuns).every(({ result }) => result === 'success');
  if (job.if === undefined) return all;
  return (all || STATUS.test(job.if)) && isTrue(evaluate(job.if, contexts));
}

async function runJob(
  job: Job,
  contexts: Contexts,
  permissions: Texts,
  site: Site,
  before: JobRun | undefined,
): Promise<JobRun> {
  const legs = await Promise.all(
    matrixOf(job, contexts).map(async (matrix) => {
      const name = (matrix['account'] as { readonly name: string } | undefined)?.name ?? '';
      const old = before?.legs[name];
      const leg =
        old && old.result !== 'failure'
          ? old
          : await runLeg(job, { ...contexts, matrix }, permissions, site, old);
      return [name, leg] as const;
    }),
  );
  const failed = legs.some(([, { result }]) => result === 'failure');
  const outputs = Object.assign({}, ...legs.map(([, leg]) => leg.outputs)) as Texts;
  return { result: failed ? 'failure' : 'success', outputs, legs: Object.fromEntries(legs) };
}

/** Returns the legs of a job's matrix, which has one axis, or one empty leg without a matrix. */
function matrixOf({ strategy }: Job, contexts: Contexts): readonly Readonly<Record<string, unknown>>[] {
  const [axis, ...others] = Object.entries(strategy?.matrix ?? {});
  if (others.length > 0) throw new Error('only one axis is known here');
  if (!axis) return [{}];
  const values = typeof axis[1] === 'string' ? evaluate(axis[1], contexts) : axis[1];
  return (values as readonly unknown[]).map((value) => ({ [axis[0]]: value }));
}

async function runLeg(
  job: Job,
  contexts: Contexts,
  permissions: Texts,
  site: Site,
  before: Leg | undefined,
): Promise<Leg> {
  if (job.uses !== undefined) {
    if (job.secrets !== 'inherit') throw new Error('a reusable workflow without secrets is not known here');
    const inner = { ...site, inputs: texts(job.with ?? {}, contexts) };
    const jobs = await runWorkflow(job.uses.replace(/^\.\//, ''), inner, before?.jobs);
    const failed = Object.values(jobs).some(({ result }) => result === 'failure');
    return { result: failed ? 'failure' : 'success', outputs: {}, log: '', summary: '', jobs };
  }
  const environment = job.environment === undefined ? undefined : interpolate(job.environment, contexts);
  const { machine, token } = site.machineFor(job.permissions ?? permissions);
  const github = { ...(contexts['github'] as object), token };
  const secrets = site.secretsFor(environment);
  const { ok, ...rest } = await runSteps(job, { ...contexts, github, secrets }, machine);
  return { result: ok ? 'success' : 'failure', ...rest };
}
