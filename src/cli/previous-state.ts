import path from 'node:path';
import { type GitFiles, gitFiles } from '../config/git-files.js';
import { DEFAULT_FILE, type Loaded } from '../config/load.js';
import type { DesiredAccount } from '../core/desired.js';
import type { Diagnostic } from '../core/diagnostic.js';
import { usageError } from '../core/errors.js';
import { EXIT, type ExitCode } from '../core/exit-codes.js';
import type { AccountId } from '../core/ids.js';
import { accountList } from '../render/wording.js';
import { shellWord } from '../text/layout.js';
import { forTerminal } from '../text/untrusted.js';
import { readDesired, type ReadOptions, reportDiagnostics } from './desired-state.js';
import type { Run } from './run.js';

/** The last deployed state, by account. */
export type Previous = ReadonlyMap<AccountId, DesiredAccount>;

/**
 * Reads the last deployed state: a file or directory, or the same or other paths at a Git revision. Accounts
 * that it does not describe are missing from the result. Throws `usage` if the files were elsewhere at the
 * revision.
 */
export async function readPrevious(
  run: Run,
  previous: string,
  desired: readonly DesiredAccount[],
): Promise<Previous | { readonly exit: ExitCode }> {
  const { file: given = [] } = run.options;
  const source = parsePrevious(previous);
  if ('path' in source) {
    const loaded = await load(run, [source.path]);
    return reportErrors(run, loaded, '') ?? byAccount(loaded.accounts);
  }
  const { revision, gitPath } = source;
  if (gitPath === undefined && given.includes('-'))
    throw usageError(
      '--previous git:REV reads the same paths at a Git revision, but standard input (-f -) has no path. ' +
        'Pass files with -f, or the path in Git: --previous git:REV:PATH.',
    );
  const { cwd, env } = run.io;
  const redact = (text: string): string => run.redactor.redact(text);
  const files = await gitFiles({ cwd, env, redact }, revision);
  const paths = gitPath === undefined ? given : [files.fromTop(gitPath)];
  const loaded = await load(run, paths, { files });
  const past =
    ' The files have errors at that revision. To plan without it, leave out --previous, ' +
    'and pass --rotate NAME for each secret that changed since.';
  const failed = reportErrors(run, loaded, past);
  if (failed) return failed;
  const found = byAccount(loaded.accounts);
  const isNowhere = desired.length > 0 && loaded.counts.files === 0;
  if (isNowhere || desired.some(({ accountId }) => !found.has(accountId))) {
    const read = paths.length > 0 ? paths : [DEFAULT_FILE];
    await refuseMoved(run, { desired, found, isNowhere, paths: read, source: `git:${revision}` }, files);
  }
  return found;
}

type Source = { readonly path: string } | { readonly revision: string; readonly gitPath: string | undefined };

/** Splits `git:REV:PATH` at the first colon outside braces: `main@{1 day ago 10:00}` has one inside. */
function parsePrevious(text: string): Source {
  if (!text.startsWith('git:')) return { path: text };
  const [, revision = '', gitPath] = /^git:((?:\{[^}]*\}|[^:])*)(?::(.*))?$/s.exec(text) ?? [];
  if (gitPath !== '') return { revision, gitPath };
  throw usageError(`--previous ${text}: the path is empty; check that the variable is set.`);
}

function reportErrors(
  run: Run,
  { diagnostics }: Loaded,
  why: string,
): { readonly exit: ExitCode } | undefined {
  const errors = diagnostics.filter(isError);
  if (errors.length === 0) return undefined;
  run.out.log('error', `Cannot use --previous ${forTerminal(run.options.previous ?? '')}:${why}`);
  return { exit: reportDiagnostics(run, errors.map(hinted)) ?? EXIT.invalid };
}

/** Allows literal secrets: the flags may have changed since this state was deployed. */
function load(run: Run, paths: readonly string[], options: Partial<ReadOptions> = {}): Promise<Loaded> {
  const flags = { ...run.options, allowLiteralSecrets: true, file: paths };
  return readDesired({ ...run, options: flags }, { needAccountId: true, deployed: true, ...options });
}

const isError = ({ severity }: Diagnostic): boolean => severity === 'error';

function byAccount(accounts: readonly DesiredAccount[]): Map<AccountId, DesiredAccount> {
  return new Map(accounts.map((account) => [account.accountId, account]));
}

/** The default hint names `-f`, which did not set these paths. */
function hinted(diagnostic: Diagnostic): Diagnostic {
  if (diagnostic.code !== 'no-file') return diagnostic;
  return { ...diagnostic, hint: 'Check the path passed with --previous. For a branch or tag, use git:REV.' };
}

