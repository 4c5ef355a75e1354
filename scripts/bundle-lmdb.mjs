// Puts lmdb into a bundle, as one file that starts in a fraction of the time: from node_modules it reads thirty files and looks for
// two native addons, of which one serves an encoding that the store does not use.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, relative } from 'node:path';

/** Replaces the search for the addon: the file that the search found when this was built, if this is still the same kind of Node. */
const findAddon = (built) => `
const { join } = require('node:path');
const built = ${JSON.stringify(built)};
module.exports = (directory) => {
  const { versions, platform, arch } = process;
  if (versions.modules === built.modules && platform === built.platform && arch === built.arch) {
    try {
      return require(join(__dirname, built.addon));
    } catch {
      // Packages have been moved since: they are searched.
    }
  }
  const lmdb = require.resolve('lmdb');
  return require('node:module').createRequire(lmdb)('node-gyp-build-optional-packages')(join(lmdb, '../..'));
};`;

/** @param {string} root folder of the package; @param {string} dist folder that the bundle will run from */
export function bundleLmdb(root, dist) {
  const fromRoot = createRequire(`${root}/package.json`);
  const main = fromRoot.resolve('lmdb');
  const addon = createRequire(main)('node-gyp-build-optional-packages').path(dirname(dirname(main)));
  const { platform, arch, versions } = process;
  const built = { addon: relative(dist, addon), modules: versions.modules, platform, arch };
  return {
    name: 'lmdb',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^lmdb$/ }, ({ kind }) => (kind === 'require-resolve' ? { external: true } : { path: main }));
      onResolve({ filter: /^(node-gyp-build-optional-packages|msgpackr-extract)$/ }, ({ path }) => ({
        path,
        namespace: 'lmdb',
      }));
      onLoad({ filter: /^node-gyp/, namespace: 'lmdb' }, () => ({ contents: findAddon(built), resolveDir: root }));
      onLoad({ filter: /^msgpackr/, namespace: 'lmdb' }, () => ({ contents: 'module.exports = undefined;' }));
      onLoad({ filter: /[\\/]lmdb[\\/]dist[\\/]index\.cjs$/ }, async ({ path }) => ({
        contents: quiet + (await readFile(path, 'utf8')),
      }));
    },
  };
}

/** lmdb prints the stack of an error in its write thread, although it rejects with the same error. Users get the one line only. */
const quiet = `'use strict';
const console = {
  ...globalThis.console,
  error: (...values) => values.length === 1 && values[0] instanceof Error || globalThis.console.error(...values),
};
`;
