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

/** Offsets as lines and columns, both from 1. */
export class LineIndex {
  readonly #starts: number[] = [0];

  constructor(text: string) {
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) this.#starts.push(i + 1);
  }

  at(offset: number): { readonly line: number; readonly column: number; readonly start: number } {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const start = this.#starts[low] ?? 0;
    return { line: low + 1, column: offset - start + 1, start };
  }
}
