import path from 'node:path';
import { defaultAccount, readDesired, reportDiagnostics } from '../../cli/desired-state.js';
import type { Run } from '../../cli/run.js';
import { cannotRead, diskFiles, type Files } from '../../config/disk.js';
import { accountIdsIn } from '../../config/draft.js';
import { readYaml, type YamlDocument } from '../../config/yaml/read-yaml.js';
import { decode } from '../../config/yaml/source.js';
import type { DesiredAccount } from '../../core/desired.js';
import { HookwrightError, usageError } from '../../core/errors.js';
import type { ExitCode } from '../../core/exit-codes.js';
import { type AccountId, parseAccountId } from '../../core/ids.js';
import { isRecord } from '../../core/order.js';

/** A document of a file that the import can change. All its accounts share the same object. */
export type ImportPart = {
  readonly file: string;
  readonly index: number;
  /** The path of an included file, as in the document that includes it. */
  readonly included?: string;
};

export type ImportAccount = {
  readonly accountId: AccountId;
  readonly label?: string;
  /** The desired state in the file. Absent: there is none. */
  readonly desired?: DesiredAccount;
  /** The document that describes the account, then the documents that it includes. Empty: there is none. */
  readonly parts: readonly ImportPart[];
  /** False: it is only read, because it shares a document with an imported account. */
  readonly isImported: boolean;
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
  const documents = text === undefined ? [] : readYaml(text);
  if (documents.length === 0) return { accounts: [undescribed(namedAccount(run))], path: file, texts };
  const { accounts, diagnostics } = await readDesired(run, { needAccountId: true });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const exit = reportDiagnostics(run, errors);
  if (exit !== undefined) return { exit };
  const wanted = account === undefined ? undefined : defaultAccount(run);
  const partsOf = partsFinder(disk, file, documents, texts);
  const found: ImportAccount[] = [];
  for (const desired of accounts) {
    const { accountId, label } = desired;
    found.push({
      accountId,
      ...(label !== undefined && { label }),
      desired,
      parts: await partsOf(accountId),
      isImported: wanted === undefined || wanted === accountId,
    });
  }
  const mine = found.filter(({ isImported }) => isImported);
  if (wanted && mine.length === 0) return { accounts: [undescribed(wanted)], path: file, texts };
  const affected = new Set(mine.flatMap((each) => each.parts));
  return {
    accounts: found.filter((each) => each.parts.some((part) => affected.has(part))),
    path: file,
    texts,
  };
}

/**
 * Returns a function that finds the document of an account, then the documents that it includes. Adds the
 * content of those files to `texts`.
 */
function partsFinder(
  disk: Files,
  file: string,
  documents: readonly YamlDocument[],
  texts: Map<string, string>,
): (accountId: AccountId) => Promise<readonly ImportPart[]> {
  const known = new Map<string, ImportPart>();
  const partAt = (at: string, index: number, included?: string): ImportPart => {
    const key = `${index} ${at}`;
    const part = known.get(key) ?? { file: at, index, ...(included !== undefined && { included }) };
    known.set(key, part);
    return part;
  };
  const values = documents.map(({ root, value }) => (root ? value : undefined));
  const ids = values.map(accountIdsIn);
  return async (accountId) => {
    const named = ids.findIndex((list) => list.some((id) => parseAccountId(id) === accountId));
    const index = named >= 0 ? named : ids.findIndex((list, i) => list.length === 0 && isRecord(values[i]));
    const document = values[index];
    const include: unknown = isRecord(document) ? document['include'] : undefined;
    const parts = [partAt(file, index)];
    for (const item of Array.isArray(include) ? include.map(String) : []) {
      const target = path.resolve(disk.cwd, path.dirname(file), item);
      // Two documents can include one file with different paths.
      const real = (await disk.realPath(target)) ?? target;
      if (!texts.has(real)) texts.set(real, (await readText(disk, real)) ?? '');
      parts.push(partAt(real, 0, item));
    }
    return parts;
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
  const files: Files = {
    ...disk,
    readFile: async (each) => {
      const text = texts.get(each) ?? texts.get((await disk.realPath(each)) ?? each);
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
