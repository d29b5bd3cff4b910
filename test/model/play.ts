import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startCli, type Running } from '../support/cli.js';
import type { PlanDocument } from './document.js';
import { bare, usedBy, type State, type Webhook } from './forms.js';
import { remedied } from './remedies.js';
import { Gate, type Caller, type Exchange } from './gate.js';
import { edited, environment, fileText } from './revisions.js';
import {
  tidy,
  type DesiredFile,
  type Edit,
  type Flags,
  type HandEdit,
  type Script,
  type Trouble,
} from './script.js';
import { ACCOUNT_PATH, TOKEN, usersOf, type Server, type StartServer } from './servers.js';
import { VirtualTime } from './time.js';

/** One run of the command. */
export type Run = {
  readonly name: string;
  readonly args: readonly string[];
  readonly file: DesiredFile;
  readonly previous?: DesiredFile;
  readonly flags: Flags;
  /** Names passed with `--rotate` and `--replace`. */
  readonly renewed: ReadonlySet<string>;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether its process died. If so, its output does not count. */
  readonly died: boolean;
  readonly interrupted: boolean;
  readonly exchanges: readonly Exchange[];
  /** The plan and its outcomes, if there are any. */
  readonly document?: PlanDocument;
  /** The saved plan that was applied, and the run that made it. */
  readonly saved?: { readonly plan: PlanDocument; readonly seen: Run };
};

/** What happened together: one run, two concurrent runs, or manual changes. */
export type Scene = {
  readonly what: string;
  readonly runs: readonly Run[];
  readonly before: State;
  readonly after: State;
  /** Plans that were made afterwards, if the runs report success. */
  readonly checks: readonly Run[];
};

export type Played = { readonly scenes: readonly Scene[]; readonly createdAt: (id: string) => string };

/** Longer than any lag. */
const PAUSE_MS = 60_000;
const MAX_REMEDIES = 3;

