// What `vmfdag` starts: it loads the command line with the code cache that the build made, so that nothing is compiled
// again. V8 refuses a cache of another Node, or of other flags, which changes nothing else. CommonJS, since Node's
// loader of ES modules takes time to start: with child_process (lazy-modules.mjs) a tenth of what `vmfdag --version` took.
const { join } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { codeCache, COMMAND_FLAGS, loadProgram } = require('./load-program.cjs');

/** Most commands have ended by then. */
const SHORT_MS = 1000;

// Before the script is made: V8 accepts a code cache only under the flags under which it was made.
setFlagsFromString(COMMAND_FLAGS);
setTimeout(() => setFlagsFromString('--incremental-marking'), SHORT_MS).unref();
const file = join(__dirname, 'command.cjs');
loadProgram(file, require, codeCache(file));
