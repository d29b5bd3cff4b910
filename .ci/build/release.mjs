// Turns a checkout in which `npm run build` has run into what a release tag holds. npm publishes it, and GitHub, npm
// and pre-commit can install the tag itself: dist/ is in it, and package.json has no script that would build it.
import { readFile, rm, writeFile } from 'node:fs/promises';

const manifest = JSON.parse(await readFile('package.json', 'utf8'));
for (const key of ['scripts', 'devDependencies', 'overrides']) delete manifest[key];
await writeFile('package.json', `${JSON.stringify(manifest, null, 2)}\n`);
await rm('package-lock.json');
