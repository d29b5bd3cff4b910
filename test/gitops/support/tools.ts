import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../../..');
/** The command that users get. */
export const BIN = path.join(ROOT, 'dist/hookwright.cjs');

/** Installs the command as built here instead of one from a registry. */
const npm = (command: string): string => `#!/usr/bin/env node
const { chmodSync, mkdirSync, writeFileSync } = require('node:fs');
const args = process.argv.slice(2);
const bin = args[args.indexOf('--prefix') + 1] + '/bin';
if (!/^hookwright@\\d+\\.\\d+\\.\\d+$/.test(args.at(-1))) throw new Error('npm ' + args.join(' '));
mkdirSync(bin, { recursive: true });
writeFileSync(bin + '/hookwright', '#!/bin/sh\\nexec node "${command}" "$@"\\n');
chmodSync(bin + '/hookwright', 0o755);
`;

/**
 * As much of GitHub's command as the workflows call; the issues are in a JSON file. The legs of a job run at once, so
 * the file is changed in one step: another leg would read half of it.
 */
const GH = `#!/usr/bin/env node
const { readFileSync, renameSync, writeFileSync } = require('node:fs');
const { GH_ISSUES, GH_TOKEN, GH_REPO, TITLE } = process.env;
if (!GH_TOKEN || !GH_REPO) throw new Error('gh is not logged in');
const issues = JSON.parse(readFileSync(GH_ISSUES, 'utf8'));
const [topic, verb, ...rest] = process.argv.slice(2);
const flag = (name) => rest[rest.indexOf(name) + 1];
const body = () => readFileSync(flag('--body-file'), 'utf8');
const open = issues.find(({ title, state }) => state === 'open' && title === TITLE);
switch (topic + ' ' + verb) {
  case 'label create': break;
  case 'issue list':
    if (flag('--jq') !== 'map(select(.title == env.TITLE)) | .[0].number // empty') throw new Error(flag('--jq'));
    if (open) console.log(open.number);
    break;
  case 'issue create':
    issues.push({ number: issues.length + 1, title: flag('--title'), state: 'open', body: body() });
    break;
  case 'issue edit': issues.find(({ number }) => String(number) === rest[0]).body = body(); break;
  case 'issue close': issues.find(({ number }) => String(number) === rest[0]).state = 'closed'; break;
  default: throw new Error('gh ' + topic + ' ' + verb);
}
if (topic === 'issue' && verb !== 'list') {
  writeFileSync(GH_ISSUES + '.' + process.pid, JSON.stringify(issues));
  renameSync(GH_ISSUES + '.' + process.pid, GH_ISSUES);
}
`;

export type Issue = {
  readonly number: number;
  readonly title: string;
  readonly state: 'open' | 'closed';
  readonly body: string;
};

/** Puts stand-ins for npm and gh into `folder`, to come first on the search path. */
export async function makeTools(folder: string): Promise<{
  readonly bin: string;
  readonly issuesFile: string;
  readonly issues: () => Promise<readonly Issue[]>;
}> {
  const bin = path.join(folder, 'tools');
  const issuesFile = path.join(folder, 'issues.json');
  await mkdir(bin, { recursive: true });
  await writeFile(issuesFile, '[]');
  // A copy, so that a build under way elsewhere does not pull it away.
  const product = path.join(folder, 'product');
  await cp(path.dirname(BIN), path.join(product, 'dist'), { recursive: true });
  await cp(path.join(ROOT, 'package.json'), path.join(product, 'package.json'));
  await writeFile(path.join(bin, 'npm'), npm(path.join(product, 'dist', path.basename(BIN))), {
    mode: 0o755,
  });
  await writeFile(path.join(bin, 'gh'), GH, { mode: 0o755 });
  return {
    bin,
    issuesFile,
    issues: async () => JSON.parse(await readFile(issuesFile, 'utf8')) as readonly Issue[],
  };
}
