import { DESTINATIONS, destinationOf } from './destinations.js';
import { EnvNames } from './env-names.js';
import { bareId } from './ids.js';
import type { Live } from './live.js';
import { isReservedName } from './marker.js';
import { compareAge, compareText } from './order.js';
import { jsonText } from './untrusted.js';
import { displayUrl, hidesCredential, parseUrl } from './urls.js';

/** A live webhook as it is written into a file of desired state. */
export type ImportedEntry = {
  readonly name: string;
  /** Where its name alone does not tell which webhook it is. */
  readonly id?: string;
  /** `shown`: the url without what is secret in it, for a comment. */
  readonly url:
    | { readonly kind: 'literal'; readonly url: string }
    | { readonly kind: 'env'; readonly env: string; readonly shown: string };
  /** The variable that the secret is to be put into. */
  readonly secret?: string;
};

/** A live webhook that cannot be written into a file: it is ignored by its id. */
export type Undeclared = {
  readonly id: string;
  /** Absent where it must not be shown. */
  readonly name?: string;
  readonly reason: string;
};

export type Imported = {
  readonly entries: readonly ImportedEntry[];
  readonly ignored: readonly Undeclared[];
  /** Those that not even an `ignore` can name, since their id is none. */
  readonly left: readonly Undeclared[];
};

export type ImportRules = {
  /** Names that the file declares; `true`: all its entries of that name have an id. */
  readonly declared: ReadonlyMap<string, boolean>;
  /** Names that the file has under `previously`. */
  readonly earlier: ReadonlySet<string>;
  /** Variables that must not be used. */
  readonly takenEnv: Iterable<string>;
  /** May this text be written out, or does it hold a known secret or what looks like one? */
  readonly maySay: (text: string) => boolean;
};

/** Longer values are refused by the schema of desired state. */
const LONGEST_NAME = 1000;
const LONGEST_URL = 8192;
/** Types whose webhooks always have a secret beside what is left of their url. */
const SECRET_TYPES: ReadonlySet<string> = new Set(
  DESTINATIONS.filter(
    ({ split, keepsCredential, needsSecret }) => needsSecret === true || (split && !keepsCredential),
  ).map(({ type }) => type),
);

/** What is to be written of these live webhooks so that a plan straight after is empty; by name, then age. */
export function importEntries(live: readonly Live[], rules: ImportRules): Imported {
  const sorted = [...live].sort((a, b) => compareText(a.name, b.name) || compareAge(a, b));
  const once = new Set<string>();
  const twice = new Set<string>();
  for (const { name } of sorted) (once.has(name) ? twice : once).add(name);
  const envNames = new EnvNames(rules.takenEnv);
  const entries: ImportedEntry[] = [];
  const ignored: Undeclared[] = [];
  const left: Undeclared[] = [];
  for (const webhook of sorted) {
    const several = twice.has(webhook.name) || rules.declared.has(webhook.name);
    const reason = whyNot(webhook, several, rules);
    if (reason === undefined) entries.push(entryOf(webhook, several, rules, envNames));
    else (isId(webhook.id) ? ignored : left).push(undeclared(webhook, reason, rules));
  }
  return { entries, ignored, left };
}

/** Why `validate` would refuse an entry for it, or the plan would see another webhook in it. */
function whyNot({ id, name, url }: Live, several: boolean, rules: ImportRules): string | undefined {
  const target = parseUrl(url);
  if (name.trim() === '') return 'its name is empty';
  if (Array.from(name).length > LONGEST_NAME) return `its name has more than ${LONGEST_NAME} characters`;
  if (isReservedName(name)) return 'its name bears the mark of an unfinished replace';
  if (!speakable(name, rules)) return 'its name holds what looks like a secret';
  if (rules.earlier.has(name)) return 'its name stands under "previously" of another webhook';
  if (rules.declared.get(name) === false)
    return 'the file has another webhook of this name; with an "id" in each it can have both';
  if (several && !isId(id)) return 'it is one of several of this name, and its id is of an unknown form';
  if (!target || !/^https?:$/.test(target.protocol) || target.hostname === '')
    return 'its url is no http url';
  return url.length > LONGEST_URL && !hidesCredential(url) ? 'its url is too long' : undefined;
}

function entryOf(webhook: Live, several: boolean, rules: ImportRules, envNames: EnvNames): ImportedEntry {
  const { id, name, url } = webhook;
  const known = destinationOf(new URL(url));
  // Of a chat service whose secret is of unknown form, only the whole url is sure to be right.
  const whole = known?.split !== undefined && !known.keepsCredential && !known.splitSecretKnown;
  const hidden = whole || hidesCredential(url) || !rules.maySay(url);
  const pinned = several ? { id: bareId(id) } : {};
  const inUrl = hidden && known?.split !== undefined;
  const wantsSecret =
    known?.keepsCredential !== true &&
    !inUrl &&
    (SECRET_TYPES.has(webhook.type) || known?.needsSecret === true);
  const secret = wantsSecret ? { secret: envNames.secretOf(name) } : {};
  if (!hidden) return { name, ...pinned, url: { kind: 'literal', url }, ...secret };
  const shown = displayUrl(url);
  return { name, ...pinned, url: { kind: 'env', env: envNames.urlOf(name), shown }, ...secret };
}

function undeclared({ id, name }: Live, reason: string, rules: ImportRules): Undeclared {
  return { id: isId(id) ? bareId(id) : id, reason, ...(speakable(name, rules) && { name }) };
}

function speakable(name: string, { maySay }: ImportRules): boolean {
  return maySay(name) && maySay(jsonText(name, 0));
}

function isId(id: string): boolean {
  return /^[0-9a-f]{32}$/.test(bareId(id));
}
