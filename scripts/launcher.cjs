// What `vmfdag` starts: it loads the command line with the code cache that the build made, so that nothing is compiled
// again. V8 refuses a cache of another Node, or of other flags, which changes nothing else. CommonJS, since Node's
// loader of ES modules takes time to start: with child_process (lazy-child-process.cjs) a tenth of what `vmfdag --version` took.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { loadProgram } = require('./load-program.cjs');

const file = join(__dirname, 'command.cjs');
loadProgram(file, require, codeCache());

function codeCache() {
  try {
    return readFileSync(`${file}.cache`);
  } catch {
    return undefined;
  }
}