/** Plays a whole script. The last scenes are clean applies of the last file. */
export async function play(script: Script, start: StartServer): Promise<Played> {
  const server = await start(script);
  const time = new VirtualTime();
  const folder = await mkdtemp(path.join(tmpdir(), 'hookwright-model-'));
  const gate = await Gate.open(server, time, script);
  const player = new Player({ script, server, time, gate, folder });
  try {
    return { scenes: await player.play(), createdAt: (id) => gate.createdAt(id) };
  } finally {
    await gate.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

type Stage = {
  readonly script: Script;
  readonly server: Server;
  readonly time: VirtualTime;
  readonly gate: Gate;
  readonly folder: string;
};

type Asked = {
  readonly command: 'plan' | 'apply';
  readonly file: DesiredFile;
  readonly flags: Flags;
  readonly trouble?: Trouble;
  readonly latencies?: readonly number[];
  readonly onCount?: (count: number) => void;
  /** The previous state to use, if not the deployed one. */
  readonly previous?: DesiredFile;
  readonly saved?: { readonly path: string; readonly plan: PlanDocument; readonly seen: Run };
  readonly more?: readonly string[];
};

const PLAIN: Flags = { allow: 'nothing', parallelism: 10 };
const CALM: Trouble = { faults: [] };

class Player {
  readonly #stage: Stage;
  readonly #scenes: Scene[] = [];
  readonly #history: DesiredFile[] = [];
  #file: DesiredFile;
  #deployed: DesiredFile;
  #runs = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#file = stage.script.file;
    this.#deployed = stage.script.file;
  }

  async play(): Promise<readonly Scene[]> {
    for (const step of this.#stage.script.steps) {
      this.#stage.time.pass(PAUSE_MS);
      switch (step.step) {
        case 'apply':
          this.#edit(step.edits);
          await this.#scene('apply', async () => [
            await this.#run({ command: 'apply', file: this.#file, ...step }),
          ]);
          break;
        case 'race': {
          const one = this.#edit(step.edits);
          const other = this.#edit(step.moreEdits);
          await this.#scene('race', () => this.#race([one, other], step));
          break;
        }
        case 'saved':
          this.#edit(step.edits);
          await this.#saved(step);
          break;
        case 'hand':
          await this.#byHand(step.edits);
          break;
      }
    }
    await this.#settle();
    return this.#scenes;
  }

  /** Applies the last file, following the advice of guards. The last apply must find nothing to do. */
  async #settle(): Promise<void> {
    const apply = (what: string, flags: Flags): Promise<readonly Run[]> => {
      this.#stage.time.pass(PAUSE_MS);
      return this.#scene(what, async () => [await this.#run({ command: 'apply', file: this.#file, flags })]);
    };
    const flags: Flags = { allow: 'deletes', parallelism: 3 };
    let [run] = await apply('clean apply', flags);
    for (let refusals = 0; run?.code === 6 && refusals < MAX_REMEDIES; refusals += 1) {
      this.#file = tidy(remedied(run));
      [run] = await apply('clean apply after the remedies', { ...flags, allow: 'deletes-and-detaches' });
    }
    await apply('another clean apply', flags);
  }

  #edit(edits: readonly Edit[]): DesiredFile {
    const { webhooks, policies } = this.#stage.gate.state();
    const ids = webhooks.map(({ id }) => id);
    this.#file = edited(this.#file, edits, {
      history: this.#history,
      ids,
      policies: policies.map(({ id, name }) => ({ id, name })),
    });
    this.#history.push(this.#file);
    return this.#file;
  }

  /** Plays runs, and plans again if they report success. Then also moves the previous state. */
  async #scene(what: string, act: () => Promise<readonly Run[]>): Promise<readonly Run[]> {
    const before = this.#stage.gate.state();
    const runs = await act();
    const after = this.#stage.gate.state();
    const checks: Run[] = [];
    const succeeded = runs.filter(({ code, died, args }) => code === 0 && !died && args[0] === 'apply');
    if (succeeded.length === runs.length) {
      this.#stage.time.pass(PAUSE_MS);
      for (const file of new Set(succeeded.map((run) => run.file))) {
        checks.push(
          await this.#run({
            command: 'plan',
            file,
            previous: file,
            flags: PLAIN,
            more: ['--detailed-exitcode'],
          }),
        );
      }
    }
    for (const run of succeeded) this.#deployed = run.file;
    this.#scenes.push({ what, runs, before, after, checks });
    return runs;
  }

  async #race(
    [one, other]: readonly [DesiredFile, DesiredFile],
    step: {
      readonly flags: Flags;
      readonly troubles: readonly [Trouble, Trouble];
      readonly offset: number;
      readonly latencies: readonly number[];
    },
  ): Promise<readonly Run[]> {
    const { flags, latencies } = step;
    const [first, second] = step.troubles;
    return this.#stage.time.race(async () => {
      let begin = (): void => undefined;
      const started = new Promise<void>((resolve) => (begin = resolve));
      const onCount = (count: number): void => {
        if (count >= step.offset) begin();
      };
      if (step.offset === 0) begin();
      const leading = this.#run({ command: 'apply', file: one, flags, trouble: first, latencies, onCount });
      void leading.then(begin);
      await started;
      const later = [...latencies].reverse();
      const following = this.#run({
        command: 'apply',
        file: other,
        flags,
        trouble: second,
        latencies: later,
      });
      return Promise.all([leading, following]);
    });
  }

  async #saved(step: {
    readonly flags: Flags;
    readonly meanwhile: readonly HandEdit[];
    readonly troubles: readonly Trouble[];
  }): Promise<void> {
    const { folder, time } = this.#stage;
    const file = this.#file;
    const out = path.join(folder, `plan-${this.#runs}.json`);
    let seen: Run | undefined;
    await this.#scene('plan --out', async () => {
      seen = await this.#run({ command: 'plan', file, flags: step.flags, more: ['--out', out] });
      return [seen];
    });
    const plan = await readDocument(out);
    if (!seen || !plan || seen.code !== 0) return;
    const saved = { path: out, plan, seen };
    await this.#byHand(step.meanwhile);
    for (const trouble of step.troubles) {
      time.pass(PAUSE_MS);
      await this.#scene('apply of the saved plan', async () => [
        await this.#run({ command: 'apply', file, flags: step.flags, trouble, saved }),
      ]);
    }
  }

  async #byHand(edits: readonly HandEdit[]): Promise<void> {
    const { gate } = this.#stage;
    for (const edit of edits) {
      const before = gate.state();
      await this.#handEdit(edit);
      this.#scenes.push({
        what: `by hand: ${JSON.stringify(edit)}`,
        runs: [],
        before,
        after: gate.state(),
        checks: [],
      });
    }
  }

  async #handEdit(edit: HandEdit): Promise<void> {
    const { gate } = this.#stage;
    const { webhooks, policies } = gate.state();
    const live = 'live' in edit ? webhooks[edit.live % Math.max(1, webhooks.length)] : undefined;
    const create = async (body: {
      name: string;
      url: string;
      secret?: string;
    }): Promise<string | undefined> => {
      const result = await gate.byHand('POST', `${ACCOUNT_PATH}/destinations/webhooks`, body);
      return typeof result === 'object' && result !== null && 'id' in result
        ? bare(String(result.id))
        : undefined;
    };
    const use = async (index: number, id: string | undefined): Promise<void> => {
      const policy = policies[index % Math.max(1, policies.length)];
      if (policy && id !== undefined) await this.#putPolicy(policy.id, (ids) => [...ids, id]);
    };
    switch (edit.hand) {
      case 'rename':
        if (live)
          await gate.byHand('PUT', `${ACCOUNT_PATH}/destinations/webhooks/${live.id}`, {
            ...kept(live),
            name: edit.name,
          });
        return;
      case 'delete':
        if (live) await gate.byHand('DELETE', `${ACCOUNT_PATH}/destinations/webhooks/${live.id}`);
        return;
      case 'recreate': {
        if (!live) return;
        const users = usersOf(gate.state(), bare(live.id));
        await gate.byHand('DELETE', `${ACCOUNT_PATH}/destinations/webhooks/${live.id}`);
        const id = await create({ ...kept(live), ...(edit.url !== undefined && { url: edit.url }) });
        if (edit.used && id !== undefined)
          for (const user of users) await this.#putPolicy(user.id, (ids) => [...ids, id]);
        return;
      }
      case 'add': {
        const id = await create({ name: edit.name, url: edit.url, secret: 'their-secret' });
        if (edit.policy !== undefined) await use(edit.policy, id);
        return;
      }
      case 'use':
        await use(edit.policy, live?.id);
        return;
      case 'unuse': {
        const policy = policies[edit.policy % Math.max(1, policies.length)];
        const id = bare(live?.id ?? '');
        if (policy && usedBy(policy).some((each) => each !== id))
          await this.#putPolicy(policy.id, (ids) => ids.filter((each) => each !== id));
        return;
      }
    }
  }

  async #putPolicy(id: string, change: (ids: readonly string[]) => readonly string[]): Promise<void> {
    const { gate } = this.#stage;
    const { policies, webhooks } = gate.state();
    const policy = policies.find((each) => each.id === id);
    if (!policy) return;
    const live = new Set(webhooks.map((webhook) => bare(webhook.id)));
    const ids = (policy.mechanisms['webhooks'] ?? [])
      .map((each) => bare(each.id))
      .filter((each) => live.has(each));
    const wanted = [...new Set(change(ids))].map((each) => ({ id: each }));
    const mechanisms = { ...policy.mechanisms, webhooks: wanted };
    await gate.byHand('PUT', `${ACCOUNT_PATH}/policies/${id}`, { ...policy, mechanisms });
  }

  async #run(asked: Asked): Promise<Run> {
    const { script, time, gate, folder } = this.#stage;
    const { command, file, flags, trouble = CALM, saved, more = [] } = asked;
    const name = `${command}-${(this.#runs += 1)}`;
    const previous = asked.previous ?? (script.previous ? this.#deployed : undefined);
    const names = (index: number | undefined): string[] => {
      const entry = index === undefined ? undefined : file.entries[index % Math.max(1, file.entries.length)];
      return entry ? [entry.name] : [];
    };
    // Only an entry with a secret can be rotated.
    const rotate = names(flags.rotate).filter((each) =>
      file.entries.some((entry) => entry.name === each && hasSecret(entry)),
    );
    const replace = names(flags.replace);
    const report = path.join(folder, `${name}.json`);
    const given = saved
      ? [saved.path]
      : [
          ...(previous ? ['--previous', `${name}.previous.yaml`] : []),
          ...rotate.flatMap((each) => ['--rotate', each]),
          ...replace.flatMap((each) => ['--replace', each]),
          ...this.#allowances(flags),
        ];
    const args = [
      command,
      ...given,
      ...more,
      ...(command === 'apply' && !saved ? ['--auto-approve'] : []),
      ...[
        '-f',
        `${name}.yaml`,
        '--report',
        `json=${report}`,
        '--timeout',
        '20',
        '--settle',
        '10',
        '--retries',
        '3',
      ],
      ...['--parallelism', String(flags.parallelism)],
    ];
    let interrupted = false;
    let signal = (): void => undefined;
    const caller = gate.admit(name, trouble, {
      ...(asked.onCount && { onCount: asked.onCount }),
      ...(asked.latencies && { latencies: asked.latencies }),
      onSignal: () => {
        interrupted = true;
        signal();
      },
    });
    const running = await time.during(async () => {
      await writeFile(path.join(folder, `${name}.yaml`), fileText(file));
      if (previous) await writeFile(path.join(folder, `${name}.previous.yaml`), fileText(previous));
      const env = { CLOUDFLARE_API_TOKEN: TOKEN, CLOUDFLARE_BASE_URL: caller.baseUrl, ...environment(file) };
      const started = startCli(args, { cwd: folder, env, clock: clockOf(time, caller) });
      signal = () => started.signal('SIGINT');
      await firstRequest(caller, started);
      return { done: started.done };
    });
    const { code, stdout, stderr } = await running.done;
    const document = await readDocument(report);
    return {
      name,
      args,
      file,
      ...(previous && !saved && { previous }),
      flags,
      renewed: new Set(saved ? [] : [...rotate, ...replace]),
      code,
      stdout,
      stderr,
      died: caller.isDead(),
      interrupted,
      exchanges: caller.exchanges,
      ...(document && { document }),
      ...(saved && { saved: { plan: saved.plan, seen: saved.seen } }),
    };
  }

  /** Returns `--allow-delete` for all live webhooks, and `--allow-detach` likewise. */
  #allowances({ allow }: Flags): string[] {
    if (allow === 'nothing') return [];
    const names = new Set(this.#stage.gate.state().webhooks.map(({ name }) => name));
    const flags = allow === 'deletes' ? ['--allow-delete'] : ['--allow-delete', '--allow-detach'];
    return flags.flatMap((flag) => [...names].flatMap((name) => [flag, name]));
  }
}

function hasSecret({ secret, urlByVariable }: DesiredFile['entries'][number]): boolean {
  return urlByVariable || typeof secret === 'number';
}

const kept = ({ name, url, secret }: Webhook): { name: string; url: string; secret?: string } => ({
  name,
  url,
  ...(secret !== undefined && { secret }),
});

/** A dead process does not wait. */
function clockOf(time: VirtualTime, caller: Caller) {
  return {
    now: () => time.now(),
    monotonic: () => time.monotonic(),
    sleep: (milliseconds: number, signal?: AbortSignal) =>
      time.sleep(caller.isDead() ? 0 : milliseconds, signal),
  };
}

/** Waits until the command has sent a request or ended. */
async function firstRequest(caller: Caller, running: Running): Promise<void> {
  const ended = running.done.then(
    () => true,
    () => true,
  );
  const turn = (): Promise<false> => new Promise((resolve) => void setImmediate(() => resolve(false)));
  while (caller.sent() === 0 && !(await Promise.race([ended, turn()])));
}

async function readDocument(file: string): Promise<PlanDocument | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  // A run that failed before it had a plan reports only its error.
  return text === undefined ? undefined : { accounts: [], ...(JSON.parse(text) as Partial<PlanDocument>) };
}
