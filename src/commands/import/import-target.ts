import path from 'node:path';
import { defaultAccount, readDesired, reportDiagnostics } from '../../cli/desired-state.js';
import type { Run } from '../../cli/run.js';
import { cannotRead, diskFiles, type Files } from '../../config/disk.js';
import type { DocumentId } from '../../config/draft.js';
import { readYaml } from '../../config/yaml/read-yaml.js';
import { decode } from '../../config/yaml/source.js';
import type { DesiredAccount } from '../../core/desired.js';
import { HookwrightError, usageError } from '../../core/errors.js';
import type { ExitCode } from '../../core/exit-codes.js';
import type { AccountId } from '../../core/ids.js';
import type { Live, Policy } from '../../core/live.js';
import type { Matching } from '../../core/match.js';

export type ImportAccount = {
  readonly accountId: AccountId;
  readonly label?: string;
  /** The desired state in the file. Absent: there is none. */
  readonly desired?: DesiredAccount;
  /** The document that describes the account, then the documents that it includes. Empty: there is none. */
  readonly parts: readonly DocumentId[];
  /** False: it is only read, because it shares a document with an imported account. */
  readonly isImported: boolean;
};

/** An account together with its live state. */
export type ComparedAccount = ImportAccount & {
  readonly live: readonly Live[];
  /** Absent: routes are not compared. */
  readonly policies?: readonly Policy[];
  /** Without a file, all webhooks are unlisted. */
  readonly matching: Pick<Matching, 'matches' | 'unlisted'>;
  /** Reports whether the names on the command line select this webhook. */
  readonly isSelected: (webhook: { readonly name: string; readonly id?: string }) => boolean;
};

/** Where to import to: stdout, a new file, or an existing file and the files that it includes. */
export type ImportTarget = {
  readonly accounts: readonly ImportAccount[];
  /** As given. Absent: stdout. */
  readonly path?: string;
  /** The content of the file and of the files that it includes, by path. */
  readonly texts: ReadonlyMap<string, string>;
};

/** Determines the target from `-f`, `--account` and the file. Sends nothing. Throws `usage`. */
export async function importTarget(run: Run): Promise<ImportTarget | { readonly exit: ExitCode }> {
  const { file: paths = [], account, update = false } = run.options;
  const [file, ...others] = paths;
  if (file === undefined) {
    if (update) throw usageError('--update changes a file. Pass the file with -f.');
    return { accounts: [undescribed(namedAccount(run))], texts: new Map() };
  }
  if (others.length > 0 || file === '-') {
    throw usageError('import writes to one file (-f FILE), or to standard output without -f.');
  }
  const disk = diskFiles(run.io);
  const text = await readText(disk, file);
  const texts = new Map(text === undefined ? [] : [[file, text]]);
  if (readYaml(text ?? '').length === 0)
    return { accounts: [undescribed(namedAccount(run))], path: file, texts };
  const { accounts, documents, diagnostics } = await readDesired(run, { needAccountId: true });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const exit = reportDiagnostics(run, errors);
  if (exit !== undefined) return { exit };
  const wanted = account === undefined ? undefined : defaultAccount(run);
  const found = accounts.map((desired): ImportAccount => {
    const { accountId, label } = desired;
    return {
      accountId,
      ...(label !== undefined && { label }),
      desired,
      parts: documents.get(desired) ?? [],
      isImported: wanted === undefined || wanted === accountId,
    };
  });
  const mine = found.filter(({ isImported }) => isImported);
  if (wanted && mine.length === 0) return { accounts: [undescribed(wanted)], path: file, texts };
  for (const part of found.flatMap((each) => each.parts))
    if (!texts.has(part.file)) texts.set(part.file, (await readText(disk, part.file)) ?? '');
  const affected = new Set(mine.flatMap((each) => each.parts));
  return {
    accounts: found.filter((each) => each.parts.some((part) => affected.has(part))),
    path: file,
    texts,
  };
}

async function readText(files: Files, file: string): Promise<string | undefined> {
  const bytes = await files.readFile(file).catch((cause: unknown) => {
    throw usageError(`${cannotRead(file, cause)}.`);
  });
  if (!bytes) {
    if (await files.readFolder(file)) throw usageError(`${file} is a directory; import writes to one file.`);
    return undefined;
  }
  const decoded = decode(bytes);
  // Other encoding errors are reported with their position when the file is loaded.
  return 'text' in decoded ? decoded.text : '?';
}

function undescribed(accountId: AccountId): ImportAccount {
  return { accountId, parts: [], isImported: true };
}

function namedAccount(run: Run): AccountId {
  const account = defaultAccount(run);
  if (account) return account;
  throw usageError(
    "No account given. Pass --account ID or set CLOUDFLARE_ACCOUNT_ID; the account's overview page in the dashboard has its ID.",
  );
}

/** Loads the new content as `validate` would, and throws if it is not valid, so that nothing is written. */
export async function refuseInvalid(
  run: Run,
  file: string,
  texts: ReadonlyMap<string, string>,
): Promise<void> {
  const disk = diskFiles(run.io);
  const absolute = new Map([...texts].map(([each, text]) => [path.resolve(disk.cwd, each), text]));
  const files: Files = {
    ...disk,
    readFile: async (each) => {
      const text = absolute.get(path.resolve(disk.cwd, each));
      return text === undefined ? disk.readFile(each) : Buffer.from(text);
    },
  };
  const options = { ...run.options, file: [file] };
  const { diagnostics } = await readDesired({ ...run, options }, { needAccountId: false, files });
  const error = diagnostics.find(({ severity }) => severity === 'error');
  if (!error) return;
  const where = `line ${error.line} of the new text of ${error.file}: ${error.message}`;
  // Entries that change together can conflict.
  throw new HookwrightError(
    run.options.update ? 'usage' : 'internal',
    `Nothing was written because the result would not be valid (${where}).`,
  );
}
