import type { DiagnosticCode } from '../../core/diagnostic.js';
import { bareId } from '../../core/ids.js';
import { isReservedName } from '../../core/leftovers.js';
import { groupBy } from '../../core/order.js';
import { hasWildcard } from '../../core/selection.js';
import type { Draft, DraftWebhook } from '../draft.js';
import { atValue, error, warning, type Problem, type Place } from '../problem.js';
import { shownName } from '../yaml/excerpt.js';

const hasName = (webhook: DraftWebhook): webhook is DraftWebhook & { readonly name: string } =>
  webhook.name !== undefined;
const placeOfName = ({ index }: DraftWebhook): Place => atValue('webhooks', index, 'name');

/** Names and ids: each must mean one thing, and none two that exclude each other. */
export function checkNames(draft: Draft): readonly Problem[] {
  const byName = groupBy(draft.webhooks.filter(hasName), ({ name }) => name);
  const problems: Problem[] = [];
  checkDuplicates(byName, problems);
  checkIds(draft, problems);
  checkPreviously(draft, byName, problems);
  checkUnwanted(draft, byName, problems);
  checkAlike(byName, problems);
  for (const [name, [webhook]] of byName) if (webhook) checkForm(name, placeOfName(webhook), problems);
  return problems;
}

function checkDuplicates(byName: ReadonlyMap<string, readonly DraftWebhook[]>, problems: Problem[]): void {
  for (const [name, same] of byName) {
    const [first, ...others] = same;
    if (!first || others.length === 0 || same.every(({ id }) => id !== undefined)) continue;
    const hint =
      'Names identify webhooks, so each must be unique, unless every entry with this name has an "id".';
    for (const webhook of others) {
      problems.push({
        ...error(placeOfName(webhook), 'duplicate-name', `duplicate name ${shownName(name)}`, hint),
        other: { what: 'The first webhook with this name is at', place: placeOfName(first) },
      });
    }
  }
}

function checkIds(draft: Draft, problems: Problem[]): void {
  const byId = new Map<string, Place>();
  for (const { id, index } of draft.webhooks) {
    if (id === undefined) continue;
    const place = atValue('webhooks', index, 'id');
    const taken = byId.get(bareId(id));
    if (!taken) byId.set(bareId(id), place);
    else {
      const found = error(
        place,
        'duplicate-id',
        'two webhooks have this ID',
        'An ID selects one live webhook.',
      );
      problems.push({ ...found, other: { what: 'The first one is at', place: taken } });
    }
  }
  draft.ignore.forEach((item, i) => {
    if (!item.startsWith('id:')) return;
    const place = atValue('ignore', i);
    const pinned = byId.get(bareId(item.slice(3)));
    if (!/^[0-9a-f]{32}$/.test(bareId(item.slice(3)))) {
      const hint = 'After "id:", write 32 hexadecimal digits, with or without dashes.';
      problems.push(error(place, 'bad-id', 'ignore: not a valid webhook ID', hint));
    } else if (pinned) {
      const message = 'this ID is listed under both "ignore" and "webhooks"';
      const found = error(place, 'declared-and-ignored', message, 'Remove one of the two.');
      problems.push({ ...found, other: { what: 'The webhook is at', place: pinned } });
    }
  });
}

