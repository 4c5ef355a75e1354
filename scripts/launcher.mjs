// What `vmfdag` starts: it loads the command line with V8's code cache for it, which the build made, so that nothing is compiled
// again. A cache of another Node, or of other flags, is refused by V8, and nothing else is different.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadProgram } from './load-program.mjs';

const file = fileURLToPath(new URL('./command.cjs', import.meta.url));
loadProgram(file, codeCache());

function codeCache() {
  try {
    return readFileSync(`${file}.cache`);
  } catch {
    return undefined;
  }
}
