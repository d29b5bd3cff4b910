import { Shelf } from './shelf.js';
import type { Data, StoredPolicy, StoredWebhook } from './stored.js';

export type Account = { readonly webhooks: Shelf<StoredWebhook>; readonly policies: Shelf<StoredPolicy> };

/** An account as it is stored, secrets included. */
export type AccountView = { readonly webhooks: StoredWebhook[]; readonly policies: StoredPolicy[] };

/** What a test may look at while requests go on. */
export interface StateView {
  account(id: string): AccountView;
  accountIds(): string[];
}

/** All accounts. One that nobody has named yet exists, and is empty. */
export class State implements StateView {
  readonly #accounts = new Map<string, Account>();

  constructor(
    private readonly now: () => number,
    private readonly remember: number,
  ) {}

  shelves(id: string): Account {
    const known = this.#accounts.get(id);
    if (known) return known;
    const account: Account = {
      webhooks: new Shelf(this.now, this.remember),
      policies: new Shelf(this.now, this.remember),
    };
    this.#accounts.set(id, account);
    return account;
  }

  account(id: string): AccountView {
    const { webhooks, policies } = this.shelves(id);
    return { webhooks: webhooks.values(), policies: policies.values() };
  }

  accountIds(): string[] {
    return [...this.#accounts.keys()];
  }

  toData(): Data {
    const used = this.accountIds().filter((id) => {
      const { webhooks, policies } = this.shelves(id);
      return webhooks.size + policies.size > 0;
    });
    return { accounts: Object.fromEntries(used.map((id) => [id, this.account(id)])) };
  }
}
