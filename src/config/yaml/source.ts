import { isUtf8 } from 'node:buffer';
import { LineCounter } from 'yaml';
import type { Diagnostic } from '../../core/diagnostic.js';

/** A text and its lines, as needed to show a problem in it. */
export type Source = {
  /** As shown in messages: `hookwright.yaml`, `<stdin>`. */
  readonly file: string;
  readonly text: string;
  readonly lines: LineCounter;
};

/** Returns what converts offsets of the text to lines and columns, both starting at 1. */
export function linesOf(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) lines.addNewLine(i + 1);
  return lines;
}

/** The limit for a file: 40,000 webhooks take about 6 MB. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The text of a file, or why it cannot be decoded. Lines and columns start at 1. */
export type DecodedText =
  { readonly text: string } | Pick<Diagnostic, 'code' | 'line' | 'column' | 'message' | 'hint'>;

/** Decodes UTF-8 bytes, without a byte order mark. */
export function decode(bytes: Uint8Array): DecodedText {
  if (bytes.length > MAX_BYTES) {
    const message = `the file is ${Math.round(bytes.length / 1048576)} MB; the limit is 16 MB`;
    const hint = 'Split it into several files and pass their directory.';
    return { code: 'too-large', line: 1, column: 1, message, hint };
  }
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (isUtf16) return notUtf8('the file is UTF-16, not UTF-8', bytes, 0);
  const nul = bytes.indexOf(0);
  if (nul >= 0) return notUtf8('the file contains a NUL byte, so it is not text', bytes, nul);
  if (isUtf8(bytes)) return { text: new TextDecoder().decode(bytes) };
  // Each invalid byte is read as a replacement character.
  const valid = new TextEncoder().encode(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
  const invalid = bytes.findIndex((byte, i) => valid[i] !== byte);
  return notUtf8('the file is not UTF-8: invalid bytes', bytes, invalid);
}

function notUtf8(message: string, bytes: Uint8Array, offset: number): DecodedText {
  const before = new TextDecoder().decode(bytes.subarray(0, offset));
  const { line, col } = linesOf(before).linePos(before.length);
  return { code: 'encoding', line, column: col, message, hint: 'Save the file as UTF-8.' };
}
