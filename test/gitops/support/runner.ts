import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { evaluate, interpolate, isTrue, type Contexts } from './expressions.js';
import { readAction, type Job, type Step, type Texts } from './workflow.js';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const STEP_KEYS = ['name', 'id', 'if', 'uses', 'with', 'env', 'run', 'shell', 'working-directory'];

/** What a runner's machine offers. */
export type Machine = {
  /** A folder for everything of its runs. */
  readonly folder: string;
  /** The whole environment of each command. */
  readonly env: Texts;
  /** Fetched from by actions/checkout. */
  readonly origin: string;
};

export type JobResult = {
  readonly ok: boolean;
  readonly outputs: Texts;
  /** What its commands printed. */
  readonly log: string;
  readonly summary: string;
};

/** A job under way. */
type Running = {
  readonly machine: Machine;
  readonly workspace: string;
  readonly temp: string;
  path: string;
  log: string;
  summary: string;
};

type Scope = {
  readonly contexts: Contexts;
  readonly env: Texts;
  readonly steps: Record<string, { outputs: Texts }>;
};

/** Runs a leg of a job with the very command lines of its steps. `undefined`: its `if` says no. */
export async function runJob(job: Job, contexts: Contexts, machine: Machine): Promise<JobResult | undefined> {
  if (job.if !== undefined && !isTrue(evaluate(job.if, contexts))) return undefined;
  const workspace = await mkdtemp(path.join(machine.folder, 'workspace-'));
  const temp = await mkdtemp(path.join(machine.folder, 'temp-'));
  const running = { machine, workspace, temp, path: machine.env['PATH'] ?? '', log: '', summary: '' };
  const scope = { contexts, env: {}, steps: {} };
  const ok = await runSteps(job.steps, running, scope);
  const found = { ...contexts, steps: scope.steps };
  return { ok, outputs: texts(job.outputs ?? {}, found), log: running.log, summary: running.summary };
}

async function runSteps(steps: readonly Step[], running: Running, scope: Scope): Promise<boolean> {
  let ok = true;
  for (const step of steps) {
    const unknown = Object.keys(step).filter((key) => !STEP_KEYS.includes(key));
    if (unknown.length > 0) throw new Error(`not known here: ${unknown.join(', ')}`);
    const contexts = { ...scope.contexts, steps: scope.steps };
    const goes = step.if === undefined ? ok : isTrue(evaluate(step.if, contexts));
    if (!goes || (!ok && !step.if?.includes('cancelled()'))) continue;
    const env = { ...scope.env, ...texts(step.env ?? {}, contexts) };
    const result = step.uses
      ? await runUses(step.uses, texts(step.with ?? {}, contexts), running, { ...scope, env, contexts })
      : await runScript(step, contexts, env, running);
    ok &&= result.ok;
    if (step.id !== undefined) scope.steps[step.id] = { outputs: result.outputs };
  }
  return ok;
}

type Result = { readonly ok: boolean; readonly outputs: Texts };
const DONE: Result = { ok: true, outputs: {} };

async function runUses(name: string, given: Texts, running: Running, scope: Scope): Promise<Result> {
  const { machine, workspace } = running;
  const artifact = path.join(machine.folder, 'artifacts', given['name'] ?? '');
  switch (name.replace(/@.*$/, '')) {
    case 'actions/checkout':
      await checkout(given, running, scope.contexts);
      return DONE;
    case 'actions/upload-artifact':
      await mkdir(artifact, { recursive: true });
      await cp(path.join(workspace, given['path'] ?? ''), path.join(artifact, given['path'] ?? ''));
      return DONE;
    case 'actions/download-artifact':
      await cp(artifact, workspace, { recursive: true });
      return DONE;
    case 'hookwright/hookwright':
      return runComposite(given, running, scope);
    default:
      throw new Error(`the action ${name} is not known here`);
  }
}

async function runComposite(given: Texts, running: Running, { contexts, env }: Scope): Promise<Result> {
  const { inputs, outputs, runs } = readAction(path.join(ROOT, 'action.yml'));
  const strange = Object.keys(given).filter((name) => !(name in inputs));
  if (strange.length > 0) throw new Error(`the action has no input ${strange.join(', ')}`);
  const github = { ...(contexts['github'] as object), action_path: ROOT };
  const defaults = Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => [name, input.default ?? '']),
  );
  const inner = { github, inputs: { ...texts(defaults, { github }), ...given } };
  const scope: Scope = { contexts: inner, env, steps: {} };
  const ok = await runSteps(runs.steps, running, scope);
  const values = Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
  return { ok, outputs: texts(values, { ...inner, steps: scope.steps }) };
}

async function checkout(given: Texts, running: Running, contexts: Contexts): Promise<void> {
  const { machine, workspace } = running;
  const github = contexts['github'] as { readonly ref: string };
  const ref = given['ref'] ? `refs/tags/${given['ref']}` : github.ref;
  const all =
    given['fetch-depth'] === '0' ? ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'] : [];
  const depth = all.length > 0 ? ['--no-tags'] : ['--no-tags', '--depth=1'];
  for (const args of [
    ['init', '--quiet'],
    ['remote', 'add', 'origin', machine.origin],
    ['fetch', '--quiet', ...depth, 'origin', ...all],
    ['fetch', '--quiet', ...depth, 'origin', ref],
    ['checkout', '--quiet', '--detach', 'FETCH_HEAD'],
  ]) {
    const { code, output } = await spawned('git', args, workspace, machine.env);
    if (code !== 0) throw new Error(output);
  }
}

async function runScript(step: Step, contexts: Contexts, env: Texts, running: Running): Promise<Result> {
  const { machine, workspace, temp } = running;
  const script = path.join(await mkdtemp(path.join(temp, 'step-')), 'script');
  const files = { GITHUB_OUTPUT: `${script}.output`, GITHUB_PATH: `${script}.path` };
  const summary = `${script}.summary`;
  await Promise.all([
    writeFile(script, interpolate(step.run ?? '', contexts)),
    ...[...Object.values(files), summary].map((file) => writeFile(file, '')),
  ]);
  const [command = '', ...args] =
    step.shell === 'bash'
      ? ['bash', '--noprofile', '--norc', '-eo', 'pipefail', script]
      : (step.shell ?? 'bash -e {0}').split(' ').map((word) => (word === '{0}' ? script : word));
  const cwd = path.resolve(workspace, interpolate(step['working-directory'] ?? '.', contexts));
  const { code, output } = await spawned(command, args, cwd, {
    ...machine.env,
    ...files,
    GITHUB_STEP_SUMMARY: summary,
    RUNNER_TEMP: temp,
    PATH: running.path,
    ...env,
  });
  running.log += output;
  running.summary += await readFile(summary, 'utf8');
  const added = (await readFile(files.GITHUB_PATH, 'utf8')).split('\n').filter(Boolean);
  running.path = [...added.reverse(), running.path].join(path.delimiter);
  const lines = (await readFile(files.GITHUB_OUTPUT, 'utf8')).split('\n').filter(Boolean);
  const outputs = lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  return { ok: code === 0, outputs: Object.fromEntries(outputs) as Texts };
}

function texts(values: Readonly<Record<string, string | number | boolean>>, contexts: Contexts): Texts {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, interpolate(String(value), contexts)]),
  );
}

function spawned(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Texts,
): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
