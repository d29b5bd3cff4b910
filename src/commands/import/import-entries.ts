import schema from '../../../schemas/hookwright.schema.json' with { type: 'json' };
import { isCredentialName } from '../../config/secrets/credential-variables.js';
import { destinationOf, DESTINATIONS } from '../../core/destinations.js';
import { bareId, isValidId } from '../../core/ids.js';
import { isReservedName } from '../../core/leftovers.js';
import type { Live } from '../../core/live.js';
import { compareAge, compareText, groupBy } from '../../core/order.js';
import { displayUrl, hidesCredential, originOf, urlProblem } from '../../core/urls.js';
import { looksRandom } from '../../text/looks-random.js';
import { templateIn } from '../../text/templates.js';
import { jsonText } from '../../text/untrusted.js';

/** A live webhook as an entry of a desired-state file. */
export type ImportedEntry = {
  readonly name: string;
  /** Present if the name does not identify the webhook. */
  readonly id?: string;
  readonly url: string | { readonly env: string };
  readonly secret?: { readonly env: string };
  /** For a comment: the URL without its secret parts, if it is in a variable. */
  readonly shown?: string;
};

/** A live webhook that cannot be an entry. It is ignored by its ID. */
export type NotImportable = {
  readonly id: string;
  /** Absent if it must not be shown. */
  readonly name?: string;
  readonly reason: string;
};

export type Imported = {
  readonly entries: readonly ImportedEntry[];
  readonly ignored: readonly NotImportable[];
  /** Webhooks that not even `ignore` can name, because their ID is not valid. */
  readonly left: readonly NotImportable[];
};

type Publishable = Pick<ImportRules, 'isPublishable'>;

export type ImportRules = {
  /** Names of entries in the file. `true`: all entries with this name have an ID. */
  readonly declared: ReadonlyMap<string, boolean>;
  /** Names listed under `previously`. */
  readonly earlier: ReadonlySet<string>;
  /** Names the variables of new secrets and URLs. */
  readonly envNames: EnvNames;
  /** Returns false for a text that contains a known secret, or text that looks like one. */
  readonly isPublishable: (text: string) => boolean;
  /** Names of several unlisted webhooks. Default: those with the same name in the list. */
  readonly repeated?: ReadonlySet<string>;
  /** IDs, without dashes, of webhooks that not every account of the document has. */
  readonly notShared?: ReadonlySet<string>;
};

const { name: NAME, url: URL_FIELD } = schema.properties.webhooks.items.properties;
const MAX_NAME_LENGTH = NAME.maxLength;
const MAX_URL_LENGTH = Math.max(...URL_FIELD.anyOf.map(({ maxLength = 0 }) => maxLength));
/** Types whose webhooks always have a secret in addition to the rest of their URL. */
const SECRET_TYPES: ReadonlySet<string> = new Set(
  DESTINATIONS.filter(
    ({ split, keepsCredential, needsSecret }) => needsSecret === true || (split && !keepsCredential),
  ).map(({ type }) => type),
);

/** Returns entries for which the next plan is empty, by name, then age. */
export function importEntries(live: readonly Live[], rules: ImportRules): Imported {
  const sorted = [...live].sort((a, b) => compareText(a.name, b.name) || compareAge(a, b));
  const entries: ImportedEntry[] = [];
  const ignored: NotImportable[] = [];
  const left: NotImportable[] = [];
  for (const [name, same] of groupBy(sorted, (webhook) => webhook.name)) {
    const several = same.length > 1 || rules.declared.has(name) || rules.repeated?.has(name) === true;
    for (const webhook of same) {
      const reason = importProblem(webhook, several, rules);
      if (reason === undefined) entries.push(entryOf(webhook, several, rules));
      else (isValidId(bareId(webhook.id)) ? ignored : left).push(notImportable(webhook, reason, rules));
    }
  }
  return { entries, ignored, left };
}

/**
 * Returns why `validate` would refuse the entry, or why a plan would match it with a different webhook.
 * `several`: the entry needs its ID.
 */
export function importProblem(
  { id, name, url }: Live,
  several: boolean,
  rules: ImportRules,
): string | undefined {
  const ofName = nameProblem(name, rules);
  if (ofName !== undefined) return ofName;
  if (isReservedName(name)) return 'its name ends with the marker of an unfinished replacement';
  if (rules.earlier.has(name)) return 'its name is listed under "previously" of another webhook';
  const isPinned = rules.declared.get(name);
  if (isPinned !== undefined && !(isPinned && several))
    return 'the file already has a webhook with this name; to keep both, add an "id" to each, and list them as "id:ID" under "policies"';
  if (several && !isValidId(bareId(id)))
    return 'it is one of several with this name, and its ID has an unknown format';
  const problem = urlProblem(url);
  if (problem !== undefined) return `its URL ${problem}`;
  if (templateIn(name) || templateIn(url)) return 'it contains a placeholder';
  if (url.length > MAX_URL_LENGTH && !hidesCredential(url)) return 'its URL is too long';
  return rules.notShared?.has(bareId(id)) ? 'not every account of this document has it' : undefined;
}

