import { setTimeout as sleep } from 'node:timers/promises';
import { acquireLease, releaseLease, thisProcess } from '../run/lease.ts';
import type { Store } from '../store/store.ts';
import { errorLine } from './output.ts';

const POLL_MS = 300;

/** Waits until no other living process runs on this cache, takes the lease, and returns how to give it back. */
export async function holdLease(store: Store): Promise<() => void> {
  const me = thisProcess(['vmfdag', ...process.argv.slice(2)].join(' '));
  let told = false;
  for (;;) {
    const attempt = acquireLease(store, me);
    if (attempt.kind === 'acquired') return () => releaseLease(store, me);
    if (!told) {
      const { pid, since, command } = attempt.by;
      errorLine(`waiting for another run on this cache: process ${pid}, since ${since}, "${command}"`);
      told = true;
    }
    await sleep(POLL_MS);
  }
}
