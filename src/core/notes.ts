import { shellQuoted } from '../text/layout.js';
import { type DesiredAccount, type DesiredRoute, type DesiredWebhook, fileFlag } from './desired.js';
import { bareId } from './ids.js';
import { isReservedName } from './leftovers.js';
import type { Live, Policy } from './live.js';
import type { Match, Matching } from './match.js';
import { compareText } from './order.js';
import {
  type Action,
  type Note,
  type NoteCode,
  type Replace,
  setsUrl,
  type UpdateWebhook,
  type WebhookAction,
} from './plan.js';
import { targetKey, targetsAfter } from './routes.js';
import { hasVersion, lastDeployed, referenceOf, rotations } from './rotation.js';
import {
  declaresSecret,
  desiredUrl,
  displayHost,
  identifies,
  matchesLiveUrl,
  parseUrl,
  secretForPut,
  urlCredential,
} from './urls.js';

/** What the comparison of an account with its live state has found: the basis of its notes and guards. */
export type Compared = {
  readonly desired: DesiredAccount;
  /** The matches that `--target` selects. */
  readonly matches: readonly Match[];
  /** The actions, by entry. */
  readonly changes: ReadonlyMap<Match, WebhookAction>;
  readonly actions: readonly Action[];
};

export type NotesInput = Compared & {
  readonly live: readonly Live[];
  readonly policies: readonly Policy[] | undefined;
  readonly matching: Matching;
  readonly previous: DesiredAccount | undefined;
  /** What a suggested argument needs before a name. */
  readonly flagPrefix: string;
};

/** The limit for an account without a paid zone (Cloudflare docs, configure webhooks, 2026-10-02). */
const FREE_LIMIT = 100;

/** Returns notes on what a reviewer should know and no action shows. */
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
        `--previous was not given, so "version" was not compared and a rotation would not be detected for ${list}. Pass --previous git:REV, or rotate with --rotate NAME.`,
    ),
    ...trusted(input),
    ...changedReferences(input),
    ...newHosts(input),
    ...repeated(input),
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

/** Notes secrets, and URLs of which Cloudflare returns too little to compare them. */
function trusted({ matches, changes, previous }: NotesInput): Note[] {
  const names = namesOf(
    matches.flatMap((found) => {
      const { desired, live } = found;
      return live && !changes.has(found) && isTrusted(desired, live) ? [desired] : [];
    }),
  );
  const what =
    names.length === 1 ? 'the secret of 1 webhook was' : `the secrets of ${names.length} webhooks were`;
  return note(
    'secrets-not-compared',
    names,
    () =>
      `Cloudflare never returns secrets, so ${what} not compared. To set one again, ${previous ? 'add or change its "version"' : 'pass --rotate NAME'}.`,
  );
}

/** Reports whether an entry has a secret, or a URL of which Cloudflare does not return enough. */
function isTrusted(desired: DesiredWebhook, live: Live): boolean {
  if (declaresSecret(desired)) return true;
  if (desired.url.kind === 'literal' && desired.url.url === live.url) return false;
  const url = parseUrl(desiredUrl(desired) ?? '');
  if (!url) return false;
  return urlCredential(url) !== undefined || (desired.url.kind !== 'literal' && !identifies(url));
}

