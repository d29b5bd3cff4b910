import type { Strategy, Version } from '../core/desired.js';
import { isRecord } from '../core/order.js';

export type DraftReference =
  | { readonly kind: 'env'; readonly env: string; readonly version?: Version }
  | { readonly kind: 'file'; readonly file: string; readonly version?: Version };

export type DraftUrl = { readonly kind: 'literal'; readonly url: string } | DraftReference;

export type DraftSecret =
  DraftReference | { readonly kind: 'none' } | { readonly kind: 'literal'; readonly value: unknown };

/** A webhook as far as it can be understood: what is missing or wrong is left out. */
export type DraftWebhook = {
  /** Where it stands in the list. */
  readonly index: number;
  readonly name?: string;
  readonly id?: string;
  readonly url?: DraftUrl;
  readonly secret?: DraftSecret;
  readonly previously: readonly string[];
  readonly protect: boolean;
};

/** A policy as far as it can be understood. */
export type DraftRoute = {
  readonly index: number;
  readonly name?: string;
  readonly id?: string;
  readonly webhooks: readonly string[];
};

/** A document as far as it can be understood, so that problems of meaning are found beside those of form. */
export type Draft = {
  readonly accountIds: readonly string[];
  /** Does it have an `account_id`, be it one that cannot be understood? */
  readonly namesAccount: boolean;
  readonly unlisted?: 'delete' | 'keep';
  readonly ignore: readonly string[];
  readonly absent: readonly string[];
  readonly strategy: Strategy;
  readonly webhooks: readonly DraftWebhook[];
  /** Absent: the document has no `policies`. */
  readonly routes?: readonly DraftRoute[];
};

const NOTHING: readonly never[] = [];

/** Reads any value; of one that fits the schema nothing is lost. List items that are no text become empty. */
export function readDraft(value: unknown): Draft {
  const map = isRecord(value) ? value : {};
  const id = map['account_id'];
  const unlisted = map['unlisted'];
  const { url, secret } = isRecord(map['strategy']) ? map['strategy'] : {};
  const webhooks = map['webhooks'];
  const policies = map['policies'];
  return {
    accountIds: typeof id === 'string' ? [id] : texts(id),
    namesAccount: id !== undefined && id !== null,
    ...((unlisted === 'delete' || unlisted === 'keep') && { unlisted }),
    ignore: texts(map['ignore']),
    absent: texts(map['absent']),
    strategy: {
      url: url === 'in-place' ? url : 'replace',
      secret: secret === 'in-place' ? secret : 'replace',
    },
    webhooks: Array.isArray(webhooks) ? webhooks.map(readWebhook) : NOTHING,
    ...(Array.isArray(policies) && { routes: policies.map(readRoute) }),
  };
}

function readWebhook(value: unknown, index: number): DraftWebhook {
  const map = isRecord(value) ? value : {};
  const { name, id, protect } = map;
  const url = readUrl(map['url']);
  const secret = readSecretField(map['secret']);
  return {
    index,
    ...(typeof name === 'string' && name.trim() !== '' && { name }),
    ...(typeof id === 'string' && { id }),
    ...(url && { url }),
    ...(secret && { secret }),
    previously: texts(map['previously']),
    protect: protect === true,
  };
}

function readRoute(value: unknown, index: number): DraftRoute {
  const map = isRecord(value) ? value : {};
  const { name, id } = map;
  return {
    index,
    ...(typeof name === 'string' && name.trim() !== '' && { name }),
    ...(typeof id === 'string' && { id }),
    webhooks: texts(map['webhooks']),
  };
}

function readUrl(value: unknown): DraftUrl | undefined {
  if (typeof value === 'string') return value === '' ? undefined : { kind: 'literal', url: value };
  return readReference(value);
}

function readSecretField(value: unknown): DraftSecret | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === 'none') return { kind: 'none' };
  return typeof value === 'object' ? readReference(value) : { kind: 'literal', value };
}

function readReference(value: unknown): DraftReference | undefined {
  if (!isRecord(value)) return undefined;
  const { env, file } = value;
  if (typeof env === 'string') return { kind: 'env', env, ...versionOf(value) };
  if (typeof file === 'string' && file !== '') return { kind: 'file', file, ...versionOf(value) };
  return undefined;
}

function versionOf({ version }: Readonly<Record<string, unknown>>): { readonly version?: Version } {
  return typeof version === 'string' ? { version } : {};
}

function texts(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return NOTHING;
  return value.map((item: unknown) => (typeof item === 'string' ? item : ''));
}
