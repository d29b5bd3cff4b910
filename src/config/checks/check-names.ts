import { bareId, idReference, isValidId } from '../../core/ids.js';
import { isReservedName } from '../../core/leftovers.js';
import { groupBy } from '../../core/order.js';
import { hasWildcard } from '../../core/selection.js';
import { templateIn } from '../../text/templates.js';
import { type Draft, type DraftItem, type DraftWebhook, placeIn } from '../draft.js';
import { atValue, error, warning, type Problem, type Place } from '../problem.js';
import { shownName } from '../yaml/excerpt.js';

type Grouped = ReadonlyMap<string, readonly DraftWebhook[]>;

const placeOfName = (webhook: DraftWebhook): Place => placeIn(webhook, 'name');

/** Checks that each name and ID has one meaning, and that none contradict each other. */
export function* checkNames(draft: Draft): Generator<Problem> {
  const byName = groupBy(
    draft.webhooks.filter(({ name }) => name !== undefined),
    ({ name = '' }) => name,
  );
  const byId = groupBy(
    draft.webhooks.filter(({ id }) => id !== undefined),
    ({ id = '' }) => id,
  );
  yield* checkDuplicates(byName);
  yield* checkIds(draft, byId);
  yield* checkPreviously(draft, byName);
  yield* checkLists(draft, byName, byId);
  yield* checkSpelling(draft, byName);
  yield* checkTemplates(namesOfEntries(draft), FILL_IN);
  yield* checkTemplates([...draft.ignore, ...draft.absent], FILL_IN_OR_ID);
}

/** Yields every name in the document except those under `ignore` and `absent`. */
function* namesOfEntries({ label, webhooks, routes = [] }: Draft): Generator<DraftItem> {
  if (label !== undefined) yield { text: label, place: atValue('label') };
  for (const webhook of webhooks) {
    if (webhook.name !== undefined) yield { text: webhook.name, place: placeOfName(webhook) };
    for (const [i, text] of webhook.previously.entries())
      yield { text, place: placeIn(webhook, 'previously', i) };
  }
  for (const route of routes) {
    if (route.name !== undefined) yield { text: route.name, place: placeIn(route, 'name') };
    for (const [i, text] of route.webhooks.entries()) yield { text, place: placeIn(route, 'webhooks', i) };
  }
}

const FILL_IN = 'Placeholders are not expanded. Fill it in before hookwright reads the file.';
const FILL_IN_OR_ID = `${FILL_IN} If a live webhook really has this name, write "id:ID".`;

function* checkTemplates(names: Iterable<DraftItem>, hint: string): Generator<Problem> {
  for (const { text, place } of names) {
    if (!templateIn(text)) continue;
    yield error(place, 'placeholder', `the name ${shownName(text)} contains a placeholder`, hint);
  }
}

function* checkDuplicates(byName: Grouped): Generator<Problem> {
  for (const [name, same] of byName) {
    const [first, ...others] = same;
    if (!first || others.length === 0 || same.every(({ id }) => id !== undefined)) continue;
    const hint =
      'Names identify webhooks, so each must be unique, unless every entry with this name has an "id".';
    const other = { what: 'The first webhook with this name is at', place: placeOfName(first) };
    for (const webhook of others)
      yield error(placeOfName(webhook), 'duplicate-name', `duplicate name ${shownName(name)}`, hint, other);
  }
}

function* checkIds({ part, accountIds, webhooks, routes = [] }: Draft, byId: Grouped): Generator<Problem> {
  if (accountIds.length > 1) {
    const message = 'id: not allowed in a document that describes several accounts';
    const hint = 'An ID is the ID of one account only. Give that account a document of its own.';
    const other = { what: 'They are at', place: { ...atValue('account_id'), part } };
    for (const entry of [...webhooks, ...routes])
      if (entry.id !== undefined) yield error(placeIn(entry, 'id'), 'bad-id', message, hint, other);
  }
  for (const [first, ...others] of byId.values()) {
    if (!first) continue;
    const other = { what: 'The first one is at', place: placeIn(first, 'id') };
    const [message, hint] = ['two webhooks have this ID', 'An ID selects one live webhook.'];
    for (const webhook of others) yield error(placeIn(webhook, 'id'), 'duplicate-id', message, hint, other);
  }
}

