import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../base/failure.ts';
import { acquireLease, describeHolder, type Lease, type LeaseHolder, writeUnderLease } from '../../run/lease.ts';
import { keepReserve } from '../../store/lmdb/room.ts';
import type { Store } from '../../store/store.ts';

const POLL_MS = 300;

/** A command that only checks for a run holds the lock for an instant. */
const INSTANT_MS = 10;
const INSTANTS = 4;

export interface LeaseOptions {
  readonly cacheDirectory: string;
  /** The name of this process for others that wait for it. */
  readonly command: string;
  /** Whether to wait for another run on the cache, or to fail. */
  readonly wait: boolean;
  /** Called once with the holder that this process waits for; undefined where it is unknown. */
  readonly onWaiting: (holder: LeaseHolder | undefined) => void;
  /** Ends the waiting. */
  readonly stop?: AbortSignal;
}

/** The outcome of a request for the lease. */
export type LeaseUse<T> =
  | { readonly kind: 'used'; readonly value: T }
  /** The waiting was stopped. */
  | { readonly kind: 'stopped' };

/**
 * Waits until no other process runs on this cache, and uses it while none can. `use` opens the cache: until then another process may
 * compact it.
 *
 * @throws {Failure} kind `environment` when another process has it and this one does not wait; `store` when it cannot be locked
 */
export async function withLease<T>(options: LeaseOptions, use: (lease: HeldLease) => Promise<T>): Promise<LeaseUse<T>> {
  const lease = await waitForLease(options);
  if (!lease) return { kind: 'stopped' };
  const held = new HeldLease(lease);
  try {
    keepReserve(options.cacheDirectory);
    return { kind: 'used', value: await use(held) };
  } finally {
    held.release();
  }
}

/** A lease that this process holds. */
class HeldLease {
  private readonly lease: Lease;
  private readonly ruled: Store[] = [];

  constructor(lease: Lease) {
    this.lease = lease;
  }

  get token(): string {
    return this.lease.token;
  }

  /**
   * Makes the store's writes those of the holder. From then on, a process that works for an earlier holder can write nothing.
   * @throws {Failure} kind `environment` where an earlier version of this program runs on the cache
   */
  rule<S extends Store>(store: S): S {
    const earlier = writeUnderLease(store, this.token);
    if (earlier !== undefined) throw anotherRun(`process ${earlier}, of an earlier vmfdag`);
    this.ruled.push(store);
    return store;
  }

  /** Call it when nothing is written any more. A store that stays open then only reads. */
  release(): void {
    for (const store of this.ruled) store.writeUnder(undefined);
    this.lease.release();
  }
}

async function waitForLease(options: LeaseOptions): Promise<Lease | undefined> {
  const { cacheDirectory, command, stop } = options;
  const pause = (milliseconds: number) => sleep(milliseconds, undefined, stop ? { signal: stop } : {}).catch(() => {});
  for (let attempt = 1; !stop?.aborted; attempt++) {
    const got = acquireLease(cacheDirectory, command);
    if (got.kind === 'acquired') return got.lease;
    if (attempt < INSTANTS) {
      await pause(INSTANT_MS);
      continue;
    }
    if (!options.wait) throw anotherRun(describeHolder(got.by));
    if (attempt === INSTANTS) options.onWaiting(got.by);
    await pause(POLL_MS);
  }
  return undefined;
}

function anotherRun(holder: string): Failure {
  return new Failure('environment', {
    fact: `another run uses this cache: ${holder}`,
    fix: 'wait for it, or give this one a cache of its own with --cache DIR',
  });
}
