// Bundles the command, the library and the GitHub Action with all imports, so users install one package.
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import Ajv from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';
import { licenseTexts } from './.ci/build/licenses.mjs';

const root = import.meta.dirname;

/** The modules that compile a schema when they are loaded, by file name. */
const SCHEMA_MODULES = {
  'compile-schema.ts': {
    exports: 'validateDesired',
    schema: 'hookwright.schema.json',
    options: { allErrors: true, messages: false },
  },
  'compile-plan-schema.ts': { exports: 'validatePlan', schema: 'plan.schema.json', options: {} },
};

/** Replaces these modules with compiled schemas, so that no run has to load ajv and compile them. */
const compiledSchemas = {
  name: 'compiled-schemas',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]compile-(plan-)?schema\.ts$/ }, async ({ path }) => {
      const { exports, schema, options } = SCHEMA_MODULES[basename(path)];
      const ajv = new Ajv({ ...options, allowUnionTypes: true, code: { source: true, esm: true } });
      ajv.addSchema(JSON.parse(await readFile(`${root}/schemas/${schema}`, 'utf8')), schema);
      return { contents: standaloneCode(ajv, { [exports]: schema }), loader: 'js', resolveDir: root };
    });
  },
};

const UNUSED_BY_GOT = ['http2-wrapper', 'cacheable-lookup', 'cacheable-request', 'form-data-encoder'];

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  // Not worth it: shorter names (0 ms), compiling all functions at once (0 ms), or commander without
  // `child_process` (3 ms).
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  // If node_modules is a symbolic link, the bundle must not contain the path of its target.
  preserveSymlinks: true,
  plugins: [compiledSchemas],
  loader: { '.md': 'text' },
  alias: {
    ...Object.fromEntries(UNUSED_BY_GOT.map((name) => [name, './.ci/build/unused-by-got.mjs'])),
    // For platform node, yaml offers only CommonJS, which esbuild bundles whole and with slower calls: a plan of
    // 10,000 webhooks takes 10% longer.
    yaml: './node_modules/yaml/browser/index.js',
    debug: './.ci/build/no-debug.mjs',
    'string-width': './.ci/build/lazy-string-width.cjs',
  },
  define: { 'Intl.ListFormat': 'LazyListFormat' },
  inject: ['.ci/build/lazy-intl.mjs'],
};

// CommonJS: Node starts it about 8 ms faster than an ES module, for which `node:http` also loads all of `fetch`
// (26 ms, Node 22 and later).
const command = await build({
  ...common,
  entryPoints: ['src/bin.ts'],
  outfile: 'dist/command.cjs',
  format: 'cjs',
});
await copyFile(`${root}/.ci/build/start.cjs`, `${root}/dist/hookwright.cjs`);

const library = await build({
  ...common,
  entryPoints: ['src/index.ts'],
  outfile: 'dist/index.js',
  format: 'esm',
  // Some dependencies are CommonJS and require Node's own modules.
  banner: {
    js: `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);`,
  },
});

await build({ ...common, entryPoints: { action: 'src/action/start.ts' }, outdir: 'dist', format: 'esm' });

const licenses = await licenseTexts(root, [command.metafile, library.metafile]);
await writeFile(`${root}/dist/THIRD-PARTY-LICENSES.txt`, licenses);
