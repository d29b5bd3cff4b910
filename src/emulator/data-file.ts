import { parseUrl } from '../core/urls.js';
import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { HookwrightError } from '../core/errors.js';
import type { PolicySeed, WebhookSeed } from './seed.js';
import { isRecord, type Data } from './stored.js';

/** What an emulator starts from: the form of the data file, in which all that a create fills in may be left out. */
export type InitialData = {
  readonly accounts: Readonly<
    Record<string, { readonly webhooks?: readonly WebhookSeed[]; readonly policies?: readonly PolicySeed[] }>
  >;
};

/**
 * Reads a data file; returns `undefined` if it does not exist.
 * @throws HookwrightError `invalid-file` with the position of the error, `io` if it cannot be read.
 */
export async function readData(file: string): Promise<InitialData | undefined> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    if (isRecord(cause) && cause['code'] === 'ENOENT') return undefined;
    throw new HookwrightError('io', `cannot read the emulator's data file ${file}`, { cause });
  });
  if (text === undefined) return undefined;
  const fault = (why: string): HookwrightError =>
    new HookwrightError('invalid-file', `${file} is not a valid emulator data file: ${why}`);
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    // Without the parser's own message, which quotes the text: it contains secrets.
    throw fault('it is not JSON');
  }
  const why = faultOf(data);
  if (why !== undefined) throw fault(why);
  return data as InitialData;
}

/** Returns what is wrong with the data, if anything. */
function faultOf(data: unknown): string | undefined {
  if (!isRecord(data) || !isRecord(data['accounts'])) return '"accounts" must be an object';
  for (const [id, account] of Object.entries(data['accounts'])) {
    const at = `accounts.${id}`;
    if (!/^[0-9a-f]{32}$/.test(id)) return `${at}: an account ID is 32 lowercase hexadecimal digits`;
    if (!isRecord(account)) return `${at} must be an object`;
    for (const kind of ['webhooks', 'policies'] as const) {
      const list = account[kind] ?? [];
      if (!Array.isArray(list)) return `${at}.${kind} must be a list`;
      for (const [index, entry] of list.entries()) {
        const why = isRecord(entry) ? faultOfEntry(kind, entry) : 'must be an object';
        if (why !== undefined) return `${at}.${kind}[${index}] ${why}`;
      }
    }
  }
  return undefined;
}

function faultOfEntry(kind: 'webhooks' | 'policies', entry: Record<string, unknown>): string | undefined {
  if (typeof entry['name'] !== 'string') return 'must have a "name" (a string)';
  const texts = ['id', 'type', 'secret', 'description', 'alert_type', 'created_at'];
  const wrong = texts.find((key) => entry[key] !== undefined && typeof entry[key] !== 'string');
  if (wrong !== undefined) return `has a "${wrong}" that is not a string`;
  if (kind === 'webhooks') {
    const { url } = entry;
    return typeof url === 'string' && parseUrl(url) ? undefined : 'must have a "url" (an absolute URL)';
  }
  const mechanisms = entry['mechanisms'] ?? {};
  const fine = isRecord(mechanisms) && Object.values(mechanisms).every(isMechanismList);
  return fine ? undefined : 'has "mechanisms" that are not lists of objects with an "id"';
}

function isMechanismList(list: unknown): boolean {
  return Array.isArray(list) && list.every((entry) => isRecord(entry) && typeof entry['id'] === 'string');
}

/** Writes the state after each change, one write at a time, and never a partial file. */
export class DataFile {
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(
    private readonly file: string,
    private readonly data: () => Data,
  ) {}

  /**
   * Resolves once a file with at least the present state is in place. Calls that come while one is being
   * written share the next.
   * @throws HookwrightError `io`
   */
  save(): Promise<void> {
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      const written = this.#write();
      this.#running = written.catch(() => undefined);
      return written;
    });
    return this.#next;
  }

  async #write(): Promise<void> {
    const draft = `${this.file}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
    try {
      // It contains secrets, so only its owner can read it.
      await writeFile(draft, `${JSON.stringify(this.data(), null, 2)}\n`, { mode: 0o600 });
      await rename(draft, this.file);
    } catch (cause) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw new HookwrightError('io', `cannot write the emulator's data file ${this.file}`, { cause });
    }
  }
}
