import path from 'node:path';
import { diskFiles, type Files, type FolderEntry, pathWithin } from '../config/disk.js';
import { DEFAULT_FILE, loadDesired, type Loaded } from '../config/load.js';
import { type DesiredAccount, STDIN } from '../core/desired.js';
import type { Diagnostic } from '../core/diagnostic.js';
import { usageError } from '../core/errors.js';
import { EXIT, type ExitCode } from '../core/exit-codes.js';
import { type AccountId, parseAccountId } from '../core/ids.js';
import { compareText } from '../core/order.js';
import { renderAnnotations, renderDiagnostics, renderDiagnosticsJson } from '../render/diagnostics.js';
import { accountList, accountText } from '../render/wording.js';
import { nameList, shellWord } from '../text/layout.js';
import { forTerminal } from '../text/untrusted.js';
import { styleFor, type Io } from './io.js';
import type { Run } from './run.js';

/** Returns the account of documents that have no `account_id`. Throws `usage` if it is not an account ID. */
export function defaultAccount({ options, io }: Pick<Run, 'options' | 'io'>): AccountId | undefined {
  const text = options.account ?? io.env['CLOUDFLARE_ACCOUNT_ID'];
  if (text === undefined || text === '') return undefined;
  const account = parseAccountId(text);
  if (account) return account;
  const source = options.account === undefined ? 'CLOUDFLARE_ACCOUNT_ID' : '--account';
  throw usageError(
    `${source} must be an account ID (32 hexadecimal digits). Copy it from the account's overview page in the Cloudflare dashboard.`,
  );
}

export type ReadOptions = {
  readonly needAccountId: boolean;
  /** Where the files are, if not on disk; a missing file there counts as empty. */
  readonly files?: Files;
  /** Whether this is the last deployed state. */
  readonly deployed?: boolean;
};

/** Reads the files that the flags name. Returns problems as diagnostics. */
export async function readDesired(
  run: Run,
  { needAccountId, files, deployed = false }: ReadOptions,
): Promise<Loaded> {
  const { options, io, redactor, fileVariables } = run;
  if (needAccountId) await refuseLabel(run, files);
  const accountId = needAccountId ? defaultAccount(run) : undefined;
  const disk = diskFiles(io);
  const loaded = await loadDesired(
    {
      paths: options.file ?? [],
      ...(accountId && { accountId }),
      needAccountId,
      allowLiteralSecrets: options.allowLiteralSecrets ?? false,
      ...(options.envAllow && { envAllow: options.envAllow }),
      deployed,
      secretDirs: options.secretDir ?? [],
      env: io.env,
      // A Git revision contains no secrets.
      ...(!files && { readFile: (path: string) => disk.readFile(path) }),
      missing: files ? 'empty' : 'error',
    },
    files ?? disk,
  );
  fileVariables.add(loaded);
  for (const value of secretValues(loaded.accounts, io.env)) redactor.add(value);
  if (files || !loaded.diagnostics.some(({ severity }) => severity === 'error')) return loaded;
  for (const file of options.file ?? []) await refuseSavedPlan(file, disk, deployed);
  const diagnostics = await Promise.all(loaded.diagnostics.map((each) => withPathHint(each, run, disk)));
  return { ...loaded, diagnostics };
}

/** Returns the account of CLOUDFLARE_ACCOUNT_ID if none of the accounts of a file or plan is that one. */
export function unusedAccount(
  { options, io }: Run,
  accounts: readonly { readonly accountId: AccountId }[],
): AccountId | undefined {
  const set =
    options.account === undefined ? parseAccountId(io.env['CLOUDFLARE_ACCOUNT_ID'] ?? '') : undefined;
  return accounts.length === 0 || accounts.some(({ accountId }) => accountId === set) ? undefined : set;
}

/** Warns if the files name other accounts than CLOUDFLARE_ACCOUNT_ID. */
export function warnUnusedAccount(run: Run, accounts: readonly DesiredAccount[]): void {
  const unused = unusedAccount(run, accounts);
  if (unused === undefined) return;
  run.out.log(
    'warn',
    `Warning: CLOUDFLARE_ACCOUNT_ID (${unused}) is not used, because the files name ${accountList(accounts)}.`,
  );
}

