import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Comment, GitHub } from './github.js';
import { ActionError, argumentsOf, type Env, type Inputs, readInputs } from './inputs.js';

export type ActionIo = {
  readonly env: Env;
  /** Writes to the log of the job. */
  readonly write: (text: string) => void;
  /** The program to run, and its first arguments. */
  readonly command: readonly [string, ...string[]];
  /** Calls back when the runner cancels the job. */
  readonly onSignal: (listener: (signal: NodeJS.Signals) => void) => void;
};

/** The result of a run, for the outputs. */
type Ending = { readonly exitCode: number; readonly errorCode?: string };

/** How much of the log replaces a report that was not written. */
const LOG_LIMIT = 30_000;

/** Runs hookwright with the inputs of the step, and returns the exit code of the step. Never throws. */
export async function runAction(io: ActionIo): Promise<number> {
  try {
    const inputs = await withoutMissingPrevious(io, readInputs(io.env));
    return await runWith(io, inputs);
  } catch (error) {
    annotate(io, 'error', error instanceof ActionError ? error.message : stackOf(error));
    const exitCode = error instanceof ActionError ? error.exitCode : 1;
    await setOutputs(io, { 'exit-code': exitCode, 'error-code': exitCode === 3 ? 'usage' : 'internal' });
    return exitCode;
  }
}

async function runWith(io: ActionIo, inputs: Inputs): Promise<number> {
  const { env } = io;
  const folder = await mkdtemp(path.join(env['RUNNER_TEMP'] ?? '.', 'hookwright-'));
  const reports = {
    json: path.join(folder, 'report.json'),
    markdown: path.join(folder, 'report.md'),
    plan: path.join(folder, 'plan.json'),
  };
  const { code, output } = await runCommand(io, inputs, argumentsOf(inputs, reports));
  const result = readResult(await readIfWritten(reports.json));
  const github = new GitHub(env, inputs.token);
  const ending = (await refusedByDigest(io, inputs, github, code, result)) ?? {
    exitCode: code,
    ...(result.errorCode !== undefined && { errorCode: result.errorCode }),
  };
  const report = (await readIfWritten(reports.markdown)) || reportOf(inputs, code, output);
  await writeFile(reports.markdown, report);
  await append(env['GITHUB_STEP_SUMMARY'], `${report}\n`);
  await setOutputs(io, {
    ...countsOf(result),
    digest: result.digest ?? '',
    'plan-file': inputs.planFile || (inputs.command === 'plan' ? reports.plan : ''),
    'markdown-file': reports.markdown,
    'exit-code': ending.exitCode,
    'error-code': ending.errorCode ?? '',
  });
  if (inputs.comment) await keepComment(io, inputs, github, { report, result, code });
  return inputs.command === 'plan' && ending.exitCode === 2 ? 0 : ending.exitCode;
}

