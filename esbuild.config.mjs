// Builds the command that users get: few files, no install-time dependencies, quick to start.
import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import Ajv from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';

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
        const schema = JSON.parse(await readFile(`${root}/schemas/${file}`, 'utf8'));
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

/** got loads its HTTP/2 client even where it is off; hookwright speaks HTTP/1.1 only. */
const withoutHttp2 = {
  name: 'without-http2',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^http2-wrapper$/ }, () => ({ path: 'http2-wrapper', namespace: 'none' }));
    onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'export default {};', loader: 'js' }));
  },
};

rmSync(`${root}/dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { hookwright: 'src/bin.ts', index: 'src/index.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  platform: 'node',
  target: 'node20',
  format: 'esm',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  // Some dependencies are CommonJS and ask for Node's own modules by require().
  banner: {
    js: `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);`,
  },
  plugins: [compiledSchemas, withoutHttp2],
});
