import type { DiagnosticCode } from '../../core/diagnostic.js';
import { bareId, idReference, isValidId } from '../../core/ids.js';
import { isReservedName } from '../../core/leftovers.js';
import { groupBy } from '../../core/order.js';
import { hasWildcard } from '../../core/selection.js';
import { templateIn } from '../../text/templates.js';
import { type Draft, type DraftItem, type DraftWebhook, inRoute, inWebhook } from '../draft.js';
import { atValue, error, warning, type Problem, type Place } from '../problem.js';
import { shownName } from '../yaml/excerpt.js';

const hasName = (webhook: DraftWebhook): webhook is DraftWebhook & { readonly name: string } =>
  webhook.name !== undefined;
const placeOfName = (webhook: DraftWebhook): Place => inWebhook(webhook, 'name');

/** Checks that each name and ID has one meaning, and that none contradict each other. */
export function checkNames(draft: Draft): readonly Problem[] {
  const byName = groupBy(draft.webhooks.filter(hasName), ({ name }) => name);
  const problems: Problem[] = [];
  checkDuplicates(byName, problems);
  checkIds(draft, problems);
  checkPreviously(draft, byName, problems);
  checkUnwanted(draft, byName, problems);
  const alike = checkAlike(draft, byName, problems);
  for (const [name, [webhook]] of byName)
    if (webhook && !alike.has(name)) checkForm(name, placeOfName(webhook), problems);
  for (const { text, place } of namesOfEntries(draft)) checkTemplate(text, place, FILL_IN, problems);
  for (const { text, place } of [...draft.ignore, ...draft.absent])
    checkTemplate(text, place, FILL_IN_OR_ID, problems);
  return problems;
}

/** Yields every name in the document except those under `ignore` and `absent`. */
function* namesOfEntries({ label, webhooks, routes = [] }: Draft): Generator<DraftItem> {
  if (label !== undefined) yield { text: label, place: atValue('label') };
  for (const webhook of webhooks) {
    if (webhook.name !== undefined) yield { text: webhook.name, place: placeOfName(webhook) };
    for (const [i, text] of webhook.previously.entries())
      yield { text, place: inWebhook(webhook, 'previously', i) };
  }
  for (const route of routes) {
    if (route.name !== undefined) yield { text: route.name, place: inRoute(route, 'name') };
    for (const [i, text] of route.webhooks.entries()) yield { text, place: inRoute(route, 'webhooks', i) };
  }
}

const FILL_IN = 'Placeholders are not expanded. Fill it in before hookwright reads the file.';
const FILL_IN_OR_ID = `${FILL_IN} If a live webhook really has this name, write "id:ID".`;

function checkTemplate(name: string, place: Place, hint: string, problems: Problem[]): void {
  if (!templateIn(name)) return;
  const message = `the name ${shownName(name)} contains a placeholder`;
  problems.push(error(place, 'placeholder', message, hint));
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
  for (const webhook of draft.webhooks) {
    if (webhook.id === undefined) continue;
    const id = bareId(webhook.id);
    const place = inWebhook(webhook, 'id');
    if (draft.accountIds.length > 1) {
      const hint = 'An ID is the ID of one account only. Give that account a document of its own.';
      problems.push(
        error(place, 'bad-id', 'id: not allowed in a document that describes several accounts', hint),
      );
    }
    const taken = byId.get(id);
    if (!taken) byId.set(id, place);
    else {
      const hint = 'An ID selects one live webhook.';
      const found = error(place, 'duplicate-id', 'two webhooks have this ID', hint);
      problems.push({ ...found, other: { what: 'The first one is at', place: taken } });
    }
  }
  const ignored = checkListedIds('ignore', 'declared-and-ignored', draft.ignore, byId, problems);
  const absent = checkListedIds('absent', 'declared-and-absent', draft.absent, byId, problems);
  for (const [id, place] of ignored) {
    const other = absent.get(id);
    if (!other) continue;
    const message = 'this ID is listed under both "ignore" and "absent"';
    const found = error(place, 'ignored-and-absent', message, 'Remove one of the two.');
    problems.push({ ...found, other: { what: 'It is also at', place: other } });
  }
}

