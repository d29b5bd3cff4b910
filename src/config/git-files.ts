import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { failed, type Result, success, usageError } from '../core/errors.js';
import { didYouMean } from '../text/suggestions.js';
import { errorCode, type Files, type FolderEntry, pathWithin } from './disk.js';
import type { Environment } from '../core/ports.js';

const run = promisify(execFile);
const LARGEST = 64 * 1024 * 1024;
/** Same limit as Linux. */
const MAX_LINKS = 40;

/** Where to run Git, and how to redact its messages before they are quoted. */
export type GitPlace = {
  readonly cwd: string;
  readonly env: Environment;
  readonly redact: (text: string) => string;
};

/** The files of a Git revision. */
export type GitFiles = Files & {
  /**
   * Converts a Git path (from the top of the work tree, or `./`, `../`) to one from the working directory.
   */
  readonly fromTop: (gitPath: string) => string;
  /** Converts a path from the working directory to one as Git writes it. */
  readonly toTop: (file: string) => string;
  /** Lists the YAML files of the revision that contain the word, as paths from the working directory. */
  readonly yamlWith: (word: string) => Promise<readonly string[]>;
};

/**
 * Returns the files of a Git revision, by their paths in the work tree.
 * Throws `usage` if there is no repository, the revision cannot be resolved, a path is outside the
 * repository, or Git cannot read an object: only a path that is certainly not in the tree counts as missing.
 */
export async function gitFiles(place: GitPlace, revision: string): Promise<GitFiles> {
  const { cwd } = place;
  const top = realpathSync(await topLevel(place));
  const commit = await resolve(place, revision);
  const listed = async (...what: string[]): Promise<readonly Entry[]> => {
    const text = await git(place, ['ls-tree', '-z', '--full-tree', ...what]);
    return text.toString('utf8').split('\0').filter(Boolean).map(entryOf);
  };

  /** Returns the entry at this path of the tree, after following links. */
  async function entryAt(inside: string, links = 0): Promise<Entry | undefined> {
    if (inside === '') return { name: '', kind: 'tree', id: commit };
    const [entry] = await listed(commit, '--', inside);
    if (!entry) {
      // Git does not follow a directory that is a link.
      const parent = path.posix.dirname(inside);
      const folder = parent === '.' ? undefined : await entryAt(parent, links);
      const isElsewhere = folder?.kind === 'tree' && folder.name !== parent;
      return isElsewhere
        ? entryAt(path.posix.join(folder.name, path.posix.basename(inside)), links)
        : undefined;
    }
    if (entry.kind !== 'link') return entry;
    const target = (await git(place, ['cat-file', 'blob', entry.id])).toString('utf8');
    const leadsTo = path.posix.join(path.posix.dirname(inside), target);
    if (path.posix.isAbsolute(target) || leadsTo.startsWith('..') || links === MAX_LINKS)
      throw usageError(`--previous git:${revision}: the link ${inside} leads outside the repository.`);
    return entryAt(leadsTo === '.' ? '' : leadsTo, links + 1);
  }

  /** Counts a link out of the repository as a file, so that reading it reports an error. */
  const leadsToFile = async (link: string): Promise<boolean> =>
    entryAt(link).then(
      (entry) => entry?.kind === 'blob',
      () => true,
    );

  const toTop = (file: string): string => {
    const absolute = path.resolve(cwd, file);
    const inside = insideOf(top, absolute) ?? insideOf(top, realPathOf(absolute));
    if (inside !== undefined) return inside;
    throw usageError(
      `--previous git:${revision}: ${absolute} is outside the Git repository ${top}. Run hookwright in the repository that contains the file.`,
    );
  };
  const fromTop = (gitPath: string): string => {
    if (/^\.\.?(\/|$)/.test(gitPath)) return gitPath;
    const here = realpathSync(cwd);
    const file = path.join(top, gitPath);
    const relative = path.relative(here, file) || '.';
    // In a directory that was reached through a link, `..` leads elsewhere.
    return relative.startsWith('..') && here !== cwd ? file : relative;
  };
  const find = async (absolute: string): Promise<Entry | undefined> => {
    const [inside, real] = [toTop(absolute), insideOf(top, realPathOf(absolute))];
    const entry = await entryAt(inside);
    // If the work tree has a new link here, the revision may have the files at its target.
    return entry ?? (real === undefined || real === inside ? undefined : entryAt(real));
  };
  const found = new Map<string, Promise<Entry | undefined>>();
  const at = (file: string): Promise<Entry | undefined> => {
    const absolute = path.resolve(cwd, file);
    const entry = found.get(absolute) ?? find(absolute);
    found.set(absolute, entry);
    return entry;
  };
  return {
    cwd,
    fromTop,
    toTop,
    yamlWith: async (word) => {
      const form = ['--files-with-matches', '-z', '--full-name', '--no-color', '--no-recurse-submodules'];
      const where = [commit, '--', ':(top)*.yaml', ':(top)*.yml'];
      const found = await tryGit(place, ['grep', ...form, '-F', '-e', word, ...where]);
      // Status 1 means that nothing matches.
      if (!found.ok && found.error.status !== 1) throw usageError(found.error.message);
      const names = found.ok ? found.value.toString('utf8').split('\0').filter(Boolean) : [];
      return names.map((name) => fromTop(name.slice(commit.length + 1)));
    },
    readFile: async (file) => {
      const entry = await at(file);
      return entry?.kind === 'blob' ? git(place, ['cat-file', 'blob', entry.id]) : undefined;
    },
    readFolder: async (folder) => {
      const entry = await at(folder);
      if (entry?.kind !== 'tree') return undefined;
      return Promise.all(
        (await listed(entry.id)).map(async ({ name, kind }): Promise<FolderEntry> => {
          if (kind === 'tree') return { name, kind: 'folder' };
          // As on disk, follow links to files, but not links to directories.
          const isFile =
            kind === 'link' ? await leadsToFile(path.posix.join(entry.name, name)) : kind === 'blob';
          return { name, kind: isFile ? 'file' : 'other' };
        }),
      );
    },
    realPath: async (name) => {
      const entry = await at(name);
      return entry && path.join(top, entry.name);
    },
    readStdin: () => Promise.resolve(new Uint8Array()),
  };
}

