import { CloudflareClient, type ClientOptions } from '../../src/cloudflare/client.js';
import { parseAccountId, type AccountId, type WebhookId } from '../../src/core/ids.js';
import { Redactor } from '../../src/text/redactor.js';
import { Secret } from '../../src/core/secret.js';
import { JumpingClock } from './clocks.js';
import { ScriptedServer, type Reply } from './server.js';

export const TOKEN = 'cAnArY-tOkEn-0123456789abcdef';
export const ACCOUNT = account('023e105f4ecef8ad9ca31a8372d0c353');
export const HOOK = '1dbdd679dc554259b0d1928b787d0dab' as WebhookId;

function account(text: string): AccountId {
  const id = parseAccountId(text);
  if (!id) throw new Error('no account id');
  return id;
}

export type Subject = {
  readonly client: CloudflareClient;
  readonly server: ScriptedServer;
  readonly clock: JumpingClock;
  readonly debug: string[];
};

/** Runs `use` with a client and a server with these replies, then closes both. */
export async function withClient<T>(
  replies: readonly Reply[],
  use: (subject: Subject) => Promise<T>,
  options: Partial<ClientOptions> = {},
): Promise<T> {
  const server = await new ScriptedServer(...replies).start();
  const clock = new JumpingClock();
  const debug: string[] = [];
  const client = clientFor(server.url, clock, { onDebug: (line) => debug.push(line), ...options });
  try {
    return await use({ client, server, clock, debug });
  } finally {
    client.close();
    await server.stop();
  }
}

export function clientFor(
  baseUrl: string,
  clock: JumpingClock,
  options: Partial<ClientOptions> = {},
): CloudflareClient {
  return new CloudflareClient({
    baseUrl,
    credentials: { token: new Secret(TOKEN) },
    timeoutMs: 5_000,
    retries: 3,
    retryDelayMs: 500,
    parallelism: 10,
    clock,
    redactor: new Redactor(),
    userAgent: 'hookwright/0.0.0 (+node/test)',
    env: {},
    random: () => 1,
    ...options,
  });
}
