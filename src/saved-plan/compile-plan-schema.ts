import { Ajv } from 'ajv';
import schema from '../../schemas/plan.schema.json' with { type: 'json' };

/** Checks a saved plan against the published schema. The build replaces this module with compiled code. */
export const validatePlan = new Ajv({ allErrors: false, allowUnionTypes: true }).compile(schema);
