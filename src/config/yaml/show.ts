import { displayUrl, looksRandom, parseUrl } from '../../core/urls.js';

/** Stands for what is not shown. */
export const HIDDEN = '…';

const LONGEST = 80;

/** A name for a message, in quotes. What looks like a token is not shown: names are pasted wrongly, too. */
export function shownName(name: string): string {
  const text = showable(name) ? name : HIDDEN;
  return `"${text.length > LONGEST ? `${text.slice(0, LONGEST)}${HIDDEN}` : text}"`;
}

/** A key for a message, in quotes. */
export function shownKey(key: string): string {
  return `"${showableKey(key) ? key : HIDDEN}"`;
}

/** May a text that stands where no secret belongs (a name, a path) be shown? */
export function showable(text: string): boolean {
  if (text.length < 16) return true;
  if (text.includes('://')) return false;
  return !text.split(/\s+/).some(looksRandom) && !text.split(/[\s/\\,;=@"']+/).some(looksRandom);
}

/** May an unknown key be shown? Letters only: a pasted token has digits, or is longer. */
export function showableKey(key: string): boolean {
  return /^(?:[A-Za-z_$<][A-Za-z_$<-]{0,23}|[a-z]+[12])$/.test(key) && !looksRandom(key);
}

/** May the text be shown where the name of an environment variable belongs? */
export function showableEnv(text: string): boolean {
  return /^[A-Z_][A-Z0-9_]*$/.test(text) && !looksRandom(text);
}

/** The url as it may be shown; what is no http url is hidden whole. */
export function shownUrl(text: string): string {
  const url = parseUrl(text);
  if (!url || !/^https?:$/.test(url.protocol)) return HIDDEN;
  const shown = displayUrl(text);
  return shown.length > LONGEST * 2 ? `${shown.slice(0, LONGEST * 2)}${HIDDEN}` : shown;
}
