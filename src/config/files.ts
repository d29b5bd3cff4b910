/** One entry of a folder. Symbolic links to files count as files, all other links as `other`. */
export type FolderEntry = { readonly name: string; readonly kind: 'file' | 'folder' | 'other' };

/**
 * Where desired-state files come from: the disk, or a Git revision. Paths are absolute or relative to `cwd`.
 * What is not there is `undefined`; what is there and cannot be read throws.
 */
export interface Files {
  readonly cwd: string;
  /** `undefined`: there is no such file (a folder is no file). */
  readFile(path: string): Promise<Uint8Array | undefined>;
  /** `undefined`: there is no such folder. */
  readFolder(path: string): Promise<readonly FolderEntry[] | undefined>;
  /** The path with all symbolic links resolved; `undefined`: there is no such file or folder. */
  realPath(path: string): Promise<string | undefined>;
  readStdin(): Promise<Uint8Array>;
}
