import path from 'node:path';
import type { ApplyAccount } from '../../apply/apply.js';
import { onlyAccount, readDesired } from '../../cli/desired-state.js';
import { reportResult, execute, EMPTY_RESULT, withConnection } from '../../cli/execute.js';
import { longName, PLAN_FLAGS, variableName } from '../../cli/flags.js';
import type { Planned } from '../../cli/planner.js';
import { type Run, secretsOf } from '../../cli/run.js';
import { planText, readPlanFile } from '../../cli/show-plan.js';
import { diskFiles } from '../../config/disk.js';
import { refusalText, VariableRules } from '../../config/secrets/credential-variables.js';
import { isAllowedFile } from '../../config/secrets/read-secret.js';
import type { Reference, Spec } from '../../core/desired.js';
import { HookwrightError } from '../../core/errors.js';
import type { ExitCode } from '../../core/exit-codes.js';
import { type AccountId, bareId, bareIds, parseAccountId } from '../../core/ids.js';
import type { Live, Policy } from '../../core/live.js';
import type { Outcome } from '../../core/outcome.js';
import {
  type Guard,
  type ShownAccountPlan,
  type ShownAction,
  type ShownPlan,
  specsOf,
} from '../../core/plan.js';
import type { Reader } from '../../core/ports.js';
import { revealed } from '../../core/secret.js';
import type { SecretStore } from '../../config/secrets/secret-store.js';
import { planFromDocument } from '../../saved-plan/decode.js';
import { shellWord } from '../../text/layout.js';
import { urlHash } from '../../saved-plan/encode.js';
import type { PlanDocument } from '../../saved-plan/plan-document.js';
import {
  checkPreconditions,
  type DoneAction,
  needsPolicies,
  type StaleField,
} from '../../saved-plan/precondition.js';

/** Applies exactly what a saved plan says, or nothing. Never asks, because the plan was reviewed. */
export async function applySaved(run: Run, file: string): Promise<ExitCode> {
  const { io, options, out } = run;
  refusePlanFlags(run, file);
  await refuseMissingFiles(run);
  const document = await readPlanFile(run, file);
  checkPlanIdentity(run, file, document);
  const literalUrls = await literalUrlsOf(run, document);
  const planned = planFromDocument(document, {
    literalUrl: (account, name, hash) => literalUrls.get(keyOf(account, name, hash)),
    secretPath: (relative) => path.resolve(io.cwd, relative),
  });

  const secrets = secretsOf(run);
  const refused = new Map<AccountId, readonly Guard[]>();
  for (const { accountId, actions } of planned.accounts) {
    const specs = specsOf(actions);
    requireKnownUrls(file, specs);
    await checkReferences(run, file, specs);
    const guard = await secrets.preflight(specs);
    if (guard) refused.set(accountId, [guard]);
  }
  const shown: ShownPlan = {
    ...planned,
    accounts: planned.accounts.map((account) => ({
      ...account,
      guards: [...account.guards, ...(refused.get(account.accountId) ?? [])],
    })),
  };
  if (options.format === 'text') out.result(planText(run, shown, document.digest));
  const startable = shown.accounts.filter(({ guards, actions }) => guards.length === 0 && actions.length > 0);
  const reported = { diagnostics: [] };
  if (startable.length === 0) return reportResult(run, shown, EMPTY_RESULT, reported);

  return withConnection(run, planned.accounts, async (site) => {
    const pairs = await Promise.all(
      startable.map(async (account) => ({
        plan: account,
        ...(await readState(site.client, account.accountId, account.actions)),
        wasLive: new Set<string>(account.liveIds?.map(bareId)),
      })),
    );
    const fresh = checkAll(pairs, secrets, 'Saved plan is stale');
    return reportResult(run, shown, await execute(run, { ...fresh, secrets }, site), reported);
  });
}

/** Throws `usage` for a flag that decides what the plan is, with the command that makes such a plan. */
function refusePlanFlags({ options }: Run, file: string): void {
  const extra = PLAN_FLAGS.filter((name) => options[name] !== undefined);
  const [first] = extra;
  if (!first) return;
  const flags = ['file' as const, ...extra].flatMap((name) =>
    [options[name] ?? []]
      .flat()
      .map((value) => ` ${name === 'file' ? '-f' : longName(name)} ${shellWord(value)}`),
  );
  throw new HookwrightError(
    'usage',
    `${longName(first)} cannot be used with a saved plan, which already contains these decisions. ` +
      `Pass it to plan, then apply the new plan: hookwright plan${flags.join('')} --out ${shellWord(file)}`,
  );
}

