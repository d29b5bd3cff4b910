import desired from '../../schemas/hookwright.schema.json' with { type: 'json' };
import events from '../../schemas/events.schema.json' with { type: 'json' };
import plan from '../../schemas/plan.schema.json' with { type: 'json' };
import { EXIT, type ExitCode } from '../core/exit-codes.js';
import type { Run } from '../cli/run.js';

const SCHEMAS: Readonly<Record<string, unknown>> = { desired, plan, events };

/** Prints one of the published JSON Schemas. */
export function schema({ args: [name = 'desired'], out }: Run): Promise<ExitCode> {
  out.result(JSON.stringify(SCHEMAS[name], undefined, 2));
  return Promise.resolve(EXIT.done);
}
