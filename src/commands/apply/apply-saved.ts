import path from 'node:path';
import { onlyAccount, readDesired, unusedAccount } from '../../cli/desired-state.js';
import { execute, reportResult, startNothing, withConnection } from '../../cli/execute.js';
import { longName, PLAN_FLAGS, variableName } from '../../cli/flags.js';
import { Reporter } from '../../cli/reporter.js';
import { type Run, secretsOf } from '../../cli/run.js';
import { planText, readPlanFile } from '../../cli/show-plan.js';
import { diskFiles, isAllowedFile } from '../../config/disk.js';
import { VariableRules } from '../../config/secrets/credential-variables.js';
import { secretFileRule } from '../../config/secrets/read-secret.js';
import type { Reference, Spec } from '../../core/desired.js';
import { HookwrightError, usageError } from '../../core/errors.js';
import type { ExitCode } from '../../core/exit-codes.js';
import { bareId } from '../../core/ids.js';
import { specsOf } from '../../core/plan.js';
import { routingInPlan } from '../../render/routing-graph.js';
import { accountList } from '../../render/wording.js';
import { planFromDocument } from '../../saved-plan/decode.js';
import { shellWord } from '../../text/layout.js';
import { urlHash } from '../../saved-plan/digest.js';
import type { PlanDocument } from '../../saved-plan/plan-document.js';
import { checkPlans, withSecretGuards } from './check-plan.js';

/** Applies exactly what a saved plan says, or nothing. Never asks, because the plan was reviewed. */
export async function applySaved(run: Run, file: string): Promise<ExitCode> {
  const { io, options, out } = run;
  const document = await readPlanFile(run, file);
  /** With the files that the plan was made from, unless others are passed. */
  const planning = { ...run, options: { file: document.files ?? [], ...options } };
  refusePlanFlags(planning, file);
  await refuseMissingFiles(run);
  checkPlanIdentity(run, file, document);
  const literalUrls = await literalUrlsOf(run, document);
  const planned = planFromDocument(document, {
    literalUrl: (account, name, hash) => literalUrls.get(keyOf(account, name, hash)),
    secretPath: (relative) => path.resolve(io.cwd, relative),
  });

  const secrets = secretsOf(run);
  const specs = specsOf(planned.accounts.flatMap(({ actions }) => actions));
  requireKnownUrls(file, specs);
  await checkReferences(run, file, specs);
  const plan = await withSecretGuards(planned, secrets);
  if (options.format === 'text') out.result(planText(run, plan, { saved: true }));
  const reported = { diagnostics: [], routing: routingInPlan(plan) };
  // Nothing of a plan that was refused is carried out, so there is nothing to compare.
  if (planned.accounts.every(({ guards, actions }) => guards.length > 0 || actions.length === 0))
    return reportResult(run, plan, startNothing(plan, new Reporter(run, plan.accounts)), reported);

  return withConnection(run, plan.accounts, async (context) => {
    const acting = plan.accounts.filter(({ actions }) => actions.length > 0);
    const approved = acting.map((account) => ({
      plan: account,
      baseline: new Set<string>(account.liveIds?.map(bareId)),
    }));
    const reader = context.client;
    const checked = await checkPlans(approved, {
      reader,
      secrets,
      heading: 'Saved plan is stale',
      next: `Make a new plan with the same flags as before (such as --previous), and review it: ${planCommand(planning, file)}`,
    });
    return reportResult(run, plan, await execute(run, plan, { ...checked, secrets }, context), reported);
  });
}

/**
 * Throws `usage` for a flag that decides what the plan is, with the command that makes such a plan. Ignores
 * HOOKWRIGHT_PREVIOUS, which can be set for a whole job and does not limit what is applied.
 */
function refusePlanFlags(run: Run, file: string): void {
  const { options, io } = run;
  const isForJob = options.previous === io.env[variableName('previous')];
  const extra = PLAN_FLAGS.filter(
    (name) => options[name] !== undefined && !(name === 'previous' && isForJob),
  );
  const [first] = extra;
  if (!first) return;
  throw usageError(
    `${longName(first)} cannot be used with a saved plan, which already contains these decisions. ` +
      `Pass it to plan, then apply the new plan: ${planCommand(run, file, extra)}`,
  );
}

