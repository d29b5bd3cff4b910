import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import pLimit from 'p-limit';
import manifest from '../package.json' with { type: 'json' };
import { apply as carryOut } from './apply/apply.js';
import { DEFAULT_BASE_URL } from './cloudflare/address.js';
import { CloudflareClient } from './cloudflare/client.js';
import { diskFiles, type Files } from './config/disk.js';
import { loadDesired as load } from './config/load.js';
import { SecretStore } from './config/secrets/secret-store.js';
import type { DesiredAccount } from './core/desired.js';
import type { Diagnostic } from './core/diagnostic.js';
import { type DiffOptions, NO_OPTIONS } from './core/diff.js';
import { HookwrightError } from './core/errors.js';
import { namesById } from './core/ids.js';
import type { ApplyEvent, ApplyResult } from './core/outcome.js';
import { deployedBefore, joinPlans, planAccount } from './core/plan-account.js';
import type { Plan } from './core/plan.js';
import { type Clock, type Environment, type Reader, RUN_DEFAULTS, type Writer } from './core/ports.js';
import { newRedactor } from './core/urls.js';
import { Secret } from './core/secret.js';
import { renderPlanHtml } from './render/html.js';
import { renderApplyMarkdown, renderPlanMarkdown } from './render/markdown.js';
import { renderPlanText } from './render/plan-text.js';
import { toApplyDocument, toPlanDocument } from './saved-plan/encode.js';
import type { ApplyDocument, PlanDocument } from './saved-plan/plan-document.js';
import { ansiStyle, plainStyle } from './text/style.js';

export type PlanOptions = Partial<Omit<DiffOptions, 'previous'>> & {
  /** The last deployed state, which makes rotations and removed entries visible. */
  readonly previous?: readonly DesiredAccount[];
};

/** A plan, and the webhooks that were live when it was made. */
export type Planned = Plan & { readonly seen: ReadonlyMap<string, ReadonlyMap<string, string>> };

/** Lists each account and returns what would change. It only reads; unreadable accounts are in `failures`. */
export async function plan(
  desired: readonly DesiredAccount[],
  reader: Reader,
  options: PlanOptions = {},
): Promise<Planned> {
  const readings = await pLimit(RUN_DEFAULTS.parallelism).map(desired, (account) =>
    planAccount(account, { options: diffOptions(account, options) }, reader),
  );
  const made = readings.filter((reading) => 'plan' in reading);
  return {
    ...joinPlans(
      made.map((reading) => reading.plan),
      readings.filter((reading) => 'error' in reading),
    ),
    seen: new Map(made.map(({ plan: { accountId }, live }) => [accountId, namesById(live)])),
  };
}

function diffOptions(account: DesiredAccount, { previous, ...rest }: PlanOptions): DiffOptions {
  if (!previous) return { ...NO_OPTIONS, ...rest };
  const before = previous.find(({ accountId }) => accountId === account.accountId);
  return { ...NO_OPTIONS, ...rest, previous: deployedBefore(account, before) };
}

export type ApplyOptions = {
  /** Where secrets and URLs are looked up, usually `process.env`. */
  readonly env: Environment;
  /** Patterns of variables that can be read; default: all except credentials of other tools. */
  readonly envAllow?: readonly string[];
  /** The maximum number of concurrent requests; default: that of `--parallelism`. */
  readonly parallelism?: number;
  /** How long to repeat a read that contradicts a write; default: that of `--settle`. */
  readonly settleMs?: number;
  readonly onEvent?: (event: ApplyEvent) => void;
  /** After it aborts, nothing new is started. */
  readonly signal?: AbortSignal;
};

/**
 * Carries out a plan and lists the accounts again. Every action has an outcome. Throws `refused-by-guard`
 * before anything is sent if a guard stops an account or a secret is missing.
 */
export async function apply(
  planned: Planned,
  connection: Connection,
  {
    env,
    envAllow,
    parallelism = RUN_DEFAULTS.parallelism,
    settleMs = RUN_DEFAULTS.settleMs,
    onEvent: emit = () => undefined,
    signal: stop = new AbortController().signal,
  }: ApplyOptions,
): Promise<ApplyResult> {
  const files = filesIn();
  const secrets = new SecretStore(env, (path) => files.readFile(path), envAllow);
  const guards = planned.accounts.flatMap((account) => account.guards);
  const actions = planned.accounts.flatMap((account) => account.actions);
  const refusals = [...guards, ...(await secrets.preflight({ actions, guards }))];
  if (refusals.length > 0)
    throw new HookwrightError('refused-by-guard', refusals.map(({ message }) => message).join('\n'));
  return carryOut(
    planned.accounts.map((account) => ({
      plan: account,
      baseline: planned.seen.get(account.accountId) ?? new Map(),
    })),
    { ...RUN_DEFAULTS, parallelism, settleMs },
    {
      reader: connection,
      writer: connection,
      clock,
      credentialsOf: (spec) => secrets.credentialsOf(spec),
      emit,
      stop,
      kill: new AbortController().signal,
    },
  );
}

