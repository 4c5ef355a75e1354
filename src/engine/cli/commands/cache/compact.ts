import { compactCache } from '../../../api/cache/compact-cache.ts';
import { formatBytes } from '../../../views/terminal/format.ts';
import { cacheDirectory } from '../../options/project-options.ts';
import { leaseOptions } from '../../process/alone.ts';
import { EXIT } from '../../process/exit-codes.ts';
import { line, printJson } from '../../process/output.ts';
import type { CacheOptions } from './access.ts';

/** `vmfdag cache compact`: gives freed space in the cache's file back to the disk. */
export async function cacheCompact(options: CacheOptions): Promise<number> {
  const held = await compactCache(leaseOptions(cacheDirectory(options)));
  if (held.kind === 'stopped') return EXIT.interrupted;
  const { bytesBefore, bytesAfter } = held.value;
  if (options.json) printJson({ bytesBefore, bytesAfter });
  else line(`${formatBytes(bytesBefore)} before, ${formatBytes(bytesAfter)} now`);
  return EXIT.done;
}
