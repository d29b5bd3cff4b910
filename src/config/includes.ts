import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileFlag, STDIN } from '../core/desired.js';
import type { Diagnostic } from '../core/diagnostic.js';
import { isRecord } from '../core/order.js';
import { type Files, isAllowedFile } from './disk.js';
import { type DocumentPart, type DraftItem, itemsOf } from './draft.js';
import { type FoundFile, notRead, readableReason } from './find-files.js';
import { error, type Problem } from './problem.js';
import { readYaml } from './yaml/read-yaml.js';
import { decode, linesOf } from './yaml/source.js';

/** The documents of a file. */
export type ParsedFile = {
  readonly parts: readonly DocumentPart[];
  /** Why there are none. */
  readonly diagnostic?: Diagnostic;
};

/** What a document includes. */
export type Included = {
  readonly parts: readonly DocumentPart[];
  /** Problems at the items of `include`. */
  readonly problems: readonly Problem[];
  /** Problems of included files that cannot be parsed. */
  readonly diagnostics: readonly Diagnostic[];
};

export const NOTHING_INCLUDED: Included = { parts: [], problems: [], diagnostics: [] };

/** Decodes a file and parses its documents. */
export function parseFile({ file, folder, bytes }: FoundFile): ParsedFile {
  const decoded = decode(bytes);
  if (!('text' in decoded)) return { parts: [], diagnostic: { severity: 'error', file, ...decoded } };
  const { text } = decoded;
  const source = { file, text, lines: linesOf(text) };
  const parts = readYaml(text).map((document, index) => ({
    ...document,
    id: { file, index },
    source,
    folder,
  }));
  if (parts.length > 0) return { parts };
  const hint = `It needs at least "webhooks: []". To write the live webhooks, run: hookwright import${fileFlag(file)}`;
  return { parts, diagnostic: { ...notRead(file, 'empty-file', 'this file is empty'), hint } };
}

/** Reads the files that documents include, each one once. */
export class Includes {
  readonly #parsed = new Map<string, ParsedFile>();
  /** The real paths of the included files, which do not count as documents of their own. */
  readonly paths = new Set<string>();

  constructor(private readonly files: Files) {}

  /** Returns the parts that a document of the file at `path` includes. */
  async of(part: DocumentPart, path: string): Promise<Included> {
    const parts: DocumentPart[] = [];
    const problems: Problem[] = [];
    const diagnostics: Diagnostic[] = [];
    const seen = new Set<string>();
    for (const item of itemsOf(part, 'include')) {
      // The schema check reports it.
      if (item.text === '') continue;
      const found = await this.#read(item, part, path, seen);
      if ('severity' in found) problems.push(found);
      else if (found.diagnostic) diagnostics.push(found.diagnostic);
      else parts.push(...found.parts);
    }
    return { parts, problems, diagnostics };
  }

  async #read(
    { text, place }: DraftItem,
    part: DocumentPart,
    including: string,
    seen: Set<string>,
  ): Promise<ParsedFile | Problem> {
    const target = resolve(part.folder, text);
    const roots = { checkouts: [this.files.cwd, part.folder], trusted: [] };
    if (!(await isAllowedFile(target, roots, this.files))) {
      const hint =
        'An included file must be in the working directory or below the directory of this file, and no part of its path can start with a dot. Links must not lead outside.';
      return error(place, 'bad-include', 'include: outside the allowed directories', hint);
    }
    const path = (await this.files.realPath(target)) ?? target;
    if (path === including)
      return error(place, 'bad-include', 'include: a file cannot include itself', 'Remove it.');
    if (seen.has(path))
      return error(place, 'bad-include', 'include: this file is listed twice', 'Keep one of the two.');
    seen.add(path);
    const parsed = this.#parsed.get(path) ?? (await this.#parse(target, shownPath(part, text)));
    if (typeof parsed === 'string') {
      const isMissing = parsed === '';
      const isFolder = isMissing && (await this.files.readFolder(target)) !== undefined;
      const hint =
        isFolder || /[*?]/.test(text)
          ? `${isFolder ? 'Directories' : 'Patterns'} are not expanded. List each file.`
          : `The path is relative to the directory of this file${text.startsWith('~') ? ', and ~ is not expanded' : ''}.`;
      const missing = isFolder ? 'include: this is a directory' : 'include: no such file';
      const message = isMissing ? missing : `include: cannot be read: ${parsed}`;
      return error(place, isMissing ? 'no-file' : 'unreadable', message, isMissing ? hint : undefined);
    }
    this.#parsed.set(path, parsed);
    const hint = 'An included file is one document, without "include".';
    if (parsed.parts.length > 1)
      return error(place, 'bad-include', 'include: this file has several documents', hint);
    if (parsed.parts.some(includesFiles))
      return error(place, 'bad-include', 'include: this file includes files itself', hint);
    this.paths.add(path);
    return parsed;
  }

  /** Returns the file, why it cannot be read, or `''` if it does not exist. */
  async #parse(target: string, file: string): Promise<ParsedFile | string> {
    try {
      const bytes = await this.files.readFile(target);
      return bytes ? parseFile({ file, folder: dirname(target), bytes }) : '';
    } catch (cause) {
      return readableReason(cause);
    }
  }
}

/** Reports whether the document includes files. If so, it cannot be included itself. */
export function includesFiles({ value }: DocumentPart): boolean {
  return isRecord(value) && value['include'] !== undefined && value['include'] !== null;
}

/** Returns the path of the included file for messages, in the form of the including file's path. */
function shownPath({ source }: DocumentPart, text: string): string {
  return isAbsolute(text) || source.file === STDIN
    ? text
    : join(dirname(source.file), text).replaceAll('\\', '/');
}