/** Returns the path from the top of the work tree, as Git writes it; `''` is the top itself. */
function insideOf(top: string, file: string): string | undefined {
  return pathWithin(top, file)?.replaceAll(path.sep, '/');
}

/**
 * Resolves links in all parts but the last, which may no longer exist or be a link that the tree resolves.
 */
function realPathOf(file: string): string {
  const folder = path.dirname(file);
  if (folder === file) return file;
  try {
    return path.join(realpathSync(folder), path.basename(file));
  } catch {
    return path.join(realPathOf(folder), path.basename(file));
  }
}

async function topLevel(place: GitPlace): Promise<string> {
  const top = await tryGit(place, ['rev-parse', '--show-toplevel']);
  if (top.ok) return top.value.toString('utf8').trim();
  throw usageError(`--previous git:REV needs a Git repository. ${top.error.message}`);
}

async function resolve(place: GitPlace, revision: string): Promise<string> {
  if (revision !== '' && !revision.startsWith('-')) {
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
    const commit = await tryGit(place, args);
    if (commit.ok) return commit.value.toString('utf8').trim();
  }
  throw usageError(await unknownRevision(place, revision));
}

/** Explains why a revision cannot be resolved, as far as this clone shows it, and what to do. */
async function unknownRevision(place: GitPlace, revision: string): Promise<string> {
  const given = `--previous git:${revision}`;
  if (revision === '') return `${given}: the revision is empty; check that the variable is set.`;
  const [, base = ''] = /^(.+?)[~^][~^\d]*$/.exec(revision) ?? [];
  const known =
    base === '' ? undefined : await tryGit(place, ['rev-list', '--count', '--end-of-options', base]);
  const remotes = await lines(place, ['remote']);
  const [remote = 'origin'] = remotes.includes('origin') ? [] : remotes;
  const ofRemote = remotes.find((name) => revision.startsWith(`${name}/`));
  const isName =
    ofRemote === undefined && /^\w[\w./-]*$/.test(revision) && !/^([\da-f]{7,40}|HEAD)$/.test(revision);
  const push = remotes.length === 0 ? '' : ` && git push ${remote} ${revision}`;
  const make = isName
    ? `If nothing was deployed yet, run apply once without --previous, then tag the deployed commit: git tag ${revision}${push}`
    : 'Pass a tag, branch or commit. To list the tags, run: git tag --list';
  if ((await lines(place, ['rev-parse', '--is-shallow-repository']))[0] === 'true') {
    const fetch =
      'fetch-depth: 0 in actions/checkout, GIT_DEPTH: 0 in GitLab, or git fetch --unshallow --tags';
    return `${given}: not found in this shallow clone, which has only part of the history and of the tags. Fetch all of it: ${fetch}.${isName ? `\n${make}` : ''}`;
  }
  if (known?.ok) {
    const total = Number(known.value.toString('utf8'));
    const why = total === 1 ? 'is the first commit' : `has only ${total} commits`;
    return `${given}: ${base} ${why}. If nothing was deployed before, run without --previous.`;
  }
  if (ofRemote !== undefined) {
    const fetch = `To fetch the branches of ${JSON.stringify(ofRemote)}, run: git fetch ${ofRemote}`;
    return `${given}: there is no such branch in this clone. ${fetch}`;
  }
  const refs = await lines(place, ['for-each-ref', '--format=%(refname:short)']);
  const meant = refs.find((name) => name.endsWith(`/${revision}`)) ?? didYouMean(revision, refs);
  return [
    `${given}: this repository has no tag, branch or commit named ${JSON.stringify(revision)}.`,
    ...(meant === undefined ? [make] : [`Did you mean git:${meant}?`]),
    ...(isName ? ['If the tag was made in another clone, fetch it: git fetch --tags'] : []),
  ].join('\n');
}

