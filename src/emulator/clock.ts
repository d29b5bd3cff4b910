import type { Quirks } from './quirks.js';

/** A day in the life of a recorded answer: what is seeded is older than whatever a test creates. */
const SEEDED_FROM = Date.parse('2025-03-12T17:31:52.000Z');

/**
 * Timestamps as Cloudflare writes them: microseconds, trailing zeros left out, so the number of digits
 * varies (`2025-03-12T17:31:52.88075Z`). No two are equal unless fewer digits are asked for.
 */
export class Stamps {
  #last = 0;
  #count = 0;
  #seeded = 0;

  constructor(
    readonly now: () => number,
    private readonly digits: Quirks['created-digits'],
  ) {}

  next(): string {
    this.#count += 1;
    const micros = this.now() * 1000 + ((this.#count * 370) % 1000);
    this.#last = Math.max(this.#last + 1, micros);
    return this.#write(this.#last);
  }

  /** Each a bit over a minute after the one before, in the past. */
  seeded(): string {
    this.#seeded += 1;
    return this.#write(SEEDED_FROM * 1000 + this.#seeded * 60_880_750);
  }

  #write(micros: number): string {
    const seconds = new Date(Math.floor(micros / 1000)).toISOString().slice(0, 19);
    const fraction = String(micros % 1_000_000).padStart(6, '0');
    const shown =
      this.digits === 'varied' ? fraction.replace(/0+$/, '') : fraction.slice(0, Number(this.digits));
    return shown === '' ? `${seconds}Z` : `${seconds}.${shown}Z`;
  }
}
