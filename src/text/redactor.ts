import { looksRandom } from './looks-random.js';

const HIDDEN = '…';
/** Any part of a secret with this length is hidden; a shorter secret, only as a whole. */
const FRAGMENT = 8;
/** Shorter values are not hidden, because that would make any text unreadable. */
const MIN_SECRET_LENGTH = 4;
/** Enough for base64 in escaped JSON in base64. */
const MAX_NESTING = 2;
const MAX_ESCAPING = 4;

/**
 * Removes secrets from text that comes from elsewhere: messages of the API, of the system, of Git. Such text
 * is redacted where it enters, before it becomes part of anything. Text that hookwright builds itself
 * contains no secret and does not pass through here.
 *
 * It decodes the text instead of encoding the secrets, to find a secret however often and in whatever way it
 * is escaped. Known secrets are hidden regardless of case. Unknown credential URLs and authentication headers
 * are recognized by their form.
 */
export class Redactor {
  readonly #values = new Set<string>();
  readonly #known = new KnownParts();
  /** Values that `#known` does not contain yet: most runs have nothing to redact. */
  #added: string[] = [];

  /** `showUrl`: returns a URL in a form that is safe to show; by default, only scheme and host. */
  constructor(private readonly showUrl: (url: string) => string = schemeAndHost) {}

