// What `vmfdag` starts: it loads the command line with the code cache that the build made, so that nothing is compiled
// again. V8 refuses a cache of another Node, or of other flags, which changes nothing else. CommonJS, since Node's
// loader of ES modules takes time to start: with child_process (lazy-modules.mjs) a tenth of what `vmfdag --version` took.
// No flags of V8 are set here: V8 would refuse the code caches that Node has for its own modules, too (base/optimize.ts does later).
const { join } = require('node:path');
const { codeCache, loadProgram } = require('./load-program.cjs');

const file = join(__dirname, 'command.cjs');
loadProgram(file, require, codeCache(file));
