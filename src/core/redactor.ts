import { revealed, type Secret } from './secret.js';
import { displayUrl, hidesCredential, parseUrl, urlCredential } from './urls.js';

const HIDDEN = '…';
/** Shorter values would mask half of every sentence; nobody's secret is that short by intent. */
const SHORTEST = 4;
/** A tail of a url like `/hook` is no secret by itself. */
const SHORTEST_URL_PART = 8;

/**
 * Takes known secrets out of text, in any usual encoding, together with whatever looks like a credential url
 * or an authentication header. One instance per run knows that run's secrets; there is no global one.
 */
export class Redactor {
  /** Every known form under its first characters, the longest first: one look-up per position of a text. */
  readonly #known = new Map<string, string[]>();
  readonly #added = new Set<string>();

  /**
   * Makes a value known, with its encoded forms; of a whole url also the path with its query and the credential in it.
   * Values of 1 to 3 characters, and blanks, are left out: masking them would make any text unreadable.
   */
  add(secret: Secret | string): void {
    const value = revealed(secret);
    for (const part of [value, ...urlParts(value)]) {
      this.#addValue(part);
      this.#addValue(part.trim());
    }
  }

  /** The text with `…` in place of every secret. Takes time in proportion to the text. */
  redact(text: string): string {
    return this.#maskKnown(maskHeaders(maskUrls(this.#maskKnown(text))));
  }

  #addValue(value: string): void {
    if (value.trim().length < SHORTEST || this.#added.has(value)) return;
    this.#added.add(value);
    for (const form of new Set(encodedForms(value))) {
      if (form.length < SHORTEST) continue;
      const start = form.slice(0, SHORTEST);
      const others = this.#known.get(start);
      if (!others) this.#known.set(start, [form]);
      else if (!others.includes(form)) others.splice(placeOf(form, others), 0, form);
    }
  }

  /** Overlapping hits are masked as one, so that no rest of the second one stays behind. */
  #maskKnown(text: string): string {
    if (this.#known.size === 0) return text;
    let shown = '';
    let end = 0;
    for (let at = 0; at + SHORTEST <= text.length; at += 1) {
      const forms = this.#known.get(text.slice(at, at + SHORTEST));
      const hit = forms?.find((form) => text.startsWith(form, at));
      if (hit === undefined) continue;
      if (at >= end) shown += text.slice(end, at) + HIDDEN;
      end = Math.max(end, at + hit.length);
    }
    return shown + text.slice(end);
  }
}

function placeOf(form: string, others: readonly string[]): number {
  const place = others.findIndex((other) => other.length < form.length);
  return place < 0 ? others.length : place;
}

/** What of a url is a secret where the whole url is one. */
function urlParts(value: string): string[] {
  const url = parseUrl(value.trim());
  if (!url || !/^https?:$/.test(url.protocol)) return [];
  const rest = url.pathname.slice(1) + url.search + url.hash;
  const long = [rest, url.search.slice(1), url.hash.slice(1), ...url.searchParams.values()];
  // `webhooks` in a path is a word that messages need.
  const odd = url.pathname
    .split('/')
    .filter((part) => part.length >= SHORTEST_URL_PART && /[^a-z_-]/.test(part));
  const credential = urlCredential(value)?.credential ?? '';
  const parts = [...long.filter((part) => part.length >= SHORTEST_URL_PART), ...odd];
  return [url.href, ...parts, credential, url.password];
}

function encodedForms(value: string): string[] {
  return [
    value,
    ...base64Forms(Buffer.from(value, 'utf8')),
    ...percentForms(value),
    ...jsonForms(value),
    ...htmlForms(value),
  ];
}

/**
 * A value inside a longer base64 text can start at three alignments. Characters that depend on what stands
 * before or after the value are left off; at the end of a text the last ones depend on the value alone.
 */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const all = Buffer.concat([Buffer.alloc(before), bytes]);
    const padded = all.toString('base64').slice(before === 0 ? 0 : before + 1);
    const bare = padded.replaceAll('=', '');
    const certain = all.length % 3 === 0 ? bare : bare.slice(0, -1);
    const forms = [padded, bare, certain];
    return [...forms, ...forms.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))];
  });
}

