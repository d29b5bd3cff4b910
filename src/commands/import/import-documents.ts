import type { DocumentId } from '../../config/draft.js';
import { readYaml } from '../../config/yaml/read-yaml.js';
import type { DesiredWebhook } from '../../core/desired.js';
import { type HookwrightError, usageError } from '../../core/errors.js';
import { bareId, idReference } from '../../core/ids.js';
import type { Live } from '../../core/live.js';
import type { Match } from '../../core/match.js';
import { groupBy } from '../../core/order.js';
import { sameUrl } from '../../core/urls.js';
import { canonicalJson } from '../../saved-plan/digest.js';
import { EnvNames, type Imported, importEntries, importProblem, type ImportRules } from './import-entries.js';
import { changeDocument, eolOf, mergeInto, newDocument, newFile } from './import-merge.js';
import {
  type Additions,
  type ImportedRoute,
  type ImportedRoutes,
  importRoutes,
  type NotRoutable,
} from './import-routes.js';
import type { ComparedAccount, ImportAccount } from './import-target.js';
import {
  type ItemChange,
  changedDocument,
  type Difference,
  entryDifference,
  itemKey,
  itemsIn,
  type Renames,
  renamedTo,
} from './import-update.js';

export type ImportRequest = {
  readonly accounts: readonly ComparedAccount[];
  /** The content of the file and of the files that it includes, by path. */
  readonly texts: ReadonlyMap<string, string>;
  /** The file. Empty: stdout. */
  readonly path: string;
  /** Whether to update entries that differ. */
  readonly update: boolean;
  /** Whether to add routes. */
  readonly addRoutes: boolean;
  readonly isPublishable: ImportRules['isPublishable'];
};

/** The result of an import for one document. */
export type ImportReport = {
  readonly accounts: readonly ImportAccount[];
  /** Whether the document existed before. */
  readonly merged: boolean;
  readonly imported: Imported & Additions;
  /** What `--update` changed, as beginnings of sentences. */
  readonly updated: readonly string[];
  /** What still differs from the live state. */
  readonly differing: readonly string[];
  /** Entries of the file that match several live webhooks. */
  readonly ambiguous: readonly string[];
  readonly skippedRoutes: readonly NotRoutable[];
};

export type ImportResult = {
  readonly reports: readonly ImportReport[];
  /** The new content of each file, by path; '' is stdout. */
  readonly texts: ReadonlyMap<string, string>;
};

/** Returns the content of the files after the import. Throws `usage` for a form of YAML it cannot change. */
export function importInto(request: ImportRequest): ImportResult {
  const { path, addRoutes, isPublishable } = request;
  const texts = new Map(request.texts);
  const rules = { envNames: new EnvNames(request.accounts.flatMap(variablesOf)), isPublishable };

  const entryDecisions = decide('webhooks', request, (account) => entryDifferences(account, rules));
  const accounts = request.accounts.map((account) => withNewNames(account, entryDecisions));
  const byDocument = groupBy(accounts, ({ parts: [main], accountId }) => main ?? accountId);
  const documents = [...byDocument.values()]
    .filter((group) => group.some(({ isImported }) => isImported))
    .map((group) => additionsTo(group, { ...rules, addRoutes }));
  const routes = new Map(documents.flatMap((document) => [...document.routes]));
  const decisions = new Set([
    ...entryDecisions,
    ...decide('policies', { ...request, accounts }, (account) => routes.get(account)?.differing ?? new Map()),
  ]);
  applyDecisions(texts, accounts, [...decisions]);
  for (const { group, additions } of documents) addTo(texts, path, group, additions);

  const reports = documents.map(({ group, additions, skippedRoutes }): ImportReport => {
    // Report changes in a file that several documents include only for the first document.
    const mine = [...decisions].filter(({ part }) => group.some(({ parts }) => parts.includes(part)));
    for (const decision of mine) decisions.delete(decision);
    return {
      accounts: group.filter(({ isImported }) => isImported),
      merged: group.some(({ desired }) => desired),
      imported: additions,
      updated: mine.flatMap(({ part: { file }, text, edit }) =>
        edit ? [file === path ? text : `${text} (in ${file})`] : [],
      ),
      differing: mine.flatMap(({ text, edit }) => (edit ? [] : [text])),
      ambiguous: group.flatMap(({ matching, isSelected }) =>
        matching.matches.flatMap(({ desired, ambiguous }) =>
          ambiguous && isSelected(desired) ? [desired.name] : [],
        ),
      ),
      skippedRoutes,
    };
  });
  return { reports, texts };
}

/** Returns the variables in the file. */
function variablesOf({ desired }: ComparedAccount): readonly string[] {
  return (desired?.webhooks ?? []).flatMap(({ url, secret }) => [
    ...(url.kind === 'env' ? [url.env] : []),
    ...(secret?.kind === 'env' ? [secret.env] : []),
  ]);
}

type Rules = Pick<ImportRules, 'envNames' | 'isPublishable'>;

