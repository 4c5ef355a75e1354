import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The outcome of scripts/build-native.mjs: the libraries that it found, or why there is no addon. */
export type BuildOutcome =
  | { readonly kind: 'built'; readonly files: readonly FileStamp[] }
  | { readonly kind: 'failed'; readonly reason: string; readonly fix: string };

/** A file's digest, and the evidence that the file is still the same. */
interface FileStamp {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly ino: number;
  readonly digest: string;
}

const PACKAGE = 'tfjs-backend-onednn';

/** A file of this package: found from this module or, where that is a stage's bundle, from the worker. */
function packageFile(path: string): string | undefined {
  for (const place of [import.meta.url, process.argv[1]]) {
    try {
      if (place !== undefined) return createRequire(place).resolve(path);
    } catch {
      // Not there, or not reachable from there.
    }
  }
  return undefined;
}

/** Undefined where the addon is not built. */
export function addonFile(): string | undefined {
  return packageFile(`${PACKAGE}/native`);
}

/** The command that builds the addon of the package that runs. */
export function buildCommand(): string {
  const manifest = packageFile(`${PACKAGE}/package.json`);
  return `node ${join(manifest === undefined ? '' : dirname(manifest), 'scripts', 'build-native.mjs')}`;
}

/** The folder of this package. */
export function packageDirectory(): string {
  const manifest = packageFile(`${PACKAGE}/package.json`);
  return manifest === undefined ? '' : dirname(manifest);
}

/** Where the addon is built, or would be. */
export function buildFolder(): string {
  return join(packageDirectory(), 'native', 'build');
}

/** Undefined where nobody has tried to build it. */
export function buildOutcome(): BuildOutcome | undefined {
  const manifest = packageFile(`${PACKAGE}/package.json`);
  if (manifest === undefined) return undefined;
  try {
    return JSON.parse(readFileSync(join(dirname(manifest), 'native', 'build', 'outcome.json'), 'utf8')) as BuildOutcome;
  } catch {
    return undefined;
  }
}

/**
 * SHA-256 of a library's bytes. Hashing oneDNN's 40 MB takes as long as the rest of an up-to-date run. So the digest of the build is
 * used while the file has the same ctime, which no program can set.
 */
export function libraryDigest(path: string, outcome: BuildOutcome | undefined): string {
  const { size, mtimeMs, ctimeMs, ino } = statSync(path);
  const known = outcome?.kind === 'built' ? outcome.files.find((file) => file.path === path) : undefined;
  const same =
    known?.size === size && known.mtimeMs === mtimeMs && known.ctimeMs === ctimeMs && known.ino === ino
      ? known.digest
      : undefined;
  return same ?? fileDigest(path);
}

export function fileDigest(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