/** Throws `usage` for a `-f` that does not exist. HOOKWRIGHT_FILE can be set for a whole job. */
async function refuseMissingFiles({ options, io }: Run): Promise<void> {
  const given = options.file ?? [];
  if (given.join('\n') === io.env[variableName('file')]) return;
  const files = diskFiles(io);
  for (const file of given) {
    if (file === '-' || (await files.realPath(file)) !== undefined) continue;
    throw new HookwrightError('usage', `-f ${file}: no such file or directory.`);
  }
}

function checkPlanIdentity(
  { options, io, out }: Run,
  file: string,
  { digest, accounts }: PlanDocument,
): void {
  const { expectDigest, account } = options;
  if (expectDigest !== undefined && expectDigest.toLowerCase() !== digest) {
    throw new HookwrightError(
      'digest-mismatch',
      `The saved plan is not the approved one: its digest does not match --expect-digest. To see what it would do, run: hookwright show ${shellWord(file)}`,
    );
  }
  const other =
    account === undefined ? undefined : accounts.find(({ account_id }) => account_id !== bareId(account));
  if (other)
    throw new HookwrightError(
      'usage',
      `The saved plan is for account ${other.account_id}, not for the account passed with --account.`,
    );
  const set = account === undefined ? parseAccountId(io.env['CLOUDFLARE_ACCOUNT_ID'] ?? '') : undefined;
  const [first] = accounts;
  if (set !== undefined && first && !accounts.some(({ account_id }) => account_id === set))
    out.log(
      'warn',
      `Warning: CLOUDFLARE_ACCOUNT_ID is ${set}, but the saved plan is for account ${first.account_id}, which will be changed.`,
    );
}

const keyOf = (account: string, name: string, hash: string): string => `${account}/${hash}/${name}`;

/** Reads literal credential URLs from the file again, because a saved plan never contains them. */
async function literalUrlsOf(run: Run, { accounts }: PlanDocument): Promise<ReadonlyMap<string, string>> {
  const hidden = accounts.some(({ actions }) =>
    actions.some(
      ({ after }) => after && 'url' in after && typeof after.url === 'object' && 'sha256' in after.url,
    ),
  );
  if (!hidden) return new Map();
  const { accounts: desired } = await readDesired(run, { needAccountId: true });
  return new Map(
    onlyAccount(desired, run).flatMap(({ accountId, webhooks }) =>
      webhooks.flatMap(({ name, url }) =>
        url.kind === 'literal' ? [[keyOf(accountId, name, urlHash(url.url)), url.url] as const] : [],
      ),
    ),
  );
}

/**
 * Checks the plan's references like those of a file, because an edited plan could name anything. Secret files
 * must be in the working directory, in the directory of a file passed with `-f`, or where desired-state files
 * can have them.
 */
async function checkReferences({ io, options }: Run, file: string, specs: readonly Spec[]): Promise<void> {
  const rules = new VariableRules(io.env, options.envAllow);
  const files = diskFiles(io);
  const given = (options.file ?? []).flatMap((each) => [each, path.dirname(each)]);
  const bases = ['.', ...given].map((each) => path.resolve(io.cwd, each));
  const allowed = (options.secretDir ?? []).map((each) => path.resolve(io.cwd, each));
  const problemOf = async (reference: Reference): Promise<string | undefined> => {
    if (reference.kind === 'env') {
      const refusal = rules.refusalOf(reference.env);
      return refusal && `${reference.env} ${refusalText(refusal)}`;
    }
    const fits = await Promise.all(
      bases.map((base) => isAllowedFile(reference.path, { base, allowed }, files)),
    );
    return fits.includes(true)
      ? undefined
      : `the file ${reference.file} is outside the allowed directories; to allow its directory, pass --secret-dir DIR`;
  };
  for (const { name, url, secret } of specs) {
    for (const reference of [url, secret]) {
      if (reference?.kind !== 'env' && reference?.kind !== 'file') continue;
      const problem = await problemOf(reference);
      if (problem === undefined) continue;
      throw new HookwrightError(
        'invalid-plan-file',
        `${file} cannot be applied: for ${JSON.stringify(name)}, ${problem}.`,
      );
    }
  }
}