function percentForms(value: string): string[] {
  // A lone surrogate would make encodeURIComponent throw.
  const bytes = Buffer.from(value, 'utf8');
  const text = bytes.toString('utf8');
  const component = encodeURIComponent(text);
  const strict = component.replace(/[!'()*]/g, (char) => `%${hex(char.charCodeAt(0), 2).toUpperCase()}`);
  const form = new URLSearchParams({ v: text }).toString().slice(2);
  const every = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  const url = new URL('http://h/');
  url.pathname = `/${text}`;
  url.search = text;
  url.password = text;
  const forms = [component, strict, form, encodeURI(text), every.toUpperCase()];
  const inUrl = [url.pathname.slice(1), url.search.slice(1), url.password];
  return [...forms, ...inUrl].flatMap((upper) => [
    upper,
    upper.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  ]);
}

/** What JSON writers of several languages escape beyond need: nothing, what HTML minds, all but ASCII, everything. */
const ESCAPED = [/(?!)/, /[<>&]/, /[<>&'+]/, /[^\0-~]/u, /[<>&]|[^\0-~]/u, /[<>&'+]|[^\0-~]/u, /[^]/u];

function jsonForms(value: string): string[] {
  const chars = Array.from(value);
  return ESCAPED.flatMap((escaped) =>
    [(digits: string) => digits, (digits: string) => digits.toUpperCase()].flatMap((casing) => {
      const code = (char: string): string =>
        Array.from({ length: char.length }, (_, at) => `\\u${casing(hex(char.charCodeAt(at), 4))}`).join('');
      const form = chars
        .map((char) => {
          const plain = JSON.stringify(char).slice(1, -1);
          return plain.startsWith('\\u') || escaped.test(char) ? code(char) : plain;
        })
        .join('');
      return [form, form.replaceAll('/', '\\/')];
    }),
  );
}

function htmlForms(value: string): string[] {
  const tags = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const forms = [tags];
  for (const quote of ['"', '&quot;', '&#34;', '&#x22;']) {
    for (const apostrophe of ["'", '&#39;', '&#039;', '&#x27;', '&apos;']) {
      for (const slash of ['/', '&#x2F;', '&#47;']) {
        forms.push(tags.replaceAll('"', quote).replaceAll("'", apostrophe).replaceAll('/', slash));
      }
    }
  }
  return forms;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

/** Survives every part of a url, where `…` would be percent-encoded. */
const REDACTED_PLACEHOLDER = 'redacted';

function maskUrls(text: string): string {
  return text.replace(/https?:(?:\\?\/){2}[^\s"'<>`]+/gi, (run) => {
    let end = run.length;
    // A backslash at the end belongs to what follows: in JSON, to the quote that must not end the string.
    while (end > 0 && '.,;:!?)]}\\'.includes(run.charAt(end - 1))) end -= 1;
    const url = run.slice(0, end).replaceAll('\\/', '/').replaceAll(HIDDEN, REDACTED_PLACEHOLDER);
    if (!hidesCredential(url)) return run;
    return displayUrl(url).replaceAll(REDACTED_PLACEHOLDER, HIDDEN) + run.slice(end);
  });
}

/** No part of these patterns can match the same characters in two ways, so they take linear time. */
function maskHeaders(text: string): string {
  return text
    .replace(
      /\b(authorization|x-auth-key|cf-webhook-auth)(\\?["']?[ \t]*[:=][ \t]*\\?["']?)((?:bearer|basic)[ \t]+)?[^\s"',;\\]+/gi,
      (_all, name: string, between: string, scheme?: string) => `${name}${between}${scheme ?? ''}${HIDDEN}`,
    )
    .replace(/\b(bearer)[ \t]+[\w.~+/=-]{8,}/gi, (_all, scheme: string) => `${scheme} ${HIDDEN}`);
}
