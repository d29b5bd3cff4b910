import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { HookwrightError } from '../core/errors.js';
import { bareId, isValidId } from '../core/ids.js';
import { isRecord } from '../core/order.js';
import { parseUrl } from '../core/urls.js';
import { type EmulatorContext } from './context.js';
import {
  type AccountView,
  type Data,
  type Mechanisms,
  type StoredPolicy,
  type StoredWebhook,
} from './state.js';
import { storedForm } from './stored-form.js';

/** The initial data of an emulator, as in a data file. Fields that a create request sets can be omitted. */
export type InitialData = {
  readonly accounts: Readonly<
    Record<string, { readonly webhooks?: readonly WebhookSeed[]; readonly policies?: readonly PolicySeed[] }>
  >;
};

/**
 * Reads a data file; returns `undefined` if it does not exist.
 * @throws HookwrightError `invalid-file` with the position of the error, `io` if it cannot be read.
 */
export async function readData(file: string): Promise<InitialData | undefined> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    if (isRecord(cause) && cause['code'] === 'ENOENT') return undefined;
    throw new HookwrightError('io', `cannot read the emulator's data file ${file}`, { cause });
  });
  if (text === undefined) return undefined;
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    // Without the parser's own message, which quotes the text: it contains secrets.
    throw invalidData(file, 'it is not JSON');
  }
  const why = faultOf(data);
  if (why !== undefined) throw invalidData(file, why);
  return data as InitialData;
}

export function invalidData(file: string, why: string): HookwrightError {
  return new HookwrightError('invalid-file', `${file} is not a valid emulator data file: ${why}`);
}

/** Returns what is wrong with the data, or `undefined`. */
function faultOf(data: unknown): string | undefined {
  if (!isRecord(data) || !isRecord(data['accounts'])) return '"accounts" must be an object';
  for (const [id, account] of Object.entries(data['accounts'])) {
    const at = `accounts.${id}`;
    if (!isValidId(id)) return `${at}: an account ID is 32 lowercase hexadecimal digits`;
    if (!isRecord(account)) return `${at} must be an object`;
    for (const kind of ['webhooks', 'policies'] as const) {
      const { [kind]: list = [] } = account;
      if (!Array.isArray(list)) return `${at}.${kind} must be a list`;
      for (const [index, entry] of list.entries()) {
        const why = isRecord(entry) ? faultOfEntry(kind, entry) : 'must be an object';
        if (why !== undefined) return `${at}.${kind}[${index}] ${why}`;
      }
    }
  }
  return undefined;
}

type Check = { readonly is: (value: unknown) => boolean; readonly otherwise: string };

const TEXT: Check = { is: (value) => typeof value === 'string', otherwise: 'is not a string' };
const TIME: Check = { is: (value) => value === null || TEXT.is(value), otherwise: 'is not a string or null' };
const SWITCH: Check = { is: (value) => typeof value === 'boolean', otherwise: 'is not true or false' };
const OBJECT: Check = { is: isRecord, otherwise: 'is not an object' };
const TEXTS: Check = {
  is: (value) => Array.isArray(value) && value.every(TEXT.is),
  otherwise: 'is not a list of strings',
};

/** The fields that can be omitted. */
const FIELDS: Readonly<Record<'webhooks' | 'policies', Readonly<Record<string, Check>>>> = {
  webhooks: {
    id: TEXT,
    type: TEXT,
    secret: TEXT,
    created_at: TEXT,
    last_success: TIME,
    last_failure: TIME,
  },
  policies: {
    id: TEXT,
    description: TEXT,
    alert_type: TEXT,
    alert_interval: TEXT,
    enabled: SWITCH,
    filters: OBJECT,
    conditions: OBJECT,
    created: TEXT,
    modified: TEXT,
    uses: TEXTS,
    email: TEXTS,
    pagerduty: TEXTS,
  },
};

function faultOfEntry(kind: 'webhooks' | 'policies', entry: Record<string, unknown>): string | undefined {
  if (typeof entry['name'] !== 'string') return 'must have a "name" (a string)';
  for (const [key, { is, otherwise }] of Object.entries(FIELDS[kind])) {
    if (entry[key] !== undefined && !is(entry[key])) return `has a "${key}" that ${otherwise}`;
  }
  if (kind === 'webhooks') {
    const { url } = entry;
    return typeof url === 'string' && parseUrl(url) ? undefined : 'must have a "url" (an absolute URL)';
  }
  const mechanisms = entry['mechanisms'] ?? {};
  const fine = isRecord(mechanisms) && Object.values(mechanisms).every(isMechanismList);
  return fine ? undefined : 'has "mechanisms" that are not lists of objects with an "id"';
}