function checkPreviously(
  draft: Draft,
  byName: ReadonlyMap<string, readonly DraftWebhook[]>,
  problems: Problem[],
): void {
  const earlier = new Map<string, Place>();
  // Of an item that stands there twice the first place counts.
  const ignoredAt = new Map(draft.ignore.map((item, i) => [item, i] as const).reverse());
  for (const { index, previously } of draft.webhooks) {
    for (let i = 0; i < previously.length; i += 1) {
      const name = previously[i] ?? '';
      if (name === '') continue;
      const place = atValue('webhooks', index, 'previously', i);
      const declared = byName.get(name)?.[0];
      const ignored = ignoredAt.get(name);
      if (ignored !== undefined) {
        const message = `the previous name ${shownName(name)} is listed under "ignore", so the webhook would never be renamed`;
        const found = error(place, 'declared-and-ignored', message, 'Remove one of the two.');
        problems.push({ ...found, other: { what: 'It is ignored at', place: atValue('ignore', ignored) } });
      }
      const taken = earlier.get(name);
      if (!taken) earlier.set(name, place);
      if (declared) {
        const message = `the previous name ${shownName(name)} is still used by another entry`;
        const found = error(
          place,
          'duplicate-name',
          message,
          'A name listed under "previously" must no longer be in use.',
        );
        problems.push({ ...found, other: { what: 'That webhook is at', place: placeOfName(declared) } });
      } else if (taken) {
        const message = `the previous name ${shownName(name)} is listed twice`;
        const found = error(place, 'duplicate-name', message, 'Only one webhook can have had this name.');
        problems.push({ ...found, other: { what: 'The first one is at', place: taken } });
      }
    }
  }
}

function checkUnwanted(
  draft: Draft,
  byName: ReadonlyMap<string, readonly DraftWebhook[]>,
  problems: Problem[],
): void {
  const absent = new Set(draft.absent);
  const checkDeclared = (list: 'ignore' | 'absent', code: DiagnosticCode): void => {
    draft[list].forEach((name, i) => {
      const declared = byName.get(name)?.[0];
      if (!declared) return;
      const message = `${shownName(name)} is listed under both "${list}" and "webhooks"`;
      const found = error(atValue(list, i), code, message, 'Remove one of the two.');
      problems.push({ ...found, other: { what: 'The webhook is at', place: placeOfName(declared) } });
    });
  };
  checkDeclared('ignore', 'declared-and-ignored');
  checkDeclared('absent', 'declared-and-absent');
  draft.ignore.forEach((name, i) => {
    if (name === '' || !absent.has(name)) return;
    const message = `${shownName(name)} is listed under both "ignore" and "absent"`;
    problems.push(error(atValue('ignore', i), 'ignored-and-absent', message, 'Remove one of the two.'));
  });
  draft.absent.forEach((name, i) => {
    if (!hasWildcard(name)) return;
    const hint =
      'Names under "absent" are exact, so that every deletion is reviewed; * and ? are literal characters.';
    problems.push(warning(atValue('absent', i), 'absent-pattern', 'absent: this is taken as a name', hint));
  });
}

function checkAlike(byName: ReadonlyMap<string, readonly DraftWebhook[]>, problems: Problem[]): void {
  const seen = new Map<string, { name: string; webhook: DraftWebhook }>();
  for (const [name, [webhook]] of byName) {
    if (!webhook) continue;
    const key = unified(name).toLowerCase().replace(/\s+/g, '');
    const other = seen.get(key);
    if (!other) seen.set(key, { name, webhook });
    else {
      const message = `${shownName(name)} and ${shownName(other.name)} differ only by case, space or Unicode form`;
      const found = warning(
        placeOfName(webhook),
        'name-alike',
        message,
        'If they are the same webhook, remove one.',
      );
      problems.push({ ...found, other: { what: 'The other one is at', place: placeOfName(other.webhook) } });
    }
  }
}

/** To normalise the first text takes up to 15 ms: the Unicode tables are read for it. ASCII is normal already. */
function unified(name: string): string {
  return /^[ -~]*$/.test(name) ? name : name.normalize('NFKC');
}

function checkForm(name: string, place: Place, problems: Problem[]): void {
  if (name !== name.trim()) {
    const message = `the name ${shownName(name)} starts or ends with a space`;
    problems.push(
      warning(
        place,
        'name-space',
        message,
        'Remove the space unless it is intended; Cloudflare may keep it.',
      ),
    );
  }
  if (isReservedName(name)) {
    const message = `the name ${shownName(name)} ends with the marker of an unfinished replacement`;
    const hint = 'hookwright uses such names while it replaces a webhook. Choose a different name.';
    problems.push(error(place, 'reserved-name', message, hint));
  }
}
