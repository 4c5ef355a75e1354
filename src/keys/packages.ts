// Not from node:fs/promises, which takes Node 7 ms to load, and an up-to-date run reads no manifest.
import { promises as files } from 'node:fs';
import { dirname, join } from 'node:path';

/** The packages that a bundle reaches, and where their versions are said. */
export interface PackageClosure {
  readonly packages: readonly string[];
  /** Paths of their package.json files; of a package that is not installed, the paths where it would be found. */
  readonly manifests: readonly string[];
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  /** Which of its dependencies what a stage imports of it reaches; all of them where it does not say. */
  readonly vmfdag?: { readonly stageDependencies?: readonly string[] };
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
 *
 * This package says in its package.json which of its dependencies stages reach: otherwise an update of the command line's
 * parser would run every stage of every project again.
 */
export async function packageClosure(names: Iterable<string>, fromDirectory: string): Promise<PackageClosure> {
  const packages = new Set<string>();
  const manifests = new Set<string>();
  const visited = new Set<string>();

  const visit = async (name: string, directory: string): Promise<void> => {
    const found = await findManifest(name, directory);
    if (!found) {
      packages.add(`${name}@absent`);
      for (const path of manifestPaths(name, directory)) manifests.add(path);
      return;
    }
    // The path as it was found, links and all: a link that is set to another version is a change.
    manifests.add(found.path);
    if (visited.has(found.file)) return;
    visited.add(found.file);
    const manifest = JSON.parse(await files.readFile(found.file, 'utf8')) as Manifest;
    packages.add(`${manifest.name ?? name}@${manifest.version ?? 'unversioned'}`);
    for (const dependency of dependenciesOf(manifest)) await visit(dependency, dirname(found.file));
  };

  for (const name of names) await visit(name, fromDirectory);
  return { packages: [...packages].sort(), manifests: [...manifests].sort() };
}

function dependenciesOf(manifest: Manifest): readonly string[] {
  const { dependencies, optionalDependencies, peerDependencies, vmfdag } = manifest;
  return vmfdag?.stageDependencies ?? Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
}

/** Looks for node_modules/NAME/package.json from a directory upwards, as Node's resolution does; `file` is the path without links. */
async function findManifest(name: string, from: string): Promise<{ path: string; file: string } | undefined> {
  for (const path of manifestPaths(name, from)) {
    try {
      return { path, file: await files.realpath(path) };
    } catch {
      // Not here; perhaps further up.
    }
  }
  return undefined;
}

function* manifestPaths(name: string, from: string): Generator<string> {
  for (let directory = from; ; directory = dirname(directory)) {
    yield join(directory, 'node_modules', name, 'package.json');
    if (directory === dirname(directory)) return;
  }
}
