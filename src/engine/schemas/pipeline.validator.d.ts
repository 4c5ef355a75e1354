import type { ErrorObject } from 'ajv';

/** Checks a value against pipeline.schema.json, all errors at once; they are left in `errors`. */
declare const validate: { (data: unknown): boolean; errors?: ErrorObject[] | null };
export default validate;
