import { tidy, secretValue, type DesiredFile, type Edit, type Entry, type Route } from './script.js';
import { ACCOUNT } from './servers.js';

type Surroundings = {
  /** Earlier revisions, latest last. */
  readonly history: readonly DesiredFile[];
  /** IDs of live webhooks. */
  readonly ids: readonly string[];
  readonly policies: readonly Route['policy'][];
};

/** Returns the file after some edits. */
export function edited(file: DesiredFile, edits: readonly Edit[], around: Surroundings): DesiredFile {
  return edits.reduce((current, edit) => tidy(applyEdit(current, edit, around)), file);
}

function applyEdit(file: DesiredFile, edit: Edit, { history, ids, policies }: Surroundings): DesiredFile {
  const idAt = (n: number): string | undefined => ids[n % Math.max(1, ids.length)];
  const change = (index: number, how: (entry: Entry) => Entry): DesiredFile => {
    const at = index % Math.max(1, file.entries.length);
    return { ...file, entries: file.entries.map((entry, n) => (n === at ? how(entry) : entry)) };
  };
  switch (edit.edit) {
    case 'url': {
      const { url } = edit;
      const isCredential = url.includes('token');
      return change(edit.entry, (entry) => ({
        ...entry,
        url,
        urlByVariable: entry.urlByVariable || isCredential,
      }));
    }
    case 'rename': {
      const { name: before } = file.entries[edit.entry % Math.max(1, file.entries.length)] ?? {};
      const renamed = change(edit.entry, (entry) => ({
        ...entry,
        name: edit.name,
        previously: edit.previously ? [entry.name, ...entry.previously] : entry.previously,
      }));
      const follow = (name: string): string => (name === before ? edit.name : name);
      const routes = file.routes?.map((route) => ({ ...route, webhooks: route.webhooks.map(follow) }));
      return { ...renamed, ...(routes && { routes }) };
    }
    case 'version':
      return change(edit.entry, (entry) => ({ ...entry, version: entry.version + 1 }));
    case 'url-version':
      return change(edit.entry, (entry) => ({ ...entry, urlVersion: entry.urlVersion + 1 }));
    case 'secret':
      return change(edit.entry, (entry) => ({ ...entry, secret: edit.secret }));
    case 'remove': {
      const at = edit.entry % Math.max(1, file.entries.length);
      return { ...file, entries: file.entries.filter((_, n) => n !== at) };
    }
    case 'add':
      return { ...file, entries: [...file.entries, edit.entry] };
    case 'protect':
      return change(edit.entry, (entry) => ({ ...entry, protect: !entry.protect }));
    case 'pin': {
      const pin = idAt(edit.live);
      return change(edit.entry, ({ pin: before, ...entry }) =>
        before !== undefined || pin === undefined ? entry : { ...entry, pin },
      );
    }
    case 'unlisted':
      return { ...file, unlisted: file.unlisted === 'keep' ? 'delete' : 'keep' };
    case 'ignore':
      return { ...file, ignore: [...file.ignore, edit.pattern] };
    case 'ignore-id': {
      const id = idAt(edit.live);
      return id === undefined ? file : { ...file, ignore: [...file.ignore, `id:${id}`] };
    }
    case 'absent':
      return { ...file, absent: [...file.absent, edit.name] };
    case 'route': {
      const policy = policies[edit.policy % Math.max(1, policies.length)];
      const live = edit.live === undefined ? undefined : idAt(edit.live);
      if (!policy) return { ...file, routes: file.routes ?? [] };
      const webhooks = edit.entries.flatMap((n) => file.entries[n % file.entries.length]?.name ?? []);
      const route = { policy, byId: edit.byId, webhooks, ids: live === undefined ? [] : [live] };
      return { ...file, routes: [route, ...(file.routes ?? [])] };
    }
    case 'unroute':
      return file.routes
        ? { ...file, routes: file.routes.filter(({ policy }) => policy.id !== policies[edit.policy]?.id) }
        : file;
    case 'revert':
      return history.at(-1 - edit.back) ?? history[0] ?? file;
  }
}

/** Returns the desired-state file as text. JSON is valid YAML. */
export function fileText({ unlisted, ignore, absent, strategy, entries, routes }: DesiredFile): string {
  const webhooks = entries.map((entry) => ({
    name: entry.name,
    url: entry.urlByVariable ? { env: urlVariable(entry), version: entry.urlVersion } : entry.url,
    ...secretField(entry),
    ...(entry.previously.length > 0 && { previously: entry.previously }),
    ...(entry.pin !== undefined && { id: entry.pin }),
    ...(entry.protect && { protect: true }),
  }));
  const lists = { ...(ignore.length > 0 && { ignore }), ...(absent.length > 0 && { absent }) };
  const policies = routes?.map(({ policy, byId, webhooks: names, ids }) => ({
    name: policy.name,
    ...(byId && { id: policy.id }),
    webhooks: [...names, ...ids.map((id) => `id:${id}`)],
  }));
  const file = { account_id: ACCOUNT, unlisted, ...lists, strategy, webhooks, ...(policies && { policies }) };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

function secretField({ secret, version }: Entry): { secret?: unknown } {
  if (secret === 'undeclared') return {};
  return { secret: secret === 'none' ? 'none' : { env: secretVariable(secret), version } };
}

const secretVariable = (n: number): string => `HOOK_SECRET_${n}`;

function urlVariable({ name }: Entry): string {
  return `HOOK_URL_${name.replaceAll(/[^A-Za-z]/g, '_').toUpperCase()}`;
}

/** Returns the value that a run has for an entry's secret. `undefined`: the file declares none. */
export function valueOf({ secret, version }: Entry): string | undefined {
  return typeof secret === 'number' ? secretValue(secret, version) : undefined;
}

/** Returns the variables in the file. Entries that share a variable have the value of the highest version. */
export function environment({ entries }: DesiredFile): Record<string, string> {
  const values: Record<string, string> = {};
  const versions = new Map<number, number>();
  for (const entry of entries) {
    if (entry.urlByVariable) values[urlVariable(entry)] = entry.url;
    const { secret, version } = entry;
    if (typeof secret !== 'number' || (versions.get(secret) ?? 0) > version) continue;
    versions.set(secret, version);
    values[secretVariable(secret)] = secretValue(secret, version);
  }
  return values;
}

/** Returns the value that a run has for this entry's secret. */
export function secretIn(file: DesiredFile, { secret }: Entry): string | undefined {
  return typeof secret === 'number' ? environment(file)[secretVariable(secret)] : undefined;
}
