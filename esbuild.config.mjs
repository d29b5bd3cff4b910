// Builds the command that users get: few files, no install-time dependencies, quick to start.
import { rmSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import Ajv from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build, transform } from 'esbuild';

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

/** commander can start other programs as subcommands, for which each start would load what starts programs. */
const withoutPrograms = {
  name: 'without-programs',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]commander[\\/]lib[\\/]command\.js$/ }, async ({ path }) => {
      const code = await readFile(path, 'utf8');
      const wanted = "require('node:child_process')";
      if (!code.includes(wanted))
        throw new Error(`${path} no longer has ${wanted}: is this plugin still needed?`);
      return { contents: code.replace(wanted, 'undefined'), loader: 'js' };
    });
  },
};

/**
 * yaml's ES modules instead of its CommonJS, so that what reads a plain file does not load all of the library: esbuild
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
    onLoad({ filter: /.*/, namespace: 'parser' }, () => ({
      contents: `export { Lexer } from './parse/lexer.js'; export { Parser } from './parse/parser.js';`,
      resolveDir: modules,
    }));
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
  plugins: [compiledSchemas, slimGot, withoutPrograms, yamlInParts],
};

rmSync(`${root}/dist`, { recursive: true, force: true });

await build({
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
const { outputFiles } = await build({
  ...common,
  entryPoints: { hookwright: 'src/bin.ts' },
  outExtension: { '.js': '.cjs' },
  chunkNames: 'command/[name]-[hash]',
  write: false,
});
for (const { path, text } of outputFiles) {
  const { code } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    supported: { 'dynamic-import': false },
    minifySyntax: true,
    minifyWhitespace: true,
  });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, code, { mode: 0o755 });
}
