import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { CodeFingerprint } from '../base/digest.ts';
import { bundleStage, type StageModule } from './bundle.ts';
import type { BundleCache, FileStamp } from './bundle-cache.ts';

const ABSENT = 'absent';

/** Kernels stamp files with a clock that ticks every few milliseconds: a stamp may be older than the write that made it. */
const FILE_CLOCK_LAG_MS = 20;

/**
 * The fingerprint of a stage's code. As long as no file that it came from has another size or time than when it was last
 * bundled, nothing is read, parsed or bundled: an up-to-date run looks at file times only.
 *
 * @throws {Failure} kind `usage` when the module cannot be bundled.
 */
export async function stageFingerprint(
  root: string,
  module: StageModule,
  cache: BundleCache,
): Promise<CodeFingerprint> {
  const name = `${root}\0${module.path}#${module.exportName}`;
  const known = cache.stamp(name);
  if (known?.files.every(isUnchanged)) return known.fingerprint;

  const startedMs = Date.now();
  const { code, files } = await bundleStage(root, module);
  // Another version of the bundler may write other text for the same sources.
  const bundler = createRequire(import.meta.url).resolve('esbuild/package.json');
  const stamps = [...files, bundler].map(stampFile);
  // A file written while esbuild was reading may have been read half old: its stamp proves nothing, so none is kept.
  // The time of change counts, for that of modification can be set at will.
  const settledNs = BigInt(startedMs - FILE_CLOCK_LAG_MS) * 1_000_000n;
  const settled = stamps.every(({ changed }) => changed === ABSENT || BigInt(changed) < settledNs);
  await cache.put(code, settled ? { name, files: stamps } : undefined);
  return code.fingerprint;
}

/** A file that is not there has a stamp too: when it comes, the stamp is another. */
function stampFile(path: string): FileStamp {
  const status = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (!status) return { path, size: 0, modified: ABSENT, changed: ABSENT };
  const { size, mtimeNs, ctimeNs } = status;
  return { path, size: Number(size), modified: String(mtimeNs), changed: String(ctimeNs) };
}

function isUnchanged(stamp: FileStamp): boolean {
  try {
    const now = stampFile(stamp.path);
    return now.size === stamp.size && now.modified === stamp.modified && now.changed === stamp.changed;
  } catch {
    return false;
  }
}