function requireKnownUrls(file: string, specs: readonly Spec[]): void {
  for (const { name, url } of specs) {
    if (url.kind !== 'hidden') continue;
    throw new HookwrightError(
      'invalid-plan-file',
      `${file} does not contain the URL of ${JSON.stringify(name)}, because it may be a credential, and the desired-state file no longer contains it. ` +
        'Apply from the checkout that the plan was made from, or put the URL in an environment variable: url: { env: NAME }.',
    );
  }
}

/** The actions to carry out, and the outcomes of those that are already live. */
export type CheckedPlan = { readonly accounts: readonly ApplyAccount[]; readonly done: readonly Outcome[] };

/** The current state of an account. */
type State = { readonly live: readonly Live[]; readonly policies?: readonly Policy[] };

async function readState(
  reader: Reader,
  account: AccountId,
  actions: readonly ShownAction[],
): Promise<State> {
  const live = await reader.listWebhooks(account);
  return needsPolicies(actions) ? { live, policies: await reader.listPolicies(account) } : { live };
}

/**
 * Returns the accounts to apply. After a prompt, lists each one again and compares it with the approved plan.
 * Throws `stale-plan`, naming what changed, before anything is written.
 */
export async function recheckAccounts(
  { plan, accounts }: Planned,
  {
    reader,
    secrets,
    again,
  }: { readonly reader: Reader; readonly secrets: SecretStore; readonly again: boolean },
): Promise<CheckedPlan> {
  if (!again)
    return { accounts: plan.accounts.flatMap(({ accountId }) => accounts.get(accountId) ?? []), done: [] };
  const lists = await Promise.all(
    plan.accounts.map(async (account) => ({
      plan: account,
      ...(await readState(reader, account.accountId, account.actions)),
      wasLive: accounts.get(account.accountId)?.baseline ?? new Set<string>(),
      isIgnored: accounts.get(account.accountId)?.isIgnored,
    })),
  );
  return checkAll(lists, secrets, 'The plan is stale');
}

/** A plan and the state to check it against. `isIgnored`: as in the file; absent: as listed in the plan. */
type Listed = State & {
  readonly plan: ShownAccountPlan;
  readonly wasLive: ReadonlySet<string>;
  readonly isIgnored?: ((live: Live) => boolean) | undefined;
};

/** Checks plans against the current live state. Throws `stale-plan` if anything changed. */
function checkAll(lists: readonly Listed[], secrets: SecretStore, heading: string): CheckedPlan {
  const checked = lists.map(({ plan, live, policies, wasLive, isIgnored }) => {
    const ignored = new Set(plan.ignoredIds?.map(bareId));
    const { ready, done, stale } = checkPreconditions({
      actions: plan.actions,
      live,
      policies,
      wasLive,
      isIgnored: isIgnored ?? ((webhook: Live) => ignored.has(bareId(webhook.id))),
      urlOf: (spec) => revealed(secrets.credentialsOf(spec).url),
    });
    const outcomes = done.map((each) => alreadyDone(plan.accountId, each));
    return { account: { plan: { ...plan, actions: ready }, baseline: bareIds(live) }, done: outcomes, stale };
  });
  const stale = checked.flatMap((each) => each.stale);
  if (stale.length > 0) throw new HookwrightError('stale-plan', staleText(heading, stale));
  return { accounts: checked.map(({ account }) => account), done: checked.flatMap(({ done }) => done) };
}

function alreadyDone(accountId: AccountId, { action, id, secretNotChecked }: DoneAction): Outcome {
  const { kind, resource, name } = action;
  const unknown = ` Its secret was not checked, because Cloudflare never returns secrets; to make sure, run: hookwright apply --replace ${JSON.stringify(name)}`;
  return {
    accountId,
    kind,
    resource,
    name,
    id,
    status: 'applied',
    wrote: false,
    already: true,
    note: `Already done; nothing was sent.${secretNotChecked ? unknown : ''}`,
  };
}

/** Describes what changed since the plan was made, one change per line. */
function staleText(heading: string, stale: readonly StaleField[]): string {
  const lines = stale.map(({ action, field, expected, found }) => {
    const show = (text: string): string => JSON.stringify(text);
    const what = action.resource === 'policy' ? 'policy' : 'webhook';
    const now = found === undefined ? `the ${what} no longer exists` : `now it is ${show(found)}`;
    const name = action.resource === 'policy' ? `policy ${show(action.name)}` : show(action.name);
    return `  ${name} (${action.kind}): ${field} was ${show(expected)} when the plan was made, ${now}`;
  });
  return `${heading}\n${lines.join('\n')}\nNothing was written. Create a new plan and review it.`;
}