/** Drops a `previous` that does not exist, as in the first deployment of an account. */
async function withoutMissingPrevious(io: ActionIo, inputs: Inputs): Promise<Inputs> {
  const revision = /^git:([^:]+)/.exec(inputs.previous)?.[1];
  if (!inputs.previousOptional || revision === undefined) return inputs;
  const git = (...args: readonly string[]): Promise<string | undefined> =>
    promisify(execFile)('git', [...args], { cwd: inputs.directory }).then(
      ({ stdout }) => stdout.trim(),
      () => undefined,
    );
  const found = await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`);
  // In a shallow clone it can exist anyway; hookwright then says what to do.
  const isShallow = await git('rev-parse', '--is-shallow-repository');
  if (found !== undefined || isShallow !== 'false') return inputs;
  annotate(io, 'notice', `${revision} does not exist yet, so this is planned as a first deployment.`);
  return { ...inputs, previous: '' };
}

type Ran = { readonly code: number; readonly output: string };

function runCommand(io: ActionIo, inputs: Inputs, args: readonly string[]): Promise<Ran> {
  const [program, ...first] = io.command;
  // hookwright does not need the inputs of the step, which include the token for the comment.
  const env = Object.fromEntries(Object.entries(io.env).filter(([name]) => !name.startsWith('INPUT_')));
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...first, ...args], {
      cwd: inputs.directory,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    io.onSignal((signal) => child.kill(signal));
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        io.write(text);
      });
    }
    child.once('error', (error) => reject(new ActionError(`hookwright could not start: ${error.message}`)));
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Refuses a plan with changes that does not have the expected digest. */
async function refusedByDigest(
  io: ActionIo,
  inputs: Inputs,
  github: GitHub,
  code: number,
  { digest }: Result,
): Promise<Ending | undefined> {
  const { command, expectDigest } = inputs;
  if (command !== 'plan' || expectDigest === '' || code !== 2) return undefined;
  try {
    const approved =
      expectDigest === 'pull-request'
        ? await approvedDigest(io.env, inputs, github)
        : { digest: expectDigest.toLowerCase(), where: '' };
    if (approved.digest === digest) return undefined;
    const problem =
      approved.digest === undefined
        ? `No approved plan was found in ${approved.where}.`
        : `This plan is not the approved one${approved.where && ` in ${approved.where}`}: the file or the account has changed since.`;
    annotate(io, 'error', `${problem} Nothing was written.`);
    return { exitCode: 5, errorCode: 'digest-mismatch' };
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    annotate(io, 'error', `The approved plan cannot be read: ${error.message} Nothing was written.`);
    return { exitCode: 5, errorCode: 'digest-mismatch' };
  }
}

async function approvedDigest(
  env: Env,
  inputs: Inputs,
  github: GitHub,
): Promise<{ readonly digest: string | undefined; readonly where: string }> {
  const pull = await github.mergedPull(env['GITHUB_SHA'] ?? '');
  if (pull === undefined) {
    return { digest: undefined, where: 'a pull request, because this commit does not come from one' };
  }
  return { digest: digestOf(await ownComment(github, pull, inputs)), where: `pull request #${pull}` };
}

type Reported = { readonly report: string; readonly result: Result; readonly code: number };

/** Writes the comment. An error is only a warning, because the plan is not affected. */
async function keepComment(
  io: ActionIo,
  inputs: Inputs,
  github: GitHub,
  { report, result, code }: Reported,
): Promise<void> {
  try {
    const proposed = await proposedPull(io.env);
    const isApply = inputs.command === 'apply';
    // A plan after the merge was not reviewed, so it must not replace the reviewed one.
    if (proposed === undefined && !isApply) return;
    const pull = proposed ?? (await github.mergedPull(io.env['GITHUB_SHA'] ?? ''));
    if (pull === undefined) return;
    const own = await ownComment(github, pull, inputs);
    if (own === undefined && inputs.skipUnchanged && code === 0 && !isApply) return;
    const digest = isApply ? digestOf(own) : result.digest;
    const body = commentBody(report, inputs.commentKey, digest);
    if (own) await github.updateComment(own.id, body);
    else await github.createComment(pull, body);
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    annotate(io, 'warning', `The comment was not written: ${error.message}`);
  }
}

/** Returns the number of the pull request that the event is about, if any. */
async function proposedPull(env: Env): Promise<number | undefined> {
  const event = JSON.parse((await readIfWritten(env['GITHUB_EVENT_PATH'])) || '{}') as {
    readonly pull_request?: { readonly number: number };
  };
  return event.pull_request?.number;
}

function reportOf({ command }: Inputs, code: number, output: string): string {
  // Annotations are for the runner, and say what the log says.
  const text = output.replaceAll(/^::(?:error|warning) .*\n?/gm, '');
  const log = text.slice(0, LOG_LIMIT).trimEnd().replaceAll(/^/gm, '    ');
  return `## hookwright ${command}: ${code === 0 ? 'done' : 'failed'}\n\n${log}\n`;
}

