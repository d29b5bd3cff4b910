// Builds the command that users get: few files, no install-time dependencies, quick to start.
import { rmSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, posix, relative } from 'node:path';
import Ajv from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build, transform } from 'esbuild';
import { licenseTexts } from './.ci/build/licenses.mjs';

const root = import.meta.dirname;

/** Compiles the published schemas now, so that no run of the command has to load ajv and compile them. */
const compiledSchemas = {
  name: 'compiled-schemas',
  setup({ onLoad }) {
    const sources = {
      'compile-schema': {
        file: 'hookwright.schema.json',
        name: 'validateDesired',
        options: { allErrors: true, messages: false },
      },
      'compile-plan-schema': {
        file: 'plan.schema.json',
        name: 'validatePlan',
        options: { allErrors: false },
      },
    };
    for (const [module, { file, name, options }] of Object.entries(sources)) {
      onLoad({ filter: new RegExp(`[\\\\/]config[\\\\/]${module}\\.ts$`) }, async () => {
        const text = await readFile(`${root}/schemas/${file}`, 'utf8');
        // What is for readers only would be loaded with each start.
        const schema = JSON.parse(text, (key, value) =>
          ['description', 'examples', 'title'].includes(key) &&
          (typeof value === 'string' || Array.isArray(value))
            ? undefined
            : value,
        );
        const ajv = new Ajv({ ...options, allowUnionTypes: true, code: { source: true, esm: true } });
        const code = standaloneCode(ajv, ajv.compile(schema)).replace(
          'export default',
          `export const ${name} =`,
        );
        return { contents: code.replace(/export const validate\b.*?;/, ''), loader: 'js', resolveDir: root };
      });
    }
  },
};

/**
 * What got loads for options that hookwright never sets: HTTP/2, caches, form bodies. Each stands for what is asked of
 * it where the option is off.
 */
const UNUSED_BY_GOT = {
  'http2-wrapper': 'export default {};',
  'cacheable-lookup': 'export default class {}',
  'cacheable-request': 'export default class {} export class CacheError extends Error {}',
  'form-data-encoder': 'export const isFormData = () => false; export class FormDataEncoder {}',
};
const slimGot = {
  name: 'slim-got',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[a-z0-9-]+$/ }, ({ path, importer }) =>
      path in UNUSED_BY_GOT && /[\\/]node_modules[\\/]got[\\/]/.test(importer)
        ? { path, namespace: 'unused' }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'unused' }, ({ path }) => ({
      contents: UNUSED_BY_GOT[path],
      loader: 'js',
    }));
  },
};

/**
 * What these do as soon as they are loaded, and the command does not need: commander loads what starts programs (it can
 * run them as subcommands), and @sindresorhus/is makes formatters for its messages, for which ICU reads its tables.
 */
const IDLE_AT_START = [
  {
    filter: /[\\/]commander[\\/]lib[\\/]command\.js$/,
    from: /require\('node:child_process'\)/g,
    to: 'undefined',
  },
  {
    filter: /[\\/]@sindresorhus[\\/]is[\\/]distribution[\\/]index\.js$/,
    from: /new Intl\.ListFormat\(.*?\)/g,
    to: '{ format: (list) => $&.format(list) }',
  },
];
const quickStart = {
  name: 'quick-start',
  setup({ onLoad }) {
    for (const { filter, from, to } of IDLE_AT_START) {
      onLoad({ filter }, async ({ path }) => {
        const code = await readFile(path, 'utf8');
        const contents = code.replace(from, to);
        if (contents === code)
          throw new Error(`${path} has nothing like ${from}: is it still to be changed?`);
        return { contents, loader: 'js' };
      });
    }
  },
};

/**
 * yaml's ES modules instead of its CommonJS, so that what reads a plain file loads nothing but lexer and parser: esbuild
 * splits by file, and yaml's index imports every one.
 */
const yamlInParts = {
  name: 'yaml-in-parts',
  setup({ onResolve, onLoad }) {
    const modules = `${root}/node_modules/yaml/browser/dist`;
    onResolve({ filter: /^yaml$/ }, ({ importer }) =>
      /[\\/]plain-yaml\.ts$/.test(importer)
        ? { path: 'yaml', namespace: 'parser' }
        : { path: `${modules}/index.js` },
    );
    onLoad({ filter: /.*/, namespace: 'parser' }, async () => {
      // Bundled by itself: as a file of its own, cst.js would bring what reads and writes scalars.
      const { outputFiles } = await build({
        stdin: {
          contents: `export { Lexer } from './parse/lexer.js'; export { Parser } from './parse/parser.js';`,
          resolveDir: modules,
        },
        bundle: true,
        format: 'esm',
        write: false,
      });
      return { contents: outputFiles[0].text };
    });
  },
};

