import { readYaml } from '../../config/yaml/read-yaml.js';
import type { DesiredWebhook } from '../../core/desired.js';
import { HookwrightError } from '../../core/errors.js';
import { bareId, idReference } from '../../core/ids.js';
import type { Live, Policy } from '../../core/live.js';
import type { Matching } from '../../core/match.js';
import { groupBy, isRecord } from '../../core/order.js';
import { sameUrl } from '../../core/urls.js';
import { canonicalJson } from '../../saved-plan/digest.js';
import { EnvNames, type Imported, importEntries, type ImportRules } from './import-entries.js';
import { changeDocument, mergeInto, newDocument, newFile } from './import-merge.js';
import {
  type Additions,
  type ImportedRoute,
  type ImportedRoutes,
  importRoutes,
  type NotRoutable,
  referencesTo,
} from './import-routes.js';
import type { Part, TargetAccount } from './import-target.js';
import {
  changedDocument,
  changeFor,
  differenceOf,
  differenceText,
  type DocumentChanges,
  entryKey,
  type Renames,
  renamedTo,
} from './import-update.js';

/** An account in the file, together with its live state. */
export type ComparedAccount = TargetAccount & {
  readonly live: readonly Live[];
  /** Absent: routes are not compared. */
  readonly policies?: readonly Policy[];
  /** Absent: the account is not in the file. */
  readonly matching?: Matching;
  /** Reports whether the names on the command line select this webhook. */
  readonly isSelected: (webhook: { readonly name: string; readonly id?: string }) => boolean;
};

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
  readonly accounts: readonly TargetAccount[];
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
  const { accounts, path, update, addRoutes, isPublishable } = request;
  const texts = new Map(request.texts);
  const rules = { envNames: new EnvNames(accounts.flatMap(variablesOf)), isPublishable };

  const entryDecisions = decideEntries(accounts, texts, rules, update);
  applyDecisions(texts, accounts, entryDecisions);
  const namesOf = (account: ComparedAccount): Renames =>
    new Map(
      entryDecisions.flatMap(({ part, change }) =>
        change?.names && account.parts.includes(part) ? [...change.names] : [],
      ),
    );

  const byDocument = groupBy(accounts, ({ parts: [main], accountId }) => main ?? accountId);
  const documents = [...byDocument.values()]
    .filter((group) => group.some(({ isImported }) => isImported))
    .map((group) => additionsTo(group, namesOf, { ...rules, addRoutes }));
  const routeDecisions = decideRoutes(
    accounts,
    texts,
    new Map(documents.flatMap(({ routes }) => [...routes])),
    update,
  );
  applyDecisions(texts, accounts, routeDecisions);
  for (const { group, additions } of documents) addTo(texts, path, group, additions);

  const decisions = new Set([...entryDecisions, ...routeDecisions]);
  const reports = documents.map(({ group, additions, skippedRoutes }): ImportReport => {
    // Report changes in a file that several documents include only for the first document.
    const mine = [...decisions].filter(({ part }) => group.some(({ parts }) => parts.includes(part)));
    for (const decision of mine) decisions.delete(decision);
    return {
      accounts: group.filter(({ isImported }) => isImported),
      merged: group.some(({ matching }) => matching),
      imported: additions,
      updated: mine.flatMap(({ part, text, change }) =>
        change
          ? [text + consequence(change) + (part.included === undefined ? '' : ` (in ${part.included})`)]
          : [],
      ),
      differing: mine.flatMap(({ text, change }) => (change ? [] : [text])),
      ambiguous: group.flatMap(({ matching, isSelected }) =>
        (matching?.matches ?? []).flatMap(({ desired, ambiguous }) =>
          ambiguous && isSelected(desired) ? [desired.name] : [],
        ),
      ),
      skippedRoutes,
    };
  });
  return { reports, texts };
}

