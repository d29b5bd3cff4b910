// Collects the license of each bundled package: name, version and text.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const FOLDER = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;

/** Returns the text of dist/THIRD-PARTY-LICENSES.txt from esbuild's list of bundled files. */
export async function licenseTexts(root, metafiles) {
  const inputs = metafiles.flatMap(({ outputs }) => Object.values(outputs).flatMap(inputsOf));
  const folders = new Set(inputs.map((file) => FOLDER.exec(file)?.[0]).filter(Boolean));
  const packages = await Promise.all([...folders].map((folder) => describe(join(root, folder))));
  packages.sort((a, b) => (a.title < b.title ? -1 : 1));
  const entries = packages.map((each) => `${each.title} (${each.license})\n\n${textOf(each, packages)}\n`);
  const intro =
    'hookwright contains these packages, or parts of them. Each is followed by the terms of its license.\n';
  return [intro, ...entries].join(`\n${'-'.repeat(80)}\n\n`);
}

const inputsOf = ({ inputs }) => Object.keys(inputs).filter((file) => inputs[file].bytesInOutput > 0);

async function describe(folder) {
  const { name, version, license, repository } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  );
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice|copying)\b/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const text = texts.map((each) => each.replaceAll('\r\n', '\n').trim()).join('\n\n');
  return { title: `${name} ${version}`, license, repository: repository?.url ?? repository, text };
}

/** Some packages have no license text: the text of a package from the same repository applies to them. */
function textOf({ title, license, repository, text }, packages) {
  const sibling = packages.find(
    (each) => each.text && each.license === license && each.repository === repository,
  );
  const found = text || (repository && sibling?.text);
  if (!found) throw new Error(`${title} is bundled and has no license text`);
  return found;
}
