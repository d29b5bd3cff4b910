import { diskFiles } from '../config/disk.js';
import type { Files } from '../config/files.js';
import { loadDesired, type Loaded } from '../config/load.js';
import type { DesiredAccount } from '../core/desired.js';
import { HookwrightError } from '../core/errors.js';
import { parseAccountId, type AccountId } from '../core/ids.js';
import type { Run } from './run.js';

/** Returns the account of documents that have no `account_id`. Throws `usage` if it is not an account ID. */
export function defaultAccount({ options, io }: Pick<Run, 'options' | 'io'>): AccountId | undefined {
  const text = options.account ?? io.env['CLOUDFLARE_ACCOUNT_ID'];
  if (text === undefined || text === '') return undefined;
  const account = parseAccountId(text);
  if (account) return account;
  const source = options.account === undefined ? 'CLOUDFLARE_ACCOUNT_ID' : '--account';
  throw new HookwrightError(
    'usage',
    `${source} must be an account ID (32 hexadecimal digits). Copy it from the account's overview page in the Cloudflare dashboard.`,
  );
}

export type ReadOptions = {
  readonly needAccountId: boolean;
  /** Where the files are, if not on the disk; there, what is missing counts as empty. */
  readonly files?: Files;
};

/** Reads the files that the flags name. Returns problems as diagnostics. */
export async function readDesired(run: Run, { needAccountId, files }: ReadOptions): Promise<Loaded> {
  const { options, io, redactor } = run;
  const accountId = needAccountId ? defaultAccount(run) : undefined;
  const loaded = await loadDesired(
    {
      paths: options.file ?? [],
      ...(accountId && { accountId }),
      needAccountId,
      allowLiteralSecrets: options.allowLiteralSecrets ?? false,
      envAllow: options.envAllow ?? [],
      secretDirs: options.secretDir ?? [],
      env: io.env,
      missing: files ? 'empty' : 'error',
    },
    files ?? diskFiles(io),
  );
  for (const { webhooks } of loaded.accounts) {
    for (const { url, secret } of webhooks) {
      if (url.kind === 'env' && url.value) redactor.add(url.value);
      if (secret?.kind === 'literal') redactor.add(secret.value);
    }
  }
  return loaded;
}

/** Narrows to `--account`; a file that describes only others is refused. */
export function onlyAccount(accounts: readonly DesiredAccount[], run: Run): readonly DesiredAccount[] {
  if (run.options.account === undefined) return accounts;
  const wanted = defaultAccount(run);
  const mine = accounts.filter(({ accountId }) => accountId === wanted);
  if (mine.length > 0 || accounts.length === 0) return mine;
  const others = accounts.map(({ accountId, source }) => `${accountId} (${source})`).join(', ');
  throw new HookwrightError(
    'usage',
    `--account ${wanted ?? ''}: no file describes this account. The files describe ${others}.`,
  );
}
