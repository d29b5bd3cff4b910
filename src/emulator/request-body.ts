import type { IncomingMessage } from 'node:http';

/** More than any webhook or policy needs. */
const BODY_LIMIT = 1024 * 1024;

export type ReadBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'too-large' }
  /** The client went away. */
  | { readonly kind: 'gone' };

/** Reads a JSON body of at most 1 MiB. What comes after that is let go. */
export async function readBody(request: IncomingMessage): Promise<ReadBody> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request) {
      const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      length += bytes.length;
      if (length <= BODY_LIMIT) chunks.push(bytes);
    }
  } catch {
    return { kind: 'gone' };
  }
  if (length > BODY_LIMIT) return { kind: 'too-large' };
  if (length === 0) return { kind: 'none' };
  try {
    return { kind: 'json', value: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
  } catch {
    return { kind: 'malformed' };
  }
}
