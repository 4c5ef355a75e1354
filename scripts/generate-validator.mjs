// Compiles pipeline.schema.json of src/engine/schemas into pipeline.validator.js. Loading and running ajv at start-up costs more
// than all the rest of reading a pipeline, so the command line loads the compiled function instead.
// `--check` writes nothing and exits with 1 when the committed file is not what the schema gives.
import { readFileSync, writeFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';

const schemaFile = new URL('../src/engine/schemas/pipeline.schema.json', import.meta.url);
const validatorFile = new URL('../src/engine/schemas/pipeline.validator.js', import.meta.url);

const ajv = new Ajv({
  allErrors: true,
  // Errors carry their schema: messages get allowed keys, titles and examples from it.
  verbose: true,
  allowUnionTypes: true,
  strictTypes: false,
  code: { source: true, esm: true, lines: true },
});
const validate = ajv.compile(JSON.parse(readFileSync(schemaFile, 'utf8')));
const code = standaloneCode.default(ajv, validate);
if (/\brequire\(/.test(code)) {
  throw new Error(
    'the schema uses a keyword that needs a run-time import (minLength, uniqueItems, format): express it otherwise',
  );
}
const text = `// Made from pipeline.schema.json by scripts/generate-validator.mjs: do not edit.\n${code}\n`;

if (process.argv.includes('--check')) {
  if (readFileSync(validatorFile, 'utf8') !== text) {
    process.stderr.write(
      'src/engine/schemas/pipeline.validator.js is stale: run node scripts/generate-validator.mjs\n',
    );
    process.exitCode = 1;
  }
} else {
  writeFileSync(validatorFile, text);
}
