import desired from '../../schemas/hookwright.schema.json' with { type: 'json' };
import events from '../../schemas/events.schema.json' with { type: 'json' };
import plan from '../../schemas/plan.schema.json' with { type: 'json' };
import { EXIT, type ExitCode } from '../core/exit-codes.js';
import type { Command, Run } from '../cli/run.js';

export const schemaCommand: Command = {
  name: 'schema',
  argument: {
    name: 'kind',
    about: 'schema to print (default: desired)',
    required: false,
    choices: ['desired', 'plan', 'events'],
  },
  about: 'print a JSON Schema',
  flags: [],
  examples: ['hookwright schema > hookwright.schema.json', 'hookwright schema plan'],
  load: () => Promise.resolve(schema),
};

const SCHEMAS: Readonly<Record<string, unknown>> = { desired, plan, events };

/** Prints one of the published JSON Schemas. */
function schema({ args: [name = 'desired'], out }: Run): Promise<ExitCode> {
  out.result(JSON.stringify(SCHEMAS[name], undefined, 2));
  return Promise.resolve(EXIT.done);
}
