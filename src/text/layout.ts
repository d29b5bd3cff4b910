import stringWidth from 'string-width';
import { forTerminal } from './untrusted.js';

/** Returns a name in double quotes, for a terminal. */
export function quote(name: string): string {
  return `"${forTerminal(name).replaceAll('"', '\\"')}"`;
}

/** Returns a word as it is typed in a shell, in quotes if it needs them. */
export function shellWord(text: string): string {
  return /^[\w./:@=-]+$/.test(text) ? text : singleQuoted(text);
}

/** Returns the text in quotes, so that a shell reads it as one word and runs nothing in it. */
export function shellQuoted(text: string): string {
  // bash and zsh read the escapes of what cannot be shown.
  if (forTerminal(text) !== text) return `$'${forTerminal(text.replace(/[\\']/g, String.raw`\$&`))}'`;
  return /[$`\\!"']/.test(text) ? singleQuoted(text) : `"${text}"`;
}

function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** What `text/style.ts` puts around text. */
const ESCAPE = '\u001b';
const STYLES = new RegExp(`${ESCAPE}\\[[\\d;]*m`, 'g');

/** Returns how many columns of a terminal the text takes, without escape sequences. */
export function columns(text: string): number {
  const shown = text.replace(STYLES, '');
  // Loading the widths of all other characters takes 12 ms.
  return /^[ -~]*$/.test(shown) ? shown.length : stringWidth(shown);
}

/** A command after a colon, to the end of its sentence; or a line of flags. */
const COMMAND =
  /(?<=: )(?<!\b(?:Error|Warning|Note): )(?:hookwright|export|git|sops|cd) (?:'[^']*'|"[^"]*"|[^])+?(?=(?<=[\w"'])[.;)](?: |$)|$)|^--.+$/g;
/** Flags to pass, with values in quotes, as {@link shellQuoted} writes them. */
const FLAGS =
  /(?<=\b(?:pass|with|apply|name:))(?: --[\w-]{1,20} (?:"[^"]*"|\$'(?:\\.|[^'\\])*'|'[^']*'(?:\\''[^']*')*))+/g;
/** A name or YAML in quotes, a flag with such a value, a mapping as `secret: { env: NAME }`, or a list. */
const QUOTED =
  /(?:--[\w-]{1,20} )?"(?:\\.|[^"\\]){0,120}"|(?:\b\w{1,20}: )?\{ [^{}]{1,120} \}|\b\w{1,20}: \[[^[\]]{1,120}\]/g;
/** Stands for a space that stays; {@link forTerminal} leaves none in a text. */
const KEPT = '\0';

/** Splits the text at spaces, but not within a command or a short quotation, so that they can be copied. */
function words(text: string, width: number): readonly string[] {
  const keep = (part: string): string => part.replaceAll(' ', KEPT);
  return text
    .replace(COMMAND, keep)
    .replace(FLAGS, (flags) => ` ${keep(flags.slice(1))}`)
    .replace(QUOTED, (part) => (columns(part) <= width ? keep(part) : part))
    .split(' ')
    .map((word) => word.replaceAll(KEPT, ' '));
}

/**
 * Breaks the text at spaces so that each line, including its indent, fits `width` where words allow it. It
 * never breaks a word or a command, so that URLs, IDs and commands can be copied.
 */
export function wrap(text: string, width: number, indent = '', first = indent): string {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of words(text, width - columns(indent))) {
    if (!empty && columns(line) + 1 + columns(word) > width) {
      lines.push(line);
      line = indent;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line].join('\n');
}

/** Breaks lines that are too wide between words. Their rest keeps the indent; without one, it gets one. */
export function fold(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => {
      if (columns(line) <= width) return line;
      const indent = /^ */.exec(line)?.[0] ?? '';
      return wrap(line.slice(indent.length), width, indent || '  ', indent);
    })
    .join('\n');
}

/** Returns `1 webhook`, `2 webhooks`, `3 policies`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** Returns the names as a short list; `show` makes each safe for its format. */
export function nameList<T>(names: readonly T[], show: (name: T) => string, most = 20): string {
  const shown = names.slice(0, most).map(show).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

/**
 * Truncates the text, as {@link forTerminal} shows it, to `most` characters, so that one name cannot fill a
 * page.
 */
export function clip(text: string, most: number): string {
  const shown = forTerminal(text.slice(0, most * 4));
  const chars = Array.from(shown.slice(0, most * 2));
  if (chars.length <= most && shown.length <= most * 2 && text.length <= most * 4) return shown;
  return `${chars.slice(0, most - 1).join('')}…`;
}

/** Returns the longest start of the text that takes at most `width` columns. */
export function fitting(text: string, width: number): string {
  let kept = '';
  let used = 0;
  for (const char of text) {
    used += columns(char);
    if (used > width) break;
    kept += char;
  }
  return kept;
}

/** Truncates the text to `width` columns of a terminal. */
export function truncated(text: string, width: number): string {
  return columns(text) <= width ? text : `${fitting(text, width - 1)}…`;
}

/** Returns `Waiting 12 s for Cloudflare's rate limit…`. */
export function waitingText(milliseconds: number): string {
  return `Waiting ${Math.ceil(milliseconds / 1000)} s for Cloudflare's rate limit…`;
}
