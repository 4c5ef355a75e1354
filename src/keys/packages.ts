import { readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The packages that a bundle reaches, and the files that say their versions. */
export interface PackageClosure {
  readonly packages: readonly string[];
  readonly manifests: readonly string[];
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** The package of an import specifier: `vega-lite/build/x.js` → `vega-lite`, `@a/b/c` → `@a/b`. */
export function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/**
 * Follows the installed packages from some names: each one's `name@version`, and those of its dependencies in turn, as
 * Node would resolve them. A new version of a dependency's dependency can change a result as well as a new version of
 * the dependency itself. A package that is not installed counts as `name@absent`: to install it is a change.
 */
export async function packageClosure(names: Iterable<string>, fromDirectory: string): Promise<PackageClosure> {
  const packages = new Set<string>();
  const manifests = new Set<string>();

  const visit = async (name: string, directory: string): Promise<void> => {
    const found = await findManifest(name, directory);
    if (!found) {
      packages.add(`${name}@absent`);
      return;
    }
    if (manifests.has(found)) return;
    manifests.add(found);
    const manifest = JSON.parse(await readFile(found, 'utf8')) as Manifest;
    packages.add(`${manifest.name ?? name}@${manifest.version ?? 'unversioned'}`);
    const dependencies = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies };
    for (const dependency of Object.keys(dependencies)) await visit(dependency, dirname(found));
  };

  for (const name of names) await visit(name, fromDirectory);
  return { packages: [...packages].sort(), manifests: [...manifests].sort() };
}

/** Looks for node_modules/NAME/package.json from a directory upwards, as Node's resolution does. */
async function findManifest(name: string, from: string): Promise<string | undefined> {
  for (let directory = from; ; directory = dirname(directory)) {
    try {
      return await realpath(join(directory, 'node_modules', name, 'package.json'));
    } catch {
      if (directory === dirname(directory)) return undefined;
    }
  }
}