  /** Adds a secret. The scheme and host of a URL are not secret. */
  add(value: string): void {
    if (value.trim().length < MIN_SECRET_LENGTH || this.#values.has(value)) return;
    this.#values.add(value);
    this.#added.push(value);
  }

  /** Returns the text with `…` in place of every secret. */
  redact(text: string): string {
    if (text === '') return text;
    for (const value of this.#added) this.#known.add(value);
    this.#added = [];
    return maskHeaders(this.#maskUrls(maskKnown(text, this.#known)));
  }

  #maskUrls(text: string): string {
    return text.replace(/https?:(?:\\?\/){2}[^\s"'<>`]+/gi, (run) => {
      let end = run.length;
      // A trailing backslash belongs to what follows: in JSON, to an escaped quote that must not end the
      // string.
      while (end > 0 && '.,;:!?)]}\\'.includes(run.charAt(end - 1))) end -= 1;
      const url = run.slice(0, end).replaceAll('\\/', '/').replaceAll(HIDDEN, PLACEHOLDER);
      return this.showUrl(url).replaceAll(PLACEHOLDER, HIDDEN) + run.slice(end);
    });
  }
}

function schemeAndHost(url: string): string {
  return url.replace(/^(https?:\/\/)(?:[^\\/?#]*@)?([^\\/?#]*)[\\/?#].+$/i, `$1$2/${HIDDEN}`);
}

/** Is left unchanged in every part of a URL, where `…` would be percent-encoded. */
const PLACEHOLDER = 'redacted';

/** No part of these patterns can match the same characters in two ways, so they run in linear time. */
function maskHeaders(text: string): string {
  return text
    .replace(
      /\b(authorization|x-auth-key|cf-webhook-auth)(\\?["']?[ \t]*[:=][ \t]*\\?["']?)((?:bearer|basic)[ \t]+)?[^\s"',;\\]+/gi,
      (_all, name: string, between: string, scheme?: string) => `${name}${between}${scheme ?? ''}${HIDDEN}`,
    )
    .replace(/\b(bearer)[ \t]+[\w.~+/=-]{8,}/gi, (_all, scheme: string) => `${scheme} ${HIDDEN}`);
}

/** The parts of secrets to look for, regardless of case. */
class KnownParts {
  /** Each run of 8 characters in a secret, with a bit for each character that is secret. */
  readonly fragments = new Map<string, number>();
  /** Whole secrets that are shorter, or become shorter when their own escapes are decoded. */
  readonly short = new Set<string>();

  add(value: string): void {
    const url = httpUrl(value);
    if (url) for (const form of new Set([value.trim(), url.href])) this.#addUrl(form);
    else for (const form of new Set([value, value.trim()])) this.#addText(form);
  }

  #addUrl(text: string): void {
    this.#addText(text, openPart(text));
    const url = httpUrl(text);
    const words = [...(url?.pathname.split('/') ?? []), ...(url?.searchParams.values() ?? [])];
    // A short path segment in lower case is a word; with a digit or a capital, it can be a token.
    const tokens = words.filter((word) => /[^a-z_-]/.test(word));
    for (const part of [url?.password ?? '', ...tokens]) if (part.length < FRAGMENT) this.#addText(part);
  }

  /** Adds each form that a decoded text can have, since decoding also decodes the secret's own escapes. */
  #addText(value: string, isOpen: (at: number) => boolean = () => false): void {
    for (let view: View | undefined = viewOf(value), n = 0; view && n <= MAX_ESCAPING; n += 1) {
      const { text, from } = folded(view);
      const secret = from.map((at) => !isOpen(at));
      for (let at = 0; at + FRAGMENT <= text.length; at += 1) {
        const fragment = text.slice(at, at + FRAGMENT);
        const bits = secret.slice(at, at + FRAGMENT).reduce((sum, bit, i) => sum | (bit ? 1 << i : 0), 0);
        if (bits !== 0 && fragment.trim() !== '')
          this.fragments.set(fragment, bits | (this.fragments.get(fragment) ?? 0));
      }
      if (value.length >= MIN_SECRET_LENGTH && text !== '' && text.length < FRAGMENT) this.short.add(text);
      view = unescaped(view);
    }
  }
}

function httpUrl(text: string): URL | undefined {
  try {
    const url = new URL(text.trim());
    return /^https?:$/.test(url.protocol) && url.hostname !== '' ? url : undefined;
  } catch {
    return undefined;
  }
}

/** Returns which characters of a URL are not secret: scheme and host, except labels that look like tokens. */
function openPart(url: string): (at: number) => boolean {
  const [, scheme = '', user = '', host = '', slash = ''] =
    /^(https?:[\\/]*)([^\\/?#]*@)?([^\\/?#]*)([\\/]?)/i.exec(url) ?? [];
  const start = scheme.length + user.length;
  const end = start + host.length + slash.length;
  const closed = new Set<number>();
  for (const { 0: label, index } of host.matchAll(/[^.:]+/g)) {
    if (looksRandom(label)) for (let i = 0; i < label.length; i += 1) closed.add(start + index + i);
  }
  return (at) => (at < scheme.length || (at >= start && at < end)) && !closed.has(at);
}

/** A text and, for each of its UTF-16 units, the range of the original text that it was decoded from. */
type View = { readonly text: string; readonly from: readonly number[]; readonly to: readonly number[] };

class ViewBuilder {
  readonly #parts: string[] = [];
  readonly #from: number[] = [];
  readonly #to: number[] = [];

  add(text: string, from: number, to: number): void {
    this.#parts.push(text);
    this.#from.push(...Array<number>(text.length).fill(from));
    this.#to.push(...Array<number>(text.length).fill(to));
  }

  /** Adds bytes as UTF-8, invalid bytes as Latin-1. `place`: the range of a byte in the original. */
  addBytes(bytes: Uint8Array, place: (index: number) => readonly [from: number, to: number]): void {
    for (let at = 0; at < bytes.length;) {
      const first = bytes[at] ?? 0;
      const size = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 1;
      const part = Buffer.from(bytes.subarray(at, at + size));
      const chars = part.toString('utf8');
      // U+FFFD replaces an invalid byte, but can also be the encoded character itself.
      const valid = size === 1 ? first < 0x80 : !chars.includes('\ufffd') || Buffer.from(chars).equals(part);
      const length = valid ? size : 1;
      this.add(valid ? chars : String.fromCharCode(first), place(at)[0], place(at + length - 1)[1]);
      at += length;
    }
  }

  view(): View {
    return { text: this.#parts.join(''), from: this.#from, to: this.#to };
  }
}

function viewOf(text: string): View {
  const from = Array.from({ length: text.length }, (_, i) => i);
  return { text, from, to: from.map((i) => i + 1) };
}

/** Folds case. `ß` equals `SS`, and a space equals `+`, which forms use for it. */
function folded({ text, from, to }: View): View {
  const builder = new ViewBuilder();
  let at = 0;
  for (const char of text) {
    const fold = char === '+' ? ' ' : char.toUpperCase().toLowerCase();
    builder.add(fold, from[at] ?? 0, to[at + char.length - 1] ?? 0);
    at += char.length;
  }
  return builder.view();
}

const ESCAPES =
  /(?:%[0-9a-f]{2})+|(?:\\x[0-9a-f]{2})+|(?:\\[0-3][0-7]{2})+|\\u\{([0-9a-f]{1,6})\}|\\u([0-9a-f]{4})|\\(["'`\\/bfnrt])|&#x([0-9a-f]{1,6});|&#(\d{1,7});|&(amp|lt|gt|quot|apos);/gi;
const NAMED: Readonly<Record<string, string>> = {
  ...{ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' },
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" },
};

/** Decodes one layer of percent-encoding, escaped bytes, and JSON, JavaScript and HTML escapes; `undefined` if none. */
function unescaped({ text, from, to }: View): View | undefined {
  const builder = new ViewBuilder();
  const copy = (start: number, end: number): void => {
    for (let i = start; i < end; i += 1) builder.add(text.charAt(i), from[i] ?? 0, to[i] ?? 0);
  };
  let done = 0;
  for (const match of text.matchAll(ESCAPES)) {
    const { 0: run, index } = match;
    copy(done, index);
    done = index + run.length;
    if (/^(?:%|\\[x0-3])/i.test(run)) {
      const radix = /^\\\d/.test(run) ? 8 : 16;
      const codes = Array.from(run.matchAll(/[0-9a-f]+/gi), ([digits]) => Number.parseInt(digits, radix));
      const size = run.length / codes.length;
      builder.addBytes(Uint8Array.from(codes), (i) => [
        from[index + i * size] ?? 0,
        to[index + (i + 1) * size - 1] ?? 0,
      ]);
    } else {
      const [, braced, unicode, letter, hexEntity, entity, name] = match;
      const digits = braced ?? unicode ?? hexEntity;
      const code = digits === undefined ? Number(entity) : Number.parseInt(digits, 16);
      const named = letter ?? name?.toLowerCase();
      const chars =
        named === undefined ? String.fromCodePoint(code > 0x10ffff ? 0xfffd : code) : (NAMED[named] ?? named);
      builder.add(chars, from[index] ?? 0, to[done - 1] ?? 0);
    }
  }
  if (done === 0) return undefined;
  copy(done, text.length);
  return builder.view();
}

/** Decodes runs of base64 and of hex digits. A value can begin anywhere in a run: each offset is tried. */
function* encodedRuns({ text, from, to }: View): Generator<View> {
  for (const [pattern, encoding, chars, bytes] of [
    [/[\w+/-]{6,}/g, 'base64', 4, 3],
    [/[0-9a-f]{8,}/gi, 'hex', 2, 1],
  ] as const) {
    for (const { 0: run, index } of text.matchAll(pattern)) {
      for (let start = index; start < index + chars; start += 1) {
        const builder = new ViewBuilder();
        builder.addBytes(Buffer.from(run.slice(start - index), encoding), (i) => [
          from[start + Math.floor((i * chars) / bytes)] ?? 0,
          to[Math.min(start + Math.ceil(((i + 1) * chars) / bytes), index + run.length) - 1] ?? 0,
        ]);
        yield builder.view();
      }
    }
  }
}

function maskKnown(text: string, known: KnownParts): string {
  if (known.fragments.size + known.short.size === 0) return text;
  const hidden = new Uint8Array(text.length);
  search(viewOf(text), known, hidden, 0);
  let shown = '';
  for (let at = 0; at < text.length; at += 1) {
    if (hidden[at] === 0) shown += text.charAt(at);
    else if (at === 0 || hidden[at - 1] === 0) shown += HIDDEN;
  }
  return shown;
}

function search(start: View, known: KnownParts, hidden: Uint8Array, nesting: number): void {
  for (let view: View | undefined = start, n = 0; view && n <= MAX_ESCAPING; n += 1) {
    hideIn(folded(view), known, hidden);
    if (nesting < MAX_NESTING)
      for (const inner of encodedRuns(view)) search(inner, known, hidden, nesting + 1);
    view = unescaped(view);
  }
}

function hideIn({ text, from, to }: View, { fragments, short }: KnownParts, hidden: Uint8Array): void {
  const hide = (at: number): void => void hidden.fill(1, from[at], to[at]);
  for (let at = 0; at < text.length; at += 1) {
    const bits = fragments.get(text.slice(at, at + FRAGMENT)) ?? 0;
    for (let i = 0; i < FRAGMENT; i += 1) if ((bits & (1 << i)) !== 0) hide(at + i);
    for (let size = 1; short.size > 0 && size < FRAGMENT && at + size <= text.length; size += 1) {
      // In the original text it is escaped, or it is long enough.
      const isLong = (to[at + size - 1] ?? 0) - (from[at] ?? 0) >= MIN_SECRET_LENGTH;
      if (isLong && short.has(text.slice(at, at + size))) for (let i = 0; i < size; i += 1) hide(at + i);
    }
  }
}
