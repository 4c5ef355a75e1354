import { createRequire } from 'node:module';
import type { CodeFingerprint } from '../base/digest.ts';
import { bundleStage, type StageModule } from './bundle.ts';
import type { BundleCache } from './bundle-cache.ts';
import { ABSENT, FileStamps, stampFile } from './file-stamps.ts';

/** Kernels stamp files with a clock that ticks every few milliseconds: a stamp may be older than the write that made it. */
const FILE_CLOCK_LAG_MS = 20;

/**
 * The fingerprint of a stage's code. As long as no file that it came from has another size or time than when it was last
 * bundled, nothing is read, parsed or bundled: an up-to-date run looks at file times only.
 *
 * @param files shared by the stages of one command.
 * @throws {Failure} kind `usage` when the module cannot be bundled.
 */
export async function stageFingerprint(
  root: string,
  module: StageModule,
  cache: BundleCache,
  files = new FileStamps(),
): Promise<CodeFingerprint> {
  const name = `${root}\0${module.path}#${module.exportName}`;
  const known = cache.stamp(name);
  if (known?.files.every((stamp) => files.isUnchanged(stamp))) return known.fingerprint;

  const startedMs = Date.now();
  const { code, files: sources } = await bundleStage(root, module);
  // Another version of the bundler may write other text for the same sources.
  const bundler = createRequire(import.meta.url).resolve('esbuild/package.json');
  // Looked at again, after they were read: an edit since then must not hide behind an earlier stamp.
  const stamps = [...sources, bundler].map(stampFile);
  // A file written while esbuild was reading may have been read half old: its stamp proves nothing, so none is kept.
  // The time of change counts, for that of modification can be set at will.
  const settledNs = BigInt(startedMs - FILE_CLOCK_LAG_MS) * 1_000_000n;
  const settled = stamps.every(({ changed }) => changed === ABSENT || BigInt(changed) < settledNs);
  await cache.put(code, settled ? { name, files: stamps } : undefined);
  return code.fingerprint;
}
