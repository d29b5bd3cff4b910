import { createHash } from 'node:crypto';
import { bareId } from '../core/ids.js';
import { compareText } from '../core/order.js';
import { displayHost, normalUrl } from '../core/urls.js';
import type {
  LiveDocument,
  PlanDocument,
  RoutesDocument,
  SideDocument,
  SpecDocument,
} from './plan-document.js';

/** Returns the SHA-256 in lower-case hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Returns the SHA-256 that a saved plan contains in place of a URL. */
export function urlHash(url: string): string {
  return sha256(normalUrl(url));
}

/** Returns the SHA-256 that identifies a plan: the same for the same plan on any machine, at any time. */
export function digestOf(document: PlanDocument): string {
  return sha256(canonicalJson(digestInput(document)));
}

/** Returns the SHA-256 of the document without its checksum; it detects a truncated or edited plan. */
export function checksumOf(document: PlanDocument): string {
  return sha256(canonicalJson({ ...document, checksum: undefined }));
}

/** Returns what the digest covers: accounts, actions and their sides; nothing that changes by itself. */
function digestInput({ format_version, accounts }: PlanDocument): unknown {
  return {
    format_version,
    accounts: accounts
      .filter(({ actions }) => actions.length > 0)
      .map(({ account_id, actions, overrides }) => ({
        account_id,
        overrides: overrides.map(({ flag, name, id }) => ({ flag, name, id: bareId(id) })),
        actions: actions.map(({ kind, resource, name, id, before, after, retire, survivor }) => ({
          kind,
          resource,
          name,
          id: id && bareId(id),
          before: before && (isRoutes(before) ? names(before) : live(before)),
          after: after && (isRoutes(after) ? names(after) : wanted(after)),
          retire: retire?.map(live),
          survivor: survivor && live(survivor),
        })),
      })),
  };
}

function isRoutes(side: LiveDocument | SpecDocument | RoutesDocument): side is RoutesDocument {
  return 'webhooks' in side;
}

/** A webhook that does not exist yet has no ID, so webhooks count by name. */
function names({ webhooks }: RoutesDocument): unknown {
  return webhooks.map(({ name, id }) => name || bareId(id ?? '')).sort(compareText);
}

/** Identifies a file by its name in the desired state, not by its path on this machine. */
function wanted({ url, secret, ...rest }: SpecDocument): unknown {
  return { ...rest, url: withoutPath(url), secret: withoutPath(secret) };
}

function withoutPath(value: SideDocument | undefined): unknown {
  if (typeof value !== 'object' || !('file' in value)) return value;
  return { file: value.file, version: value.version };
}

/**
 * Leaves out type and creation time. Whether a URL is hidden can depend on the variables of this machine, so it
 * is hashed in any case.
 */
function live({ id, name, url }: LiveDocument): unknown {
  const hidden = typeof url === 'string' ? { host: displayHost(url), sha256: urlHash(url) } : url;
  return { id: bareId(id), name, url: hidden };
}

/**
 * Canonical JSON (RFC 8785): keys sorted by UTF-16 code units, no whitespace, numbers and strings as in
 * ECMAScript. Members with `undefined` are left out, because JSON has no such value.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`;
  if (typeof value !== 'object' || value === null)
    return value === undefined ? 'null' : JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
  return `{${members.join(',')}}`;
}
