import { realpathSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../base/failure.ts';
import type { Job } from '../protocol.ts';

/**
 * Refuses imports by a computed name (`import(name)`) that lead to files of the project: the bundler cannot see which they are, so they are in no key.
 * Packages may be loaded like that.
 *
 * @param file that the stage's code is executed from.
 * @throws {Failure} kind `stage`, from the function that is returned.
 */
export function computedImportCheck(root: string, file: string, job: Pick<Job, 'stage'>): (specifier: unknown) => void {
  return (specifier) => {
    const path = pathOf(String(specifier), dirname(file));
    if (path === undefined || !isOfProject(path, root)) return;
    throw new Failure('stage', {
      fact: `stage ${job.stage} imports ${path} by a computed name, so that it is in no key`,
      fix: 'write the name out, or as a template with a fixed beginning: import("./models/" + name + ".ts")',
    });
  };
}

function pathOf(specifier: string, from: string): string | undefined {
  if (isBuiltin(specifier)) return undefined;
  if (specifier.startsWith('file:')) return fileURLToPath(specifier);
  return /^\.{0,2}\//.test(specifier) ? resolve(from, specifier) : undefined;
}

function isOfProject(path: string, root: string): boolean {
  const real = withoutLinks(path);
  const inside = real.startsWith(withoutLinks(root) + sep) ? real.slice(withoutLinks(root).length) : undefined;
  return inside !== undefined && !inside.includes(`${sep}node_modules${sep}`);
}

function withoutLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