async function lines(place: GitPlace, args: readonly string[]): Promise<string[]> {
  return (await git(place, args)).toString('utf8').split('\n').filter(Boolean);
}

/** Returns Git's output. Throws `usage` with Git's error message if it fails. */
async function git(place: GitPlace, args: readonly string[]): Promise<Buffer> {
  const result = await tryGit(place, args);
  if (result.ok) return result.value;
  throw usageError(result.error.message);
}

/** Git's output, or why it failed, with its exit status if it ran. */
type Ran = Result<Buffer, { readonly message: string; readonly status?: unknown }>;

/** Variables that Git needs to find its own files and those of the user. */
const INHERITED = ['PATH', 'HOME', 'XDG_CONFIG_HOME', 'USERPROFILE', 'SystemRoot', 'TMPDIR', 'TEMP'];
/**
 * Keeps files of the checkout from making Git run commands, and keeps our secrets from anything that Git
 * runs: Git ignores a bare repository that a pull request added to a directory, and never fetches missing
 * objects.
 */
const CONFINED = {
  GIT_NO_LAZY_FETCH: '1',
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C',
};

/** Runs Git, confined. Never throws. */
export async function tryGit({ cwd, env, redact }: GitPlace, args: readonly string[]): Promise<Ran> {
  const inherited = Object.fromEntries(INHERITED.map((name) => [name, env[name]]));
  try {
    const { stdout } = await run('git', ['-c', 'safe.bareRepository=explicit', ...args], {
      cwd,
      env: { ...inherited, ...CONFINED },
      encoding: 'buffer',
      maxBuffer: LARGEST,
    });
    return success(stdout);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return failed({ message: 'The git command was not found.' });
    const said = String(Reflect.get(Object(error), 'stderr'))
      .trim()
      .replace(/\n[^]*/, '');
    const status: unknown = Reflect.get(Object(error), 'code');
    return failed({ message: `git ${args.slice(0, 1).join('')} failed: ${redact(said)}`, status });
  }
}

type Entry = {
  /** As Git lists it: the whole path if it was listed by path, otherwise only the name. */
  readonly name: string;
  readonly kind: 'tree' | 'blob' | 'link' | 'other';
  readonly id: string;
};

function entryOf(line: string): Entry {
  const tab = line.indexOf('\t');
  const [mode, type, id = ''] = line.slice(0, tab).split(' ');
  const kind = mode === '120000' ? 'link' : type === 'tree' || type === 'blob' ? type : 'other';
  return { name: line.slice(tab + 1), kind, id };
}
