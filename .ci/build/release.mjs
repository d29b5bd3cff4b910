// Turns a checkout in which `npm run build` has run into the contents of a release tag. npm publishes it, and
// GitHub, npm and pre-commit can install the tag itself: it contains dist/, and its package.json has no build
// script.
import { readFile, rm, writeFile } from 'node:fs/promises';

const manifest = JSON.parse(await readFile('package.json', 'utf8'));
for (const key of ['scripts', 'devDependencies', 'overrides']) delete manifest[key];
await writeFile('package.json', `${JSON.stringify(manifest, null, 2)}\n`);
await rm('package-lock.json');
