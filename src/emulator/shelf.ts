/** How late each kind of change shows, in milliseconds. */
export type Lag = { readonly create: number; readonly update: number; readonly delete: number };

type Change<T> = { readonly kind: keyof Lag; readonly at: number; readonly before: T | undefined };

/**
 * Things by id, in the order in which they came, that can be read as they are and as an API that lags
 * shows them. Things are replaced, never changed in place, so the past stays what it was.
 */
export class Shelf<T> {
  readonly #things = new Map<string, T>();
  readonly #changes = new Map<string, readonly Change<T>[]>();

  /** `remember`: the longest lag that will be asked for, in milliseconds. */
  constructor(
    private readonly now: () => number,
    private readonly remember: number,
  ) {}

  get size(): number {
    return this.#things.size;
  }

  get(id: string): T | undefined {
    return this.#things.get(id);
  }

  values(): T[] {
    return [...this.#things.values()];
  }

  set(id: string, thing: T): void {
    const before = this.#things.get(id);
    this.#note(id, before === undefined ? 'create' : 'update', before);
    this.#things.set(id, thing);
  }

  /** Puts a thing there as if it had always been there. */
  place(id: string, thing: T): void {
    this.#things.set(id, thing);
  }

  delete(id: string): void {
    this.#note(id, 'delete', this.#things.get(id));
    this.#things.delete(id);
  }

  /** The thing as a reader sees it who hears of changes too late. */
  seen(id: string, lag: Lag): T | undefined {
    const now = this.now();
    let thing = this.#things.get(id);
    for (const change of (this.#changes.get(id) ?? []).toReversed()) {
      if (change.at + lag[change.kind] > now) thing = change.before;
    }
    return thing;
  }

  /** All things as that reader sees them. */
  list(lag: Lag): T[] {
    if (this.#changes.size === 0) return this.values();
    const ids = new Set([...this.#things.keys(), ...this.#changes.keys()]);
    return [...ids].map((id) => this.seen(id, lag)).filter((thing) => thing !== undefined);
  }

  #note(id: string, kind: keyof Lag, before: T | undefined): void {
    if (this.remember === 0) return;
    const at = this.now();
    const recent = (this.#changes.get(id) ?? []).filter((change) => change.at + this.remember > at);
    this.#changes.set(id, [...recent, { kind, at, before }]);
  }
}