/** An item of a document that differs from the live state. */
type Decision = ItemChange & {
  readonly part: DocumentId;
  /** See {@link itemKey}. */
  readonly key: string;
};

/** Finds items that differ. An item of several accounts changes only if the change is the same in all. */
function decide(
  list: 'webhooks' | 'policies',
  { accounts, texts, update }: Pick<ImportRequest, 'accounts' | 'texts' | 'update'>,
  differencesOf: (account: ComparedAccount) => ReadonlyMap<string, Difference>,
): readonly Decision[] {
  const differences = new Map(accounts.map((account) => [account, differencesOf(account)]));
  const documents = new Map([...texts].map(([file, text]) => [file, readYaml(text)]));
  return partsOf(accounts).flatMap((part) => {
    const sharing = accounts.filter(({ parts }) => parts.includes(part));
    const items = itemsIn(documents.get(part.file)?.[part.index]?.value, list);
    return items.flatMap((item): Decision[] => {
      const key = itemKey(list, item);
      const each = sharing.map((account) => differences.get(account)?.get(key));
      const found = each.find((difference, i) => difference && sharing[i]?.isImported);
      if (!found) return [];
      const { text } = found;
      if (!update) return [{ part, key, text }];
      const gists = new Set(each.map((one) => one && canonicalJson(one.gist)));
      if (gists.size > 1) return [{ part, key, text: `Not the same in each of its accounts: ${text}` }];
      return [{ part, key, ...found.change() }];
    });
  });
}

function partsOf(accounts: readonly ComparedAccount[]): readonly DocumentId[] {
  return [...new Set(accounts.flatMap(({ parts }) => parts))];
}

/** Returns how the entries of an account differ from its live webhooks, by {@link itemKey}. */
function entryDifferences(
  { matching, isSelected }: ComparedAccount,
  rules: Rules,
): ReadonlyMap<string, Difference> {
  const selected = matching.matches.filter(
    ({ desired, live }) => isSelected(desired) || (live && isSelected(live)),
  );
  const rulesFor = (entry: DesiredWebhook): ImportRules => {
    const isOther = ({ desired }: Match): boolean => desired !== entry;
    // Two entries cannot both get a name, so their new names count as well.
    const renamed = selected
      .filter(isOther)
      .flatMap(({ desired, live }) => (live ? [{ ...desired, name: live.name }] : []));
    const others = matching.matches.filter(isOther).map(({ desired }) => desired);
    return { ...rules, ...declarations([...others, ...renamed]) };
  };
  return new Map(
    selected.flatMap((found) => {
      const difference = entryDifference(found, rules, () => rulesFor(found.desired));
      return difference ? [[itemKey('webhooks', found.desired), difference] as const] : [];
    }),
  );
}

/** Returns the current and previous names of the entries. `routed`: names that routes of the file list. */
function declarations(
  webhooks: readonly DesiredWebhook[],
  routed: ReadonlySet<string> = new Set(),
): Pick<ImportRules, 'declared' | 'earlier'> {
  const declared = new Map<string, boolean>();
  for (const { name, id } of webhooks) {
    // If another entry got the name, a route that lists it would become ambiguous.
    const isPinned = id !== undefined && !routed.has(name);
    declared.set(name, (declared.get(name) ?? true) && isPinned);
  }
  return { declared, earlier: new Set(webhooks.flatMap(({ previously }) => previously)) };
}

/** Returns the account with its entries as they are called after the changes, without removed ones. */
function withNewNames(account: ComparedAccount, decisions: readonly Decision[]): ComparedAccount {
  const { matching, desired, parts } = account;
  const names = renamesOf(decisions.filter(({ part }) => parts.includes(part)));
  const renamed = (name: string): readonly string[] => {
    const now = renamedTo(names, name);
    return now === undefined ? [] : [now];
  };
  const matches = matching.matches.flatMap((found) =>
    renamed(found.desired.name).map((name) => {
      const previously = found.desired.previously.filter((each) => each !== name);
      return { ...found, desired: { ...found.desired, name, previously } };
    }),
  );
  const routes = desired?.routes?.map((route) => ({ ...route, webhooks: route.webhooks.flatMap(renamed) }));
  return {
    ...account,
    ...(desired && routes && { desired: { ...desired, routes } }),
    matching: { ...matching, matches },
  };
}

function renamesOf(decisions: readonly Decision[]): Renames {
  return new Map(decisions.flatMap(({ renamed }) => (renamed ? [renamed] : [])));
}

function applyDecisions(
  texts: Map<string, string>,
  accounts: readonly ComparedAccount[],
  decisions: readonly Decision[],
): void {
  for (const part of partsOf(accounts)) {
    const edits = new Map(
      decisions.flatMap((each) => (each.part === part && each.edit ? [[each.key, each.edit]] : [])),
    );
    // Routes in another document of the same account can use a name that changes here.
    const related = partsOf(accounts.filter(({ parts }) => parts.includes(part)));
    const names = renamesOf(decisions.filter((each) => related.includes(each.part)));
    if (edits.size + names.size === 0) continue;
    const text = changeDocument(texts.get(part.file) ?? '', part.index, (document) =>
      changedDocument(document, edits, names),
    );
    if (text === undefined) throw notEditable(part.file, 'entries cannot be changed', 'Change them by hand.');
    texts.set(part.file, text);
  }
}

