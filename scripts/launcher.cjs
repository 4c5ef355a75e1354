// What `vmfdag` starts: it loads the command line with the code cache that the build made, so that nothing is compiled
// again. V8 refuses a cache of another Node, or of other flags, which changes nothing else. CommonJS, since Node's
// loader of ES modules takes time to start: with child_process (lazy-child-process.cjs) a tenth of what `vmfdag --version` took.
const { join } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { codeCache, loadProgram } = require('./load-program.cjs');

// By default, V8 lets new objects take more memory as the program goes on, all of it fresh from the system, page by page. Where that is
// expensive, it costs more than collecting garbage from little memory that lies in the processor's cache.
const FEW_NEW_OBJECTS_AT_A_TIME = '--semi-space-growth-factor=1';

// Before the script is made: V8 accepts a code cache only under the flags under which it was made.
setFlagsFromString(FEW_NEW_OBJECTS_AT_A_TIME);
const file = join(__dirname, 'command.cjs');
loadProgram(file, require, codeCache(file));
