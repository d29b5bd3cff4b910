import { bare, leftoverOf, type Webhook } from './forms.js';
import type { Run } from './play.js';
import { isSilenced, read, replacedBy } from './reference.js';
import type { DesiredFile, Entry, Route } from './script.js';
import { listIn, policiesIn } from './trace.js';

/** Returns the file after following the advice of the guards that refused a run. The caller passes flags. */
export function remedied(run: Run): DesiredFile {
  const { file, previous, document, exchanges } = run;
  const codes = new Set(document?.accounts.flatMap(({ guards }) => guards.map(({ code }): string => code)));
  const before = exchanges[0]?.before;
  const [live, policies] = [listIn(run) ?? before?.webhooks ?? [], policiesIn(run) ?? before?.policies ?? []];
  const given = previous && { previous };
  const { found, removed, routes } = read({
    file,
    ...given,
    live,
    policies,
    renewed: run.renewed,
    replaces: new Map(),
  });
  // Ignores, by ID, all candidates but one, and abandoned leftovers. A single candidate is not the entry's.
  const othersOf = (candidates: readonly Webhook[]): readonly Webhook[] =>
    candidates.length > 1 ? candidates.slice(1) : candidates;
  const isOrphan = (webhook: Webhook): boolean =>
    leftoverOf(webhook.name) !== undefined && !replacedBy({ live, replaces: new Map() }, webhook);
  const twins = file.routes ? found.flatMap((each) => each.twins) : [];
  const doubtful = [
    ...twins,
    ...found.flatMap(({ candidates }) => othersOf(candidates)),
    ...removed.filter((webhook, i) => removed.findIndex(({ name }) => name === webhook.name) < i),
    ...live.filter(isOrphan),
  ];
  const others = codes.has('ambiguous-name') ? doubtful : [];
  const names = new Set(file.entries.map(({ name }) => name));
  const isGone = ({ protect, name }: Entry): boolean => protect && !names.has(name);
  const gone = codes.has('protected') ? (previous?.entries.filter(isGone).map(({ name }) => name) ?? []) : [];
  const pins = new Set(file.entries.map(({ pin }) => pin));
  const unpinned = (codes.has('protected') ? (previous?.entries ?? []) : []).flatMap(({ pin, protect }) =>
    protect && pin !== undefined && !pins.has(pin) ? [`id:${bare(pin)}`] : [],
  );
  const ignore = [...file.ignore, ...others.map(({ id }: Webhook) => `id:${bare(id)}`)];
  const silent = codes.has('policy-silenced') ? routes.filter(isSilenced) : [];
  const isSilent = ({ policy }: Route): boolean => silent.some((each) => each.policy.id === policy.id);
  return {
    ...file,
    entries: file.entries.map((entry) => ({
      ...remediedEntry(entry, codes),
      previously: entry.previously.filter((name) => !gone.includes(name)),
    })),
    ignore,
    absent: [...file.absent, ...gone, ...unpinned.filter((item) => !ignore.includes(item))],
    ...(file.routes && {
      routes: file.routes.filter((route) => !isSilent(route)).map((route) => remediedRoute(route, codes)),
    }),
  };
}

/** Removes an ID that cannot be listed, and adds the right ID if several policies have the name. */
function remediedRoute(route: Route, codes: ReadonlySet<string>): Route {
  return {
    ...route,
    byId: route.byId || codes.has('ambiguous-name'),
    ids: codes.has('pinned') || codes.has('in-use') ? [] : route.ids,
  };
}

function remediedEntry({ pin, ...entry }: Entry, codes: ReadonlySet<string>): Entry {
  return {
    ...entry,
    ...(pin !== undefined && !codes.has('pinned') && { pin }),
    protect: entry.protect && !codes.has('protected'),
    secret: codes.has('secret-needed') && typeof entry.secret !== 'number' ? 'none' : entry.secret,
  };
}