const common = {
  absWorkingDir: root,
  outdir: 'dist',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [compiledSchemas, slimGot, quickStart, yamlInParts],
  metafile: true,
  // Where node_modules is a link, its paths must not get into the bundle.
  preserveSymlinks: true,
};

// The declarations stay: when npm packs, it makes them (prepack) before it runs this a second time (prepare).
for (const part of ['command', 'library']) rmSync(`${root}/dist/${part}`, { recursive: true, force: true });

const library = await build({
  ...common,
  entryPoints: { index: 'src/index.ts' },
  chunkNames: 'library/[name]-[hash]',
  // Some dependencies are CommonJS and ask for Node's own modules by require().
  banner: {
    js: `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);`,
  },
});

/**
 * The command is CommonJS: Node starts that some 10 ms sooner, and a `require` of node:http does not load fetch.
 * esbuild splits only ES modules, so it is split first and each part rewritten then.
 */
const { outputFiles, metafile } = await build({
  ...common,
  entryPoints: { hookwright: 'src/bin.ts' },
  chunkNames: 'command/[name]-[hash]',
  write: false,
});
const parts = new Map();
for (const { path, text } of outputFiles) {
  const { code } = await transform(text.replace(/^#!.*/, ''), {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    supported: { 'dynamic-import': false },
    minifySyntax: true,
    minifyWhitespace: true,
  });
  parts.set(relative(root, path).replaceAll('\\', '/'), code);
}

/**
 * esbuild makes some forty parts, and each file that Node has to find costs 0.3 ms. So what is loaded together is put
 * into one file: what starts the command, then what each `import()` adds.
 */
const files = new Map();
const homes = {};
const importsOf = (part, kind) =>
  metafile.outputs[part].imports
    .filter((each) => each.kind === kind && !each.external)
    .map(({ path }) => path);
const starts = ['dist/hookwright.js'];
for (const start of starts) {
  const together = [];
  const wanted = [start];
  for (const part of wanted) {
    if (part in homes) continue;
    homes[part] = start;
    together.push(part);
    wanted.push(...importsOf(part, 'import-statement'));
    starts.push(...importsOf(part, 'dynamic-import'));
  }
  if (together.length > 0) files.set(start, together);
}

const fileOf = (start) => `./${posix.relative('dist', start).replace(/\.js$/, '.cjs')}`;
const partText = (part) =>
  `${JSON.stringify(posix.basename(part))}:(function(module,exports,require){${parts.get(part)}\n})`;
for (const [start, together] of files) {
  const isFirst = start === 'dist/hookwright.js';
  const table = `{${together.map(partText).join(',\n')}}`;
  const file = join(root, 'dist', isFirst ? 'command/main.cjs' : fileOf(start));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, isFirst ? loaderText(table) : `module.exports=${table};\n`);
}

/** Runs the parts: those of its own file, and those of others once one of them is asked for. */
function loaderText(table) {
  const elsewhere = Object.entries(homes).filter(([, home]) => home !== 'dist/hookwright.js');
  const places = Object.fromEntries(
    elsewhere.map(([part, home]) => [posix.basename(part), `./${posix.basename(fileOf(home))}`]),
  );
  return `const parts=${table},files=${JSON.stringify(places)},loaded={};
function load(id){if(id[0]!=='.')return require(id);const name=id.slice(id.lastIndexOf('/')+1);if(loaded[name])return loaded[name].exports;
if(!parts[name])Object.assign(parts,require(files[name]));const module=loaded[name]={exports:{}};parts[name](module,module.exports,load);return module.exports}
load('./hookwright.js');
`;
}

/**
 * From version 22 on, Node can keep the code that it compiled (https://nodejs.org/api/module.html#module-compile-cache).
 * It is kept in the user's own cache folder, not in the temporary one, where others could put code; a relative path
 * would be one of the checkout (https://specifications.freedesktop.org/basedir/latest/ says to ignore those).
 */
const start = `#!/usr/bin/env node
const { enableCompileCache } = require('node:module');
const { isAbsolute } = require('node:path');
const { XDG_CACHE_HOME = '', HOME = '' } = process.env;
const folder = isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : isAbsolute(HOME) ? HOME + '/.cache' : '';
if (enableCompileCache && folder) enableCompileCache(folder + '/hookwright');
require('./command/main.cjs');
`;
await writeFile(join(root, 'dist/hookwright.cjs'), start, { mode: 0o755 });

const licenses = await licenseTexts(root, [library.metafile, metafile]);
await writeFile(join(root, 'dist/THIRD-PARTY-LICENSES.txt'), licenses);
