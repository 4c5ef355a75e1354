const { readFileSync } = require('node:fs');
const { dirname } = require('node:path');
const { Script } = require('node:vm');

/**
 * Runs a CommonJS file that is a function already, as Node would make of it, but from a code cache if there is one. Returns the script,
 * from which a cache can be made.
 *
 * @param require finds the file's packages: that of a module in its folder
 */
exports.loadProgram = (file, require, cachedData) => {
  // The build writes ASCII, which is read faster as such.
  const script = new Script(readFileSync(file, 'latin1'), { filename: file, cachedData });
  // Code from a cache cannot import ES modules: it has no loader.
  const module = { exports: {}, importModule: (url) => import(url) };
  script.runInThisContext()(module.exports, require, module, file, dirname(file));
  return script;
};

/** The code cache of a file; undefined where the build made none. */
exports.codeCache = (file) => {
  try {
    return readFileSync(`${file}.cache`);
  } catch {
    return undefined;
  }
};
