import { pathToFileURL } from 'node:url';
import { Emulator } from '../../src/index.js';
import { usedBy, type Policy, type State, type Webhook } from './forms.js';
import { policyId, type Script, type SeededPolicy, type World } from './script.js';

export const ACCOUNT = '023e105f4ecef8ad9ca31a8372d0c353';
export const ACCOUNT_PATH = `/accounts/${ACCOUNT}/alerting/v3`;
export const TOKEN = 'write-token';
/** An ID that no webhook has. */
export const DEAD_ID = 'dead'.repeat(8);

/** A server that replaces Cloudflare. */
export interface Server {
  readonly url: string;
  /** Returns a copy of everything it stores. */
  state(): State;
  stop(): Promise<void>;
}

export type StartServer = (script: Script) => Promise<Server>;

/** A stand-in's own storage. Changing it changes the account. */
type Account = {
  readonly webhooks: Webhook[];
  readonly policies: (Policy & { mechanisms: Policy['mechanisms'] })[];
};

/** Starts the project's own emulator. */
export async function startEmulator(script: Script): Promise<Server> {
  const { putUrl, putSecret } = script.world;
  let ids = 0;
  const emulator = new Emulator({
    quirks: { 'put-url': putUrl, 'put-secret': putSecret },
    // Spread by a prime, because the order of IDs must not show the order of creation.
    newId: () => (Math.imul((ids += 1), 2_654_435_761) >>> 0).toString(16).padStart(8, '0').padEnd(32, '0'),
  });
  emulator.seed(ACCOUNT, script.webhooks, script.policies.map(policyOf));
  await emulator.start();
  const account = (): Account => emulator.account(ACCOUNT);
  usePolicies(account(), script.policies);
  return { url: emulator.url, state: () => copyOf(account()), stop: () => emulator.stop() };
}

/** The interface of another stand-in. */
interface Foreign {
  readonly url: string;
  seed(account: string, webhooks: readonly unknown[], policies: readonly unknown[]): unknown;
  account(id: string): Account;
  start(port: number): Promise<unknown>;
  stop(): Promise<void>;
}
type ForeignModule = { readonly FakeCloudflare: new (options: Record<string, unknown>) => Foreign };

/** Returns the class `FakeCloudflare` that the module of another stand-in exports. */
export async function foreignClass(path: string): Promise<ForeignModule['FakeCloudflare']> {
  return ((await import(pathToFileURL(path).href)) as ForeignModule).FakeCloudflare;
}

/** Starts another stand-in: a module that exports a class `FakeCloudflare`. */
export async function foreignServer(path: string): Promise<StartServer> {
  const FakeCloudflare = await foreignClass(path);
  return async ({ world, webhooks, policies }) => {
    const server = new FakeCloudflare({ token: TOKEN, ...foreignOptions(world) });
    server.seed(ACCOUNT, webhooks, policies.map(policyOf));
    await server.start(0);
    usePolicies(server.account(ACCOUNT), policies);
    return { url: server.url, state: () => copyOf(server.account(ACCOUNT)), stop: () => server.stop() };
  };
}

function foreignOptions({ putUrl, putSecret }: World): Record<string, unknown> {
  const ignored = (value: string): string => (value === 'kept' ? 'ignored' : value);
  return { putUrl: ignored(putUrl), putSecret: ignored(putSecret) };
}

function policyOf({ name, enabled, filters }: SeededPolicy, n: number): { id: string; name: string } {
  return {
    id: policyId(n),
    name,
    ...{ enabled, filters: filters ? { zones: ['z2', 'z1'] } : {}, description: `Policy ${n}` },
  };
}

/** Changes the account directly, because no API accepts a policy with the ID of a deleted webhook. */
function usePolicies({ webhooks, policies }: Account, seeded: readonly SeededPolicy[]): void {
  for (const [n, { uses, email, pagerduty, dangling }] of seeded.entries()) {
    const policy = policies[n];
    if (!policy) continue;
    const used =
      webhooks.length === 0 ? [] : uses.map((use) => webhooks[use % webhooks.length]?.id ?? DEAD_ID);
    const ids = [...new Set([...used, ...(dangling ? [DEAD_ID] : [])])];
    const alone = ids.length === 0;
    policy.mechanisms = {
      ...((email || alone) && { email: [{ id: 'on-call@example.com' }] }),
      ...(pagerduty && { pagerduty: [{ id: 'e'.repeat(32) }] }),
      ...(!alone && { webhooks: ids.map((id) => ({ id })) }),
    };
  }
}

function copyOf({ webhooks, policies }: Account): State {
  return structuredClone({ webhooks, policies });
}

/** Returns the policies that use a webhook. */
export function usersOf({ policies }: State, id: string): readonly Policy[] {
  return policies.filter((policy) => usedBy(policy).includes(id));
}
