import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';

const ROOT = path.join(import.meta.dirname, '..');
const MIDDLE = ['config', 'saved-plan', 'cloudflare', 'apply', 'render', 'emulator'];
/** Which rooms a room may import. `library` is what `index` exports. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  text: [],
  core: ['text'],
  ...Object.fromEntries(MIDDLE.map((room) => [room, ['core', 'text']])),
  cli: [...MIDDLE, 'core', 'text'],
  commands: ['cli', ...MIDDLE, 'core', 'text'],
  main: ['commands', 'cli', 'core', 'text'],
  library: [...MIDDLE, 'core', 'text'],
  index: ['library', ...MIDDLE, 'core', 'text'],
  bin: ['main', 'cli'],
  // A program of its own, which runs the command; and Git, as safely as the command.
  action: ['config'],
};
/** Past this a room has a second idea. */
const MAX_FILES = 24;

type Source = { readonly file: string; readonly layer: string; readonly text: string };
type Import = { readonly from: Source; readonly specifier: string; readonly target?: string };

function filesBelow(folder: string, ending = '.ts'): readonly string[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
}

const layerOf = (file: string): string => file.split('/')[1]?.replace(/\.ts$/, '') ?? '';

const SOURCES: readonly Source[] = filesBelow('src').map((file) => ({
  file,
  layer: layerOf(file),
  text: readFileSync(path.join(ROOT, file), 'utf8'),
}));

const IMPORTS: readonly Import[] = SOURCES.flatMap((from) =>
  ts.preProcessFile(from.text).importedFiles.map(({ fileName: specifier }) => {
    if (!specifier.startsWith('.')) return { from, specifier };
    const target = path.posix.join(path.posix.dirname(from.file), specifier).replace(/\.js$/, '.ts');
    return { from, specifier, target };
  }),
);

const described = (imports: readonly Import[]): readonly string[] =>
  imports.map(({ from, specifier }) => `${from.file} imports ${specifier}`);
const packageOf = (specifier: string): string => specifier.split('/')[0] ?? '';
const packages = IMPORTS.filter(({ target }) => target === undefined);

describe('layers', () => {
  test('every file of src belongs to a known layer', () => {
    expect(SOURCES.length).toBeGreaterThan(100);
    expect(SOURCES.map(({ file }) => file).filter((file) => !(layerOf(file) in MAY))).toEqual([]);
  });

  test('imports point one way: bin → main → commands → cli → the middle → core → text', () => {
    const wrong = IMPORTS.filter(({ from, target }) => {
      if (target?.startsWith('src/') !== true) return false;
      const to = layerOf(target);
      return to !== from.layer && MAY[from.layer]?.includes(to) !== true;
    });
    expect(described(wrong)).toEqual([]);
  });

  test('files that are imported are there', () => {
    const known = new Set([
      ...SOURCES.map(({ file }) => file),
      'package.json',
      ...filesBelow('docs', '.md'),
      ...filesBelow('schemas', '.json'),
    ]);
    expect(described(IMPORTS.filter(({ target }) => target !== undefined && !known.has(target)))).toEqual([]);
  });

  test('there are no cycles, not even of types or of what is loaded later', () => {
    const next = new Map(SOURCES.map(({ file }) => [file, new Set<string>()]));
    for (const { from, target } of IMPORTS) if (target) next.get(from.file)?.add(target);
    // A file that imports nothing that is left cannot be in a cycle.
    for (let before = -1; before !== next.size;) {
      before = next.size;
      for (const [file, targets] of next) {
        for (const target of targets) if (!next.has(target)) targets.delete(target);
        if (targets.size === 0) next.delete(file);
      }
    }
    expect([...next.keys()].filter((file) => reaches(file, file, next))).toEqual([]);
  });

  test('core and text import no package but fast-deep-equal, node:crypto and string-width', () => {
    const allowed = new Set(['fast-deep-equal', 'node:crypto', 'string-width']);
    expect(
      described(
        packages.filter(
          ({ from, specifier }) => ['core', 'text'].includes(from.layer) && !allowed.has(specifier),
        ),
      ),
    ).toEqual([]);
  });

  test.each([
    ['yaml', ['config', 'commands']],
    ['ajv', ['config', 'saved-plan']],
    ['got', ['cloudflare']],
    ['https-proxy-agent', ['cloudflare']],
    ['commander', ['cli']],
    ['string-width', ['text']],
    ['node:child_process', ['config', 'action']],
  ])('%s is for %j only', (name, layers) => {
    const users = packages.filter(({ specifier }) => specifier === name || packageOf(specifier) === name);
    expect(described(users.filter(({ from }) => !layers.includes(from.layer)))).toEqual([]);
  });

  test('renderers are values in, text out: no files, no network, no processes', () => {
    const io = /^node:(fs|http|https|net|tls|child_process|readline)/;
    expect(
      described(packages.filter(({ from, specifier }) => from.layer === 'render' && io.test(specifier))),
    ).toEqual([]);
  });
});