/** Returns the problem of an `id:` in this list that no webhook ID follows. */
export function badReference(list: string, place: Place): Problem {
  const hint = 'After "id:", write 32 hexadecimal digits, with or without dashes.';
  return error(place, 'bad-id', `${list}: not a valid webhook ID`, hint);
}

/** Returns the IDs of a list, without dashes, with their places. */
function checkListedIds(
  list: 'ignore' | 'absent',
  code: DiagnosticCode,
  items: readonly DraftItem[],
  declared: ReadonlyMap<string, Place>,
  problems: Problem[],
): ReadonlyMap<string, Place> {
  const ids = new Map<string, Place>();
  for (const { text, place } of items) {
    const id = idReference(text);
    if (id === undefined) continue;
    ids.set(id, place);
    const pinned = declared.get(id);
    if (!isValidId(id)) problems.push(badReference(list, place));
    else if (pinned) {
      const message = `this ID is listed under both "${list}" and "webhooks"`;
      const found = error(place, code, message, 'Remove one of the two.');
      problems.push({ ...found, other: { what: 'The webhook is at', place: pinned } });
    }
  }
  return ids;
}

function checkPreviously(
  draft: Draft,
  byName: ReadonlyMap<string, readonly DraftWebhook[]>,
  problems: Problem[],
): void {
  const earlier = new Map<string, Place>();
  // If an item is listed twice, the first place is reported.
  const ignoredAt = new Map(draft.ignore.map(({ text, place }) => [text, place] as const).reverse());
  for (const webhook of draft.webhooks) {
    const { previously } = webhook;
    for (let i = 0; i < previously.length; i += 1) {
      const name = previously[i] ?? '';
      if (name === '') continue;
      const place = inWebhook(webhook, 'previously', i);
      const declared = byName.get(name)?.[0];
      const ignored = ignoredAt.get(name);
      if (ignored !== undefined) {
        const message = `the previous name ${shownName(name)} is listed under "ignore", so the webhook would never be renamed`;
        const found = error(place, 'declared-and-ignored', message, 'Remove one of the two.');
        problems.push({ ...found, other: { what: 'It is ignored at', place: ignored } });
      }
      const taken = earlier.get(name);
      if (!taken) earlier.set(name, place);
      if (name === webhook.name) {
        const message = `the previous name ${shownName(name)} is the current name of the same entry`;
        problems.push(error(place, 'duplicate-name', message, 'Remove it from "previously".'));
      } else if (declared) {
        const message = `the previous name ${shownName(name)} is still used by another entry`;
        const isSwap = webhook.name !== undefined && declared.previously.includes(webhook.name);
        const hint = isSwap
          ? 'To swap two names, give both entries their "id" and remove "previously". hookwright status --format json prints the IDs.'
          : 'A name listed under "previously" must no longer be in use.';
        const found = error(place, 'duplicate-name', message, hint);
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
  const absent = new Map(draft.absent.map(({ text, place }) => [text, place] as const));
  const checkDeclared = (list: 'ignore' | 'absent', code: DiagnosticCode): void => {
    for (const { text, place } of draft[list]) {
      const declared = byName.get(text)?.[0];
      if (!declared) continue;
      const message = `${shownName(text)} is listed under both "${list}" and "webhooks"`;
      const found = error(place, code, message, 'Remove one of the two.');
      problems.push({ ...found, other: { what: 'The webhook is at', place: placeOfName(declared) } });
    }
  };
  checkDeclared('ignore', 'declared-and-ignored');
  checkDeclared('absent', 'declared-and-absent');
  for (const { text, place } of draft.ignore) {
    const other = absent.get(text);
    if (text === '' || text.startsWith('id:') || !other) continue;
    const message = `${shownName(text)} is listed under both "ignore" and "absent"`;
    const found = error(place, 'ignored-and-absent', message, 'Remove one of the two.');
    problems.push({ ...found, other: { what: 'It is also at', place: other } });
  }
  for (const list of ['ignore', 'absent'] as const) {
    for (const { text, place } of draft[list]) {
      if (!isValidId(bareId(text))) continue;
      const hint = 'If it is an ID, write "id:" before it.';
      problems.push(warning(place, 'bad-id', `${list}: this is taken as a name`, hint));
    }
  }
  for (const { text, place } of draft.absent) {
    if (!hasWildcard(text)) continue;
    const hint =
      'Names under "absent" are exact, so that every deletion is reviewed; * and ? are literal characters.';
    problems.push(warning(place, 'absent-pattern', 'absent: this is taken as a name', hint));
  }
}

/**
 * Warns of declared names that look alike, and of names under `absent` that look like a declared name. Returns
 * the names with a warning.
 */
function checkAlike(
  draft: Draft,
  byName: ReadonlyMap<string, readonly DraftWebhook[]>,
  problems: Problem[],
): ReadonlySet<string> {
  const seen = new Map<string, { readonly name: string; readonly place: Place }>();
  const alike = new Set<string>();
  const compare = (name: string, place: Place, hint: string): boolean => {
    const other = seen.get(looksOf(name));
    if (!other || other.name === name) return false;
    const message = `${shownName(name)} and ${shownName(other.name)} differ only by case, space or characters that look the same`;
    const only = Array.from(name).find((char) => char > '~' && !other.name.includes(char));
    const whole = only === undefined ? hint : `Only the first one contains ${codePoint(only)}. ${hint}`;
    const found = warning(place, 'name-alike', message, whole);
    problems.push({ ...found, other: { what: 'The other one is at', place: other.place } });
    alike.add(name);
    return true;
  };
  for (const [name, [webhook]] of byName) {
    if (!webhook) continue;
    const place = placeOfName(webhook);
    if (!compare(name, place, 'If they are the same webhook, remove one.'))
      seen.set(looksOf(name), { name, place });
  }
  for (const { text, place } of draft.absent)
    compare(text, place, 'Names under "absent" are exact. Check that this webhook is to be deleted.');
  return alike;
}

function looksOf(name: string): string {
  return unified(name).toLowerCase().replace(/\s+/g, '');
}

/** Cyrillic and Greek letters that look like a Latin one, in lower case. Not complete. */
const LOOK_ALIKES = { foreign: 'авеіјкмнорсѕтухһԁԛԝαβεικνορτυχ', latin: 'abeijkmhopcstyxhdqwabeiknoptux' };

/** The first normalization takes up to 15 ms, because it loads the Unicode tables. ASCII does not need it. */
function unified(name: string): string {
  if (/^[ -~]*$/.test(name)) return name;
  const plain = name.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}/gu, '');
  return plain.toLowerCase().replace(/[\p{Script=Cyrillic}\p{Script=Greek}]/gu, (letter) => {
    const index = LOOK_ALIKES.foreign.indexOf(letter);
    return index < 0 ? letter : LOOK_ALIKES.latin.charAt(index);
  });
}

function codePoint(char: string): string {
  return `U+${Number(char.codePointAt(0)).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Describes an invisible character, or a Cyrillic or Greek letter in a word with Latin letters, if any. */
export function strangeCharacter(text: string): string | undefined {
  if (/^[ -~]*$/.test(text)) return undefined;
  // Joiners and variation selectors are left out: emoji and some scripts need them.
  const invisible = /[\u00ad\u200b\u2060\ufeff]/.exec(text)?.[0];
  if (invisible !== undefined) return `the invisible character ${codePoint(invisible)}`;
  const mixed = (text.match(/[\p{L}\p{M}]+/gu) ?? []).find(
    (word) => /\p{Script=Latin}/u.test(word) && FOREIGN.test(word),
  );
  const letter = mixed === undefined ? undefined : FOREIGN.exec(mixed)?.[0];
  return letter === undefined ? undefined : `${codePoint(letter)} in a word with Latin letters`;
}

const FOREIGN = /[\p{Script=Cyrillic}\p{Script=Greek}]/u;

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
  const strange = strangeCharacter(name);
  if (strange !== undefined) {
    const message = `the name ${shownName(name)} contains ${strange}`;
    const hint =
      'A name that looks the same without it is a different name. Type it again, unless this is intended.';
    problems.push(warning(place, 'name-alike', message, hint));
  }
  if (isReservedName(name)) {
    const message = `the name ${shownName(name)} ends with the marker of an unfinished replacement`;
    const hint = 'hookwright uses such names while it replaces a webhook. Choose a different name.';
    problems.push(error(place, 'reserved-name', message, hint));
  }
}
