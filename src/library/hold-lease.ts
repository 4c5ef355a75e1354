import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../base/failure.ts';
import { acquireLease, type LeaseHolder, releaseLease, thisProcess } from '../run/lease.ts';
import type { Store } from '../store/store.ts';

const POLL_MS = 300;

/** Leases of this process, by cache folder: a lease names a process, and cannot tell two runs of one process apart. */
const heldHere = new Map<string, LeaseHolder>();

export interface LeaseOptions {
  readonly cacheDirectory: string;
  /** How this process is called to others that wait for it. */
  readonly command: string;
  /** Whether to wait for another run on the cache, or to fail. */
  readonly wait: boolean;
  /** Told once whom this process waits for. */
  readonly onWaiting: (holder: LeaseHolder) => void;
  /** Ends the waiting. */
  readonly stop?: AbortSignal;
}

/** What came of the wish to have the cache for oneself. */
export type LeaseUse<T> =
  | { readonly kind: 'used'; readonly value: T }
  /** The waiting was stopped. */
  | { readonly kind: 'stopped' }
  /** While this process waited, the cache was compacted: what it has open is of no use to anybody, and has to be opened anew. */
  | { readonly kind: 'replaced' };

/**
 * Waits until no other living process runs on this cache, and uses it while none can.
 * @throws {Failure} kind `environment` when another process has it and this one is not to wait.
 */
export async function withLease<T>(store: Store, options: LeaseOptions, use: () => Promise<T>): Promise<LeaseUse<T>> {
  const release = await holdLease(store, options);
  if (!release) return { kind: 'stopped' };
  try {
    return store.isCurrent() ? { kind: 'used', value: await use() } : { kind: 'replaced' };
  } finally {
    release();
  }
}

/** Returns how to give the lease back; nothing if the waiting was stopped. */
async function holdLease(store: Store, options: LeaseOptions): Promise<(() => void) | undefined> {
  const me = thisProcess(options.command);
  let told = false;
  while (!options.stop?.aborted) {
    const holder = tryToTake(store, me, options.cacheDirectory);
    if (!holder) return () => giveBack(store, me, options.cacheDirectory);
    if (!options.wait) {
      throw new Failure('environment', {
        fact: `another run is at work on this cache: ${describeHolder(holder)}`,
        fix: 'wait for it, or give this one a cache of its own with --cache DIR',
      });
    }
    if (!told) {
      options.onWaiting(holder);
      told = true;
    }
    await sleep(POLL_MS, undefined, options.stop ? { signal: options.stop } : {}).catch(() => {});
  }
  return undefined;
}

/** Takes the lease, or returns who has it. */
function tryToTake(store: Store, me: LeaseHolder, cacheDirectory: string): LeaseHolder | undefined {
  const here = heldHere.get(cacheDirectory);
  if (here) return here;
  const attempt = acquireLease(store, me);
  if (attempt.kind === 'held') return attempt.by;
  heldHere.set(cacheDirectory, me);
  return undefined;
}

function giveBack(store: Store, me: LeaseHolder, cacheDirectory: string): void {
  heldHere.delete(cacheDirectory);
  releaseLease(store, me);
}

/** `process 4711, since 2026-01-01T12:00:00.000Z, "vmfdag run"`. */
export function describeHolder({ pid, since, command }: LeaseHolder): string {
  return `process ${pid}, since ${since}, "${command}"`;
}
