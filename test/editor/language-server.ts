import { spawn } from 'node:child_process';
import path from 'node:path';

export const SERVER = path.resolve(
  import.meta.dirname,
  '../../node_modules/yaml-language-server/bin/yaml-language-server',
);

type Message = {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
};
export type Problem = {
  readonly message: string;
  readonly range: { readonly start: { readonly line: number; readonly character: number } };
};
export type Place = { readonly line: number; readonly character: number };

/** An editor that has one YAML file open. */
export type Editor = {
  /** Puts this text into the file and waits for what the server says of it. */
  readonly type: (text: string) => Promise<readonly Problem[]>;
  readonly ask: (method: 'completion' | 'hover', position: Place) => Promise<unknown>;
  readonly close: () => Promise<void>;
};

export type EditorOptions = {
  /** A URL; not given: the one that the file names in its first line. */
  readonly schema?: string;
  /** Where the server gets schemas of other hosts from, and the certificate of that authority. */
  readonly network?: { readonly proxy: string; readonly authority: string };
};

/** https://microsoft.github.io/language-server-protocol/ over stdio. */
export async function openEditor(uri: string, { schema, network }: EditorOptions): Promise<Editor> {
  const child = spawn(process.execPath, [SERVER, '--stdio'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, NODE_EXTRA_CA_CERTS: network?.authority },
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const waiting = new Map<number, (message: Message) => void>();
  let reported: ((problems: readonly Problem[]) => void) | undefined;
  let ids = 0;
  let version = 0;
  let buffer = Buffer.alloc(0);
  child.stdout.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      const end = buffer.indexOf('\r\n\r\n');
      const length = Number(
        /Content-Length: (\d+)/i.exec(buffer.subarray(0, Math.max(end, 0)).toString())?.[1],
      );
      if (end < 0 || buffer.length < end + 4 + length) return;
      const text = buffer.subarray(end + 4, end + 4 + length).toString('utf8');
      buffer = buffer.subarray(end + 4 + length);
      receive(JSON.parse(text) as Message);
    }
  });

  function write(message: object): void {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  function receive(message: Message): void {
    const { id, method, params } = message;
    if (id !== undefined && method !== undefined) return write({ id, result: replyTo(method, params) });
    if (id !== undefined) return waiting.get(id)?.(message);
    if (method !== 'textDocument/publishDiagnostics') return;
    const { diagnostics, uri: about } = params as { readonly diagnostics: Problem[]; readonly uri: string };
    if (about === uri) reported?.(diagnostics);
  }

  /** The server asks the editor for its settings. */
  function replyTo(method: string, params: unknown): unknown {
    if (method !== 'workspace/configuration') return null;
    const { items } = params as { readonly items: readonly { readonly section: string }[] };
    const yaml = {
      schemas: schema === undefined ? {} : { [schema]: uri },
      schemaStore: { enable: false },
      validate: true,
      hover: true,
      completion: true,
    };
    const settings: Readonly<Record<string, object>> = {
      yaml,
      http: { proxy: network?.proxy ?? '', proxyStrictSSL: true },
    };
    return items.map(({ section }) => settings[section] ?? null);
  }

  async function request(method: string, params: object): Promise<unknown> {
    const id = (ids += 1);
    const answer = new Promise<Message>((resolve) => waiting.set(id, resolve));
    write({ id, method, params });
    const { result, error } = await answer;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  const capabilities = {
    workspace: { configuration: true },
    textDocument: { hover: { contentFormat: ['markdown'] } },
  };
  await request('initialize', { processId: process.pid, rootUri: null, capabilities });
  write({ method: 'initialized', params: {} });
  write({ method: 'workspace/didChangeConfiguration', params: { settings: null } });
  return {
    type: (text) => {
      const problems = new Promise<readonly Problem[]>((resolve) => (reported = resolve));
      version += 1;
      if (version === 1) {
        const textDocument = { uri, languageId: 'yaml', version, text };
        write({ method: 'textDocument/didOpen', params: { textDocument } });
      } else {
        const params = { textDocument: { uri, version }, contentChanges: [{ text }] };
        write({ method: 'textDocument/didChange', params });
      }
      return problems;
    },
    ask: (method, position) => request(`textDocument/${method}`, { textDocument: { uri }, position }),
    close: async () => {
      await request('shutdown', {});
      write({ method: 'exit' });
      await closed;
    },
  };
}
