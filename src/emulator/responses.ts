/** An error as the API writes it. Errors about webhooks often have no code. */
export type ApiError = {
  readonly code?: number;
  readonly message: string;
  readonly error_chain?: readonly ApiError[];
};

/** The frame around every answer of Cloudflare's API. */
type Envelope = {
  readonly success: boolean;
  readonly errors: readonly ApiError[];
  readonly messages: readonly ApiError[];
  /** Left out where the API answers no result at all. */
  readonly result?: unknown;
};

/** What a request is answered with. */
export type Answer = {
  readonly status: number;
  readonly body: Envelope;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A success. Without a result the answer has no `result` key. */
export function ok(result?: unknown, status = 200, messages: readonly ApiError[] = []): Answer {
  const body = { success: true, errors: [], messages };
  return { status, body: result === undefined ? body : { ...body, result } };
}

/** A refusal with one error. */
export function refuse(status: number, message: string, code?: number): Answer {
  return refuseAll(status, [code === undefined ? { message } : { code, message }]);
}

/** A refusal with several errors. */
export function refuseAll(status: number, errors: readonly ApiError[]): Answer {
  return { status, body: { success: false, errors, messages: [], result: null } };
}
