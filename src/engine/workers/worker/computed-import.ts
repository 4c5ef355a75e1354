import { realpathSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../base/failure.ts';
import { type PackageGraph, packageName } from '../../keys/package-graph.ts';
import type { Job } from '../protocol.ts';

/** The stage, and what its key covers. */
export interface ImportingStage extends Pick<Job, 'stage' | 'compute'> {
  /** Folder of the pipeline file. */
  readonly root: string;
  /** The file from which the stage's code is executed. */
  readonly file: string;
  readonly packages: PackageGraph;
}

/**
 * Refuses imports by a computed name (`import(name)`) that no key covers: the bundler cannot see where they lead. Packages that the stage reaches
 * anyway are allowed. So are those of a backend, which the compute identity covers.
 *
 * @throws {Failure} kind `stage`, from the returned function
 */
export function computedImportCheck(importing: ImportingStage): (specifier: unknown) => void {
  const known = new Set(importing.packages.packages.map(({ name }) => name));
  return (value) => {
    const specifier = String(value);
    if (isBuiltin(specifier)) return;
    const path = pathOf(specifier, dirname(importing.file));
    const isKnown =
      path === undefined
        ? known.has(packageName(specifier)) || importing.compute !== null
        : !isOfProject(path, importing.root);
    if (isKnown) return;
    throw new Failure('stage', {
      fact: `stage ${importing.stage} imports ${path ?? specifier} by a computed name, so that it is in no key`,
      fix: 'write the name out, or as a template with a fixed beginning: import("./models/" + name + ".ts")',
    });
  };
}

function pathOf(specifier: string, from: string): string | undefined {
  if (specifier.startsWith('file:')) return fileURLToPath(specifier);
  return /^\.{0,2}\//.test(specifier) ? resolve(from, specifier) : undefined;
}

function isOfProject(path: string, root: string): boolean {
  const folder = withoutLinks(root) + sep;
  const real = withoutLinks(path);
  return real.startsWith(folder) && !`${sep}${real.slice(folder.length)}`.includes(`${sep}node_modules${sep}`);
}

function withoutLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
