import { compactStore } from '../../../store/lmdb/compact.ts';
import { formatBytes } from '../../../views/terminal/format.ts';
import { line, printJson } from '../../output.ts';
import { cacheDirectory } from '../../project.ts';
import type { CacheOptions } from './access.ts';
import { alone } from './lease.ts';

/** `vmfdag cache compact`: gives freed space in the cache's file back to the disk. */
export function cacheCompact(options: CacheOptions): Promise<number> {
  const directory = cacheDirectory(options);
  return alone(directory, async (store) => {
    const { bytesBefore, bytesAfter } = await compactStore(store, directory);
    if (options.json) printJson({ bytesBefore, bytesAfter });
    else line(`${formatBytes(bytesBefore)} before, ${formatBytes(bytesAfter)} now`);
    return 0;
  });
}
