/** The codes of problems in a desired-state file. */
export const DIAGNOSTIC_CODES = [
  'no-file',
  'unreadable',
  'too-large',
  'encoding',
  'empty-file',
  'empty-document',
  'encrypted-file',
  'bad-include',
  'too-many-faults',
  'merge-conflict',
  'tab',
  'open-quote',
  'open-bracket',
  'yaml-syntax',
  'too-deep',
  'unknown-tag',
  'non-text-key',
  'duplicate-key',
  'dangling-alias',
  'alias-loop',
  'alias-bomb',
  'wrong-type',
  'unknown-field',
  'missing-field',
  'missing-webhooks',
  'bad-value',
  'empty',
  'too-long',
  'no-account-id',
  'bad-account-id',
  'duplicate-account',
  'bad-label',
  'duplicate-name',
  'duplicate-id',
  'bad-id',
  'declared-and-ignored',
  'declared-and-absent',
  'ignored-and-absent',
  'absent-pattern',
  'unknown-webhook',
  'name-alike',
  'name-space',
  'reserved-name',
  'cut-name',
  'placeholder',
  'bad-url',
  'url-placeholder',
  'url-token',
  'url-credential',
  'url-env-unusable',
  'retired-host',
  'http-url',
  'private-host',
  'port',
  'slack-workflow-secret',
  'secret-needed',
  'literal-secret',
  'env-and-file',
  'bad-env-name',
  'credential-env',
  'env-not-allowed',
  'env-random',
  'secret-file-outside',
] as const;

export type DiagnosticCode = (typeof DIAGNOSTIC_CODES)[number];

/** An error or warning in a desired-state file. Lines and columns start at 1. */
export type Diagnostic = {
  readonly severity: 'error' | 'warning';
  readonly code: DiagnosticCode;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** A single line: `unknown field "secert"`. */
  readonly message: string;
  /** The cause and the fix. */
  readonly hint?: string;
  /** The source line with secrets masked. `column` and `width` mark the problem in that text. */
  readonly excerpt?: { readonly text: string; readonly column: number; readonly width: number };
};
