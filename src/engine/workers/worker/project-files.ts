import { lstatSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { namesIn } from '../../base/names-in.ts';

// Kept before they are hooked.
const realPathOf = realpathSync.native;

/**
 * Which paths are files of the project: everything under its root except for results, cache, installed packages (linked ones too), temporary
 * files, and the engine itself.
 */
export class ProjectFiles {
  private readonly root: string;
  private readonly others: readonly string[];
  private links: readonly string[] | undefined;

  constructor(root: string, cacheDirectory: string) {
    this.root = realPath(root);
    const others = [join(root, 'results'), cacheDirectory, tmpdir(), ownFolder()].map(realPath);
    // The project itself may lie in the folder for temporary files.
    this.others = others.filter((folder) => isWithin(folder, this.root));
  }

  /** The path relative to the root (`.` is the root itself), with all links followed; undefined if it is no file of the project. */
  relativePath(path: string): string | undefined {
    const real = realPath(path);
    if (!isWithin(real, this.root)) return undefined;
    const name = relative(this.root, real) || '.';
    if (name.split(sep).includes('node_modules')) return undefined;
    if (this.others.some((folder) => isWithin(real, folder))) return undefined;
    this.links ??= linkedPackages(this.root);
    return this.links.some((folder) => isWithin(real, folder)) ? undefined : name;
  }

  absolutePath(name: string): string {
    return join(this.root, name);
  }
}

/** The engine's program. */
function ownFolder(): string {
  return dirname(fileURLToPath(import.meta.url));
}

/** Packages of the project's own tree that are installed as links, as in workspaces: they count as packages. */
function linkedPackages(root: string): readonly string[] {
  const modules = join(root, 'node_modules');
  const names = namesIn(modules).flatMap((name) =>
    name.startsWith('@') ? namesIn(join(modules, name)).map((inner) => join(name, inner)) : [name],
  );
  return names
    .map((name) => join(modules, name))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink())
    .map(realPath)
    .filter((folder) => isWithin(folder, root) && folder !== root);
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** With all links followed, as far as the path exists. */
function realPath(path: string): string {
  try {
    return realPathOf(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}
