import { loadDesired as load } from './config/load.js';
import type { DesiredAccount } from './core/desired.js';
import type { Diagnostic } from './core/diagnostic.js';
import { filesIn, type Environment } from './surroundings.js';

export type LoadDesiredOptions = {
  /** Files and folders; default `hookwright.yaml`. */
  readonly paths?: readonly string[];
  /** Default: the working directory of the process. */
  readonly cwd?: string;
  /** Where `url: { env: … }` is looked up, usually `process.env`. */
  readonly env: Environment;
  /** For documents that name no account. */
  readonly accountId?: string;
  readonly allowLiteralSecrets?: boolean;
  /** Further folders that secret files may be in. */
  readonly secretDirs?: readonly string[];
};

/**
 * The accounts that the files describe, and what is wrong with the files; if any diagnostic is an error, the accounts are not to be
 * used. Never throws for what is in a file.
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
      envAllow: [],
      secretDirs: options.secretDirs ?? [],
      ...(options.accountId !== undefined && { accountId: options.accountId }),
    },
    filesIn(options.cwd),
  );
  return { accounts, diagnostics };
}
