import { parseNamed } from './names.js';
import type { Planned } from './planner.js';
import type { Run } from './run.js';

/** Warns of targets that fit nothing in any account: most often a slip of the pen. */
export function warnOfMissedTargets({ options, out }: Run, { accounts }: Planned): void {
  const all = [...accounts.values()];
  for (const target of options.target ?? []) {
    const { account, name } = parseNamed(target);
    const asked = all.filter(({ plan }) => account === undefined || plan.accountId === account);
    const missed = all.length > 0 && asked.every((each) => each.missed.includes(name));
    if (missed)
      out.tell(
        'warn',
        `Warning: --target ${JSON.stringify(target)} matches no webhook in the file or the account.`,
      );
  }
}