describe('house rules', () => {
  test('no exported name means two things; the names of the library are its own', () => {
    const places = new Map<string, Set<string>>();
    for (const { file, layer, text } of SOURCES) {
      if (layer === 'library' || layer === 'index') continue;
      for (const [, name = ''] of text.matchAll(
        /^export (?:async )?(?:type|interface|class|function\*?|const) (\w+)/gm,
      ))
        places.set(name, (places.get(name) ?? new Set()).add(file));
    }
    expect(places.size).toBeGreaterThan(500);
    expect([...places].filter(([, files]) => files.size > 1)).toEqual([]);
  });

  test('the process and the console are for what starts; elsewhere only its version is read', () => {
    const starts = ['src/bin.ts', 'src/action/start.ts'];
    const wrong = SOURCES.filter(({ file }) => !starts.includes(file)).flatMap((source) =>
      globalsOf(source).filter(
        (use) => !['process.versions', 'process.pid'].includes(use.split(' ')[1] ?? ''),
      ),
    );
    expect(wrong).toEqual([]);
  });

  test('core knows no clock, no chance and no timers', () => {
    const impure =
      /\b(Date\.now|new Date\(\)|Math\.random|setTimeout|setInterval|randomUUID|performance\.now)\b/;
    expect(
      SOURCES.filter(({ layer, text }) => layer === 'core' && impure.test(text)).map(({ file }) => file),
    ).toEqual([]);
  });

  test('named exports only', () => {
    const wrong = /^export default\b|\bexport\s*\{[^}]*\bas default\b/m;
    expect(SOURCES.filter(({ text }) => wrong.test(text)).map(({ file }) => file)).toEqual([]);
  });

  test(`no folder of src has more than ${MAX_FILES} files directly in it`, () => {
    const counts = new Map<string, number>();
    for (const { file } of SOURCES) {
      const folder = path.posix.dirname(file);
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
    expect([...counts].filter(([, count]) => count > MAX_FILES)).toEqual([]);
  });

  test('no two files share a name but index.ts', () => {
    const names = SOURCES.map(({ file }) => path.posix.basename(file)).filter((name) => name !== 'index.ts');
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test('no file is a drawer for whatever else there is', () => {
    const drawer = /(^|\/)(utils?|helpers?|common|misc|manager)(\.ts|\/)/;
    expect([...filesBelow('src'), ...filesBelow('test')].filter((file) => drawer.test(file))).toEqual([]);
  });

  test('nothing that is published speaks of the machine it was written on', () => {
    const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
      cwd: ROOT,
    })
      .toString()
      .split('\n')
      .filter((file) => file !== '' && file !== 'package-lock.json' && !file.startsWith('dist/'));
    // Put together here, or this file would be the first to be found.
    const local = new RegExp(
      [
        ['\\.\\.', 'shared/'],
        ['', '(work|home|Users)', 'main|(?:home|Users)/[a-z]+/[a-z]'],
      ]
        .map((parts) => parts.join('/'))
        .join('|'),
    );
    const found = files.filter((file) => {
      const text = readIfThere(path.join(ROOT, file));
      return text !== undefined && local.test(text);
    });
    expect(files.length).toBeGreaterThan(100);
    expect(found).toEqual([]);
  });
});

function reaches(from: string, to: string, next: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  const seen = new Set<string>();
  const queue = [...(next.get(from) ?? [])];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (file === to) return true;
    if (!seen.has(file)) queue.push(...(next.get(file) ?? []));
    seen.add(file);
  }
  return false;
}

/** `file process.env`, for each use of the two globals. */
function globalsOf({ file, text }: Source): readonly string[] {
  if (!/\b(process|console)\b/.test(text)) return [];
  const uses: string[] = [];
  const visit = (node: ts.Node): void => {
    const used =
      ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) ? node.expression.text : '';
    if (ts.isPropertyAccessExpression(node) && (used === 'process' || used === 'console')) {
      uses.push(`${file} ${used}.${node.name.text}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  return uses;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
