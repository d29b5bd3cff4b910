/** A webhook as the emulator keeps it: what the API shows, and the secret that it does not show. */
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

/** By kind: `email`, `pagerduty`, `webhooks`. A kind without any is left out. */
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

/** The whole state as it is kept in the data file. */
export type Data = {
  readonly accounts: Readonly<
    Record<
      string,
      { readonly webhooks: readonly StoredWebhook[]; readonly policies: readonly StoredPolicy[] }
    >
  >;
};

/** Ids come with and without dashes, in both cases. Inside, they are all written one way. */
export function plainId(id: string): string {
  return id.replaceAll('-', '').toLowerCase();
}

export function dashedId(id: string): string {
  return id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
