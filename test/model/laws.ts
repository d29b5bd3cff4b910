import { judgePolicies } from './alerts.js';
import { judgeExit, judgeOutcomes, judgeReplaced, judgeStale } from './claims.js';
import { judgeEnd, judgeLast } from './endings.js';
import { bare } from './forms.js';
import type { Played, Run, Scene } from './play.js';
import type { Script } from './script.js';
import { judgeBody, judgeCreates, judgeTouch, knownTo, type KnownTo } from './touches.js';
import { newcomers, Roles, type Context } from './trace.js';

export const LAWS = {
  'foreign-touched':
    'a run deletes, changes or re-routes nothing but what its plan may name: the webhook that an entry found, its leftovers, what the file has deleted, and what the run itself made',
  'unplanned-write': 'a run deletes and changes nothing that its plan did not name',
  'alert-lost':
    'at no time does a policy lack a live webhook for something that it reached before and that the plan does not take out of it',
  'policy-changed':
    'no policy changes in anything but its webhooks, and no policy gets a webhook that the file does not route to it',
  'policy-dangling': 'no policy gets the id of a webhook that is not live',
  'secret-misdelivered':
    'a secret goes to the url and webhook of its entry only, and after a rotation the new value is there',
  'created-twice': 'a run makes one webhook for an entry, one more only after an answer that says nothing',
  'left-behind':
    'whatever happened, an entry has at most its webhook and one leftover a run; a run that ended by itself leaves no more than before plus one',
  'unnoticed-rival':
    'of two runs that make the same webhook at once, one says that it gave way, if a secret is involved',
  'untrue-exit': 'exit codes and sentences say what was done',
  'untrue-outcome': 'what is called applied is so',
  'not-empty': 'after an apply that said all is done nothing is left to plan',
  'needless-refusal': 'a guard refuses only what the rules leave open',
  'not-converged': 'a clean apply ends in the state of the file',
  'stale-applied': 'a saved plan is carried out only on what it saw',
  crash: 'no run ends in an internal error',
} as const;
export type Law = keyof typeof LAWS;

export type Violation = {
  readonly law: Law;
  /** The index of the scene. */
  readonly scene: number;
  readonly where: string;
  readonly what: string;
};

/** Returns all violations of a played script. */
export function broken(script: Script, played: Played): Violation[] {
  const violations: Violation[] = [];
  const roles = new Roles();
  let at = 0;
  const report = (law: Law, what: string, run?: Run): void => {
    const where = `scene ${at + 1} (${played.scenes[at]?.what ?? ''})${run ? ` ${run.name}` : ''}`;
    violations.push({ law, scene: at, where, what });
  };
  const context: Context = { script, played, roles, report };
  for (const [n, scene] of played.scenes.entries()) {
    at = n;
    const known = new Map(scene.runs.map((run) => [run, knownTo(context, run)]));
    for (const { readings } of [...known.values()].flatMap((each) => each ?? [])) {
      for (const { live, leftovers } of readings.flatMap(({ found }) => found))
        roles.unite([...(live ? [live] : []), ...leftovers]);
    }
    roles.assign(scene);
    for (const run of scene.runs) judgeRun(context, run, scene, known.get(run));
    judgePolicies(context, scene, (run) => known.get(run)?.readings ?? []);
    judgeEnd(context, scene);
  }
  at = played.scenes.length - 2;
  judgeLast(context);
  return violations;
}

function judgeRun(context: Context, run: Run, scene: Scene, known: KnownTo | undefined): void {
  if (run.stderr.includes('This is a bug') || run.code === null)
    context.report('crash', run.stderr.slice(0, 400), run);
  const made = new Set<string>();
  for (const exchange of run.exchanges) {
    judgeBody(context, run, exchange);
    if (!exchange.effect) continue;
    if (exchange.method === 'POST') newcomers(exchange).forEach(({ id }) => made.add(bare(id)));
    judgeTouch(context, run, exchange, known, made);
  }
  judgeCreates(context, run, made, scene);
  if (run.died) return;
  judgeExit(context, run, known?.readings ?? []);
  if (run.saved) judgeStale(context, run, run.saved.seen);
  if (scene.runs.length === 1) judgeOutcomes(context, run, scene.after);
  judgeReplaced(context, run, scene.after);
}
