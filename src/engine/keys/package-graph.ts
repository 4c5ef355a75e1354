import { basename, dirname, join } from 'node:path';
import { ABSENT, type FileStates } from './file-states.ts';
import { isLinked } from './linked-code.ts';
import type { PackageContents } from './package-content.ts';

/** A package that code reaches. */
export interface ReachedPackage {
  readonly name: string;
  readonly version: string | null;
  /** SHA-256 of its content; undefined if it is not installed. Installing it is a change. */
  readonly content: string | null;
  /** Indices of the packages that its own imports lead to. */
  readonly dependencies: Readonly<Record<string, number>>;
}

/**
 * The packages that code reaches, and which importer gets which: with two versions of one package, the same list can be wired in two ways.
 * Indices refer to `packages`.
 */
export interface PackageGraph {
  readonly imported: Readonly<Record<string, number>>;
  readonly packages: readonly ReachedPackage[];
}

/** The package of an import specifier: `vega-lite/build/x.js` → `vega-lite`, `@a/b/c` → `@a/b`. */
export function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/**
 * Follows the installed packages from some names, and their dependencies in turn, as Node would resolve them. Every package counts by
 * the content of its files: name and version say nothing about one that is linked, patched or built on this machine. What a package imports
 * without declaring it is followed too, if it is installed. The tools of a package's developers are not, unless they are packages of a
 * workspace, which people import without declaring them properly.
 *
 * This package says in its package.json which of its files and dependencies stages reach. Otherwise an update of the command line's
 * parser would rerun every stage of every project.
 */
export function packageGraph(
  names: Iterable<string>,
  fromDirectory: string,
  contents: PackageContents,
  states: FileStates,
  onFound: (directory: string, content: string) => void = () => {},
): PackageGraph {
  const packages: { -readonly [Key in keyof ReachedPackage]: ReachedPackage[Key] }[] = [];
  const indices = new Map<string, number>();

  const visit = (name: string, directory: string, isDeclared: boolean): number | undefined => {
    const found = findPackage(name, directory, states);
    if (found === undefined && !isDeclared) return undefined;
    const known = indices.get(found ?? name);
    if (known !== undefined) return known;
    const index = packages.length;
    indices.set(found ?? name, index);
    if (found === undefined) {
      packages.push({ name, version: null, content: null, dependencies: {} });
      return index;
    }
    const facts = contents.of(found);
    onFound(found, facts.content);
    const reached = { name: facts.name || name, version: facts.version, content: facts.content, dependencies: {} };
    packages.push(reached);
    const declared = new Set(facts.declared);
    const linked = facts.developmentImports.filter((tool) =>
      isLinked(findPackage(tool, found, states) ?? 'node_modules'),
    );
    reached.dependencies = Object.fromEntries(
      [...facts.dependencies, ...linked].flatMap((dependency) => {
        const at = visit(dependency, found, declared.has(dependency));
        return at === undefined ? [] : [[dependency, at]];
      }),
    );
    return index;
  };

  const imported = Object.fromEntries(
    [...new Set(names)].sort().map((name) => [name, visit(name, fromDirectory, true)]),
  );
  return { imported: imported as Record<string, number>, packages };
}

/** The folder, without links, of a package as Node finds it: in node_modules of a folder or of one above. */
export function findPackage(name: string, from: string, states: FileStates): string | undefined {
  for (let directory = from; ; directory = dirname(directory)) {
    if (basename(directory) !== 'node_modules') {
      const found = states.realPath(join(directory, 'node_modules', name));
      if (found !== ABSENT) return found;
    }
    if (directory === dirname(directory)) return undefined;
  }
}