/** Returns the problem of an `id:` in this list that no webhook ID follows. */
export function badReference(list: string, place: Place): Problem {
  const hint = 'After "id:", write 32 hexadecimal digits, with or without dashes.';
  return error(place, 'bad-id', `${list}: not a valid webhook ID`, hint);
}

export const WRITE_ID = 'If it is an ID, write "id:" before it.';
const REMOVE_ONE = 'Remove one of the two.';

function* checkPreviously(draft: Draft, byName: Grouped): Generator<Problem> {
  const earlier = new Map<string, Place>();
  // If an item is listed twice, the first place is reported.
  const ignoredAt = new Map(draft.ignore.map(({ text, place }) => [text, place] as const).reverse());
  for (const webhook of draft.webhooks) {
    for (const [i, name] of webhook.previously.entries()) {
      if (name === '') continue;
      const place = placeIn(webhook, 'previously', i);
      const declared = byName.get(name)?.[0];
      const ignored = ignoredAt.get(name);
      const previous = `the previous name ${shownName(name)}`;
      if (ignored !== undefined) {
        const message = `${previous} is listed under "ignore", so the webhook would never be renamed`;
        const other = { what: 'It is ignored at', place: ignored };
        yield error(place, 'declared-and-ignored', message, REMOVE_ONE, other);
      }
      const taken = earlier.get(name);
      if (!taken) earlier.set(name, place);
      if (name === webhook.name) {
        const message = `${previous} is the current name of the same entry`;
        yield error(place, 'duplicate-name', message, 'Remove it from "previously".');
      } else if (declared) {
        const isSwap = webhook.name !== undefined && declared.previously.includes(webhook.name);
        const hint = isSwap
          ? 'To swap two names, give both entries their "id" and remove "previously". hookwright status --format json prints the IDs.'
          : 'A name listed under "previously" must no longer be in use.';
        const other = { what: 'That webhook is at', place: placeOfName(declared) };
        yield error(place, 'duplicate-name', `${previous} is still used by another entry`, hint, other);
      } else if (taken) {
        const hint = 'Only one webhook can have had this name.';
        const other = { what: 'The first one is at', place: taken };
        yield error(place, 'duplicate-name', `${previous} is listed twice`, hint, other);
      }
    }
  }
}

/** Checks the names and IDs under `ignore` and `absent`. */
function* checkLists(draft: Draft, byName: Grouped, byId: Grouped): Generator<Problem> {
  const keyOf = (text: string): string => (text.startsWith('id:') ? bareId(text) : text);
  const absent = new Map(draft.absent.map(({ text, place }) => [keyOf(text), place] as const));
  for (const list of ['ignore', 'absent'] as const) {
    for (const { text, place } of draft[list]) {
      const id = idReference(text);
      if (id !== undefined && !isValidId(id)) {
        yield badReference(list, place);
        continue;
      }
      const what = id === undefined ? shownName(text) : 'this ID';
      const [declared] = (id === undefined ? byName.get(text) : byId.get(id)) ?? [];
      if (declared) {
        const code = list === 'ignore' ? 'declared-and-ignored' : 'declared-and-absent';
        const at = placeIn(declared, id === undefined ? 'name' : 'id');
        const other = { what: 'The webhook is at', place: at };
        yield error(place, code, `${what} is listed under both "${list}" and "webhooks"`, REMOVE_ONE, other);
      }
      const alsoAbsent = list === 'ignore' && text !== '' ? absent.get(keyOf(text)) : undefined;
      if (alsoAbsent) {
        const message = `${what} is listed under both "ignore" and "absent"`;
        const other = { what: 'It is also at', place: alsoAbsent };
        yield error(place, 'ignored-and-absent', message, REMOVE_ONE, other);
      }
      if (isValidId(bareId(text)))
        yield warning(place, 'bad-id', `${list}: this is taken as a name`, WRITE_ID);
      if (list === 'absent' && hasWildcard(text)) {
        const hint =
          'Names under "absent" are exact, so that every deletion is reviewed; * and ? are literal characters.';
        yield warning(place, 'absent-pattern', 'absent: this is taken as a name', hint);
      }
    }
  }
}

