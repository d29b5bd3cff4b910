import { API_FLAGS, FILE_FLAGS, PLAN_FLAGS } from '../../cli/flags.js';
import type { Command } from '../../cli/run.js';

export const planCommand: Command = {
  name: 'plan',
  about: 'show what apply would change; writes nothing',
  flags: [...FILE_FLAGS, ...PLAN_FLAGS, 'out', 'detailedExitcode', 'format', 'report', ...API_FLAGS],
  examples: ['hookwright plan', 'hookwright plan --previous git:deployed --out plan.json'],
  load: async () => (await import('./run-plan.js')).plan,
};
