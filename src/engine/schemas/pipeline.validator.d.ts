/** Of ajv's errors what messages are made from; the compiled validator needs nothing of ajv, so neither do its types. */
export interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly propertyName?: string;
  readonly message?: string;
  readonly parentSchema?: object;
  readonly data?: unknown;
}

/** Checks a value against pipeline.schema.json, all errors at once; they are left in `errors`. */
declare const validate: { (data: unknown): boolean; errors?: readonly SchemaError[] | null };
export default validate;