/** Returns what else follows from a change, as the end of its sentence: `, so its entry was removed`. */
function consequence({ webhooks = new Map(), routes = new Map() }: Partial<DocumentChanges>): string {
  const changes = [...webhooks.values()];
  if ([...changes.map(({ kind }) => kind), ...routes.values()].some((each) => each === 'remove' || !each))
    return ', so its entry was removed';
  const variables = changes.flatMap((change) =>
    change.kind === 'set' && change.url?.kind === 'env' ? [change.url.env] : [],
  );
  return variables
    .map((name) => `; set variable ${name} to the whole URL where "hookwright apply" runs`)
    .join('');
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
type Decision = {
  readonly part: Part;
  /** How it differs, as the beginning of a sentence. */
  readonly text: string;
  /** Absent: the item does not change. */
  readonly change?: Partial<DocumentChanges>;
};

/** Finds items that differ. An item of several accounts changes only if the change is the same in all. */
function decide<Found>(
  list: 'webhooks' | 'policies',
  { accounts, texts, update }: Pick<ImportRequest, 'accounts' | 'texts' | 'update'>,
  rules: {
    readonly find: (account: ComparedAccount, key: string) => Found | undefined;
    /** Returns what must be the same in all accounts. */
    readonly gist: (found: Found) => unknown;
    /** `isDone`: the item is changed to the live state. */
    readonly text: (found: Found, isDone: boolean) => string;
    /** Returns the change, or the reason why there is none, as the beginning of a sentence. */
    readonly change: (
      found: Found,
      account: ComparedAccount,
      key: string,
    ) => Partial<DocumentChanges> | string;
  },
): readonly Decision[] {
  const parts = new Set(accounts.flatMap((account) => account.parts));
  const documents = new Map([...texts].map(([file, text]) => [file, readYaml(text)]));
  return [...parts].flatMap((part) => {
    const sharing = accounts.filter((account) => account.parts.includes(part));
    return keysIn(documents.get(part.file)?.[part.index]?.value, list).flatMap((key): Decision[] => {
      const each = sharing.map((account) => rules.find(account, key));
      const at = each.findIndex((found, i) => found !== undefined && sharing[i]?.isImported);
      const [found, account] = [each[at], sharing[at]];
      if (found === undefined || !account) return [];
      const text = rules.text(found, false);
      if (!update) return [{ part, text }];
      const gists = new Set(each.map((one) => (one === undefined ? '' : canonicalJson(rules.gist(one)))));
      if (gists.size > 1) return [{ part, text: `${text}, but not in every account that it is for` }];
      const change = rules.change(found, account, key);
      return [
        typeof change === 'string' ? { part, text: change } : { part, text: rules.text(found, true), change },
      ];
    });
  });
}

/** Returns the keys of the items of a list. */
function keysIn(document: unknown, list: string): readonly string[] {
  const items: unknown = isRecord(document) ? document[list] : undefined;
  if (!Array.isArray(items)) return [];
  return items.flatMap((item: unknown) =>
    isRecord(item) ? entryKey({ name: item['name'], id: item['id'] }) : [],
  );
}

function decideEntries(
  accounts: readonly ComparedAccount[],
  texts: ReadonlyMap<string, string>,
  rules: Rules,
  update: boolean,
): readonly Decision[] {
  const differences = new Map(
    accounts.map((account) => [
      account,
      new Map(
        (account.matching?.matches ?? []).flatMap((found) => {
          const { desired, live } = found;
          const isSelected = [desired, ...(live ? [live] : [])].some(account.isSelected);
          const difference = isSelected ? differenceOf(found) : undefined;
          return difference ? [[entryKey(desired), difference] as const] : [];
        }),
      ),
    ]),
  );
  const rulesFor = (account: ComparedAccount, entry: DesiredWebhook): ImportRules => {
    const others = (account.desired?.webhooks ?? []).filter((each) => entryKey(each) !== entryKey(entry));
    // Two entries cannot both get a name, so their new names count as well.
    const renamed = others.flatMap((each) => {
      const found = differences.get(account)?.get(entryKey(each));
      return found?.kind === 'changed' ? [{ ...each, name: found.live.name }] : [];
    });
    return { ...rules, ...declarations([...others, ...renamed]) };
  };
  return decide(
    'webhooks',
    { accounts, texts, update },
    {
      find: (account, key) => differences.get(account)?.get(key),
      gist: (found) =>
        found.kind === 'changed' ? [found.fields, found.live.name, found.live.url] : found.kind,
      text: (found, isDone) => `${JSON.stringify(found.entry.name)} ${differenceText(found, rules, isDone)}`,
      change: (found, account, key) => {
        const { entry } = found;
        const change = changeFor(found, rulesFor(account, entry));
        if (typeof change === 'string') return `${JSON.stringify(entry.name)} ${change}`;
        const name = change.kind === 'set' ? change.name : undefined;
        return {
          webhooks: new Map([[key, change]]),
          ...(name !== entry.name && { names: new Map([[entry.name, name]]) }),
        };
      },
    },
  );
}

/** Returns the current and previous names of the entries. */
function declarations(webhooks: readonly DesiredWebhook[]): Pick<ImportRules, 'declared' | 'earlier'> {
  const declared = new Map<string, boolean>();
  for (const { name, id } of webhooks) declared.set(name, (declared.get(name) ?? true) && id !== undefined);
  return { declared, earlier: new Set(webhooks.flatMap(({ previously }) => previously)) };
}

function decideRoutes(
  accounts: readonly ComparedAccount[],
  texts: ReadonlyMap<string, string>,
  routes: ReadonlyMap<ComparedAccount, ImportedRoutes>,
  update: boolean,
): readonly Decision[] {
  return decide(
    'policies',
    { accounts, texts, update },
    {
      find: (account, key) => routes.get(account)?.differing.find(({ route }) => entryKey(route) === key),
      gist: ({ webhooks = null }) => webhooks,
      text: ({ route, webhooks, isLive }) => {
        const policy = `policy ${JSON.stringify(route.name)}`;
        if (!webhooks) return `${policy} ${isLive ? 'has no recipient' : 'does not exist'}`;
        const list =
          webhooks.length === 0
            ? 'none of the webhooks'
            : webhooks.map((each) => JSON.stringify(each)).join(', ');
        return `${policy} sends to ${list}`;
      },
      change: ({ webhooks }, _, key) => ({ routes: new Map([[key, webhooks]]) }),
    },
  );
}

function applyDecisions(
  texts: Map<string, string>,
  accounts: readonly ComparedAccount[],
  decisions: readonly Decision[],
): void {
  const parts = new Set(accounts.flatMap((account) => account.parts));
  for (const part of parts) {
    const { file, index } = part;
    const related = new Set(
      accounts.filter((account) => account.parts.includes(part)).flatMap((each) => each.parts),
    );
    const mine = decisions.flatMap((each) => (each.part === part && each.change ? [each.change] : []));
    const changes = {
      webhooks: new Map(mine.flatMap(({ webhooks = [] }) => [...webhooks])),
      routes: new Map(mine.flatMap(({ routes = [] }) => [...routes])),
      // Routes in another document of the same account can use a name that changes here.
      names: new Map(
        decisions.flatMap((each) => (related.has(each.part) ? [...(each.change?.names ?? [])] : [])),
      ),
    };
    if (Object.values(changes).every(({ size }) => size === 0)) continue;
    const text = changeDocument(texts.get(file) ?? '', index, (document) =>
      changedDocument(document, changes),
    );
    if (text === undefined) throw notEditable(file, 'entries cannot be changed', 'Change them by hand.');
    texts.set(file, text);
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
  namesOf: (account: ComparedAccount) => Renames,
  { addRoutes, ...rules }: Rules & Pick<ImportRequest, 'addRoutes'>,
): DocumentAdditions {
  const missing = new Map(
    group.map((account) => [
      account,
      (account.matching?.unlisted ?? account.live).filter(account.isSelected),
    ]),
  );
  const [first, ...others] = missing.values();
  const isShared = (webhook: Live): boolean =>
    others.length === 0 ||
    [...missing.values()].every((list) => {
      const [same, ...more] = list.filter(({ name }) => name === webhook.name);
      return same && more.length === 0 && sameUrl(same.url, webhook.url) && same.type === webhook.type;
    });
  const shared = (first ?? []).filter(isShared);
  const rest = [...missing].flatMap(([{ isImported }, list]) =>
    isImported ? list.filter((each) => !isShared(each)) : [],
  );
  const [account] = group;
  const names: Renames = account ? namesOf(account) : new Map();
  const renamed = (name: string): readonly string[] => {
    const now = renamedTo(names, name);
    return now === undefined ? [] : [now];
  };
  const webhooks = (account?.desired?.webhooks ?? []).flatMap((webhook) =>
    renamed(webhook.name).map((name) => ({
      ...webhook,
      name,
      previously: webhook.previously.filter((each) => each !== name),
    })),
  );
  const allRules = {
    ...rules,
    ...declarations(webhooks),
    notShared: new Set(rest.map(({ id }) => bareId(id))),
  };
  const imported = importEntries([...shared, ...rest], allRules);
  const routes = new Map(
    group.flatMap((each) => {
      const { policies, live, matching, desired, isSelected } = each;
      if (!policies) return [];
      const selected = new Set(live.filter(isSelected).map(({ id }) => bareId(id)));
      const found = importRoutes(
        {
          policies,
          live,
          isSelected: ({ webhookIds }) =>
            selected.size === live.length || webhookIds.some((id) => selected.has(bareId(id))),
          references: referencesTo(imported, matching, missing.get(each) ?? [], names),
          routes: (desired?.routes ?? []).map((route) => ({
            ...route,
            webhooks: route.webhooks.flatMap(renamed),
          })),
        },
        allRules,
      );
      return [[each, found] as const];
    }),
  );
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
  const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  const isFirst = readYaml(text).length === 0;
  const document = isFirst
    ? newFile(account.accountId, additions)
    : `---\n${newDocument(account.accountId, additions)}`;
  texts.set(path, before + document);
}

function notEditable(file: string, what: string, instead: string): HookwrightError {
  return new HookwrightError(
    'usage',
    `${file}: ${what} as they are written, for example as an alias. Nothing was written. ${instead}`,
  );
}
