import pLimit from 'p-limit';
import { clientFor } from '../../cli/connection.js';
import { widthOf } from '../../cli/io.js';
import { refuseTwoMeanings, splitAccount } from '../../cli/names.js';
import type { Run } from '../../cli/run.js';
import { writeWhole } from '../../cli/write-file.js';
import { usageError } from '../../core/errors.js';
import { EXIT, type ExitCode } from '../../core/exit-codes.js';
import { bareId, idReference } from '../../core/ids.js';
import { baseNameIndex } from '../../core/leftovers.js';
import { match } from '../../core/match.js';
import { withSecretUrls } from '../../core/plan-account.js';
import type { Reader } from '../../core/ports.js';
import { hasWildcard, targeting } from '../../core/selection.js';
import { nameList, shellQuoted } from '../../text/layout.js';
import { didYouMean } from '../../text/suggestions.js';
import { importInto } from './import-documents.js';
import {
  type ComparedAccount,
  type ImportTarget,
  importTarget,
  refuseInvalid,
  type ImportAccount,
} from './import-target.js';
import { isIncomplete, renderImports } from './import-text.js';
import { foundByUrl } from './import-update.js';

/** Writes the live webhooks to a desired-state file. Sends only GETs. */
export async function importLive(run: Run): Promise<ExitCode> {
  const { io, options, out, redactor } = run;
  const target = await importTarget(run);
  if ('exit' in target) return target.exit;
  const client = clientFor(run);
  try {
    const read = await pLimit(options.parallelism).map(target.accounts, (each) =>
      readAccount(run, each, client),
    );
    const { update = false } = options;
    const { reports, texts } = importInto({
      accounts: withSelection(run.args, read),
      texts: target.texts,
      path: target.path ?? '',
      update,
      addRoutes: options.policies === true,
      isPublishable: (text) => redactor.redact(text) === text,
    });
    await write(run, target, texts);
    const text = renderImports(reports, {
      width: widthOf(io.stderr, 120),
      path: target.path,
      isTerminal: io.stdout.isTTY === true,
      update,
      isPart: run.args.length > 0,
    });
    out.log(reports.some(isIncomplete) ? 'warn' : 'info', text);
    return EXIT.done;
  } finally {
    client.close();
  }
}

type ReadAccount = Omit<ComparedAccount, 'isSelected'>;

async function readAccount(run: Run, account: ImportAccount, reader: Reader): Promise<ReadAccount> {
  const { accountId } = account;
  // Routes in the file are always compared.
  const withRoutes = run.options.policies === true || account.desired?.routes !== undefined;
  const desired = account.desired && foundByUrl(account.desired);
  const live = withSecretUrls(await reader.listWebhooks(accountId), desired);
  for (const { url, urlIsSecret } of live) if (urlIsSecret) run.redactor.add(url);
  const first = desired && match(desired, live);
  // The choice between duplicates depends on the policies.
  const isUnclear = first?.wantsPolicies === true;
  const policies = withRoutes || isUnclear ? await reader.listPolicies(accountId) : undefined;
  const matching = desired && isUnclear ? match(desired, live, { policies }) : first;
  return {
    ...account,
    live,
    ...(withRoutes && policies && { policies }),
    matching: matching ?? { matches: [], unlisted: live },
  };
}

/** Adds the selection by the names on the command line. Throws `usage` for a name that selects nothing. */
function withSelection(
  args: readonly string[],
  accounts: readonly ReadAccount[],
): readonly ComparedAccount[] {
  const selectors = args.map((text) => {
    const { account, name } =
      idReference(text) === undefined ? splitAccount(text, accounts) : { name: text, account: undefined };
    const named = accounts.find((each) => {
      const known = namesIn(each);
      return known.some(targeting([text], new Set(known)));
    });
    refuseTwoMeanings(JSON.stringify(text), text, accounts, named?.accountId);
    const within = accounts.filter(({ accountId }) => account === undefined || accountId === account);
    const selector = new Map(within.map((each) => [each, selecting(name, namesIn(each))]));
    const isFound = [...selector].some(([{ live, desired }, isSelected]) =>
      [...live, ...(desired?.webhooks ?? [])].some(isSelected),
    );
    if (!isFound) throw usageError(unknownName(text, name, within.flatMap(namesIn)));
    return selector;
  });
  return accounts.map((account) => ({
    ...account,
    isSelected: (webhook) =>
      args.length === 0 || selectors.some((selector) => selector.get(account)?.(webhook)),
  }));
}

function namesIn({ live, desired }: ReadAccount): readonly string[] {
  return [...(desired?.webhooks ?? []), ...live].map(({ name }) => name);
}

/** Selects by a name, a pattern or `id:ID`, as in `--target`. A leftover counts under its final name. */
function selecting(wanted: string, known: readonly string[]): ComparedAccount['isSelected'] {
  const reference = idReference(wanted);
  if (reference !== undefined) return ({ id }) => id !== undefined && bareId(id) === reference;
  const isNamed = targeting([wanted], new Set(known));
  const baseOf = baseNameIndex(hasWildcard(wanted) ? [] : [wanted]);
  return ({ name }) => isNamed(name) || isNamed(baseOf(name));
}

function unknownName(text: string, name: string, known: readonly string[]): string {
  const near = didYouMean(name, known);
  const list = [...new Set(known)].sort();
  const there =
    list.length === 0 ? 'There are none.' : `There are: ${nameList(list, (each) => JSON.stringify(each))}.`;
  const isFile = /\.ya?ml$/.test(text) ? ' To write to a file, pass it with -f.' : '';
  const instead =
    near === undefined
      ? there
      : `Did you mean ${shellQuoted(text.slice(0, text.length - name.length) + near)}?`;
  return `No webhook matches ${JSON.stringify(text)}. ${instead}${isFile}`;
}

async function write(run: Run, target: ImportTarget, texts: ReadonlyMap<string, string>): Promise<void> {
  if (target.path === undefined) {
    run.out.result(texts.get('') ?? '');
    return;
  }
  const changed = [...texts].filter(([file, text]) => target.texts.get(file) !== text);
  if (changed.length === 0) return;
  await refuseInvalid(run, target.path, texts);
  for (const [file, text] of changed) await writeWhole(run.io.cwd, file, text);
}
