// What a run starts as a worker: it loads the worker's program with the code cache that the build made.
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { codeCache, loadProgram } = require('./load-program.cjs');

const file = join(__dirname, 'worker-program.cjs');
const cache = codeCache(file);
// The build leaves an empty file where it wants one.
const isWanted = cache?.length === 0;
const script = loadProgram(file, require, isWanted ? undefined : cache);
if (isWanted) process.on('exit', () => writeFileSync(`${file}.cache`, script.createCachedData()));
