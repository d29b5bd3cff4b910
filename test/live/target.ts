import { DESTINATIONS } from '../../src/core/destinations.js';
import type { Connection } from './api.js';

/** What only the server or the destination can see. An emulator can show it, Cloudflare cannot. */
type Receiver = {
  readonly secretOf: (webhookId: string) => string | undefined;
  /** How many test messages went out so far. */
  readonly testMessages: () => number;
};

/** Where the suite runs and what it may do there. */
export type LiveTarget = Connection & {
  /** Answers 2xx to any POST, with any query. */
  readonly destination: string;
  /** Whole urls of chat and other services, by name. Each gets a test message. */
  readonly services: Readonly<Record<string, string>>;
  /** May disabled policies be created (and removed)? */
  readonly mayCreatePolicies: boolean;
  /** How long a change may take to show, in milliseconds. */
  readonly settleMs: number;
  readonly receiver?: Receiver;
};

/** The types of the services that are known, and URLs that look like one of them. */
export const SERVICES: readonly string[] = [
  ...new Set(DESTINATIONS.map(({ type }) => type).filter((type) => type !== 'generic')),
  'slack_workflow',
  'teams',
];

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The target that the environment describes. Throws an Error that names what is missing:
 * CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID, HOOKWRIGHT_LIVE_DESTINATION; further CLOUDFLARE_BASE_URL,
 * HOOKWRIGHT_LIVE_POLICIES=1, HOOKWRIGHT_LIVE_SLACK_URL and the like for other services.
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
    settleMs: 5000,
  };
}

export function variableOf(service: string): string {
  return `HOOKWRIGHT_LIVE_${service.toUpperCase()}_URL`;
}