type Reading = {
  readonly desired: readonly DesiredAccount[];
  readonly found: Previous;
  /** None of the paths exists. */
  readonly isNowhere: boolean;
  readonly paths: readonly string[];
  readonly source: string;
};

/** Throws for a file that was moved; otherwise it would look as if nothing had been deployed. */
async function refuseMoved(run: Run, reading: Reading, files: GitFiles): Promise<void> {
  const { desired, found, isNowhere, paths, source } = reading;
  const missing = desired.filter(({ accountId }) => !found.has(accountId));
  const elsewhere = await findDescriptions(run, missing, paths, files);
  if (elsewhere.size === 0 && !isNowhere) return;
  const quoted = paths.map((file) => JSON.stringify(files.toTop(file) || file)).join(', ');
  if (elsewhere.size === 0)
    throw usageError(
      `--previous ${source}: at that revision there is no desired-state file at ${quoted}, and no other YAML file ` +
        `describes ${missing.length === 1 ? 'the account' : 'the accounts'}.\nIf nothing was deployed then, run without --previous.`,
    );
  const moved = missing.flatMap((account) => {
    const file = elsewhere.get(account.accountId);
    if (file === undefined) return [];
    return [`${accountList([account])} is described in ${JSON.stringify(files.toTop(file))}`];
  });
  const described = new Map(
    desired.flatMap(({ accountId }) => {
      const before = found.get(accountId);
      const file = before ? before.file : elsewhere.get(accountId);
      return file === undefined ? [] : [[accountId, file]];
    }),
  );
  const flags = await previousFlags(run, described, source, files);
  throw usageError(
    `--previous ${source}: at that revision ${moved.join(', ')}, not in ${quoted}. To compare with it, pass:\n` +
      `${flags.map((each) => `  ${each}`).join('\n')}\n` +
      'If it was never deployed from there, run without --previous.',
  );
}

/** Finds the files that describe these accounts, anywhere at the revision. */
async function findDescriptions(
  run: Run,
  accounts: readonly DesiredAccount[],
  paths: readonly string[],
  files: GitFiles,
): Promise<Map<AccountId, string>> {
  const wanted = new Set(accounts.map(({ accountId }) => accountId));
  const known = new Set(paths.map((file) => path.basename(file)));
  const rank = (file: string): number => (known.has(path.basename(file)) ? 0 : 1);
  const depth = (file: string): number => files.toTop(file).split('/').length;
  const candidates = (wanted.size === 0 ? [] : await files.yamlWith('webhooks'))
    .filter((file) => !/(^|\/)(\.|node_modules\/)/.test(files.toTop(file)))
    .sort((a, b) => rank(a) - rank(b) || depth(a) - depth(b));
  if (candidates.length === 0) return new Map();
  // A file that names the account counts even with errors; one without `account_id`, only if it has none.
  const byName = await load(run, candidates, { files, needAccountId: false });
  const faulty = new Set(
    byName.diagnostics
      .filter((each) => isError(each) && each.code !== 'duplicate-account')
      .map(({ file }) => file),
  );
  const valid = candidates.filter((file) => !faulty.has(file));
  const byDefault = valid.length === 0 ? [] : (await load(run, valid, { files })).accounts;
  return new Map(
    [...byDefault, ...byName.accounts]
      .filter(({ accountId }) => wanted.has(accountId))
      .map((account) => [account.accountId, account.file]),
  );
}

/** Returns the flags to pass instead: one path that describes all accounts, or a run for each account. */
async function previousFlags(
  run: Run,
  described: ReadonlyMap<AccountId, string>,
  source: string,
  files: GitFiles,
): Promise<readonly string[]> {
  const all = [...new Set(described.values())];
  const flag = (file: string): string => `--previous ${shellWord(`${source}:${files.toTop(file) || file}`)}`;
  const [only = ''] = all;
  if (all.length === 1) return [flag(only)];
  const common = files.fromTop(commonDirectory(all.map(files.toTop)));
  const { accounts, diagnostics } = await load(run, [common], { files });
  const found = byAccount(accounts);
  if (!diagnostics.some(isError) && [...described.keys()].every((account) => found.has(account)))
    return [flag(common)];
  return [...described].map(([account, file]) => `--account ${account} ${flag(file)}`);
}

/** Returns the directory that contains all of the files; `''` is the top. */
function commonDirectory(files: readonly string[]): string {
  const [first = [], ...others] = files.map((file) => file.split('/').slice(0, -1));
  const differs = first.findIndex((part, i) => others.some((parts) => parts[i] !== part));
  return (differs < 0 ? first : first.slice(0, differs)).join('/');
}
