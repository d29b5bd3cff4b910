const SHOWN = '(sensitive)';

/**
 * A value that must never be printed. Every conversion to text returns `(sensitive)`. Only {@link
 * Secret.reveal} returns the value: to send it, to compare it, or to redact it.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return SHOWN;
  }
}

/** Unwraps a value that may be a Secret. For requests, comparisons and the redactor; never for output. */
export function revealed(value: string | Secret): string {
  return value instanceof Secret ? value.reveal() : value;
}
