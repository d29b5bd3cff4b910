import { DESTINATIONS } from '../../src/core/destinations.js';
import type { Connection } from './api.js';

/** What only the server or the destination can see. An emulator can show it; Cloudflare cannot. */
type Receiver = {
  readonly secretOf: (webhookId: string) => string | undefined;
  /** Returns the number of test messages that were sent so far. */
  readonly testMessages: () => number;
};

/** Where the suite runs, and what it can do there. */
export type LiveTarget = Connection & {
  /** Responds with 2xx to any POST, with any query. */
  readonly destination: string;
  /** Whole URLs of chat and other services, by name. Each gets a test message. */
  readonly services: Readonly<Record<string, string>>;
  /** Whether it can create (and remove) disabled policies. */
  readonly mayCreatePolicies: boolean;
  /** Name of a custom alert of the account, made in the dashboard. */
  readonly customAlert?: string | undefined;
  /** How long a change can take to become visible, in milliseconds. */
  readonly settleMs: number;
  readonly receiver?: Receiver;
};

/** Known services, with URLs that look like theirs. */
export const SERVICES: readonly string[] = [
  ...new Set(DESTINATIONS.map(({ type }) => type).filter((type) => type !== 'generic')),
  'slack_workflow',
  'teams',
];

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads the target from the environment. Throws an Error that names missing variables: CLOUDFLARE_API_TOKEN,
 * CLOUDFLARE_ACCOUNT_ID, HOOKWRIGHT_LIVE_DESTINATION. Optional: CLOUDFLARE_BASE_URL,
 * HOOKWRIGHT_LIVE_POLICIES=1, HOOKWRIGHT_LIVE_CUSTOM_ALERT, and HOOKWRIGHT_LIVE_SLACK_URL and similar ones for other services.
 */
export function targetFrom(env: Env): LiveTarget {
  const needed = ['CLOUDFLARE_API_TOKEN', 'CLOUDFLARE_ACCOUNT_ID', 'HOOKWRIGHT_LIVE_DESTINATION'] as const;
  const missing = needed.filter((name) => !env[name]);
  if (missing.length > 0) throw new Error(`test:live needs ${missing.join(', ')} in the environment`);
  const services = SERVICES.flatMap((service) => {
    const url = env[variableOf(service)];
    return url ? [[service, url] as const] : [];
  });
  return {
    baseUrl: (env['CLOUDFLARE_BASE_URL'] ?? 'https://api.cloudflare.com/client/v4').replace(/\/+$/, ''),
    token: env['CLOUDFLARE_API_TOKEN'] ?? '',
    accountId: env['CLOUDFLARE_ACCOUNT_ID'] ?? '',
    destination: env['HOOKWRIGHT_LIVE_DESTINATION'] ?? '',
    services: Object.fromEntries(services),
    mayCreatePolicies: env['HOOKWRIGHT_LIVE_POLICIES'] === '1',
    customAlert: env['HOOKWRIGHT_LIVE_CUSTOM_ALERT'],
    settleMs: 5000,
  };
}

export function variableOf(service: string): string {
  return `HOOKWRIGHT_LIVE_${service.toUpperCase()}_URL`;
}