/** Notes a new reference under the same version, and a new secret without one, which are not sent. */
function changedReferences({ matches, changes, previous }: NotesInput): Note[] {
  if (!previous) return [];
  const lastOf = lastDeployed(previous);
  const pairs = matches.flatMap((found) => {
    const before = found.live && lastOf(found.desired, found.live);
    return before ? [{ desired: found.desired, before, action: changes.get(found) }] : [];
  });
  // Every write sends the secret, but not every write sends the URL.
  const quiet = pairs.filter(({ action }) => !action);
  const moved = pairs.filter(
    ({ desired, before, action }) =>
      (!action && isOther(referenceOf(desired.secret), referenceOf(before.secret))) ||
      (!sendsUrl(action) && isOther(referenceOf(desired.url), referenceOf(before.url))),
  );
  const added = quiet.filter(({ desired, before }) => declaresSecret(desired) && !declaresSecret(before));
  const gone = quiet.filter(({ desired, before }) => desired.secret === undefined && declaresSecret(before));
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

function sendsUrl(action: WebhookAction | undefined): boolean {
  if (action?.kind !== 'update') return action !== undefined;
  return setsUrl(action.because);
}

function isOther(after: string | undefined, before: string | undefined): boolean {
  return after !== undefined && before !== undefined && after !== before;
}

/** Notes a secret that goes to a host that it did not go to when last deployed. */
function newHosts({ matches, previous }: NotesInput): Note[] {
  if (!previous) return [];
  const known = new Set(previous.webhooks.map(destinationOfSecret));
  const moved = matches.flatMap(({ desired }) => {
    const destination = destinationOfSecret(desired);
    return destination === undefined || known.has(destination) ? [] : [{ ...desired, destination }];
  });
  const list = [...new Set(moved.map(({ destination }) => destination))].sort(compareText);
  return note(
    'reference-new-host',
    namesOf(moved),
    (names) =>
      `Since the last deployment, a secret goes to a new host: ${list.join(', ')} (${names}). Check that it is the right host.`,
  );
}

/** Notes rotations by version: the next plan makes them again, unless it compares with this state. */
function repeated({ matches, changes, previous }: NotesInput): Note[] {
  const rotationOf = rotations(previous);
  const rotated = matches.filter((found) => {
    if (!changes.has(found)) return false;
    const { secret, url } = rotationOf(found.desired, found.live);
    return secret || url;
  });
  return note(
    'rotation-repeats',
    namesOf(rotated.map(({ desired }) => desired)),
    (list) =>
      `The next plan also rotates ${list}, unless its --previous has the new version. Move the tag after a complete apply.`,
  );
}

/** Returns where a secret goes: `(env TOKEN) to relay.example.com`. Shows an unknown URL by its reference. */
function destinationOfSecret({ secret, url }: DesiredWebhook): string | undefined {
  const reference = referenceOf(secret);
  const text = desiredUrl({ url });
  const host = text === undefined ? '' : displayHost(text);
  return reference === undefined ? undefined : `(${reference}) to ${host || `(${referenceOf(url) ?? ''})`}`;
}

/** Reports whether the action updates an existing webhook, including one that survives a replacement. */
function isPut(action: Action): action is UpdateWebhook | Replace {
  if (action.resource === 'policy') return false;
  if (action.kind !== 'replace') return action.kind === 'update';
  const { survivor, because, name } = action;
  return survivor !== undefined && (survivor.name !== name || because.length > 1);
}

/** Reports whether a replacement loses a secret: one that was set elsewhere cannot be read and sent again. */
function losesSecret({ after, survivor }: Replace): boolean {
  const url = desiredUrl(after);
  return !survivor && after.secret === undefined && url !== undefined && !urlCredential(url);
}

/** Returns the webhooks that are not in the file and have the URL of an entry that is to be created. */
function maybeRenamed(entry: DesiredWebhook, { unlisted, absent }: Matching): readonly Live[] {
  const url = desiredUrl(entry);
  if (url === undefined) return [];
  return [...unlisted, ...absent].filter(
    (webhook) => !isReservedName(webhook.name) && matchesLiveUrl(url, webhook),
  );
}

/** Notes a create with the URL of a webhook that is not in the file, which may be a rename. */
function renamed({ desired, changes, matching, matches, flagPrefix }: NotesInput): Note[] {
  const flag = fileFlag(desired.file);
  return matches.flatMap((found) => {
    if (changes.get(found)?.kind !== 'create') return [];
    const former = namesOf(maybeRenamed(found.desired, matching));
    const isOne = former.length === 1;
    const names = former.map((name) => JSON.stringify(name)).join(', ');
    const args = former.map((name) => shellQuoted(flagPrefix + name)).join(' ');
    return note(
      'maybe-renamed',
      former.length === 0 ? [] : [found.desired.name],
      (list) =>
        `${list} would be created, but ${names} ${isOne ? 'has the same URL and is' : 'have the same URL and are'} not in the file. ` +
        `If ${isOne ? 'it' : 'one of them'} was renamed, add previously: [${names}] to the entry, so that it keeps its ID and its policies; ` +
        `to take the live name instead, ${flag ? `run: hookwright import ${args}${flag} --update` : 'change the entry to it.'}`,
    );
  });
}

/**
 * Notes webhooks that no policy uses, because they receive no alerts. Without a list of the policies, that is
 * known only of new webhooks.
 */
function unused(input: NotesInput): Note[] {
  const { desired, policies, matches, actions, changes, previous } = input;
  const lastOf = lastDeployed(previous);
  const targetsOf = targetsAfter(actions.filter((action) => action.resource === 'policy'));
  const used = new Set(policies?.flatMap(targetsOf));
  const usedBefore = new Set(policies?.flatMap(({ webhookIds }) => webhookIds.map(bareId)));
  // A route in the file counts, even if this run does not apply it.
  const listed = new Set(desired.routes?.flatMap(({ webhooks }) => webhooks));
  const idle = matches.flatMap((found) => {
    const { desired: entry, live, duplicates, leftovers, ambiguous, pinMissing } = found;
    const isNew = changes.get(found)?.kind === 'create';
    if (ambiguous || pinMissing || (!policies && !isNew)) return [];
    const ids = [...(live ? [live] : []), ...duplicates, ...leftovers].map(({ id }) => bareId(id));
    const keys = [targetKey({ name: entry.name }), ...ids];
    if (listed.has(entry.name) || keys.some((key) => used.has(key))) return [];
    const wasUsed = ids.some((id) => usedBefore.has(id));
    // A webhook with this name can be live and ignored, or it has another name now.
    const isThere = (): boolean =>
      input.live.some(({ name }) => name === entry.name) || maybeRenamed(entry, input.matching).length > 0;
    const isLost = isNew && lastOf(entry) && !isThere();
    return [{ entry, state: wasUsed ? 'taken out' : isLost ? 'lost' : 'unused' }];
  });
  const where = (state: string): string[] =>
    namesOf(idle.flatMap((each) => (each.state === state ? [each.entry] : [])));
  const add = (names: readonly string[]): string =>
    `Add ${names.length === 1 ? 'it' : 'them'} to a policy under "policies", or in Cloudflare.`;
  return [
    ...note(
      'no-policy',
      where('taken out'),
      (list) =>
        `This plan takes ${list} out of the last policy that uses it, so no more alerts are sent there. If they should, list it for a policy under "policies".`,
    ),
    ...note(
      'no-policy',
      where('lost'),
      (list) =>
        `${list} was deleted in Cloudflare since it was last deployed, which also removed it from any policy that used it, so no alert is sent there. ${add(where('lost'))} To list policies without a recipient, run: hookwright status${fileFlag(desired.file)}`,
    ),
    ...note(
      'no-policy',
      where('unused'),
      (list) => `No policy uses ${list}, so no alert is sent there. ${add(where('unused'))}`,
    ),
  ];
}

function nearLimit({ desired, live, actions }: NotesInput): Note[] {
  const count = (kind: Action['kind']): number => actions.filter((action) => action.kind === kind).length;
  const after = live.length + count('create') - count('delete');
  const isOver = count('create') > 0 && after > FREE_LIMIT;
  return isOver
    ? [
        {
          code: 'near-limit',
          names: [],
          message: `The account would have ${after} destinations. An account without a paid zone can have at most ${FREE_LIMIT}; check the plan with: hookwright doctor${fileFlag(desired.file)}`,
        },
      ]
    : [];
}

function routesLeft({ desired, previous, policies }: NotesInput): Note[] {
  const still = new Set(
    (desired.routes ?? []).flatMap(({ name, id }) => [name, ...(id === undefined ? [] : [id])]),
  );
  const exists = (route: DesiredRoute): boolean =>
    policies?.some(({ name, id }) =>
      route.id === undefined ? name === route.name : bareId(id) === bareId(route.id),
    ) ?? true;
  const left = (previous?.routes ?? []).filter(
    (route) => !still.has(route.name) && (route.id === undefined || !still.has(route.id)) && exists(route),
  );
  const [was, rest] =
    left.length === 1
      ? ['was', 'this policy still sends to its webhooks']
      : ['were', 'these policies still send to their webhooks'];
  return note(
    'route-left-file',
    namesOf(left),
    (list) => `${list} ${was} removed from "policies". Nothing is changed: ${rest}.`,
  );
}

/** Notes custom alerts, which can use webhooks too: it is not known whether the API lists them. */
function customAlerts({ actions }: NotesInput): Note[] {
  const names = namesOf(actions.filter(({ kind }) => kind === 'delete' || kind === 'replace'));
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
