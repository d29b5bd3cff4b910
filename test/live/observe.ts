import { observeAcceptance, observeCreate } from './facts-create.js';
import { observeNames } from './facts-names.js';
import { observePolicies } from './facts-policies.js';
import { observePut } from './facts-put.js';
import { observeChance, observeRefusals } from './facts-refusals.js';
import { observeServices } from './facts-services.js';
import type { Fact, Workbench } from './workbench.js';

/** Observes every disputed fact. Removes what it has created, whatever happens. */
export async function observe(bench: Workbench): Promise<readonly Fact[]> {
  try {
    await observeCreate(bench);
    await observePut(bench);
    await observeNames(bench);
    await observeAcceptance(bench);
    await observeRefusals(bench);
    await observePolicies(bench);
    await observeServices(bench);
    await observeChance(bench);
  } finally {
    await bench.clear();
  }
  return bench.facts;
}

/** Returns the facts as a Markdown table. */
export function factTable(facts: readonly Fact[]): string {
  const cell = (text: string): string =>
    text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replace(/\s+/g, ' ');
  const rows = facts.map(({ id, question, observed }) => `| ${id} | ${cell(question)} | ${cell(observed)} |`);
  return ['| Fact | Question | Observed |', '|---|---|---|', ...rows].join('\n');
}
