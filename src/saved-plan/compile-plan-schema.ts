import { Ajv } from 'ajv';
import schema from '../../schemas/plan.schema.json' with { type: 'json' };

/** Checks a saved plan against the published schema. The build puts code compiled ahead in place of this module. */
export const validatePlan = new Ajv({ allErrors: false, allowUnionTypes: true }).compile(schema);
