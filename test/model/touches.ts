import { bare, credentialIn, sameUrl, type Webhook } from './forms.js';
import type { Exchange } from './gate.js';
import type { Run, Scene } from './play.js';
import { read, type Reading } from './reference.js';
import { secretIn } from './revisions.js';
import {
  actionsOf,
  entryName,
  isLostPost,
  isUnsure,
  listIn,
  policiesIn,
  sentBy,
  show,
  type Context,
} from './trace.js';

/** What the rules say about what a run read before its first write, and when its saved plan was made. */
export type KnownTo = { readonly readings: readonly Reading[]; readonly listed: ReadonlySet<string> };

export function knownTo(context: Context, run: Run): KnownTo | undefined {
  const planner = run.saved?.seen ?? run;
  const runs = run.saved ? [planner, run] : [run];
  const lists = runs.flatMap((each) => {
    const live = listIn(each);
    return live ? [{ live, policies: policiesIn(each) ?? each.exchanges[0]?.before.policies ?? [] }] : [];
  });
  if (lists.length < runs.length) return undefined;
  const { file, previous, renewed } = planner;
  const given = { file, ...(previous && { previous }), renewed, replaces: context.roles.replaces };
  return {
    readings: lists.map((list) => read({ ...given, ...list })),
    listed: new Set(lists.flatMap(({ live }) => live.map(({ id }) => bare(id)))),
  };
}

export function judgeTouch(
  context: Context,
  run: Run,
  exchange: Exchange,
  known: KnownTo | undefined,
  made: ReadonlySet<string>,
): void {
  const { method, id, before } = exchange;
  if (exchange.resource !== 'webhooks' || id === undefined) return;
  const webhook = before.webhooks.find((each) => bare(each.id) === id);
  if (!webhook || made.has(id)) return;
  if (!known)
    return context.report('foreign-touched', `${method} of ${show(webhook)}, and nothing was listed`, run);
  const { readings, listed } = known;
  const isAmong = (webhooks: readonly Webhook[]): boolean => webhooks.some((each) => bare(each.id) === id);
  const isOwn = readings.some(({ found }) =>
    found.some(({ live, leftovers }) => isAmong([...(live ? [live] : []), ...leftovers])),
  );
  const deletesAll = run.file.unlisted === 'delete';
  const isDoomed =
    method === 'DELETE' &&
    readings.some(({ absent, unlisted, removed }) =>
      isAmong([...absent, ...(deletesAll ? unlisted : removed)]),
    );
  // A saved plan continues its own replacement, whatever the file says about the leftover. A run without a
  // secret can finish a new webhook that replaces the same one, whatever name another revision has for it.
  const isContinued =
    (run.saved !== undefined || (method === 'PUT' && !listed.has(id))) &&
    actionsOf(run).some(
      (action) => action.kind === 'replace' && context.roles.replaces.get(id) === bare(action.id ?? '-'),
    );
  if (!isOwn && !isDoomed && !isContinued && !mayTakeOver(context, run, webhook, listed, method)) {
    const why = listed.has(id)
      ? 'none of its rules finds it'
      : 'it came while the run went on, and it is not its own';
    context.report('foreign-touched', `${method} of ${show(webhook)}: ${why}`, run);
  }
  // A webhook that an earlier apply created for a saved plan belongs to the plan.
  const planned = actionsOf(run).some(
    (action) =>
      bare(JSON.stringify(action)).includes(id) ||
      (action.id !== undefined && context.roles.of(action.id) === context.roles.of(id)),
  );
  if (!planned && listed.has(id)) context.report('unplanned-write', `${method} of ${show(webhook)}`, run);
}

/**
 * Reports whether the run may finish another run's identical webhook instead of its own. After an unknown
 * response, a run cannot know which webhook is its own, so it may delete any of them.
 */
function mayTakeOver(
  context: Context,
  run: Run,
  webhook: Webhook,
  listed: ReadonlySet<string>,
  method: string,
): boolean {
  const entry = run.file.entries.find(({ name }) => name === entryName(run, webhook));
  if (listed.has(bare(webhook.id)) || !entry || !sameUrl(entry.url, webhook.url)) return false;
  return method === 'PUT' || isUnsure(run);
}

export function judgeBody(context: Context, run: Run, exchange: Exchange): void {
  const { method, resource, id, body, before } = exchange;
  if (resource !== 'webhooks' || !body || (method !== 'POST' && method !== 'PUT')) return;
  const { url } = sentBy(exchange);
  const name = entryName(run, sentBy(exchange));
  const entry = run.file.entries.find((each) => each.name === name);
  const secret = body['secret'];
  if (!entry)
    return context.report(
      'secret-misdelivered',
      `${method} of ${JSON.stringify(body['name'])}, which no entry is`,
      run,
    );
  const live = before.webhooks.find((each) => bare(each.id) === id);
  // A PUT to a webhook that another run has deleted meanwhile sends a secret to no one.
  const isLive = live ? live.url === url : method === 'PUT';
  if (!isLive && url !== entry.url)
    context.report('secret-misdelivered', `"${name}" is sent to ${url}, not to ${entry.url}`, run);
  const values = [secretIn(run.file, entry), credentialIn(entry.url)];
  if (secret !== undefined && !values.some((value) => value === secret)) {
    context.report(
      'secret-misdelivered',
      `"${name}" is given ${JSON.stringify(secret)}, not ${JSON.stringify(values[0])}`,
      run,
    );
  }
}

export function judgeCreates(context: Context, run: Run, made: ReadonlySet<string>, { after }: Scene): void {
  const counts = new Map<string, number>();
  const count = (name: string, by: number): void => void counts.set(name, (counts.get(name) ?? 0) + by);
  for (const exchange of run.exchanges) {
    if (!exchange.effect || exchange.resource !== 'webhooks') continue;
    const { method, id, before } = exchange;
    if (method === 'POST') count(entryName(run, sentBy(exchange)), 1);
    // A webhook that the run deletes again may be created in a different form.
    const gone = before.webhooks.find((each) => bare(each.id) === id);
    if (method === 'DELETE' && gone && made.has(bare(gone.id))) count(entryName(run, gone), -1);
  }
  for (const [name, times] of counts) {
    if (times > (isUnsure(run) ? 2 : 1))
      context.report('created-twice', `"${name}" was created ${times} times`, run);
  }
  if (run.died || run.interrupted) return;
  const left = after.webhooks.filter(({ id }) => made.has(bare(id)));
  for (const webhook of left) {
    const twin = left.find(
      (other) =>
        other !== webhook &&
        context.roles.of(other.id) === context.roles.of(webhook.id) &&
        // Someone can have given a leftover the name of another entry.
        entryName(run, other) === entryName(run, webhook),
    );
    // If the API rewrites names, a webhook is not recognized after a lost response, and POST is sent once more.
    const isLost = context.script.world.rewrite !== 'none' && run.exchanges.filter(isLostPost).length > 1;
    if (twin && !isLost)
      context.report(
        'left-behind',
        `${show(webhook)} and ${show(twin)} were both made by it and are live`,
        run,
      );
  }
}
