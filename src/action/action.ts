import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { tryGit } from '../config/git-files.js';
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

/** A run of the action: its inputs, and what it uses. */
type Step = { readonly io: ActionIo; readonly inputs: Inputs; readonly github: GitHub };

/** How much of the log replaces a report that was not written. */
const LOG_LIMIT = 30_000;

/** Runs hookwright with the inputs of the step, and returns the exit code of the step. Never throws. */
export async function runAction(io: ActionIo): Promise<number> {
  try {
    const inputs = await withoutMissingPrevious(io, readInputs(io.env));
    return await runWith({ io, inputs, github: new GitHub(io.env, inputs.token) });
  } catch (error) {
    annotate(io, 'error', error instanceof ActionError ? error.message : stackOf(error));
    const exitCode = error instanceof ActionError ? error.exitCode : 1;
    await setOutputs(io, { 'exit-code': exitCode, 'error-code': exitCode === 3 ? 'usage' : 'internal' });
    return exitCode;
  }
}

async function runWith(step: Step): Promise<number> {
  const { io, inputs } = step;
  const { env } = io;
  const folder = await mkdtemp(path.join(env['RUNNER_TEMP'] ?? '.', 'hookwright-'));
  const reports = {
    json: path.join(folder, 'report.json'),
    markdown: path.join(folder, 'report.md'),
    plan: path.join(folder, 'plan.json'),
  };
  const { code, output } = await runCommand(io, inputs, argumentsOf(inputs, reports));
  const result = JSON.parse((await readIfWritten(reports.json)) || '{}') as Result;
  const isRefused = code === 2 && (await isRefusedByDigest(step, result.digest));
  const exitCode = isRefused ? 5 : code;
  const savedPlan = result.digest === undefined ? '' : inputs.planFile || reports.plan;
  const report = (await readIfWritten(reports.markdown)) || reportOf(inputs, code, output);
  await writeFile(reports.markdown, report);
  await append(env['GITHUB_STEP_SUMMARY'], `${report}\n`);
  // Without a valid command line it is not known where to write the report.
  const unreported = code === 3 ? 'usage' : '';
  await setOutputs(io, {
    ...countsOf(result),
    digest: result.digest ?? '',
    'plan-file': inputs.command === 'plan' ? savedPlan : inputs.planFile,
    'markdown-file': reports.markdown,
    'exit-code': exitCode,
    'error-code': isRefused ? 'digest-mismatch' : (errorCodeOf(result) ?? unreported),
  });
  if (inputs.comment) await keepComment(step, { report, digest: result.digest, code });
  return inputs.command === 'plan' && exitCode === 2 ? 0 : exitCode;
}

/** Drops a `previous` that does not exist, as in the first deployment of an account. */
async function withoutMissingPrevious(io: ActionIo, inputs: Inputs): Promise<Inputs> {
  const revision = /^git:([^:]+)/.exec(inputs.previous)?.[1];
  if (!inputs.previousOptional || revision === undefined) return inputs;
  const place = { cwd: inputs.directory, env: io.env, redact: String };
  const git = async (...args: readonly string[]): Promise<string | undefined> => {
    const ran = await tryGit(place, args);
    return ran.ok ? ran.value.toString().trim() : undefined;
  };
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

/** Reports whether a plan with changes lacks the expected digest, and logs why. */
async function isRefusedByDigest(step: Step, digest: string | undefined): Promise<boolean> {
  const { command, expectDigest } = step.inputs;
  if (command !== 'plan' || expectDigest === '') return false;
  const problem = await digestProblem(step, digest).catch((error: unknown) => {
    if (!(error instanceof ActionError)) throw error;
    return `The approved plan cannot be read: ${error.message}`;
  });
  if (problem === undefined) return false;
  annotate(step.io, 'error', `${problem} Nothing was written.`);
  return true;
}

async function digestProblem(step: Step, digest: string | undefined): Promise<string | undefined> {
  const { io, inputs, github } = step;
  const changed = (where: string): string =>
    `This plan is not the approved one${where}: the file or the account has changed since.`;
  if (inputs.expectDigest !== 'pull-request')
    return inputs.expectDigest.toLowerCase() === digest ? undefined : changed('');
  const pull = await github.mergedPull(io.env['GITHUB_SHA'] ?? '');
  if (pull === undefined)
    return 'No approved plan was found in a pull request, because this commit does not come from one.';
  const approved = digestOf(await ownComment(step, pull));
  if (approved === undefined) return `No approved plan was found in pull request #${pull}.`;
  return approved === digest ? undefined : changed(` in pull request #${pull}`);
}

/** Writes the comment. An error is only a warning, because the plan is not affected. */
async function keepComment(
  step: Step,
  ran: { readonly report: string; readonly digest: string | undefined; readonly code: number },
): Promise<void> {
  const { io, inputs, github } = step;
  try {
    const proposed = await proposedPull(io.env);
    const isApply = inputs.command === 'apply';
    // A plan after the merge was not reviewed, so it must not replace the reviewed one.
    if (proposed === undefined && !isApply) return;
    const pull = proposed ?? (await github.mergedPull(io.env['GITHUB_SHA'] ?? ''));
    if (pull === undefined) return;
    const own = await ownComment(step, pull);
    if (own === undefined && inputs.skipUnchanged && ran.code === 0 && !isApply) return;
    const digest = isApply ? digestOf(own) : ran.digest;
    const body = commentBody(ran.report, inputs.commentKey, digest);
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

function countsOf({ summary, error }: Result): Readonly<Record<string, string>> {
  const counts = KINDS.map((kind) => [kind, summary ? String(summary[kind]) : ''] as const);
  const isChanged = KINDS.some((kind) => (summary?.[kind] ?? 0) > 0);
  const changes = isChanged || (summary && !error) ? String(isChanged) : '';
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

const KINDS = ['create', 'update', 'replace', 'delete'] as const;
type Coded = { readonly code: string };

/** What the action reads from a JSON report. A part is absent if the run ended before it. */
type Result = {
  readonly digest?: string;
  readonly summary?: Readonly<Record<(typeof KINDS)[number], number>>;
  readonly error?: Coded;
  readonly accounts?: readonly { readonly guards: readonly Coded[] }[];
  readonly outcomes?: readonly { readonly error?: Coded }[];
};

function errorCodeOf({ error, accounts = [], outcomes = [] }: Result): string | undefined {
  const guards = accounts.flatMap((account) => account.guards);
  return [error, ...guards, ...outcomes.map((outcome) => outcome.error)].find(Boolean)?.code;
}

const FIRST = '<!-- hookwright:plan -->\n';

/** Returns the first two lines of a comment of this action; they name the plan that the comment shows. */
const marker = (key: string, digest: string): string =>
  `${FIRST}<!-- hookwright:comment ${key} ${digest} -->\n`;

/** Finds the comment with this key. Comments by others do not count, however they begin. */
async function ownComment({ github, inputs }: Step, pull: number): Promise<Comment | undefined> {
  const { commentKey, commentAuthor } = inputs;
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

/** Returns a report as a comment with its key in the heading, so that the headings of two comments differ. */
function commentBody(report: string, key: string, digest: string | undefined): string {
  const text = report.replace(FIRST, '');
  const named =
    key === 'default' ? text : text.replace(/^## hookwright (\w+)/m, `## hookwright $1 for ${key}`);
  return `${marker(key, digest ?? 'none')}${named}`;
}
