import equal from 'fast-deep-equal';
import type { DesiredAccount, DesiredWebhook } from './desired.js';
import { bareId } from './ids.js';
import type { Live, Policy } from './live.js';
import { desiredUrl, type Match, type Matching } from './match.js';
import { compareText } from './order.js';
import type { Action, Note, NoteCode, Replace, UpdateWebhook } from './plan.js';
import { hasVersion, lastDeployed } from './rotation.js';
import {
  declaresSecret,
  hasCredentialUrl,
  identifies,
  matchesLiveUrl,
  secretForPut,
  urlCredential,
} from './urls.js';

export type NotesInput = {
  readonly desired: DesiredAccount;
  readonly live: readonly Live[];
  readonly policies: readonly Policy[] | undefined;
  /** Those that `--target` selects. */
  readonly matches: readonly Match[];
  readonly matching: Matching;
  readonly actions: readonly Action[];
  readonly previous: DesiredAccount | undefined;
};

/** An account without a paid zone can have so many destinations (Cloudflare docs, configure webhooks, 2026-10-02). */
const FREE_LIMIT = 100;

/** Returns what a reviewer should know and no action shows. */
export function notes(input: NotesInput): Note[] {
  const { matches, actions, previous } = input;
  const found = matches.filter(({ live, leftovers }) => live !== undefined || leftovers.length > 0);
  const puts = actions.filter(isPut);
  const unset = found.filter(({ desired }) => desiredUrl(desired) === undefined);
  const versioned = previous ? [] : found.filter(({ desired }) => hasVersion(desired));
  return [
    ...note(
      'not-compared',
      namesOf(unset.map(({ desired }) => desired)),
      (list) => `The URL of ${list} was not compared because its variable or file is not available.`,
    ),
    ...note(
      'version-not-compared',
      namesOf(versioned.map(({ desired }) => desired)),
      (list) =>
        `--previous was not given, so "version" was not compared and a rotation would not be detected for ${list}.`,
    ),
    ...trusted(input),
    ...changedReferences(input),
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
    ...renamed(input),
    ...unused(input),
    ...nearLimit(input),
    ...routesLeft(input),
    ...customAlerts(input),
  ];
}

/** What no read can show is taken on trust: secrets, and URLs of which Cloudflare keeps too little. */
function trusted({ matches, actions }: NotesInput): Note[] {
  const changed = new Set(actions.map(({ name }) => name));
  const names = namesOf(
    matches.flatMap(({ desired, live }) => {
      const url = desiredUrl(desired);
      const isHidden =
        url !== undefined &&
        hasCredentialUrl(desired) &&
        (urlCredential(url) !== undefined || !identifies(url));
      return live && !changed.has(desired.name) && (declaresSecret(desired) || isHidden) ? [desired] : [];
    }),
  );
  const what = names.length === 1 ? 'the secret of 1 webhook' : `the secrets of ${names.length} webhooks`;
  return note('secrets-not-compared', names, () =>
    `Cloudflare never returns secrets, so ${what} were not compared. To set one again, change its "version".`.replace(
      'webhook were',
      'webhook was',
    ),
  );
}

/** A reference that changed under the same version, and a secret that was added without one, send nothing. */
function changedReferences({ matches, previous, actions }: NotesInput): Note[] {
  if (!previous) return [];
  const lastOf = lastDeployed(previous);
  const changed = new Set(
    actions.flatMap(({ name, kind }) => (kind === 'replace' || kind === 'create' ? [name] : [])),
  );
  const found = matches
    .filter(({ desired, live }) => live && !changed.has(desired.name))
    .map(({ desired }) => desired);
  const pairs = found.flatMap((desired) => {
    const before = lastOf(desired);
    return before ? [{ desired, before }] : [];
  });
  const moved = pairs.filter(
    ({ desired, before }) =>
      (declaresSecret(desired) && declaresSecret(before) && !equal(desired.secret, before.secret)) ||
      (desired.url.kind !== 'literal' &&
        before.url.kind !== 'literal' &&
        !equal(referenceOf(desired), referenceOf(before))),
  );
  const added = pairs.filter(({ desired, before }) => declaresSecret(desired) && !declaresSecret(before));
  const gone = pairs.filter(({ desired, before }) => desired.secret === undefined && declaresSecret(before));
  const rest = 'so nothing is sent. To set the value in Cloudflare, add or change "version".';
  return [
    ...note(
      'reference-changed',
      namesOf(moved.map(({ desired }) => desired)),
      (list) => `The reference of ${list} changed, but not its "version", ${rest}`,
    ),
    ...note(
      'reference-changed',
      namesOf(added.map(({ desired }) => desired)),
      (list) => `A secret was added to ${list} without a "version", ${rest}`,
    ),
    ...note(
      'reference-changed',
      namesOf(gone.map(({ desired }) => desired)),
      (list) =>
        `The secret of ${list} is no longer declared; it stays live. To remove it, write "secret: none".`,
    ),
  ];
}

