import { desiredUrl, type Match } from './match.js';
import { compareText } from './order.js';
import type { Action, Note, NoteCode, Replace, Update } from './plan.js';
import { hasVersion } from './previous.js';
import { secretForPut, urlCredential } from './urls.js';

export type NotesInput = {
  readonly matches: readonly Match[];
  readonly actions: readonly Action[];
  readonly hasPrevious: boolean;
};

/** What a reviewer should know and nothing on the plan's face says. */
export function notes({ matches, actions, hasPrevious }: NotesInput): Note[] {
  const found = matches.filter(({ live, marked }) => live !== undefined || marked.length > 0);
  const puts = actions.filter(isPut);
  const unset = found.filter(({ desired }) => desiredUrl(desired) === undefined);
  const versioned = hasPrevious ? [] : found.filter(({ desired }) => hasVersion(desired));
  return [
    ...note(
      'not-compared',
      namesOf(unset.map(({ desired }) => desired)),
      (list) => `The URL of ${list} was not compared because its environment variable is not set.`,
    ),
    ...note(
      'version-not-compared',
      namesOf(versioned.map(({ desired }) => desired)),
      (list) =>
        `--previous was not given, so "version" was not compared and a rotation would not be detected for ${list}.`,
    ),
    ...note(
      'secret-may-clear',
      namesOf(puts.filter(({ after }) => secretForPut(after) === 'unknown')),
      (list) =>
        `No secret is declared for ${list}: this update may clear a secret that was set elsewhere. Declare the secret, or write "secret: none".`,
    ),
    ...note(
      'secret-not-carried',
      namesOf(
        actions.filter((action): action is Replace => action.kind === 'replace' && losesSecret(action)),
      ),
      (list) =>
        `No secret is declared for ${list}: the new webhook will have no secret, even if the old one had one. Declare the secret, or write "secret: none".`,
    ),
    ...note(
      'secret-unverifiable',
      namesOf(puts.filter(({ because }) => because.some((b) => b.endsWith('-rotated')))),
      (list) =>
        `Cloudflare never returns secrets, so the in-place change of the secret of ${list} cannot be verified.`,
    ),
  ];
}

/** Is a webhook that stays written to? One that survives a replace is, for its name or for what it lacks. */
function isPut(action: Action): action is Update | Replace {
  if (action.kind !== 'replace') return action.kind === 'update';
  const { survivor, because, name } = action;
  return survivor !== undefined && (survivor.name !== name || because.length > 1);
}

/** A secret that was set elsewhere cannot be read, so it cannot be given to the new webhook. */
function losesSecret({ after, survivor }: Replace): boolean {
  const url = desiredUrl(after);
  return !survivor && after.secret === undefined && url !== undefined && !urlCredential(url);
}

function namesOf(items: readonly { readonly name: string }[]): string[] {
  return [...new Set(items.map(({ name }) => name))].sort(compareText);
}

function note(code: NoteCode, names: readonly string[], message: (list: string) => string): Note[] {
  return names.length === 0
    ? []
    : [{ code, names, message: message(names.map((name) => JSON.stringify(name)).join(', ')) }];
}
