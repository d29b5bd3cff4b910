import type { ActionDocument } from './document.js';
import { bare, leftoverOf, sameUrl, type Policy, type State, type Webhook } from './forms.js';
import type { Exchange } from './gate.js';
import type { Law } from './laws.js';
import type { Played, Run, Scene } from './play.js';
import type { Script } from './script.js';

/** The input of the laws. */
export type Context = {
  readonly script: Script;
  readonly played: Played;
  readonly roles: Roles;
  readonly report: (law: Law, what: string, run?: Run) => void;
};

/** The identity of a webhook: its own ID, or the ID of the webhook that it replaced. */
export type Role = string;

/** Tracks which webhooks have the same identity, as far as runs created them. */
export class Roles {
  /** What a leftover replaces, by its ID. */
  readonly replaces = new Map<string, string>();
  readonly #roles = new Map<string, Role>();
  /** By name, the ID of the webhook that was created last. */
  readonly #made = new Map<string, string>();

  /** The role of what a plan creates. */
  ofNew(name: string): Role {
    const id = this.#made.get(name);
    return id === undefined ? `new ${name}` : this.of(id);
  }

  of(id: string): Role {
    return this.#roles.get(bare(id)) ?? bare(id);
  }

  /** Joins an entry's webhook and its leftovers, whichever run created them. */
  unite([first, ...others]: readonly Webhook[]): void {
    if (!first) return;
    const united = new Set(others.map(({ id }) => this.of(id)));
    for (const [id, role] of this.#roles) if (united.has(role)) this.#roles.set(id, this.of(first.id));
    for (const { id } of others) this.#roles.set(bare(id), this.of(first.id));
  }

  /** Gives a created webhook the role of the one that it replaces, or else a new role. */
  assign({ runs, before, after }: Scene): void {
    // What was new in an earlier scene is a thing of its own: its name can have gone to another one since.
    const first = new Map<Role, string>();
    for (const [id, role] of this.#roles)
      if (role.startsWith('new ') && !first.has(role)) first.set(role, id);
    for (const [id, role] of this.#roles) this.#roles.set(id, first.get(role) ?? role);
    // A webhook that someone has renamed gets its own role.
    for (const { id, name } of runs.length === 0 ? after.webhooks : [])
      if (before.webhooks.some((each) => each.id === id && each.name !== name))
        this.#roles.set(bare(id), bare(id));
    for (const { run, exchange } of inOrder(runs)) {
      if (exchange.method !== 'POST' || !exchange.effect) continue;
      const made = newcomers(exchange)[0];
      if (!made) continue;
      const name = entryName(run, sentBy(exchange));
      const action = actionsOf(run).find((each) => each.name === name && each.kind !== 'delete');
      const replaced = action?.id === undefined ? undefined : bare(action.id);
      this.#roles.set(bare(made.id), replaced === undefined ? `new ${name}` : this.of(replaced));
      if (replaced === undefined) this.#made.set(name, bare(made.id));
      else this.replaces.set(bare(made.id), replaced);
    }
  }
}

/** Returns what a run plans for webhooks. */
export function actionsOf(run: Run): readonly ActionDocument[] {
  return allActionsOf(run).filter(({ resource }) => resource !== 'policy');
}

export function allActionsOf({ saved, document }: Run): readonly ActionDocument[] {
  return (saved?.plan ?? document)?.accounts.flatMap((account) => account.actions) ?? [];
}

/** Returns what a run plans for a policy. */
export function routeActionOf(run: Run, policy: string): ActionDocument | undefined {
  const isMine = ({ resource, id = '' }: ActionDocument): boolean =>
    resource === 'policy' && bare(id) === bare(policy);
  return allActionsOf(run).find(isMine);
}

/** Returns the roles of the webhooks on one side of an action on a policy. */
export function rolesIn(roles: Roles, run: Run, side: ActionDocument['before']): Set<Role> {
  // A target without an ID is created, or takes the place of several leftovers.
  const ofPlanned = (name: string): Role => {
    const replaced = actionsOf(run).find((each) => each.kind === 'replace' && each.name === name)?.id;
    return replaced === undefined ? roles.ofNew(name) : roles.of(replaced);
  };
  return new Set(side?.webhooks?.map(({ id, name }) => (id === undefined ? ofPlanned(name) : roles.of(id))));
}

/** A webhook that someone made as the plan creates it counts as the plan's: nothing tells them apart. */
export function isMadeAsPlanned(run: Run, webhook: Webhook): boolean {
  const isPlanned = actionsOf(run).some(({ kind, name }) => kind === 'create' && name === webhook.name);
  return isPlanned && isNewAsEntry(run, webhook);
}

/** Returns the ID of the webhook that the plan replaces, if it is gone and someone made its replacement. */
export function replacedBy(run: Run, webhook: Webhook, { webhooks }: State): string | undefined {
  const replaced = actionsOf(run).find(({ kind, name }) => kind === 'replace' && name === webhook.name)?.id;
  const isGone = replaced !== undefined && !webhooks.some(({ id }) => bare(id) === bare(replaced));
  return isGone && isNewAsEntry(run, webhook) ? replaced : undefined;
}

function isNewAsEntry(run: Run, { id, name, url }: Webhook): boolean {
  const wasSeen = listIn(run.saved?.seen ?? run)?.some((each) => bare(each.id) === bare(id));
  const entry = run.file.entries.find((each) => each.name === name);
  return !wasSeen && entry !== undefined && sameUrl(url, entry.url);
}

/** Returns all requests of several runs, in the order in which the server received them. */
export function inOrder(runs: readonly Run[]): { readonly run: Run; readonly exchange: Exchange }[] {
  return runs
    .flatMap((run) => run.exchanges.map((exchange) => ({ run, exchange })))
    .sort((a, b) => a.exchange.order - b.exchange.order);
}

export function newcomers({ before, after }: Exchange): readonly Webhook[] {
  return after.webhooks.filter(({ id }) => !before.webhooks.some((each) => each.id === id));
}

/** Reports whether the result of a POST is unknown. */
export function isUnsure({ exchanges }: Run): boolean {
  return exchanges.some(isLostPost);
}

export function isLostPost({ method, result = null }: Exchange): boolean {
  return method === 'POST' && result === null;
}

/** Returns the last list of webhooks that the run read before its first write. */
export const listIn = (run: Run): readonly Webhook[] | undefined =>
  lastList(run, 'webhooks') as readonly Webhook[] | undefined;

/** Returns the last list of policies that the run read before its first write. */
export const policiesIn = (run: Run): readonly Policy[] | undefined =>
  lastList(run, 'policies') as readonly Policy[] | undefined;

function lastList({ exchanges }: Run, of: Exchange['resource']): unknown {
  const firstWrite = exchanges.findIndex(({ method }) => method !== 'GET');
  const reads = firstWrite < 0 ? exchanges : exchanges.slice(0, firstWrite);
  return reads.findLast(
    ({ resource, id, result }) => resource === of && id === undefined && Array.isArray(result),
  )?.result;
}

/** Returns the name of the entry that a webhook was created for, using the digits of a truncated name. */
export function entryName(run: Run, { name, url }: { readonly name: string; readonly url: string }): string {
  const { base = name, replaces } = leftoverOf(name) ?? {};
  const { entries } = run.file;
  if (base === name || entries.some((entry) => entry.name === base)) return base;
  const planned = actionsOf(run).find(
    ({ id }) => replaces !== undefined && id !== undefined && bare(id).startsWith(replaces),
  );
  const alike = entries.find((entry) => entry.name.startsWith(base) && sameUrl(entry.url, url));
  return planned?.name ?? alike?.name ?? base;
}

/** Returns the name and URL that a request sends. */
export function sentBy({ body }: Exchange): { readonly name: string; readonly url: string } {
  return { name: String(body?.['name']), url: String(body?.['url']) };
}

export function isIgnored({ file }: Run, id: string): boolean {
  return file.ignore.includes(`id:${bare(id)}`);
}

export function countBy<T>(items: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

export function show({ id, name, url }: Webhook): string {
  return `${JSON.stringify(name)} (${id.slice(0, 8)}, ${url})`;
}

export function nameOf(role: Role, { webhooks }: State): string {
  const webhook = webhooks.find(({ id }) => bare(id) === role);
  return webhook ? show(webhook) : role;
}

export function guardText(run: Run): string {
  return run.document?.accounts.flatMap(({ guards }) => guards.map(({ message }) => message)).join(' ') ?? '';
}

export function reasons(run: Run): string {
  const open = run.document?.outcomes?.filter(({ status }) => status !== 'applied') ?? [];
  const texts = open.map(
    ({ kind, name, status, error }) => `${kind} "${name}" ${status}: ${error?.message ?? ''}`,
  );
  return texts.join('; ') || guardText(run) || run.stderr.slice(0, 300);
}
