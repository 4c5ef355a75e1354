import type { SchemaError } from './pipeline.validator.js';

/** Checks a value against settings.schema.json, all errors at once; they are left in `errors`. */
declare const validate: { (data: unknown): boolean; errors?: readonly SchemaError[] | null };
export default validate;
