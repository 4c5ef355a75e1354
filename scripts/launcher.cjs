// What `vmfdag` starts: it loads the command line with V8's code cache for it, which the build made, so that nothing is compiled
// again. A cache of another Node, or of other flags, is refused by V8, and nothing else is different. CommonJS, since Node's
// loader of ES modules takes time to get ready: with child_process (lazy-child-process.cjs) a tenth of what `vmfdag --version` took.
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
