import { LineIndex } from './line-index.js';

/** A text with a place in it: what a fault needs to become a message. */
export type Source = {
  /** As in messages: `hookwright.yaml`, `<stdin>`. */
  readonly file: string;
  readonly text: string;
  /** Made at the first fault. */
  readonly lines: () => LineIndex;
};

/** A source whose lines are looked for only if asked for. */
export function sourceOf(file: string, text: string): Source {
  let lines: LineIndex | undefined;
  return { file, text, lines: () => (lines ??= new LineIndex(text)) };
}
