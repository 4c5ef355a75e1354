import { dirname, join, resolve } from 'node:path';
import { type CodeFile, codeFile } from './code-file.ts';
import { readManifest } from './package-content.ts';

const MANIFEST = 'package.json';

/**
 * The package.json of each folder that has JavaScript, as far as Node reads it there, where the code has none of its own. Node looks for one in the folders above
 * too: in those of a command it would find that of the project, which is in no key, and by it files of the project.
 */
export function packageScopes(
  files: readonly CodeFile[],
  modules: readonly CodeFile[],
  root: string,
): readonly CodeFile[] {
  const declared = new Set(files.map(({ path }) => path));
  const folders = new Set(modules.flatMap(({ path }) => foldersUpwards(dirname(path))));
  return [...folders].flatMap((folder) => {
    const path = join(folder, MANIFEST);
    if (declared.has(path)) return [];
    const scope = folder === '.' ? scopeOfRoot(root) : scopeIn(resolve(root, folder));
    // Node looks further up from a folder without one.
    if (scope === undefined && folder !== '.') return [];
    return [codeFile(path, false, Buffer.from(`${JSON.stringify(scope ?? {})}\n`))];
  });
}

/** Above the project, it decides how modules are read, and names no file of the command. */
function scopeOfRoot(root: string): object | undefined {
  const own = scopeIn(root);
  if (own) return own;
  for (let folder = dirname(root); ; folder = dirname(folder)) {
    const { type } = readManifest(folder);
    if (type !== undefined) return { type };
    if (folder === dirname(folder)) return undefined;
  }
}

/** How modules are read, and what `#names` and the package's own name lead to. Undefined where there is nothing of it. */
function scopeIn(folder: string): object | undefined {
  const { name, type, imports, exports } = readManifest(folder);
  const scope = {
    ...(exports === undefined ? {} : { name, exports }),
    ...(type === undefined ? {} : { type }),
    ...(imports === undefined ? {} : { imports }),
  };
  return Object.keys(scope).length > 0 ? scope : undefined;
}

function foldersUpwards(folder: string): readonly string[] {
  return folder === '.' ? ['.'] : [folder, ...foldersUpwards(dirname(folder))];
}
