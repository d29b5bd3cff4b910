import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../../..');
/** The command as users get it. */
export const BIN = path.join(ROOT, 'dist/hookwright.cjs');

/**
 * The part of GitHub's command that the workflows call, with issues in a JSON file. A job's legs run
 * concurrently, so each call has the file to itself. Otherwise one leg could undo what another one writes.
 */
const GH = `#!/usr/bin/env node
const { mkdirSync, readFileSync, renameSync, rmdirSync, writeFileSync } = require('node:fs');
const { GH_ISSUES, GH_TOKEN, GH_REPO, TITLE } = process.env;
if (!GH_TOKEN || !GH_REPO) throw new Error('gh is not logged in');
const lock = GH_ISSUES + '.lock';
for (let isMine = false; !isMine; ) {
  try {
    mkdirSync(lock);
    isMine = true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  }
}
process.on('exit', () => rmdirSync(lock));
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

/** Writes a stand-in for gh, for the start of the search path, and a checkout of our action into `folder`. */
export async function makeTools(folder: string): Promise<{
  readonly bin: string;
  readonly action: string;
  readonly issuesFile: string;
  readonly issues: () => Promise<readonly Issue[]>;
}> {
  const bin = path.join(folder, 'tools');
  const issuesFile = path.join(folder, 'issues.json');
  await mkdir(bin, { recursive: true });
  await writeFile(issuesFile, '[]');
  await writeFile(path.join(bin, 'gh'), GH, { mode: 0o755 });
  // A copy, so that a build during the test cannot delete it.
  const action = path.join(folder, 'action');
  await cp(path.dirname(BIN), path.join(action, 'dist'), { recursive: true });
  for (const file of ['action.yml', 'package.json']) await cp(path.join(ROOT, file), path.join(action, file));
  return {
    bin,
    action,
    issuesFile,
    issues: async () => JSON.parse(await readFile(issuesFile, 'utf8')) as readonly Issue[],
  };
}
