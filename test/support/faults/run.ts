import { apply } from '../../../src/apply/apply.js';
import type { ApplyDeps } from '../../../src/apply/session.js';
import { exitOfPlan, makePlan } from '../../../src/cli/planner.js';
import { DEFAULTS, type Options } from '../../../src/cli/flags.js';
import { CloudflareClient } from '../../../src/cloudflare/client.js';
import type { DesiredAccount, Spec } from '../../../src/core/desired.js';
import type { ApplyEvent, ApplyResult, OnEvent } from '../../../src/core/outcome.js';
import { exitOfApply, type ExitCode } from '../../../src/core/exit-codes.js';
import type { Action, Plan } from '../../../src/core/plan.js';
import type { Clock, Credentials } from '../../../src/core/ports.js';
import { Redactor } from '../../../src/text/redactor.js';
import { Secret } from '../../../src/core/secret.js';
import { desiredUrl } from '../../../src/core/urls.js';
import type { Emulator } from '../../../src/emulator/emulator.js';

/** The desired state, the previous state, and the values of the variables in the file. */
export type Wanted = {
  readonly desired: DesiredAccount;
  readonly previous?: DesiredAccount;
  readonly values?: Readonly<Record<string, string>>;
};

export type How = {
  readonly clock: Clock;
  readonly parallelism?: number;
  /** In real milliseconds. Only a request that hangs takes this long. */
  readonly timeoutMs?: number;
  readonly retries?: number;
  readonly settleMs?: number;
  readonly stop?: AbortSignal;
  readonly kill?: AbortSignal;
  readonly options?: Partial<Options>;
  /** Called after the plan is made and before anything is written. */
  readonly planned?: (plan: Plan) => void | Promise<void>;
  readonly onWait?: () => void;
  readonly onEvent?: OnEvent;
};

export type Ran = {
  readonly plan: Plan;
  readonly actions: readonly Action[];
  readonly result: ApplyResult;
  readonly exit: ExitCode;
  readonly events: readonly ApplyEvent[];
};

/** Plans and applies as the command does, without its command line and output. */
export async function run(emulator: Emulator, wanted: Wanted, how: How): Promise<Ran> {
  const events: ApplyEvent[] = [];
  const never = new AbortController().signal;
  const { clock, stop = never, kill = never, parallelism = 10, retries = 4, settleMs = 10_000 } = how;
  return withClient(emulator, how, async (client) => {
    const { plan, accounts } = await planWith(client, wanted, how);
    await how.planned?.(plan);
    const startable = plan.accounts.filter(({ guards }) => guards.length === 0);
    const applied = await apply(
      startable.flatMap(({ accountId }) => accounts.get(accountId) ?? []),
      { parallelism, settleMs, retries, retryDelayMs: 500 },
      {
        reader: client,
        writer: client,
        clock,
        credentialsOf: credentialsFrom(wanted.values ?? {}),
        emit: (event) => {
          events.push(event);
          how.onEvent?.(event);
        },
        stop,
        kill,
      },
    );
    const result: ApplyResult = { ...applied, ...(stop.aborted && { interrupted: 'SIGINT' }) };
    const actions = startable.flatMap((account) => account.actions);
    return { plan, actions, result, exit: exitOfApply(result, [exitOfPlan(plan)]), events };
  });
}

/** Only plans. */
export async function planOnly(emulator: Emulator, wanted: Wanted, how: How): Promise<Plan> {
  return withClient(emulator, how, async (client) => (await planWith(client, wanted, how)).plan);
}

function planWith(client: CloudflareClient, { desired, previous }: Wanted, { options: given = {} }: How) {
  const options = { ...DEFAULTS, ...given };
  const input = {
    desired: [desired],
    selected: [desired],
    described: [desired],
    withRouting: false,
    ...(previous && { previous: new Map([[previous.accountId, previous]]) }),
  };
  return makePlan({ ...input, options }, client);
}

async function withClient<T>(
  emulator: Emulator,
  how: How,
  use: (client: CloudflareClient) => Promise<T>,
): Promise<T> {
  const { clock, timeoutMs = 3000, retries = 4, parallelism = 10, kill, onWait } = how;
  const client = new CloudflareClient({
    baseUrl: emulator.url,
    credentials: { token: new Secret('token') },
    timeoutMs,
    retries,
    retryDelayMs: 500,
    parallelism,
    clock,
    ...(onWait && { onWait }),
    redactor: new Redactor(),
    userAgent: 'hookwright/0.0.0 (+node/test)',
    env: {},
    random: () => 0.5,
    ...(kill && { signal: kill }),
  });
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

/** Returns credentials as the command finds them. Earlier checks have refused missing variables. */
export function credentialsFrom(values: Readonly<Record<string, string>>): ApplyDeps['credentialsOf'] {
  return ({ url, secret }: Spec): Credentials => {
    const value = desiredUrl({ url });
    if (value === undefined) throw new Error('the url of an entry has no value');
    if (!secret || secret.kind === 'none') return { url: value };
    const text = secret.kind === 'env' ? values[secret.env] : undefined;
    if (text === undefined) throw new Error(`no value for ${JSON.stringify(secret)}`);
    return { url: value, secret: new Secret(text) };
  };
}
