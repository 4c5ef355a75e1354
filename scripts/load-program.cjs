const { readFileSync } = require('node:fs');
const { dirname } = require('node:path');
const { Script } = require('node:vm');

/**
 * Runs a CommonJS file as Node would, but from a code cache if there is one. Returns the script, of which a cache can be made.
 *
 * @param require what the file finds packages with: that of a module in its folder.
 */
exports.loadProgram = (file, require, cachedData) => {
  // The build writes ASCII, which is read faster as such.
  const text = readFileSync(file, 'latin1');
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${text}\n})`, {
    filename: file,
    cachedData,
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, file, dirname(file));
  return script;
};
