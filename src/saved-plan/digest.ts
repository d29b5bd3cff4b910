import { createHash } from 'node:crypto';
import { bareId } from '../core/ids.js';
import { compareText } from '../core/order.js';
import type {
  LiveDocument,
  PlanDocument,
  RoutesDocument,
  SideDocument,
  SpecDocument,
} from './plan-document.js';

/** Lower-case hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The SHA-256 by which a saved plan is known: the same for the same plan on any machine, at any time. */
export function digestOf(document: PlanDocument): string {
  return sha256(canonicalJson(digestInput(document)));
}

/** The SHA-256 over the whole document but itself: a saved plan that was cut or edited does not fit it. */
export function checksumOf(document: PlanDocument): string {
  return sha256(canonicalJson({ ...document, checksum: undefined }));
}

/** What the digest is taken over: who, what, and from what to what; nothing that moves by itself. */
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

/** A webhook that does not exist yet has no id, so webhooks count by name. */
function names({ webhooks }: RoutesDocument): unknown {
  return webhooks.map(({ name, id }) => name || bareId(id ?? '')).sort(compareText);
}

/** A referenced file by its name in the desired state, not by where that is on this machine. */
function wanted({ url, secret, ...rest }: SpecDocument): unknown {
  return { ...rest, url: withoutPath(url), secret: withoutPath(secret) };
}

function withoutPath(value: SideDocument | undefined): unknown {
  if (typeof value !== 'object' || !('file' in value)) return value;
  return { file: value.file, version: value.version };
}

/** Not its type, nor when it was created. */
function live({ id, name, url }: LiveDocument): unknown {
  return { id: bareId(id), name, url };
}

/**
 * Canonical JSON (RFC 8785): keys sorted by UTF-16 code units, no white space, numbers and strings as ECMAScript
 * writes them. `undefined` members are left out, as JSON has none.
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
