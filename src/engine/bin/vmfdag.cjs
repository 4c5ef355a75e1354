#!/usr/bin/env node
// A file of its own that is never built: npm links the command of a workspace only where it finds the file.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const program = join(__dirname, '../dist/vmfdag.cjs');
if (existsSync(program)) {
  require(program);
} else {
  console.error(`vmfdag is not built: there is no ${program}. In a clone, "npm run build" makes it.`);
  process.exitCode = 1;
}
