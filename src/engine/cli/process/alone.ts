import { describeHolder, type LeaseOptions, whileAlone } from '../../api/cache/open-cache.ts';
import type { InspectableStore } from '../../store/inspection.ts';
import { commandLine } from '../../views/runs/command-line.ts';
import { EXIT } from './exit-codes.ts';
import { errorLine } from './output.ts';

/** How a command waits for its turn on a cache. */
export function leaseOptions(cacheDirectory: string, wait = true): LeaseOptions {
  return {
    cacheDirectory,
    command: commandLine(process.argv.slice(2)),
    wait,
    onWaiting: (holder) => errorLine(`waiting for another run on this cache: ${describeHolder(holder)}`),
  };
}

interface TurnOptions {
  readonly wait?: boolean | undefined;
  readonly makesRoom?: boolean;
  /** Refuses what is wrong before the command waits for hours. What need not wait finds the same when it begins. */
  readonly beforeWaiting?: () => void;
}

/** A command that uses the cache while no other process runs on it. Returns the exit code. */
export async function alone(
  cacheDirectory: string,
  use: (store: InspectableStore, lease: string) => Promise<number>,
  { wait, makesRoom = false, beforeWaiting }: TurnOptions = {},
): Promise<number> {
  const options = leaseOptions(cacheDirectory, wait);
  const onWaiting: LeaseOptions['onWaiting'] = (holder) => {
    beforeWaiting?.();
    options.onWaiting(holder);
  };
  const held = await whileAlone({ ...options, onWaiting, makesRoom }, use);
  return held.kind === 'used' ? held.value : EXIT.interrupted;
}