/** Throws `usage` for a saved plan: the check of a desired-state file would report its fields one by one. */
async function refuseSavedPlan(file: string, files: Files, deployed: boolean): Promise<void> {
  const bytes = file === '-' ? undefined : await files.readFile(file).catch(() => undefined);
  if (!bytes || !/^\s*\{\s*"format_version"/.test(Buffer.from(bytes).toString('latin1'))) return;
  const instead = deployed
    ? 'Pass a desired-state file or git:REV with --previous.'
    : `To apply it, run: hookwright apply ${shellWord(file)}`;
  throw usageError(`${file} is a saved plan, not a desired-state file. ${instead}`);
}

/** Says what to pass instead of a missing file: each path of a list, a directory, or files that are here. */
async function withPathHint(diagnostic: Diagnostic, { options }: Run, files: Files): Promise<Diagnostic> {
  const { code, file, excerpt } = diagnostic;
  // A missing file that another file includes has an excerpt of that file.
  if (code !== 'no-file' || excerpt) return diagnostic;
  const parts = file.split(',');
  if (parts.length > 1 && parts.every(Boolean))
    return { ...diagnostic, hint: `To pass several files, repeat the flag: ${flagsFor(parts)}` };
  if (/[*?[{]/.test(file))
    return {
      ...diagnostic,
      hint: `Patterns are not expanded. Pass the directory of the YAML files: ${flagsFor([path.dirname(file)])}`,
    };
  const here = options.file === undefined ? await statesHere(files) : [];
  if (here.length === 0) return diagnostic;
  const one = flagsFor(here.slice(0, 1));
  const pass = here.length > 1 ? 'To use all of them, pass "-f ."; to use one, pass:' : 'To use it, pass:';
  return { ...diagnostic, hint: `This directory has ${nameList(here, forTerminal, 5)}. ${pass} ${one}` };
}

/** Returns `-f A -f 'B C'`, as typed in a shell. */
export function flagsFor(paths: readonly string[]): string {
  return paths.map((each) => `-f ${shellWord(each)}`).join(' ');
}

/**
 * Lists the YAML files in the working directory, and the directories there with YAML files, that describe
 * webhooks.
 */
async function statesHere(files: Files): Promise<readonly string[]> {
  const found: string[] = [];
  const isState = async (file: string): Promise<boolean> => {
    const bytes = /\.ya?ml$/.test(file) ? await files.readFile(file).catch(() => undefined) : undefined;
    return bytes !== undefined && /^webhooks:/m.test(Buffer.from(bytes).toString('utf8'));
  };
  const list = async (folder: string): Promise<readonly FolderEntry[]> =>
    (await files.readFolder(folder).catch(() => undefined)) ?? [];
  for (const { name, kind } of await list('.')) {
    if (name.startsWith('.') || name === 'node_modules') continue;
    const paths = kind === 'folder' ? (await list(name)).map((each) => path.join(name, each.name)) : [name];
    for (const file of paths.slice(0, MAX_FILES)) {
      if (!(await isState(file))) continue;
      found.push(name);
      break;
    }
  }
  return found.sort(compareText);
}

/** How many files of a directory are read to find one that describes webhooks. */
const MAX_FILES = 20;

/** Throws `usage` if `--account` is the label of an account in the files, with its ID. */
async function refuseLabel(run: Run, files: Files | undefined): Promise<void> {
  const { account: given } = run.options;
  if (given === undefined || given === '' || parseAccountId(given)) return;
  const { accounts } = await readDesired(run, { needAccountId: false, ...(files && { files }) });
  const found = accounts.find(({ label }) => label === given);
  if (found)
    throw usageError(
      `--account ${JSON.stringify(given)} is a label. Pass the ID of this account: --account ${found.accountId}`,
    );
}

/** Yields the values of all variables and URL files that the files name, used or not, and literal secrets. */
function* secretValues(accounts: readonly DesiredAccount[], env: Io['env']): Generator<string> {
  for (const { url, secret } of accounts.flatMap(({ webhooks }) => webhooks)) {
    if (url.kind === 'env') yield env[url.env] ?? '';
    if (url.kind === 'file') yield url.value?.reveal() ?? '';
    if (secret?.kind === 'env') yield env[secret.env] ?? '';
    if (secret?.kind === 'literal') yield secret.value.reveal();
  }
}

/** Returns the accounts that `--account` selects. Throws `usage` if the files describe only others. */
export function onlyAccount(accounts: readonly DesiredAccount[], run: Run): readonly DesiredAccount[] {
  if (run.options.account === undefined) return accounts;
  const wanted = defaultAccount(run);
  const mine = accounts.filter(({ accountId }) => accountId === wanted);
  if (mine.length > 0 || accounts.length === 0) return mine;
  const others = accounts.map((each) => `${accountText(each, forTerminal)} at ${each.source}`).join(', ');
  throw usageError(
    `--account ${wanted ?? ''}: no file describes this account. The files describe ${others}.`,
  );
}

/** An account to look at; `desired` is set if a file describes it. */
export type TargetAccount = { readonly accountId: AccountId; readonly desired?: DesiredAccount };

/**
 * Returns the target accounts of a command that needs no file: those of the files passed with `-f`, or of the
 * default file if it exists and is valid; otherwise `--account` or the environment. Throws `usage`.
 */
export async function targetAccounts(
  run: Run,
): Promise<{ readonly accounts: readonly TargetAccount[] } | { readonly exit: ExitCode }> {
  const target = (desired: DesiredAccount): TargetAccount => ({ accountId: desired.accountId, desired });
  const isNamed = run.options.file !== undefined;
  if (isNamed || (await hasDefaultFile(run))) {
    const { accounts, diagnostics } = await readDesired(run, { needAccountId: true });
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    if (errors.length === 0) warnUnusedAccount(run, accounts);
    if (isNamed) {
      const exit = reportDiagnostics(run, errors);
      return exit === undefined ? { accounts: onlyAccount(accounts, run).map(target) } : { exit };
    }
    const wanted = run.options.account === undefined ? undefined : defaultAccount(run);
    const mine = accounts.filter(({ accountId }) => wanted === undefined || accountId === wanted);
    if (errors.length === 0 && mine.length > 0) return { accounts: mine.map(target) };
    if (errors.length > 0) {
      run.out.log(
        'warn',
        `Warning: ${DEFAULT_FILE} has errors and is not used. To see them, run: hookwright validate`,
      );
    }
  }
  const accountId = defaultAccount(run);
  if (accountId) return { accounts: [{ accountId }] };
  throw usageError(
    `No account given. Pass --account ID, set CLOUDFLARE_ACCOUNT_ID, or pass a file with -f (this directory has no usable ${DEFAULT_FILE}).`,
  );
}

/** Reports whether the default desired-state file exists. */
export async function hasDefaultFile({ io }: Pick<Run, 'io'>): Promise<boolean> {
  return (
    (await diskFiles(io)
      .readFile(DEFAULT_FILE)
      .catch(() => undefined)) !== undefined
  );
}

/** Prints errors and warnings. Returns the exit code if there are errors, else `undefined`. */
export function reportDiagnostics(
  run: Run,
  diagnostics: readonly Diagnostic[],
  json = run.options.format === 'json',
): ExitCode | undefined {
  const { io, out, options } = run;
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0 && json) out.result(renderDiagnosticsJson(diagnostics));
  out.log(
    errors.length > 0 ? 'error' : 'warn',
    renderDiagnostics(diagnostics, styleFor(io, io.stderr, options)),
  );
  if (io.env['GITHUB_ACTIONS'] === 'true') {
    out.log('error', renderAnnotations(diagnosticsFromRoot(io, diagnostics)));
  }
  return errors.length > 0 ? EXIT.invalid : undefined;
}

/** Makes paths relative to the root of the CI checkout; the working directory can be a subdirectory of it. */
export function diagnosticsFromRoot(
  { env, cwd }: Pick<Io, 'env' | 'cwd'>,
  diagnostics: readonly Diagnostic[],
): readonly Diagnostic[] {
  const root = env['GITHUB_WORKSPACE'] ?? env['CI_PROJECT_DIR'];
  const place = root ? pathWithin(root, cwd) : undefined;
  if (!place) return diagnostics;
  return diagnostics.map((diagnostic) =>
    path.isAbsolute(diagnostic.file) || diagnostic.file === STDIN
      ? diagnostic
      : { ...diagnostic, file: path.join(place, diagnostic.file) },
  );
}
