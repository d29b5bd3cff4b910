import { posix } from 'node:path';
import type { Files, FolderEntry } from '../../src/config/disk.js';
import { loadDesired, type Loaded } from '../../src/config/load.js';
import type { LoadOptions } from '../../src/config/load-options.js';

export const ACCOUNT = '023e105f4ecef8ad9ca31a8372d0c353';
export const OTHER_ACCOUNT = '123e105f4ecef8ad9ca31a8372d0c353';

/** Files in memory, below `/repo`. `links`: paths that are links to other paths. */
export function memoryFiles(
  contents: Readonly<Record<string, string | Uint8Array>>,
  links: Readonly<Record<string, string>> = {},
): Files {
  const cwd = '/repo';
  const absolute = new Map(Object.entries(contents).map(([path, data]) => [posix.resolve(cwd, path), data]));
  const bytes = (data: string | Uint8Array | undefined): Uint8Array | undefined =>
    typeof data === 'string' ? Buffer.from(data) : data;
  return {
    cwd,
    readFile: (path) => Promise.resolve(bytes(absolute.get(posix.resolve(cwd, path)))),
    readFolder: (path) => Promise.resolve(entriesOf(posix.resolve(cwd, path), [...absolute.keys()])),
    realPath: (path) => Promise.resolve(links[path] ?? path),
    readStdin: () => Promise.resolve(bytes(contents['-']) ?? new Uint8Array()),
  };
}

function entriesOf(folder: string, paths: readonly string[]): readonly FolderEntry[] | undefined {
  const below = paths.filter((path) => path.startsWith(`${folder}/`));
  if (below.length === 0) return undefined;
  const entries = new Map<string, FolderEntry>();
  for (const path of below) {
    const [name = '', ...rest] = path.slice(folder.length + 1).split('/');
    entries.set(name, { name, kind: rest.length > 0 ? 'folder' : 'file' });
  }
  return [...entries.values()];
}

export const OPTIONS: LoadOptions = {
  paths: [],
  accountId: ACCOUNT,
  needAccountId: true,
  allowLiteralSecrets: false,
  secretDirs: [],
  env: {},
};

/** Loads one text as `hookwright.yaml`. */
export function loadText(text: string | Uint8Array, options: Partial<LoadOptions> = {}): Promise<Loaded> {
  return loadDesired({ ...OPTIONS, ...options }, memoryFiles({ 'hookwright.yaml': text }));
}

/** Returns the diagnostics of one text, each as `line:column code message`. */
export async function faultsOf(text: string, options: Partial<LoadOptions> = {}): Promise<readonly string[]> {
  const { diagnostics } = await loadText(text, options);
  return diagnostics.map(({ severity, line, column, code, message }) => {
    return `${line}:${column} ${severity === 'warning' ? 'warning ' : ''}${code}: ${message}`;
  });
}

/** Returns a valid webhook with more fields. */
export function webhook(...lines: readonly string[]): string {
  return ['webhooks:', '  - name: Ops', '    url: https://relay.example.com/cf', ...lines].join('\n');
}
