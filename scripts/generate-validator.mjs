// Compiles the schemas of pipeline files and settings in src/engine/schemas into NAME.validator.js. Loading and running ajv at start-up costs more
// than all the rest of reading a pipeline, so the command line loads the compiled function instead.
// `--check` writes nothing and exits with 1 when a committed file is not what its schema gives.
import { readFileSync, writeFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';

const folder = new URL('../src/engine/schemas/', import.meta.url);

const ajv = new Ajv({
  allErrors: true,
  // Errors carry their schema: messages get allowed keys, titles and examples from it.
  verbose: true,
  allowUnionTypes: true,
  strictTypes: false,
  code: { source: true, esm: true, lines: true },
});
// The part that several files share.
ajv.addSchema(JSON.parse(readFileSync(new URL('executors.schema.json', folder), 'utf8')), 'executors.schema.json');

for (const name of ['pipeline', 'settings']) {
  const validate = ajv.compile(JSON.parse(readFileSync(new URL(`${name}.schema.json`, folder), 'utf8')));
  const code = standaloneCode.default(ajv, validate);
  if (/\brequire\(/.test(code)) {
    throw new Error(
      `${name}.schema.json uses a keyword that needs a run-time import (minLength, uniqueItems, format): express it otherwise`,
    );
  }
  const text = `// Made from ${name}.schema.json by scripts/generate-validator.mjs: do not edit.\n${code}\n`;
  const validatorFile = new URL(`${name}.validator.js`, folder);
  if (!process.argv.includes('--check')) writeFileSync(validatorFile, text);
  else if (readFileSync(validatorFile, 'utf8') !== text) {
    process.stderr.write(`src/engine/schemas/${name}.validator.js is stale: run node scripts/generate-validator.mjs\n`);
    process.exitCode = 1;
  }
}