type DocumentAdditions = {
  readonly group: readonly ComparedAccount[];
  readonly additions: Imported & Additions;
  readonly routes: ReadonlyMap<ComparedAccount, ImportedRoutes>;
  readonly skippedRoutes: readonly NotRoutable[];
};

/** Returns the live webhooks and policies that are not in the document and that all of its accounts have. */
function additionsTo(
  group: readonly ComparedAccount[],
  { addRoutes, ...rules }: Rules & Pick<ImportRequest, 'addRoutes'>,
): DocumentAdditions {
  const missing = new Map(
    group.map((account) => [account, account.matching.unlisted.filter(account.isSelected)]),
  );
  const [first, ...others] = missing.values();
  const [main] = group;
  const webhooks = main?.matching.matches.map(({ desired }) => desired) ?? [];
  const routed = new Set(main?.desired?.routes?.flatMap((route) => route.webhooks));
  // Names of several, also if the command line selects only one of them.
  const repeated = [...groupBy(main?.matching.unlisted ?? [], ({ name }) => name)].flatMap(([name, same]) =>
    same.length > 1 ? [name] : [],
  );
  const entryRules = { ...rules, ...declarations(webhooks, routed), repeated: new Set(repeated) };
  // A webhook that cannot be an entry is ignored by its ID, which is different in each account.
  const isShared = (webhook: Live): boolean =>
    others.length === 0 ||
    (importProblem(webhook, false, entryRules) === undefined &&
      group.every(({ matching, isSelected }) => {
        const [same, ...more] = matching.unlisted.filter(({ name }) => name === webhook.name);
        if (!same || more.length > 0 || !isSelected(same)) return false;
        return sameUrl(same.url, webhook.url) && same.type === webhook.type;
      }));
  const shared = (first ?? []).filter(isShared);
  const rest = [...missing].flatMap(([{ isImported }, list]) =>
    isImported ? list.filter((each) => !isShared(each)) : [],
  );
  const allRules = { ...entryRules, notShared: new Set(rest.map(({ id }) => bareId(id))) };
  const imported = importEntries([...shared, ...rest], allRules);
  const routes = new Map(group.map((each) => [each, importRoutes(each, imported, allRules)]));
  return { group, routes, ...joinRoutes(imported, addRoutes ? [...routes.values()] : []) };
}

/** Keeps the routes that are the same in all accounts of the document. */
function joinRoutes(
  imported: Imported,
  each: readonly ImportedRoutes[],
): Pick<DocumentAdditions, 'additions' | 'skippedRoutes'> {
  const [first, ...others] = each;
  const added = first?.added ?? [];
  const skipped = each.flatMap((routes) => routes.skipped);
  const isShared = (route: ImportedRoute): boolean =>
    others.length === 0 ||
    (route.id === undefined &&
      route.webhooks.every((reference) => idReference(reference) === undefined) &&
      others.every((routes) => routes.added.some((other) => canonicalJson(other) === canonicalJson(route))));
  const rest = new Set(
    each.flatMap((routes) => routes.added.filter((route) => !isShared(route)).map(({ name }) => name)),
  );
  const reason = 'it is not the same in every account of this document';
  return {
    additions: { ...imported, routes: added.filter(isShared) },
    skippedRoutes: [...skipped, ...[...rest].map((name) => ({ name, reason }))],
  };
}

/** Adds to the document that describes the accounts, or adds a document if there is none. */
function addTo(
  texts: Map<string, string>,
  path: string,
  [account]: readonly ComparedAccount[],
  additions: Additions,
): void {
  if (!account) return;
  const [main] = account.parts;
  if (main) {
    if (additions.entries.length + additions.ignored.length + additions.routes.length === 0) return;
    const text = mergeInto(texts.get(main.file) ?? '', main.index, additions);
    const instead = 'Run import without -f to print all live webhooks, and copy the missing ones.';
    if (text === undefined)
      throw notEditable(account.desired?.source ?? '', 'entries cannot be added to the lists', instead);
    texts.set(main.file, text);
    return;
  }
  const text = texts.get(path) ?? '';
  const eol = eolOf(text);
  const before = text === '' || text.endsWith('\n') ? text : text + eol;
  const documents = readYaml(text).length;
  const added = newDocument(account.accountId, additions);
  // A file can end with an empty document.
  const endsEmpty = readYaml(`${before}---\n${added}`).length > documents + 1;
  const document =
    documents === 0 ? newFile(account.accountId, additions) : endsEmpty ? added : `---\n${added}`;
  texts.set(path, before + document.replaceAll('\n', eol));
}

function notEditable(file: string, what: string, instead: string): HookwrightError {
  return usageError(
    `${file}: ${what} as they are written, for example as an alias. Nothing was written. ${instead}`,
  );
}
