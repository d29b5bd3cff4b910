/** One entry of `errors`; the API leaves `code` out of some, such as those about webhooks. */
export type ApiError = { readonly code?: number; readonly message: string };

/** The body of an answer, as far as it can be understood. */
export type Envelope = {
  /** Only `envelope` is an answer of the API: an object with a boolean `success`. */
  readonly form: 'envelope' | 'json' | 'html' | 'text' | 'empty';
  readonly success: boolean;
  readonly errors: readonly ApiError[];
  readonly result: unknown;
  readonly resultInfo: unknown;
};

const NOTHING = { success: false, errors: [], result: undefined, resultInfo: undefined };

/** Never throws, whatever the text. */
export function parseEnvelope(text: string): Envelope {
  const json = parseJson(text);
  if (json === undefined) return { form: formOf(text), ...NOTHING };
  if (!isRecord(json) || typeof json['success'] !== 'boolean') {
    return { form: 'json', ...NOTHING, errors: isRecord(json) ? errorsOf(json['errors']) : [] };
  }
  return {
    form: 'envelope',
    success: json['success'],
    errors: errorsOf(json['errors']),
    result: json['result'],
    resultInfo: json['result_info'],
  };
}

/** Is this a JSON object? */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The numeric codes of all errors. */
export function codesOf(envelope: Envelope): readonly number[] {
  return envelope.errors.flatMap((error) => (error.code === undefined ? [] : [error.code]));
}

function parseJson(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return json;
  } catch {
    return undefined;
  }
}

function formOf(text: string): 'html' | 'text' | 'empty' {
  const start = text.slice(0, 1000).trim().toLowerCase();
  if (start === '') return 'empty';
  return start.startsWith('<') ? 'html' : 'text';
}

/** With the entries of `error_chain`, where the API says what exactly is wrong with a token. */
function errorsOf(raw: unknown): readonly ApiError[] {
  if (!Array.isArray(raw)) return [];
  return raw.slice(0, 20).flatMap((each: unknown) => {
    if (!isRecord(each)) return [];
    const { code, message, error_chain: chain } = each;
    const error = {
      message: typeof message === 'string' ? message : '',
      ...(typeof code === 'number' ? { code } : {}),
    };
    const inner = Array.isArray(chain) ? chain.slice(0, 20).filter(isRecord) : [];
    return [error, ...errorsOf(inner.map(({ code, message }) => ({ code, message })))];
  });
}
