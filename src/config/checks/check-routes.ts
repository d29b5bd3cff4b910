import { badReference } from './check-names.js';
import { bareId, idReference, isValidId } from '../../core/ids.js';
import { didYouMean } from '../../text/suggestions.js';
import { type Draft, type DraftRoute, inRoute } from '../draft.js';
import { error, type Place, type Problem } from '../problem.js';
import { shownName } from '../yaml/excerpt.js';

/** Checks that each policy is listed once, and that its webhooks are IDs or declared in the file. */
export function checkRoutes(draft: Draft): readonly Problem[] {
  const { routes = [], webhooks } = draft;
  const problems: Problem[] = [];
  const declared = new Set(webhooks.flatMap(({ name }) => name ?? []));
  const seen = new Map<string, Place>();
  for (const route of routes) {
    checkDuplicate(route, seen, problems);
    route.webhooks.forEach((reference, i) => {
      const place = inRoute(route, 'webhooks', i);
      const problem = referenceProblem(reference, { declared, draft, place });
      if (problem) problems.push(problem);
      else if (route.webhooks.indexOf(reference) < i) {
        const message = `${shownName(reference)} is listed twice for this policy`;
        problems.push(error(place, 'duplicate-name', message, 'Remove one of the two.'));
      }
    });
  }
  return problems;
}

function checkDuplicate(route: DraftRoute, seen: Map<string, Place>, problems: Problem[]): void {
  const { name, id } = route;
  if (name === undefined) return;
  const key = id === undefined ? name : `id:${bareId(id)}`;
  const place = inRoute(route, 'name');
  const first = seen.get(key);
  if (!first) {
    seen.set(key, place);
    return;
  }
  const hint = 'List all webhooks of a policy in one entry.';
  problems.push({
    ...error(place, 'duplicate-name', `policy ${shownName(name)} is listed twice`, hint),
    other: { what: 'The first entry is at', place: first },
  });
}

function referenceProblem(
  reference: string,
  {
    declared,
    draft,
    place,
  }: { readonly declared: ReadonlySet<string>; readonly draft: Draft; readonly place: Place },
): Problem | undefined {
  if (reference === '' || declared.has(reference)) return undefined;
  const id = idReference(reference);
  if (id !== undefined) return isValidId(id) ? undefined : badReference('policies', place);
  const message = `no webhook in the file is named ${shownName(reference)}`;
  return error(
    place,
    'unknown-webhook',
    message,
    elsewhere(reference, draft) ?? suggestion(reference, declared),
  );
}

/** Returns a hint if the name occurs elsewhere in the file. */
function elsewhere(reference: string, { webhooks, ignore, absent }: Draft): string | undefined {
  if (isValidId(bareId(reference))) return 'If it is an ID, write "id:" before it.';
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
