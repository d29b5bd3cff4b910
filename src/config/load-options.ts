import type { AccountId } from '../core/ids.js';
import type { Environment } from '../core/ports.js';
import type { VariableRules } from './secrets/credential-variables.js';
import type { AllowsSecretFile, ReadFile } from './secrets/read-secret.js';

export type LoadOptions = {
  /** Files, directories and `-`; if empty, `hookwright.yaml`. */
  readonly paths: readonly string[];
  /** From CLOUDFLARE_ACCOUNT_ID, for documents that do not name an account. */
  readonly accountId?: string;
  /** Whether a document without an account is an error. If not, it results in no account. */
  readonly needAccountId: boolean;
  /** Whether a literal secret, or a chat service's token in a URL, is a warning instead of an error. */
  readonly allowLiteralSecrets: boolean;
  /** Patterns of `--env-allow`. Absent: any variable that does not hold another tool's credential. */
  readonly envAllow?: readonly string[];
  /** Whether this is the previous state: then its variables and secret files are not checked again. */
  readonly deployed?: boolean;
  /** From `--secret-dir`, absolute or relative to the working directory. */
  readonly secretDirs: readonly string[];
  /** Variables for `url: { env: … }`. No secret is read. */
  readonly env: Environment;
  /** Reads files for `url: { file: … }`. Absent: no files are read. */
  readonly readFile?: ReadFile;
  /** How to treat a path that does not exist; `empty` for an earlier revision. Default `error`. */
  readonly missing?: 'error' | 'empty';
};

/** What the checks of all documents share. */
export type LoadContext = LoadOptions & {
  readonly allowsSecretFile: AllowsSecretFile;
  readonly variables: VariableRules;
  /**
   * The place (`hookwright.yaml:1`) of the document that first declares each account and label. Documents
   * without an account share the key ''. `isNamed`: whether the document has the `account_id`.
   */
  readonly declared: {
    readonly accounts: Map<AccountId | '', { readonly source: string; readonly isNamed: boolean }>;
    readonly labels: Map<string, string>;
  };
};
