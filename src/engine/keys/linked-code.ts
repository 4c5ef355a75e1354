import { createRequire } from 'node:module';
import { basename, sep } from 'node:path';
import type { BuildFailure, BuildOptions } from 'esbuild';

/** Whether a package is somebody's working copy, as in a workspace, and no copy that an installer made. */
export function isLinked(directory: string): boolean {
  return !directory.split(sep).includes('node_modules');
}

/** Verbatim: Node, which erases types as well, keeps an import of a value that nothing uses. */
const SETTINGS: BuildOptions = {
  tsconfigRaw: '{"compilerOptions":{"target":"es2022","useDefineForClassFields":true,"verbatimModuleSyntax":true}}',
  minifyWhitespace: true,
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'silent',
};

/**
 * The code of modules without comments, layout and types, by path. A module that esbuild cannot read is left out.
 *
 * People edit a linked package as they edit the modules of the project, whose comments do not count either.
 */
export function withoutComments(directory: string, paths: readonly string[]): ReadonlyMap<string, Uint8Array> {
  const texts = new Map<string, Uint8Array>();
  if (paths.length === 0) return texts;
  // Takes long to load, and most commands read no package.
  const { buildSync } = createRequire(import.meta.url)('esbuild') as typeof import('esbuild');
  for (let left = paths; left.length > 0; ) {
    try {
      const { outputFiles } = buildSync({
        ...SETTINGS,
        absWorkingDir: directory,
        // Numbers for names: a.js and a.ts would both become a.js.
        entryPoints: left.map((path, index) => ({ in: `./${path}`, out: String(index) })),
        outdir: directory,
        write: false,
      });
      for (const { path, contents } of outputFiles) texts.set(left[Number(basename(path, '.js'))] as string, contents);
      return texts;
    } catch (error) {
      const refused = new Set((error as BuildFailure).errors?.map(({ location }) => location?.file));
      const others = left.filter((path) => !refused.has(path));
      if (others.length === left.length) return texts;
      left = others;
    }
  }
  return texts;
}
