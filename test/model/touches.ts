import { bare, credentialIn, sameUrl, type Webhook } from './forms.js';
import type { Exchange } from './gate.js';
import type { Run, Scene } from './play.js';
import { read, type Reading } from './reference.js';
import { secretIn } from './revisions.js';
import { actionsOf, listIn, entryName, sentBy, show, type Context } from './trace.js';

/** What a run had read when it planned, and what the rules make of it. */
export type KnownTo = { readonly reading: Reading; readonly listed: ReadonlySet<string> };

/** What the rules make of what the run had read before its first write. */
export function knownTo(context: Context, run: Run): KnownTo | undefined {
  const planner = run.saved?.seen ?? run;
  const live = listIn(planner);
  if (!live) return undefined;
  const [first] = planner.exchanges;
  const policies = first?.before.policies ?? [];
  const { file, previous } = planner;
  const reading = read({
    file,
    ...(previous && { previous }),
    live,
    policies,
    renewed: planner.renewed,
    replaces: context.roles.replaces,
  });
  const listed = new Set([...live, ...(listIn(run) ?? [])].map(({ id }) => bare(id)));
  return { reading, listed };
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
  const { reading, listed } = known;
  const isOwn = reading.found.some(({ live, leftovers }) =>
    [...(live ? [live] : []), ...leftovers].some((own) => bare(own.id) === id),
  );
  const mayGo = [...reading.absent, ...(run.file.unlisted === 'delete' ? reading.unlisted : reading.removed)];
  const isDoomed = method === 'DELETE' && mayGo.some((each) => bare(each.id) === id);
  if (!isOwn && !isDoomed && !mayTakeOver(context, run, webhook, listed, method)) {
    const why = listed.has(id)
      ? 'none of its rules finds it'
      : 'it came while the run went on, and it is not its own';
    context.report('foreign-touched', `${method} of ${show(webhook)}: ${why}`, run);
  }
  const planned = actionsOf(run).some((action) => bare(JSON.stringify(action)).includes(id));
  if (!planned && listed.has(id)) context.report('unplanned-write', `${method} of ${show(webhook)}`, run);
}

/**
 * An identical newcomer of another run may be finished instead of one's own. After an answer that says nothing, a run
 * cannot know which of several is its own, so it may remove any.
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
  return (
    method === 'PUT' || run.exchanges.some((each) => each.method === 'POST' && each.result === undefined)
  );
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
  const isLive = live?.url === url;
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
  for (const exchange of run.exchanges) {
    if (exchange.method !== 'POST' || !exchange.effect) continue;
    const name = entryName(run, sentBy(exchange));
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const unsure = run.exchanges.some(({ method, result }) => method === 'POST' && result === undefined);
  for (const [name, count] of counts) {
    if (count > (unsure ? 2 : 1))
      context.report('created-twice', `"${name}" was created ${count} times`, run);
  }
  if (run.died || run.interrupted) return;
  const left = after.webhooks.filter(({ id }) => made.has(bare(id)));
  for (const webhook of left) {
    const twin = left.find(
      (other) => other !== webhook && context.roles.of(other.id) === context.roles.of(webhook.id),
    );
    if (twin)
      context.report(
        'left-behind',
        `${show(webhook)} and ${show(twin)} were both made by it and are live`,
        run,
      );
  }
}
