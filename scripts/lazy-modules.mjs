// Lets a bundle load modules of Node at their first use, since most commands do not need them: each takes Node milliseconds.
import { builtinModules, createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** @param {readonly string[]} names as `fs/promises` */
export function lazyModules(names) {
  const specifiers = names.map((name) => `node:${name}`);
  for (const name of names) if (!builtinModules.includes(name)) throw new Error(`Node has no module ${name}`);
  return {
    name: 'lazy-modules',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^node:/ }, ({ path }) =>
        specifiers.includes(path) ? { path, namespace: 'lazy-modules' } : undefined,
      );
      onLoad({ filter: /^/, namespace: 'lazy-modules' }, ({ path }) => ({ contents: lazyModule(path) }));
    },
  };
}

const lazyModule = (specifier) => `
for (const name of ${JSON.stringify(Object.keys(require(specifier)))}) {
  const get = () => process.getBuiltinModule(${JSON.stringify(specifier)})[name];
  Object.defineProperty(exports, name, { enumerable: true, get });
}`;
