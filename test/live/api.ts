/** A response of the API, unchanged. */
export type Reply = {
  readonly status: number;
  readonly headers: Headers;
  /** Empty if it is not a JSON object. */
  readonly body: Readonly<Record<string, unknown>>;
  /** `result` if it is an object, else empty. */
  readonly result: Readonly<Record<string, unknown>>;
  /** `result` if it is a list of objects, else empty. */
  readonly list: readonly Readonly<Record<string, unknown>>[];
  readonly ok: boolean;
};

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export type Connection = { readonly baseUrl: string; readonly token: string; readonly accountId: string };

const MAX_WAIT_MS = 310_000;
const TIMEOUT_MS = 30_000;

/** `Please wait and consider throttling your request speed`: returned with 429, and with 200. */
const RATE_CODE = 971;
/** `Authentication error`, `Unable to authenticate request`: sometimes returned for a valid token. */
const ACCESS_CODES = [10000, 10001];

/** The alerting API of one account. Does not use hookwright's client, because it tests the API. */
export class Api {
  /** The statuses of the responses that reported the rate limit. */
  readonly rateStatuses = new Set<number>();
  /** How many requests were denied, but accepted when they were sent again. */
  deniedByChance = 0;

  constructor(private readonly connection: Connection) {}

  /** Sends a request. `path` is below `/accounts/ID/alerting/v3`. */
  send(method: Method, path: string, body?: unknown): Promise<Reply> {
    return this.sendTo(this.connection.accountId, method, path, body);
  }

  /** Sends a request for any account ID. Waits for the rate limit, and repeats a denied request once. */
  async sendTo(accountId: string, method: Method, path: string, body?: unknown): Promise<Reply> {
    const { baseUrl, token } = this.connection;
    for (let denied = false; ;) {
      const response = await fetch(`${baseUrl}/accounts/${accountId}/alerting/v3${path}`, {
        method,
        // The token must be sent only to this origin.
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const reply = await read(response);
      const codes = codesOf(reply);
      if (!denied && codes.some((code) => ACCESS_CODES.includes(code))) {
        denied = true;
        continue;
      }
      if (reply.status !== 429 && !codes.includes(RATE_CODE)) {
        if (denied && reply.ok) this.deniedByChance += 1;
        return reply;
      }
      this.rateStatuses.add(reply.status);
      const seconds = Number(response.headers.get('retry-after') ?? 30);
      await pause(Math.min(MAX_WAIT_MS, (Number.isFinite(seconds) ? seconds : 30) * 1000));
    }
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds));
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function codesOf({ body }: Reply): readonly number[] {
  const errors = Array.isArray(body['errors']) ? body['errors'].filter(isRecord) : [];
  return errors.flatMap(({ code }) => (typeof code === 'number' ? [code] : []));
}

async function read(response: Response): Promise<Reply> {
  const body = parse(await response.text());
  const { result } = body;
  return {
    status: response.status,
    headers: response.headers,
    body,
    result: isRecord(result) ? result : {},
    list: Array.isArray(result) ? result.filter(isRecord) : [],
    ok: response.ok && body['success'] === true,
  };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}
