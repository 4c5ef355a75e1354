import { describeHolder, type LeaseOptions, whileAlone } from '../../api/cache/open-cache.ts';
import type { InspectableStore } from '../../store/inspection.ts';
import { EXIT } from './exit-codes.ts';
import { errorLine } from './output.ts';

/** How a command waits for its turn on a cache. */
export function leaseOptions(cacheDirectory: string, wait = true): LeaseOptions {
  return {
    cacheDirectory,
    command: ['vmfdag', ...process.argv.slice(2)].join(' '),
    wait,
    onWaiting: (holder) => errorLine(`waiting for another run on this cache: ${describeHolder(holder)}`),
  };
}

/** A command that uses the cache while no other process runs on it. Returns the exit code. */
export async function alone(
  cacheDirectory: string,
  use: (store: InspectableStore, lease: string) => Promise<number>,
  { wait, makesRoom = false }: { readonly wait?: boolean | undefined; readonly makesRoom?: boolean } = {},
): Promise<number> {
  const held = await whileAlone({ ...leaseOptions(cacheDirectory, wait), makesRoom }, use);
  return held.kind === 'used' ? held.value : EXIT.interrupted;
}