export type ConnectOptions = {
  readonly token: string;
  /** Default: Cloudflare's. `https:`, or `http:` on loopback. */
  readonly baseUrl?: string;
  /** For one request; default: that of `--timeout`. */
  readonly timeoutMs?: number;
  /** How often a read is retried; default: that of `--retries`. */
  readonly retries?: number;
  /** The first pause before a retry; default: that of `--retry-delay`. */
  readonly retryDelayMs?: number;
  /** To find a proxy, usually `process.env`; default: none. */
  readonly env?: Environment;
};

/** A connection to an API. Reads throw {@link HookwrightError}; writes return how they ended. */
export interface Connection extends Reader, Writer {
  /** Closes idle connections. */
  close(): void;
}

/** Returns a connection; sends nothing yet. Throws `usage` for an invalid address or token. */
export function connect({
  token,
  baseUrl = DEFAULT_BASE_URL,
  timeoutMs = RUN_DEFAULTS.timeoutMs,
  retries = RUN_DEFAULTS.retries,
  retryDelayMs = RUN_DEFAULTS.retryDelayMs,
  env = {},
}: ConnectOptions): Connection {
  return new CloudflareClient({
    baseUrl,
    credentials: { token: new Secret(token) },
    timeoutMs,
    retries,
    retryDelayMs,
    parallelism: RUN_DEFAULTS.parallelism,
    env,
    clock,
    redactor: newRedactor(),
    userAgent: `hookwright/${manifest.version} (library)`,
    random: Math.random,
  });
}

export type LoadDesiredOptions = {
  /** Files and directories; default `hookwright.yaml`. */
  readonly paths?: readonly string[];
  /** Default: the working directory of the process. */
  readonly cwd?: string;
  /** Where `url: { env: … }` is looked up, usually `process.env`. */
  readonly env: Environment;
  /** For documents without `account_id`. */
  readonly accountId?: string;
  readonly allowLiteralSecrets?: boolean;
  /** Patterns of variables that the files can name; default: all except credentials of other tools. */
  readonly envAllow?: readonly string[];
  /** More directories that can contain secret files. */
  readonly secretDirs?: readonly string[];
};

/**
 * Returns the accounts that the files describe, and the problems in the files; if one is an error, do not use
 * the accounts. Never throws for the contents of a file.
 */
export async function loadDesired(options: LoadDesiredOptions): Promise<{
  readonly accounts: readonly DesiredAccount[];
  readonly diagnostics: readonly Diagnostic[];
}> {
  const { accounts, diagnostics } = await load(
    {
      paths: options.paths ?? [],
      env: options.env,
      needAccountId: true,
      allowLiteralSecrets: options.allowLiteralSecrets ?? false,
      ...(options.envAllow && { envAllow: options.envAllow }),
      secretDirs: options.secretDirs ?? [],
      ...(options.accountId !== undefined && { accountId: options.accountId }),
    },
    filesIn(options.cwd),
  );
  return { accounts, diagnostics };
}

export type TextOptions = {
  /** With ANSI colors; default false. */
  readonly color?: boolean;
  /** Columns to wrap prose at; default 80. */
  readonly width?: number;
};

/** Returns the plan as `hookwright plan` prints it. */
export function renderText(planned: Plan, { color = false, width = 80 }: TextOptions = {}): string {
  return renderPlanText(planned, { style: color ? ansiStyle : plainStyle, width });
}

/** Returns the document of `schemas/plan.schema.json` with its digest; with a result, also the outcomes. */
export function renderJson(planned: Plan): PlanDocument;
export function renderJson(planned: Plan, result: ApplyResult): ApplyDocument;
export function renderJson(planned: Plan, result?: ApplyResult): PlanDocument {
  return result ? toApplyDocument(planned, result) : toPlanDocument(planned);
}

/** Returns a pull request comment of under 65,536 characters, worst first; with a result, of the apply. */
export function renderMarkdown(planned: Plan, result?: ApplyResult): string {
  if (result) return renderApplyMarkdown(planned, result);
  return renderPlanMarkdown(planned, toPlanDocument(planned).digest);
}

/** Returns a self-contained page, which loads nothing. */
export function renderHtml(planned: Plan): string {
  return renderPlanHtml(planned);
}

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (milliseconds, signal) =>
    pause(milliseconds, undefined, signal && { signal }).catch(() => undefined),
};

/** Files on disk; the library does not read stdin. */
function filesIn(cwd = '.'): Files {
  return diskFiles({ cwd: resolve(cwd), stdin: Readable.from([]) });
}
