import type { Planned } from './planner.js';
import type { Run } from './run.js';

/** Warns of targets that fit nothing in any account: most often a slip of the pen. */
export function warnOfMissedTargets({ options, out }: Run, { accounts }: Planned): void {
  const all = [...accounts.values()];
  for (const target of options.target ?? []) {
    const missed = all.length > 0 && all.every((account) => account.missed.includes(target));
    if (missed)
      out.tell('warn', `Warning: --target ${JSON.stringify(target)} fits no webhook, desired or live.`);
  }
}