/** Returns the command that makes a new plan, with these flags of the run. */
function planCommand(
  { options }: Run,
  file: string,
  flags: readonly (typeof PLAN_FLAGS)[number][] = [],
): string {
  const given = ['file' as const, ...flags].flatMap((name) =>
    [options[name] ?? []]
      .flat()
      .map((value) => ` ${name === 'file' ? '-f' : longName(name)} ${shellWord(value)}`),
  );
  return `hookwright plan${given.join('')} --out ${shellWord(file)}`;
}

/** Throws `usage` for a `-f` that does not exist. HOOKWRIGHT_FILE can be set for a whole job. */
async function refuseMissingFiles({ options, io }: Run): Promise<void> {
  const given = options.file ?? [];
  if (given.join('\n') === io.env[variableName('file')]) return;
  const files = diskFiles(io);
  for (const file of given) {
    if (file === '-' || (await files.realPath(file)) !== undefined) continue;
    throw usageError(`-f ${file}: no such file or directory.`);
  }
}

function named(account: PlanDocument['accounts'][number]): string {
  return accountList([{ ...account, accountId: account.account_id }]);
}

function checkPlanIdentity(run: Run, file: string, { digest, accounts }: PlanDocument): void {
  const { expectDigest, account } = run.options;
  if (expectDigest !== undefined && expectDigest !== digest) {
    throw new HookwrightError(
      'digest-mismatch',
      `The saved plan is not the approved one: its digest does not match --expect-digest. Nothing was written. To see what it would do, run: hookwright show ${shellWord(file)}`,
    );
  }
  const other =
    account === undefined ? undefined : accounts.find(({ account_id }) => account_id !== bareId(account));
  if (other)
    throw usageError(`The saved plan is for ${named(other)}, not for the account passed with --account.`);
  const [first] = accounts;
  const unused = unusedAccount(
    run,
    accounts.map(({ account_id }) => ({ accountId: account_id })),
  );
  if (unused !== undefined && first)
    run.out.log(
      'warn',
      `Warning: CLOUDFLARE_ACCOUNT_ID is ${unused}, but the saved plan is for ${named(first)}, which will be changed.`,
    );
}

const keyOf = (account: string, name: string, hash: string): string => `${account}/${hash}/${name}`;

/** Reads literal credential URLs from the file again, because a saved plan never contains them. */
async function literalUrlsOf(
  run: Run,
  { accounts, files = [] }: PlanDocument,
): Promise<ReadonlyMap<string, string>> {
  const hidden = accounts.some(({ actions }) =>
    actions.some(
      ({ after }) => after && 'url' in after && typeof after.url === 'object' && 'sha256' in after.url,
    ),
  );
  if (!hidden) return new Map();
  const disk = diskFiles(run.io);
  const roots = { checkouts: [run.io.cwd], trusted: [] };
  // An edited plan could name any file.
  const allowed = await Promise.all(
    files.map(async (file) =>
      (await isAllowedFile(path.resolve(run.io.cwd, file), roots, disk)) ? [file] : [],
    ),
  );
  const options = { file: allowed.flat(), ...run.options };
  const { accounts: desired } = await readDesired({ ...run, options }, { needAccountId: true });
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
  const allowsSecretFile = secretFileRule(diskFiles(io), options.secretDir ?? []);
  const given = (options.file ?? []).flatMap((each) => [each, path.dirname(each)]);
  const checkouts = ['.', ...given].map((each) => path.resolve(io.cwd, each));
  const problemOf = async (reference: Reference): Promise<string | undefined> => {
    if (reference.kind === 'env') {
      const refusal = rules.refusalOf(reference.env);
      return refusal && `${reference.env} ${refusal.text}`;
    }
    return (await allowsSecretFile(reference.path, checkouts))
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
