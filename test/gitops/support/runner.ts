import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { evaluate, interpolate, isTrue, type Contexts } from './expressions.js';
import { readAction, type Job, type Step, type Texts } from './workflow.js';

const STEP_KEYS = ['name', 'id', 'if', 'uses', 'with', 'env', 'run'];

/** What a runner's machine provides. */
export type Machine = {
  /** A directory for all files of its runs. */
  readonly folder: string;
  /** The whole environment of each command. */
  readonly env: Texts;
  /** The repository that actions/checkout fetches from. */
  readonly origin: string;
  /** The checkout of our action: action.yml and dist/. */
  readonly action: string;
};

export type Ran = {
  readonly ok: boolean;
  readonly outputs: Texts;
  /** The output of its commands. */
  readonly log: string;
  readonly summary: string;
};

/** A running job. */
type Running = {
  readonly machine: Machine;
  readonly workspace: string;
  readonly temp: string;
  log: string;
  summary: string;
};

type Scope = {
  readonly contexts: Contexts;
  readonly env: Texts;
  readonly steps: Record<string, { outputs: Texts }>;
};

/** Runs the steps of a job with their exact command lines. */
export async function runSteps(job: Job, contexts: Contexts, machine: Machine): Promise<Ran> {
  const workspace = await mkdtemp(path.join(machine.folder, 'workspace-'));
  const temp = await mkdtemp(path.join(machine.folder, 'temp-'));
  const running = { machine, workspace, temp, log: '', summary: '' };
  const scope: Scope = { contexts, env: texts(job.env ?? {}, contexts), steps: {} };
  let ok = true;
  for (const step of job.steps ?? []) {
    const unknown = Object.keys(step).filter((key) => !STEP_KEYS.includes(key));
    if (unknown.length > 0) throw new Error(`not known here: ${unknown.join(', ')}`);
    const result = await runStep(step, ok, running, scope);
    ok &&= result.ok;
    if (step.id !== undefined) scope.steps[step.id] = { outputs: result.outputs };
  }
  const found = { ...contexts, steps: scope.steps };
  return { ok, outputs: texts(job.outputs ?? {}, found), log: running.log, summary: running.summary };
}

type Result = { readonly ok: boolean; readonly outputs: Texts };
const DONE: Result = { ok: true, outputs: {} };

async function runStep(step: Step, ok: boolean, running: Running, scope: Scope): Promise<Result> {
  const contexts = { ...scope.contexts, steps: scope.steps };
  const goes = step.if === undefined ? ok : isTrue(evaluate(step.if, contexts));
  if (!goes || (!ok && !step.if?.includes('cancelled()'))) return DONE;
  const env = { ...scope.env, ...texts(step.env ?? {}, contexts) };
  if (step.uses === undefined) {
    const script = path.join(await mkdtemp(path.join(running.temp, 'step-')), 'script');
    await writeFile(script, interpolate(step.run ?? '', contexts));
    return runProgram(['bash', '-e', script], env, running, contexts);
  }
  return runUses(step.uses, texts(step.with ?? {}, contexts), { ...scope, env, contexts }, running);
}

async function runUses(name: string, given: Texts, scope: Scope, running: Running): Promise<Result> {
  const { machine, workspace } = running;
  const artifact = path.join(machine.folder, 'artifacts', given['name'] ?? '');
  switch (name.replace(/@.*$/, '')) {
    case 'actions/checkout':
      return checkout(given, running, scope.contexts);
    case 'actions/upload-artifact':
      await mkdir(artifact, { recursive: true });
      await cp(path.join(workspace, given['path'] ?? ''), path.join(artifact, given['path'] ?? ''));
      return DONE;
    case 'actions/download-artifact':
      await cp(artifact, workspace, { recursive: true });
      return DONE;
    case 'hookwright/hookwright':
      return runAction(given, running, scope);
    default:
      throw new Error(`the action ${name} is not known here`);
  }
}

/** Runs our action as a runner does: the program that it specifies, with the inputs in the environment. */
async function runAction(given: Texts, running: Running, { contexts, env }: Scope): Promise<Result> {
  const { inputs, runs } = readAction(path.join(running.machine.action, 'action.yml'));
  const strange = Object.keys(given).filter((name) => !(name in inputs));
  if (strange.length > 0) throw new Error(`the action has no input ${strange.join(', ')}`);
  const defaults = Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => [name, input.default ?? '']),
  );
  const values = { ...texts(defaults, contexts), ...given };
  const variables = Object.entries(values).map(
    ([name, value]) => [`INPUT_${name.toUpperCase()}`, value] as const,
  );
  const program = [process.execPath, path.join(running.machine.action, runs.main)];
  return runProgram(program, { ...env, ...Object.fromEntries(variables) }, running, contexts);
}

async function checkout(given: Texts, running: Running, contexts: Contexts): Promise<Result> {
  const { machine, workspace } = running;
  const github = contexts['github'] as { readonly sha: string };
  const ref = given['ref'] ? `refs/tags/${given['ref']}` : github.sha;
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
    const { code, output } = await spawned(['git', ...args], workspace, machine.env);
    running.log += output;
    if (code !== 0) return { ok: false, outputs: {} };
  }
  return DONE;
}

/** Runs a program as GitHub does, with the event, the repository, and files to write to. */
async function runProgram(
  program: readonly string[],
  env: Texts,
  running: Running,
  contexts: Contexts,
): Promise<Result> {
  const { machine, workspace, temp } = running;
  const folder = await mkdtemp(path.join(temp, 'files-'));
  const file = (name: string): string => path.join(folder, name);
  const github = contexts['github'] as Texts & { readonly event?: object };
  await writeFile(file('event.json'), JSON.stringify(github.event ?? {}));
  await Promise.all(['output', 'summary'].map((name) => writeFile(file(name), '')));
  const { code, output } = await spawned(program, workspace, {
    ...machine.env,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTOR: github['actor'] ?? '',
    GITHUB_EVENT_NAME: github['event_name'] ?? '',
    GITHUB_EVENT_PATH: file('event.json'),
    GITHUB_OUTPUT: file('output'),
    GITHUB_REF: github['ref'] ?? '',
    GITHUB_REPOSITORY: github['repository'] ?? '',
    GITHUB_SHA: github['sha'] ?? '',
    GITHUB_STEP_SUMMARY: file('summary'),
    GITHUB_WORKSPACE: workspace,
    RUNNER_TEMP: temp,
    ...env,
  });
  running.log += output;
  running.summary += await readFile(file('summary'), 'utf8');
  return { ok: code === 0, outputs: outputsIn(await readFile(file('output'), 'utf8')) };
}

/** Parses `name=value` and `name<<END`, as described in https://docs.github.com/actions. */
export function outputsIn(text: string): Texts {
  const outputs: Record<string, string> = {};
  for (const match of text.matchAll(/^([^\n=]+?)(?:<<(.+)\n(?:([^]*?)\n)?\2|=(.*))$/gm)) {
    const [, name = '', , block, line] = match;
    outputs[name] = block ?? line ?? '';
  }
  return outputs;
}

export function texts(values: Readonly<Record<string, unknown>>, contexts: Contexts): Texts {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, interpolate(String(value), contexts)]),
  );
}

function spawned(
  [command = '', ...args]: readonly string[],
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
