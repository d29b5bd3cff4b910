import { Ajv } from 'ajv';
import schema from '../../../schemas/hookwright.schema.json' with { type: 'json' };

/**
 * Checks one document against the published schema, which is written so that ajv can inline all of it: a
 * function call for each webhook would copy the list of errors each time. The build replaces this module with
 * precompiled code.
 */
export const validateDesired = new Ajv({ allErrors: true, allowUnionTypes: true, messages: false }).compile(
  schema,
);