function isMechanismList(list: unknown): boolean {
  return Array.isArray(list) && list.every((entry) => isRecord(entry) && typeof entry['id'] === 'string');
}

/** Writes the state after each change: one write at a time, and never a partial file. */
export class DataFile {
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(
    private readonly file: string,
    private readonly data: () => Data,
  ) {}

  /**
   * Resolves when the current or a newer state is on disk. Calls during a write share the next write.
   * @throws HookwrightError `io`
   */
  save(): Promise<void> {
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      const written = this.#write();
      this.#running = written.catch(() => undefined);
      return written;
    });
    return this.#next;
  }

  async #write(): Promise<void> {
    const draft = `${this.file}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
    try {
      await mkdir(path.dirname(this.file), { recursive: true });
      // It contains secrets, so only its owner can read it.
      await writeFile(draft, `${JSON.stringify(this.data(), null, 2)}\n`, { mode: 0o600 });
      await rename(draft, this.file);
    } catch (cause) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw new HookwrightError('io', `cannot write the emulator's data file ${this.file}`, { cause });
    }
  }
}

/** A webhook that exists from the start. Without a `type`, URL and secret are stored as after a create. */
export type WebhookSeed = Partial<StoredWebhook> & { readonly name: string; readonly url: string };

/** A policy that exists from the start. */
export type PolicySeed = Partial<StoredPolicy> & {
  readonly name: string;
  /** Names or IDs of webhooks. */
  readonly uses?: readonly string[];
  readonly email?: readonly string[];
  readonly pagerduty?: readonly string[];
};

/**
 * Adds webhooks and policies.
 * @throws Error if a policy uses a webhook that does not exist, or an ID exists already.
 */
export function seed(
  context: EmulatorContext,
  accountId: string,
  webhooks: readonly WebhookSeed[],
  policies: readonly PolicySeed[],
): AccountView {
  const account = context.state.stores(accountId);
  const added = webhooks.map((webhook) => completeWebhook(context, webhook));
  account.webhooks.seed(added);
  const known = policies.some((policy) => policy.uses) ? [...added, ...account.webhooks.values()] : [];
  const addedPolicies = policies.map((policy) => completePolicy(context, policy, known));
  account.policies.seed(addedPolicies);
  return { webhooks: added, policies: addedPolicies };
}

function completeWebhook(context: EmulatorContext, given: WebhookSeed): StoredWebhook {
  const { type, secret, ...rest } = given;
  const form =
    type === undefined ? storedForm(given.url, secret, context.quirks) : { url: given.url, type, secret };
  const blank = { created_at: context.stamps.seeded(), last_success: null, last_failure: null };
  return { ...blank, ...rest, ...form, id: bareId(given.id ?? context.newId()) };
}

function completePolicy(
  context: EmulatorContext,
  given: PolicySeed,
  known: readonly StoredWebhook[],
): StoredPolicy {
  const { uses = [], email = [], pagerduty = [], ...rest } = given;
  const idOf = (use: string): string => {
    const found = known.find(({ id, name }) => name === use || id === bareId(use));
    if (!found) throw new Error(`policy "${given.name}" uses "${use}", which does not exist`);
    return found.id;
  };
  const mechanisms = {
    ...(email.length === 0 ? {} : { email: email.map((id) => ({ id })) }),
    ...(pagerduty.length === 0 ? {} : { pagerduty: pagerduty.map((id) => ({ id: bareId(id) })) }),
    ...(uses.length === 0 ? {} : { webhooks: uses.map((use) => ({ id: idOf(use) })) }),
    ...tidyMechanisms(given.mechanisms ?? {}),
  };
  const stamp = context.stamps.seeded();
  return {
    description: '',
    alert_type: 'universal_ssl_event_type',
    enabled: true,
    filters: {},
    conditions: {},
    created: stamp,
    modified: stamp,
    ...rest,
    mechanisms,
    id: bareId(given.id ?? context.newId()),
  };
}

/** Omits kinds without entries, removes dashes from webhook IDs, and keeps only IDs. */
export function tidyMechanisms(given: Mechanisms): Mechanisms {
  const filled = Object.entries(given).filter(([, list]) => list.length > 0);
  const write = (kind: string, id: string): string => (kind === 'webhooks' ? bareId(id) : id);
  return Object.fromEntries(
    filled.map(([kind, list]) => [kind, list.map(({ id }) => ({ id: write(kind, id) }))]),
  );
}
