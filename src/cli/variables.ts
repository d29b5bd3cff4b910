import type { Loaded } from '../config/load.js';
import { didYouMean } from '../text/suggestions.js';
import { FLAG_NAMES, longName, variableName, variableOf } from './flags.js';
import type { Io } from './io.js';

const PREFIX = 'HOOKWRIGHT_';
/** Install scripts use it for the version. */
const OF_OTHERS: ReadonlySet<string> = new Set(['HOOKWRIGHT_VERSION']);

/** The environment variables that the files of a run refer to; warns about those that have no effect. */
export class FileVariables {
  readonly #names = new Set<string>();
  /** Whether all names are known. False without files, with errors, or if a document has no account. */
  #isComplete = false;
  #hasRead = false;

  /** Adds the variables that files refer to. */
  add({ accounts, diagnostics, counts }: Loaded): void {
    const isWhole = !diagnostics.some(({ severity }) => severity === 'error');
    this.#isComplete = isWhole && accounts.length >= counts.documents && (this.#isComplete || !this.#hasRead);
    this.#hasRead = true;
    for (const { url, secret } of accounts.flatMap(({ webhooks }) => webhooks)) {
      for (const reference of [url, secret]) {
        if (reference?.kind === 'env') this.#names.add(reference.env);
      }
    }
  }

  /** Returns a warning for each non-empty `HOOKWRIGHT_…` variable that no flag has and no file refers to. */
  warnings(env: Io['env']): string[] {
    const known = new Set(FLAG_NAMES.flatMap((flag) => variableOf(flag) ?? []));
    const suffixes = [...known].map((name) => name.slice(PREFIX.length));
    return Object.entries(env).flatMap(([name, value]) => {
      if (!name.startsWith(PREFIX) || value === undefined || value === '') return [];
      if (known.has(name) || OF_OTHERS.has(name) || this.#names.has(name)) return [];
      const decision = FLAG_NAMES.find((flag) => variableName(flag) === name);
      const near = didYouMean(name.slice(PREFIX.length), suffixes);
      // A file could still refer to it, unless it is a misspelling.
      if (!this.#isComplete && decision === undefined && near === undefined) return [];
      const meant = near === undefined ? '' : ` Did you mean ${PREFIX}${near}?`;
      const hint = decision === undefined ? meant : ` Pass ${longName(decision)} on the command line.`;
      return [`Warning: the environment variable ${name} has no effect.${hint}`];
    });
  }
}
