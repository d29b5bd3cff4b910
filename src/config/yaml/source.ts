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
export type Decoded =
  { readonly text: string } | Pick<Diagnostic, 'code' | 'line' | 'column' | 'message' | 'hint'>;

const ENCODING_HINT = 'Save the file as UTF-8.';

/** Decodes UTF-8 bytes, without a byte order mark. */
export function decode(bytes: Uint8Array): Decoded {
  if (bytes.length > MAX_BYTES) {
    const message = `the file is ${Math.round(bytes.length / 1048576)} MB; the limit is 16 MB`;
    return bad('too-large', message, 'Split it into several files and pass their directory.');
  }
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (utf16) return bad('encoding', 'the file is UTF-16, not UTF-8', ENCODING_HINT);
  const nul = bytes.indexOf(0);
  if (nul >= 0) {
    const message = 'the file contains a NUL byte, so it is not text';
    return bad('encoding', message, ENCODING_HINT, placeOf(bytes, nul));
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    // Each invalid byte is read as a replacement character.
    const valid = new TextEncoder().encode(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
    const invalid = bytes.findIndex((byte, i) => valid[i] !== byte);
    const message = 'the file is not UTF-8: invalid bytes';
    return bad('encoding', message, ENCODING_HINT, placeOf(bytes, invalid));
  }
}

function bad(
  code: 'too-large' | 'encoding',
  message: string,
  hint: string,
  place = { line: 1, column: 1 },
): Decoded {
  return { code, ...place, message, hint };
}

function placeOf(bytes: Uint8Array, offset: number): { line: number; column: number } {
  const before = new TextDecoder().decode(bytes.subarray(0, offset));
  const { line, col } = linesOf(before).linePos(before.length);
  return { line, column: col };
}