/** Returns why a name cannot be in a file, as the end of a sentence. */
export function nameProblem(name: string, rules: Publishable): string | undefined {
  if (name.trim() === '') return 'its name is empty';
  if (Array.from(name).length > MAX_NAME_LENGTH)
    return `its name has more than ${MAX_NAME_LENGTH} characters`;
  return hasPublishableName(name, rules) ? undefined : 'its name contains text that looks like a secret';
}

/** Returns the entry for a live webhook without an {@link importProblem}. */
export function entryOf({ id, name, url, type }: Live, several: boolean, rules: ImportRules): ImportedEntry {
  const { envNames } = rules;
  const known = destinationOf(new URL(url));
  // If the format of a chat service's secret is unknown, only the whole URL is certain to be right.
  const whole = known?.split !== undefined && !known.keepsCredential && !known.splitSecretKnown;
  const hidden = whole || hidesCredential(url) || !rules.isPublishable(url);
  const inUrl = known?.keepsCredential === true || (hidden && known?.split !== undefined);
  const wantsSecret = !inUrl && (SECRET_TYPES.has(type) || known?.needsSecret === true);
  return {
    name,
    ...(several && { id: bareId(id) }),
    url: hidden ? { env: envNames.urlOf(name) } : url,
    ...(wantsSecret && { secret: { env: envNames.secretOf(name) } }),
    ...(hidden && { shown: publishableUrl(url, rules) }),
  };
}

/** Returns the URL as it is safe to show. */
export function publishableUrl(url: string, { isPublishable }: Publishable): string {
  return isPublishable(displayUrl(url)) ? displayUrl(url) : originOf(url);
}

function notImportable({ id, name }: Live, reason: string, rules: ImportRules): NotImportable {
  return {
    id: isValidId(bareId(id)) ? bareId(id) : id,
    reason,
    ...(hasPublishableName(name, rules) && { name }),
  };
}

/** Reports whether the name is safe to show. */
export function hasPublishableName(name: string, { isPublishable }: Publishable): boolean {
  return isPublishable(name) && isPublishable(jsonText(name, 0));
}

const LONGEST = 60;
/** Prefixes of hookwright's own variables: a webhook "Cloudflare base" must not use CLOUDFLARE_BASE_URL. */
const OURS = /^(?:HOOKWRIGHT|CLOUDFLARE|CF)(?:_|$)/;

/** Names a separate variable for each secret in a file, so that people recognize it. */
export class EnvNames {
  readonly #taken: Set<string>;

  /** `taken`: variables that are in use. */
  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  /** Returns a name for the webhook's secret: `OPS_SLACK_SECRET`. */
  secretOf(webhook: string): string {
    return this.#unique(`${variableStem(webhook, /_SECRET$/)}_SECRET`);
  }

  /** Returns a name for the webhook's whole URL: `RELAY_WEBHOOK_URL`. */
  urlOf(webhook: string): string {
    return this.#unique(`${variableStem(webhook, /(?:_WEBHOOK)?(?:_URL)?$/)}_WEBHOOK_URL`);
  }

  #unique(wanted: string): string {
    // `GITHUB_SECRET` would be another tool's credential.
    const first = isCredentialName(wanted) ? `WEBHOOK_${wanted}` : wanted;
    let name = first;
    for (let n = 2; this.#taken.has(name); n += 1) name = `${first}_${n}`;
    this.#taken.add(name);
    return name;
  }
}

/** Converts a webhook's name to a variable name without `suffix`; `WEBHOOK` if nothing is left of it. */
function variableStem(webhook: string, suffix: RegExp): string {
  const words = webhook
    .slice(0, 1000)
    .normalize('NFKD')
    .replace(/\p{Mark}+/gu, '')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
  const short = words.length > LONGEST ? words.slice(0, LONGEST).replace(/_[^_]*$/, '') : words;
  const bare = short.replace(suffix, '');
  // Text that looks like a token must not be shown in a variable name either.
  if (bare === '' || looksRandom(bare) || bare.split('_').some(looksRandom)) return 'WEBHOOK';
  return /^\d/.test(bare) || OURS.test(bare) ? `WEBHOOK_${bare}` : bare;
}
