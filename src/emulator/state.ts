export type Account = {
  readonly webhooks: LaggingStore<StoredWebhook>;
  readonly policies: LaggingStore<StoredPolicy>;
};

/** An account as it is stored, including secrets. */
export type AccountView = { readonly webhooks: StoredWebhook[]; readonly policies: StoredPolicy[] };

/** What a test can read during requests. */
export type StateView = Pick<State, 'account' | 'accountIds'>;

/** All accounts. An account that no request has named yet exists and is empty. */
export class State {
  readonly #accounts = new Map<string, Account>();

  constructor(
    private readonly now: () => number,
    private readonly remember: number,
  ) {}

  stores(id: string): Account {
    const account = this.#accounts.get(id) ?? {
      webhooks: new LaggingStore<StoredWebhook>(this.now, this.remember),
      policies: new LaggingStore<StoredPolicy>(this.now, this.remember),
    };
    // A path without an account names none.
    if (id !== '') this.#accounts.set(id, account);
    return account;
  }

  account(id: string): AccountView {
    const { webhooks, policies } = this.stores(id);
    return { webhooks: webhooks.values(), policies: policies.values() };
  }

  accountIds(): string[] {
    return [...this.#accounts.keys()];
  }

  /** Returns the accounts that are not empty. */
  toData(): Data {
    const all = this.accountIds().map((id) => [id, this.account(id)] as const);
    const used = all.filter(([, { webhooks, policies }]) => webhooks.length + policies.length > 0);
    return { accounts: Object.fromEntries(used) };
  }
}

/** How long each kind of change stays invisible, in milliseconds. */
export type Lag = { readonly create: number; readonly update: number; readonly delete: number };

type Change<T> = { readonly kind: keyof Lag; readonly at: number; readonly before: T | undefined };

/**
 * Items by ID, in order of creation. They can be read as they are, or as a lagging API returns them. Items
 * are replaced, never changed in place, so that past states stay correct.
 */
export class LaggingStore<T extends { readonly id: string }> {
  readonly #items = new Map<string, T>();
  readonly #changes = new Map<string, readonly Change<T>[]>();

  /** `remember`: the longest lag in use, in milliseconds. */
  constructor(
    private readonly now: () => number,
    private readonly remember: number,
  ) {}

  get(id: string): T | undefined {
    return this.#items.get(id);
  }

  values(): T[] {
    return [...this.#items.values()];
  }

  set(item: T): void {
    const before = this.#items.get(item.id);
    this.#note(item.id, before === undefined ? 'create' : 'update', before);
    this.#items.set(item.id, item);
  }

  /** Adds items as if they had always existed. Throws if an ID exists already. */
  seed(items: readonly T[]): void {
    for (const item of items) {
      if (this.#items.has(item.id)) throw new Error(`ID ${item.id} exists already`);
      this.#items.set(item.id, item);
    }
  }

  delete(id: string): void {
    this.#note(id, 'delete', this.#items.get(id));
    this.#items.delete(id);
  }

  /** Returns the item as a lagging API returns it. */
  seen(id: string, lag: Lag): T | undefined {
    const now = this.now();
    let item = this.#items.get(id);
    for (const change of (this.#changes.get(id) ?? []).toReversed()) {
      if (change.at + lag[change.kind] > now) item = change.before;
    }
    return item;
  }

  /** Returns all items as a lagging API returns them. */
  list(lag: Lag): T[] {
    if (this.#changes.size === 0) return this.values();
    const ids = new Set([...this.#items.keys(), ...this.#changes.keys()]);
    return [...ids].map((id) => this.seen(id, lag)).filter((item) => item !== undefined);
  }

  #note(id: string, kind: keyof Lag, before: T | undefined): void {
    if (this.remember === 0) return;
    const at = this.now();
    const recent = (this.#changes.get(id) ?? []).filter((change) => change.at + this.remember > at);
    this.#changes.set(id, [...recent, { kind, at, before }]);
  }
}

/** A webhook as the emulator stores it: what the API returns, and the secret that it does not return. */
export type StoredWebhook = {
  /** Without dashes. */
  id: string;
  name: string;
  url: string;
  type: string;
  secret?: string;
  created_at: string;
  last_success: string | null;
  last_failure: string | null;
};

/** By kind: `email`, `pagerduty`, `webhooks`. A kind without entries is absent. */
export type Mechanisms = Record<string, { readonly id: string }[]>;

export type StoredPolicy = {
  id: string;
  name: string;
  description: string;
  alert_type: string;
  alert_interval?: string;
  enabled: boolean;
  filters: Record<string, unknown>;
  conditions: Record<string, unknown>;
  mechanisms: Mechanisms;
  created: string;
  modified: string;
};

/** The whole state, as stored in the data file. */
export type Data = { readonly accounts: Readonly<Record<string, AccountView>> };
