import { EXIT, type ExitCode } from '../../core/exit-codes.js';
import { importEntries, type Imported } from './import-entries.js';
import type { Live } from '../../core/live.js';
import { match } from '../../core/match.js';
import type { Reader } from '../../core/ports.js';
import { newFile } from './import-yaml.js';
import { renderImport } from './import-text.js';
import { connect } from '../../cli/connection.js';
import { importedText, importTarget, refuseInvalid, type ImportTarget } from './import-target.js';
import type { Run } from '../../cli/run.js';
import { writeWhole } from '../../cli/write-file.js';

/** Writes the live webhooks to a desired-state file. Sends only GETs. */
export async function importLive(run: Run): Promise<ExitCode> {
  const { io, out, redactor } = run;
  const target = await importTarget(run);
  if ('exit' in target) return target.exit;
  const client = connect(run);
  try {
    const { missing, ambiguous } = await compare(target, client);
    const webhooks = target.document?.desired.webhooks ?? [];
    const imported = importEntries(missing, {
      declared: declaredNames(webhooks),
      earlier: new Set(webhooks.flatMap(({ previously }) => previously)),
      takenEnv: target.takenEnv,
      isPublishable: (text) => redactor.redact(text) === text,
    });
    await write(run, target, imported);
    const { accountId, path: file } = target;
    const merged = target.document !== undefined;
    const width = Math.min(io.stderr.columns ?? 80, 120);
    const text = renderImport(imported, {
      accountId,
      ambiguous,
      merged,
      width,
      ...(file !== undefined && { path: file }),
    });
    out.log(imported.left.length + ambiguous.length > 0 ? 'warn' : 'info', text);
    return EXIT.done;
  } finally {
    client.close();
  }
}

async function write(run: Run, target: ImportTarget, imported: Imported): Promise<void> {
  if (target.path === undefined) {
    run.out.result(newFile(target.accountId, imported));
    return;
  }
  const text = importedText(target, imported);
  if (text === undefined) return;
  await refuseInvalid(run, target.path, text);
  await writeWhole(run.io.cwd, target.path, text);
}

type Compared = {
  /** What the file does not speak of. */
  readonly missing: readonly Live[];
  /** Entries of the file that may mean several live webhooks. */
  readonly ambiguous: readonly string[];
};

async function compare({ accountId, document }: ImportTarget, reader: Reader): Promise<Compared> {
  const live = await reader.listWebhooks(accountId);
  if (!document) return { missing: live, ambiguous: [] };
  const first = match(document.desired, live);
  // Which of two twins is the entry's depends on the policies.
  const policies = first.wantsPolicies ? await reader.listPolicies(accountId) : undefined;
  const { unlisted, matches } = policies ? match(document.desired, live, { policies }) : first;
  return {
    missing: unlisted,
    ambiguous: matches.filter((each) => each.ambiguous).map((each) => each.desired.name),
  };
}

function declaredNames(
  webhooks: readonly { readonly name: string; readonly id?: string }[],
): ReadonlyMap<string, boolean> {
  const names = new Map<string, boolean>();
  for (const { name, id } of webhooks) names.set(name, (names.get(name) ?? true) && id !== undefined);
  return names;
}
