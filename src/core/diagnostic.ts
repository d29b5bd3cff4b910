/** A fault or warning in a desired-state file. Lines and columns count from 1. */
export type Diagnostic = {
  readonly severity: 'error' | 'warning';
  /** Stable, kebab-case: `unknown-field`, `duplicate-name`. */
  readonly code: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** One line: `unknown field "secert"`. */
  readonly message: string;
  /** Why, and what to do. */
  readonly hint?: string;
  /** The source line with its secrets masked; the marked part starts at `column` of that text and is `width` wide. */
  readonly excerpt?: { readonly text: string; readonly column: number; readonly width: number };
};
