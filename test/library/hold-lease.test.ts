import { describe, expect, it } from 'vitest';
import { type LeaseOptions, withLease } from '../../src/library/hold-lease.ts';
import { compactStore } from '../../src/store/lmdb/compact.ts';
import { temporaryFolder, temporaryStore } from '../store/fixtures.ts';

function optionsFor(cacheDirectory: string, more: Partial<LeaseOptions> = {}): LeaseOptions {
  return { cacheDirectory, command: 'a test', wait: true, onWaiting: () => {}, ...more };
}

describe('withLease', () => {
  it('lets one after the other use the cache, and says whom it waits for', async () => {
    const folder = temporaryFolder();
    const store = temporaryStore(folder);
    const order: string[] = [];
    const onWaiting = ({ pid }: { readonly pid: number }) => order.push(pid === process.pid ? 'waiting' : 'another');
    let second: Promise<unknown> = Promise.resolve();
    const first = await withLease(store, optionsFor(folder), async () => {
      order.push('first begins');
      second = withLease(store, optionsFor(folder, { onWaiting }), async () => order.push('second'));
      await new Promise((resolve) => setTimeout(resolve, 50));
      order.push('first ends');
      return 1;
    });
    expect(first).toEqual({ kind: 'used', value: 1 });
    expect(await second).toMatchObject({ kind: 'used' });
    expect(order).toEqual(['first begins', 'waiting', 'first ends', 'second']);
  });

  it('gives it back when the use fails', async () => {
    const folder = temporaryFolder();
    const store = temporaryStore(folder);
    const failing = withLease(store, optionsFor(folder), () => Promise.reject(new Error('it failed')));
    await expect(failing).rejects.toThrow('it failed');
    const again = withLease(store, optionsFor(folder, { wait: false }), async () => 2);
    expect(await again).toEqual({ kind: 'used', value: 2 });
  });

  it('does not wait if it is not to, and no longer than it is to', async () => {
    const folder = temporaryFolder();
    const store = temporaryStore(folder);
    const stop = new AbortController();
    await withLease(store, optionsFor(folder), async () => {
      const refused = withLease(store, optionsFor(folder, { wait: false }), async () => 0);
      await expect(refused).rejects.toMatchObject({ kind: 'environment' });
      const waiting = withLease(store, optionsFor(folder, { stop: stop.signal }), async () => 0);
      stop.abort();
      expect(await waiting).toEqual({ kind: 'stopped' });
    });
  });

  it('does not use a cache that was replaced by a compaction, and gives the lease back', async () => {
    const folder = temporaryFolder();
    const store = temporaryStore(folder);
    const other = temporaryStore(folder);
    await compactStore(other, folder);
    const unused = withLease(store, optionsFor(folder), async () => {
      throw new Error('it was used');
    });
    expect(await unused).toEqual({ kind: 'replaced' });
    const anew = temporaryStore(folder);
    expect(await withLease(anew, optionsFor(folder, { wait: false }), async () => 3)).toEqual({
      kind: 'used',
      value: 3,
    });
  });
});
