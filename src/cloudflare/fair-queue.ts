/** First come, first served within a key; the keys take turns. */
export class FairQueue<T> {
  readonly #lines = new Map<string, T[]>();

  get isEmpty(): boolean {
    return this.#lines.size === 0;
  }

  push(key: string, item: T): void {
    const line = this.#lines.get(key);
    if (line) line.push(item);
    else this.#lines.set(key, [item]);
  }

  shift(): T | undefined {
    for (const [key, line] of this.#lines) {
      const item = line.shift();
      // To the end of the round.
      this.#lines.delete(key);
      if (line.length > 0) this.#lines.set(key, line);
      return item;
    }
    return undefined;
  }

  remove(key: string, item: T): void {
    const line = this.#lines.get(key)?.filter((other) => other !== item) ?? [];
    if (line.length > 0) this.#lines.set(key, line);
    else this.#lines.delete(key);
  }
}
