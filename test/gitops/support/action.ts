import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runAction } from '../../../src/action/action.js';
import { Emulator, type EmulatorOptions } from '../../../src/emulator/emulator.js';
import { emptyFolder } from '../../support/cli.js';
import { fileOf } from '../../support/site.js';
import { REPOSITORY, startGitHub, tokenFor, type GitHub } from './github.js';
import { outputsIn } from './runner.js';
import { BIN } from './tools.js';
import { readAction, type Texts } from './workflow.js';

const { inputs: INPUTS, outputs } = readAction(path.resolve(import.meta.dirname, '../../../action.yml'));
export const OUTPUTS: readonly string[] = Object.keys(outputs);
const DEFAULTS = Object.fromEntries(
  Object.entries(INPUTS).map(([name, { default: value = '' }]) => [
    name,
    value.startsWith('${{') ? '' : value,
  ]),
);
export const SHA = 'a'.repeat(40);
export const PULL = { name: 'pull_request', payload: { pull_request: { number: 7 } }, rights: 'write' };
export const PUSH = { name: 'push', payload: {}, rights: 'write' };
/** GitHub gives forks and Dependabot a read-only token. */
export const UNTRUSTED = { ...PULL, rights: 'read' };

type Event = { readonly name: string; readonly payload: object; readonly rights: string };
type Step = {
  readonly code: number;
  readonly outputs: Texts;
  readonly log: string;
  readonly summary: string;
};
type Scene = {
  readonly emulator: Emulator;
  readonly github: GitHub;
  readonly folder: string;
  /** Runs the action once, with `files` in the workspace. */
  readonly use: (inputs: Texts, event?: Event, files?: Texts) => Promise<Step>;
  readonly comments: () => readonly string[];
};

export async function withAction(
  run: (scene: Scene) => Promise<void>,
  options: EmulatorOptions = {},
): Promise<void> {
  const folder = await emptyFolder();
  const emulator = await new Emulator(options).start();
  const github = await startGitHub();
  const workspace = path.join(folder, 'workspace');
  const use: Scene['use'] = async (inputs, event = PULL, files = A) => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(workspace, name)), { recursive: true });
      await writeFile(path.join(workspace, name), text);
    }
    const temp = await mkdtemp(path.join(folder, 'temp-'));
    const file = (name: string): string => path.join(temp, name);
    await writeFile(file('event.json'), JSON.stringify(event.payload));
    const given = { ...DEFAULTS, 'github-token': tokenFor(event.rights), ...inputs };
    const written: string[] = [];
    const code = await runAction({
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        CI: 'true',
        GITHUB_ACTIONS: 'true',
        CLOUDFLARE_API_TOKEN: 'token',
        CLOUDFLARE_BASE_URL: emulator.url,
        HOOKWRIGHT_SETTLE: '0.05',
        GITHUB_API_URL: github.url,
        GITHUB_EVENT_NAME: event.name,
        GITHUB_EVENT_PATH: file('event.json'),
        GITHUB_OUTPUT: file('output'),
        GITHUB_REPOSITORY: REPOSITORY,
        GITHUB_SHA: SHA,
        GITHUB_STEP_SUMMARY: file('summary'),
        GITHUB_WORKSPACE: workspace,
        RUNNER_TEMP: temp,
        ...Object.fromEntries(
          Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
        ),
      },
      write: (text) => void written.push(text),
      command: [process.execPath, BIN],
      onSignal: () => undefined,
    });
    const read = (name: string): Promise<string> => readFile(file(name), 'utf8').catch(() => '');
    return {
      code,
      outputs: outputsIn(await read('output')),
      log: written.join(''),
      summary: await read('summary'),
    };
  };
  const comments = (): readonly string[] => (github.comments.get(7) ?? []).map(({ body }) => body);
  try {
    await run({ emulator, github, folder, use, comments });
  } finally {
    await Promise.all([emulator.stop(), github.stop()]);
    await rm(folder, { recursive: true, force: true });
  }
}

export const fileWith = (host: string): Texts => ({
  'hookwright.yaml': fileOf(`  - { name: A, url: "https://${host}/", secret: none }`),
});
export const A = fileWith('a.example');