function referenceOf({ url }: DesiredWebhook): unknown {
  return url.kind === 'literal' ? undefined : { ...url, value: undefined, version: undefined };
}

/** Is a webhook that stays written to? One that survives a replacement is, for its name or for what it lacks. */
function isPut(action: Action): action is UpdateWebhook | Replace {
  if (action.resource === 'policy') return false;
  if (action.kind !== 'replace') return action.kind === 'update';
  const { survivor, because, name } = action;
  return survivor !== undefined && (survivor.name !== name || because.length > 1);
}

/** A secret that was set elsewhere cannot be read, so it cannot be given to the new webhook. */
function losesSecret({ after, survivor }: Replace): boolean {
  const url = desiredUrl(after);
  return !survivor && after.secret === undefined && url !== undefined && !urlCredential(url);
}

/** A create whose URL is that of a webhook the file does not name: was it renamed? */
function renamed({ actions, matching, matches }: NotesInput): Note[] {
  const creates = new Set(actions.flatMap((action) => (action.kind === 'create' ? [action.name] : [])));
  return matches.flatMap(({ desired }) => {
    const url = desiredUrl(desired);
    if (!creates.has(desired.name) || url === undefined) return [];
    const alike = [...matching.unlisted, ...matching.absent].filter((webhook) =>
      matchesLiveUrl(url, webhook),
    );
    const names = [...new Set(alike.map(({ name }) => name))].sort(compareText);
    return note(
      'maybe-renamed',
      names.length === 0 ? [] : [desired.name],
      (list) =>
        `${list} would be created, but ${names.map((name) => JSON.stringify(name)).join(', ')} has the same URL and is not in the file. ` +
        `If it was renamed, add previously: [${names.map((name) => JSON.stringify(name)).join(', ')}] to the entry, so that it keeps its ID and its policies.`,
    );
  });
}

/** A webhook that no policy uses receives nothing. */
function unused({ policies, matches, actions }: NotesInput): Note[] {
  if (!policies) return [];
  const routes = actions.flatMap((action) => (action.resource === 'policy' ? [action] : []));
  const routed = new Map(routes.map((route) => [bareId(route.id), route.after]));
  const after = policies.flatMap(
    ({ id, webhookIds }) =>
      routed.get(bareId(id)) ?? webhookIds.map((webhook) => ({ id: webhook, name: '' })),
  );
  const used = new Set(after.flatMap(({ id }) => (id === undefined ? [] : [bareId(id)])));
  const usedNames = new Set(after.flatMap(({ id, name }) => (id === undefined ? [name] : [])));
  const names = namesOf(
    matches.flatMap(({ desired, live, twins, leftovers }) => {
      const ids = [...(live ? [live] : []), ...twins, ...leftovers].map(({ id }) => bareId(id));
      return usedNames.has(desired.name) || ids.some((id) => used.has(id)) ? [] : [desired];
    }),
  );
  return note(
    'no-policy',
    names,
    (list) =>
      `No policy uses ${list}, so no alert is sent there. Add a route under "policies", or use it in a policy in Cloudflare.`,
  );
}

function nearLimit({ live, actions }: NotesInput): Note[] {
  const count = (kind: Action['kind']): number => actions.filter((action) => action.kind === kind).length;
  const after = live.length + count('create') - count('delete');
  const isOver = count('create') > 0 && after > FREE_LIMIT;
  return isOver
    ? [
        {
          code: 'near-limit',
          names: [],
          message: `The account would have ${after} destinations. An account without a paid zone can have at most ${FREE_LIMIT}; check the plan with: hookwright doctor`,
        },
      ]
    : [];
}

function routesLeft({ desired, previous }: NotesInput): Note[] {
  const still = new Set(
    (desired.routes ?? []).flatMap(({ name, id }) => [name, ...(id === undefined ? [] : [id])]),
  );
  const left = (previous?.routes ?? []).filter(
    ({ name, id }) => !still.has(name) && (id === undefined || !still.has(id)),
  );
  return note(
    'route-left-file',
    namesOf(left),
    (list) =>
      `${list} was removed from "policies"; the policy still sends to the webhooks that it has. Nothing is changed.`,
  );
}

/** It is not known whether the list of policies has custom alerts, which can use webhooks too. */
function customAlerts({ actions }: NotesInput): Note[] {
  const names = namesOf(
    actions.filter(
      (action) => action.kind === 'delete' || (action.kind === 'replace' && action.retire.length > 0),
    ),
  );
  return note(
    'custom-alerts-not-seen',
    names,
    (list) =>
      `Custom alerts can use webhooks too, and hookwright does not look at them. Check that none uses ${list}.`,
  );
}

function namesOf(items: readonly { readonly name: string }[]): string[] {
  return [...new Set(items.map(({ name }) => name))].sort(compareText);
}

function note(code: NoteCode, names: readonly string[], message: (list: string) => string): Note[] {
  return names.length === 0
    ? []
    : [{ code, names, message: message(names.map((name) => JSON.stringify(name)).join(', ')) }];
}
