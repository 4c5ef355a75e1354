import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { repository } from './repository.ts';

const folder = join(repository, 'src/engine/schemas/output');

export type Schema = Readonly<Record<string, unknown>>;

/** The published schemas, by name. */
export const outputSchemas: ReadonlyMap<string, Schema> = new Map(
  readdirSync(folder)
    .sort()
    .map((file) => [file.replace('.schema.json', ''), JSON.parse(readFileSync(join(folder, file), 'utf8')) as Schema]),
);

const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
for (const [name, schema] of outputSchemas) ajv.addSchema(schema, `${name}.schema.json`);

/** What is wrong with a document by one of the schemas; nothing if it is valid. */
export function problemsOf(schema: string, document: unknown): readonly string[] {
  const validate = ajv.getSchema(`${schema}.schema.json`);
  if (!validate) throw new Error(`there is no schema ${schema}`);
  validate(document);
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