/** Checks the form of declared names, or warns that they look like another; so can a name under `absent`. */
function* checkSpelling(draft: Draft, byName: Grouped): Generator<Problem> {
  const seen = new Map<string, DraftWebhook>();
  const alike = (name: string, place: Place, other: DraftWebhook, hint: string): Problem => {
    const { name: first = '' } = other;
    const message = `${shownName(name)} and ${shownName(first)} differ only by case, space or characters that look the same`;
    const only = Array.from(name).find((char) => char > '~' && !first.includes(char));
    const whole = only === undefined ? hint : `Only the first one contains ${codePoint(only)}. ${hint}`;
    return warning(place, 'name-alike', message, whole, {
      what: 'The other one is at',
      place: placeOfName(other),
    });
  };
  for (const [name, [webhook]] of byName) {
    if (!webhook) continue;
    const looks = looksOf(name);
    const first = seen.get(looks);
    const hint =
      'If they are the same webhook, remove one; if it was renamed, list its old name under "previously".';
    if (first) yield alike(name, placeOfName(webhook), first, hint);
    else {
      seen.set(looks, webhook);
      yield* checkForm(name, placeOfName(webhook));
    }
  }
  for (const { text, place } of draft.absent) {
    const first = seen.get(looksOf(text));
    const hint = 'Names under "absent" are exact. Check that this webhook is to be deleted.';
    if (first && first.name !== text) yield alike(text, place, first, hint);
  }
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
  return plain.toLowerCase().replace(FOREIGN_LETTERS, (letter) => {
    const index = LOOK_ALIKES.foreign.indexOf(letter);
    return index < 0 ? letter : LOOK_ALIKES.latin.charAt(index);
  });
}

function codePoint(char: string): string {
  return `U+${Number(char.codePointAt(0)).toString(16).toUpperCase().padStart(4, '0')}`;
}

const FOREIGN = /[\p{Script=Cyrillic}\p{Script=Greek}]/u;
const FOREIGN_LETTERS = new RegExp(FOREIGN, 'gu');

/** Describes an invisible character, or a Cyrillic or Greek letter in a word with Latin letters, if any. */
export function strangeCharacter(text: string): string | undefined {
  if (/^[ -~]*$/.test(text)) return undefined;
  // Joiners and variation selectors are left out: emoji and some scripts need them.
  const invisible = /[\u00ad\u200b\u2060\ufeff]/.exec(text)?.[0];
  if (invisible !== undefined) return `the invisible character ${codePoint(invisible)}`;
  const words: readonly string[] = text.match(/[\p{L}\p{M}]+/gu) ?? [];
  const mixed = words.find((word) => /\p{Script=Latin}/u.test(word) && FOREIGN.test(word));
  const letter = FOREIGN.exec(mixed ?? '')?.[0];
  return letter === undefined ? undefined : `${codePoint(letter)} in a word with Latin letters`;
}

function* checkForm(name: string, place: Place): Generator<Problem> {
  const strange = strangeCharacter(name);
  if (strange !== undefined) {
    const message = `the name ${shownName(name)} contains ${strange}`;
    const hint =
      'A name that looks the same without it is a different name. Type it again, unless this is intended.';
    yield warning(place, 'name-alike', message, hint);
  }
  if (name !== name.trim()) {
    const message = `the name ${shownName(name)} starts or ends with a space`;
    const hint = 'Remove the space unless it is intended; Cloudflare may keep it.';
    yield warning(place, 'name-space', message, hint);
  }
  if (isReservedName(name)) {
    const message = `the name ${shownName(name)} ends with the marker of an unfinished replacement`;
    const hint = 'hookwright uses such names while it replaces a webhook. Choose a different name.';
    yield error(place, 'reserved-name', message, hint);
  }
}
