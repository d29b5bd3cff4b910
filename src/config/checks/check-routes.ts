import { badReference, WRITE_ID } from './check-names.js';
import { bareId, idReference, isValidId } from '../../core/ids.js';
import { didYouMean } from '../../text/suggestions.js';
import { type Draft, placeIn } from '../draft.js';
import { error, type Place, type Problem } from '../problem.js';
import { shownName } from '../yaml/excerpt.js';

/** Checks that each policy is listed once, and that its webhooks are IDs or declared in the file. */
export function* checkRoutes(draft: Draft): Generator<Problem> {
  const { routes = [], webhooks } = draft;
  if (routes.length === 0) return;
  const declared = new Set(webhooks.flatMap(({ name }) => name ?? []));
  const seen = new Map<string, Place>();
  for (const route of routes) {
    const { name, id } = route;
    if (name !== undefined) {
      const key = id === undefined ? name : `id:${id}`;
      const place = placeIn(route, 'name');
      const first = seen.get(key);
      if (first) {
        const hint = 'List all webhooks of a policy in one entry.';
        const other = { what: 'The first entry is at', place: first };
        yield error(place, 'duplicate-name', `policy ${shownName(name)} is listed twice`, hint, other);
      } else seen.set(key, place);
    }
    for (const [i, reference] of route.webhooks.entries()) {
      const place = placeIn(route, 'webhooks', i);
      const problem = referenceProblem(reference, place, declared, draft);
      if (problem) yield problem;
      else if (route.webhooks.indexOf(reference) < i) {
        const message = `${shownName(reference)} is listed twice for this policy`;
        yield error(place, 'duplicate-name', message, 'Remove one of the two.');
      }
    }
  }
}

function referenceProblem(
  reference: string,
  place: Place,
  declared: ReadonlySet<string>,
  draft: Draft,
): Problem | undefined {
  if (reference === '' || declared.has(reference)) return undefined;
  const id = idReference(reference);
  if (id !== undefined) return isValidId(id) ? undefined : badReference('policies', place);
  const message = `no webhook in the file is named ${shownName(reference)}`;
  const hint = elsewhere(reference, draft) ?? suggestion(reference, declared);
  return error(place, 'unknown-webhook', message, hint);
}

/** Returns a hint if the name occurs elsewhere in the file. */
function elsewhere(reference: string, { webhooks, ignore, absent }: Draft): string | undefined {
  if (isValidId(bareId(reference))) return WRITE_ID;
  const renamed = webhooks.find(({ previously }) => previously.includes(reference))?.name;
  if (renamed !== undefined) return `The webhook is now named ${shownName(renamed)}. Write that name.`;
  const isListed = ({ text }: { readonly text: string }): boolean => text === reference;
  if (absent.some(isListed))
    return 'It is listed under "absent", so it is deleted. Remove it from one of the two.';
  return ignore.some(isListed) ? 'It is listed under "ignore". Write "id:" and its ID instead.' : undefined;
}

function suggestion(reference: string, declared: ReadonlySet<string>): string {
  const meant = didYouMean(reference, declared);
  return meant === undefined
    ? 'Write the name of a webhook under "webhooks", or "id:" and the ID of one that is not managed.'
    : `Did you mean ${shownName(meant)}?`;
}