function countsOf({ summary }: Result): Readonly<Record<string, string>> {
  const counts = KINDS.map((kind) => [kind, summary ? String(summary[kind]) : ''] as const);
  const changes = summary ? String(KINDS.some((kind) => summary[kind] > 0)) : '';
  return { changes, ...Object.fromEntries(counts) };
}

async function setOutputs(
  { env }: ActionIo,
  outputs: Readonly<Record<string, string | number>>,
): Promise<void> {
  // A random delimiter, so that a value cannot end early and set another output.
  const end = randomUUID();
  const text = Object.entries(outputs).map(([name, value]) => `${name}<<${end}\n${value}\n${end}\n`);
  await append(env['GITHUB_OUTPUT'], text.join(''));
}

function annotate({ write }: ActionIo, level: 'error' | 'warning' | 'notice', message: string): void {
  const escaped = message.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  write(`::${level} title=hookwright::${escaped}\n`);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

async function append(file: string | undefined, text: string): Promise<void> {
  if (file) await appendFile(file, text);
}

async function readIfWritten(file: string | undefined): Promise<string> {
  try {
    return file ? await readFile(file, 'utf8') : '';
  } catch {
    return '';
  }
}

/** What the action reads from a JSON report. A part is absent if the run ended before it. */
export type Result = {
  readonly digest?: string;
  readonly summary?: Counts;
  readonly errorCode?: string;
};
export type Counts = Readonly<Record<(typeof KINDS)[number], number>>;
export const KINDS = ['create', 'update', 'replace', 'delete'] as const;

type Coded = { readonly code: string };
type Document = {
  readonly digest?: string;
  readonly summary?: Counts;
  readonly error?: Coded;
  readonly accounts?: readonly { readonly guards: readonly Coded[] }[];
  readonly outcomes?: readonly { readonly error?: Coded }[];
};

/** Parses a report of hookwright; empty text means that there is none. */
function readResult(text: string): Result {
  const { digest, summary, error, accounts = [], outcomes = [] } = JSON.parse(text || '{}') as Document;
  const [first] = [
    ...(error ? [error] : []),
    ...accounts.flatMap(({ guards }) => guards),
    ...outcomes.flatMap((outcome) => outcome.error ?? []),
  ];
  return {
    ...(digest !== undefined && { digest }),
    ...(summary !== undefined && { summary }),
    ...(first && { errorCode: first.code }),
  };
}

const FIRST = '<!-- hookwright:plan -->\n';
type Key = Pick<Inputs, 'commentKey' | 'commentAuthor'>;

/** Returns the first two lines of a comment of this action; they name the plan that the comment shows. */
const marker = (key: string, digest: string): string =>
  `${FIRST}<!-- hookwright:comment ${key} ${digest} -->\n`;

/** Finds the comment with this key. Comments by others do not count, however they begin. */
async function ownComment(
  github: GitHub,
  pull: number,
  { commentKey, commentAuthor }: Key,
): Promise<Comment | undefined> {
  const start = marker(commentKey, '').replace(/ -->\n$/, '');
  for await (const comment of github.comments(pull)) {
    const isOwn = comment.user?.login === commentAuthor;
    if (isOwn && comment.body.replaceAll('\r', '').startsWith(start)) return comment;
  }
  return undefined;
}

/** Returns the digest of the plan that a comment shows, or `undefined`. */
function digestOf(comment: Comment | undefined): string | undefined {
  return /^<!-- hookwright:comment \S+ ([\da-f]{64}) -->/m.exec(comment?.body ?? '')?.[1];
}

/** Returns a report as a comment with its key in the heading, so that two comments can be told apart. */
function commentBody(report: string, key: string, digest: string | undefined): string {
  const text = report.replace(FIRST, '');
  const named =
    key === 'default' ? text : text.replace(/^## hookwright (\w+)/m, `## hookwright $1 for ${key}`);
  return `${marker(key, digest ?? 'none')}${named}`;
}
