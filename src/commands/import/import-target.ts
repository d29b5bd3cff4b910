import { defaultAccount, readDesired, reportDiagnostics } from '../../cli/desired-state.js';
import type { Run } from '../../cli/run.js';
import { decode } from '../../config/yaml/source.js';
import { cannotRead, diskFiles } from '../../config/disk.js';
import { accountIdsIn } from '../../config/draft.js';
import { readYaml } from '../../config/yaml/read-yaml.js';
import type { DesiredAccount } from '../../core/desired.js';
import { HookwrightError } from '../../core/errors.js';
import type { ExitCode } from '../../core/exit-codes.js';
import { type AccountId, parseAccountId } from '../../core/ids.js';
import type { Imported } from './import-entries.js';
import { mergeInto } from './import-merge.js';
import { newDocument, newFile } from './import-yaml.js';

/** Where an import goes: to stdout, a new file, or an existing file. */
export type ImportTarget = {
  readonly accountId: AccountId;
  /** As given; absent: stdout. */
  readonly path?: string;
  /** The content of the file; absent: the file does not exist or is empty. */
  readonly text?: string;
  /** The document of the file that describes the account, counted from 0; absent: none does. */
  readonly document?: { readonly index: number; readonly desired: DesiredAccount };
  /** Are there documents in the file? */
  readonly hasDocuments: boolean;
  /** Variables that new secrets must not be given. */
  readonly takenEnv: ReadonlySet<string>;
};

const NO_NAMES: ReadonlySet<string> = new Set();

/** Finds the target from `-f`, `--account` and the file. Sends nothing; throws `usage`. */
export async function importTarget(run: Run): Promise<ImportTarget | { readonly exit: ExitCode }> {
  const { file: paths = [] } = run.options;
  const [path, ...others] = paths;
  if (path === undefined) return { accountId: namedAccount(run), hasDocuments: false, takenEnv: NO_NAMES };
  if (others.length > 0 || path === '-') {
    throw usage('import writes to one file (-f FILE), or to standard output without -f.');
  }
  const text = await readText(run, path);
  if (text === undefined || readYaml(text).length === 0) {
    const before = text === undefined ? {} : { text };
    return { accountId: namedAccount(run), path, ...before, hasDocuments: false, takenEnv: NO_NAMES };
  }
  const { accounts, diagnostics } = await readDesired(run, { needAccountId: true });
  const faults = diagnostics.filter(({ severity }) => severity === 'error');
  const exit = reportDiagnostics(run, faults);
  if (exit !== undefined) return { exit };
  const accountId = chosenAccount(run, accounts);
  const desired = accounts.find((account) => account.accountId === accountId);
  const takenEnv = new Set(accounts.flatMap(variablesOf));
  const common = { accountId, path, text, hasDocuments: true, takenEnv };
  if (!desired) return common;
  if (accounts.some(({ source, accountId: other }) => source === desired.source && other !== accountId)) {
    throw usage(
      `${desired.source}: this document describes several accounts, so webhooks of ${accountId} alone cannot be added to it. ` +
        'Run import without -f to print them.',
    );
  }
  return { ...common, document: { index: indexOf(text, accountId), desired } };
}

async function readText(run: Run, path: string): Promise<string | undefined> {
  const files = diskFiles(run.io);
  const bytes = await files.readFile(path).catch((cause: unknown) => {
    throw usage(`${cannotRead(path, cause)}.`);
  });
  if (!bytes) {
    if (await files.readFolder(path)) throw usage(`${path} is a directory; import writes to one file.`);
    return undefined;
  }
  const decoded = decode(bytes);
  // Other encoding errors are reported with their position when the file is loaded.
  return 'text' in decoded ? decoded.text : '?';
}

function namedAccount(run: Run): AccountId {
  const account = defaultAccount(run);
  if (account) return account;
  throw usage('No account given. Pass --account ID or set CLOUDFLARE_ACCOUNT_ID.');
}

/** `--account`, otherwise the only account of the file, otherwise CLOUDFLARE_ACCOUNT_ID. */
function chosenAccount(run: Run, accounts: readonly DesiredAccount[]): AccountId {
  const [only, ...others] = accounts;
  if (run.options.account === undefined && only && others.length === 0) return only.accountId;
  const account = defaultAccount(run);
  if (account) return account;
  const ids = accounts.map(({ accountId }) => accountId).join(', ');
  throw usage(`The file describes several accounts (${ids}). Pass --account ID.`);
}

function variablesOf({ webhooks }: DesiredAccount): readonly string[] {
  return webhooks.flatMap(({ url, secret }) => [
    ...(url.kind === 'env' ? [url.env] : []),
    ...(secret?.kind === 'env' ? [secret.env] : []),
  ]);
}

function indexOf(text: string, accountId: AccountId): number {
  const ids = readYaml(text).map(({ root, value }) => (root ? accountIdsIn(value) : undefined));
  const named = ids.findIndex((list) => list?.some((id) => parseAccountId(id) === accountId));
  return named >= 0 ? named : ids.findIndex((list) => list?.length === 0);
}

function usage(message: string): HookwrightError {
  return new HookwrightError('usage', message);
}

/** Returns the text of the file with the imported entries, or `undefined` if it does not change. */
export function importedText(target: ImportTarget, imported: Imported): string | undefined {
  const { text = '', accountId, document } = target;
  const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  if (!document) {
    return target.hasDocuments
      ? `${before}---\n${newDocument(accountId, imported)}`
      : `${before}${newFile(accountId, imported)}`;
  }
  if (imported.entries.length + imported.ignored.length === 0) return undefined;
  const merged = mergeInto(text, document.index, imported);
  if (merged !== undefined) return merged;
  throw new HookwrightError(
    'usage',
    `${document.desired.source}: entries cannot be added to the list of webhooks as it is written, for example as an alias. ` +
      'Run import without -f to print all live webhooks, and copy the missing ones.',
  );
}

/** Loads the new text as `validate` would, and throws if it is not valid, so that it is not written. */
export async function refuseInvalid(run: Run, path: string, text: string): Promise<void> {
  const disk = diskFiles(run.io);
  const files = {
    ...disk,
    readFile: (file: string) => (file === path ? Promise.resolve(Buffer.from(text)) : disk.readFile(file)),
  };
  const options = { ...run.options, file: [path] };
  const { diagnostics } = await readDesired({ ...run, options }, { needAccountId: false, files });
  const fault = diagnostics.find(({ severity }) => severity === 'error');
  if (!fault) return;
  const where = `line ${fault.line} of the new text: ${fault.message}`;
  throw new HookwrightError(
    'internal',
    `Nothing was written because the result would not be valid (${where}).`,
  );
}
