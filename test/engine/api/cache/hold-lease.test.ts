import { describe, expect, it } from 'vitest';
import { type LeaseOptions, withLease } from '../../../../src/engine/api/cache/hold-lease.ts';
import { commitOf, temporaryFolder, temporaryStore } from '../../store/fixtures.ts';

function optionsFor(cacheDirectory: string, more: Partial<LeaseOptions> = {}): LeaseOptions {
  return { cacheDirectory, command: 'a test', wait: true, onWaiting: () => {}, ...more };
}

describe('withLease', () => {
  it('gives the cache to one after the other, and says whom it waits for', async () => {
    const folder = temporaryFolder();
    const order: string[] = [];
    const onWaiting: LeaseOptions['onWaiting'] = (holder) =>
      order.push(holder?.pid === process.pid ? 'waiting' : 'waiting for another');
    let second: Promise<unknown> = Promise.resolve();
    const first = await withLease(optionsFor(folder), async () => {
      order.push('first begins');
      second = withLease(optionsFor(folder, { onWaiting }), async () => order.push('second'));
      await new Promise((resolve) => setTimeout(resolve, 200));
      order.push('first ends');
      return 1;
    });
    expect(first).toEqual({ kind: 'used', value: 1 });
    expect(await second).toMatchObject({ kind: 'used' });
    expect(order).toEqual(['first begins', 'waiting', 'first ends', 'second']);
  });

  it('releases the lease when its use fails', async () => {
    const folder = temporaryFolder();
    const failing = withLease(optionsFor(folder), () => Promise.reject(new Error('it failed')));
    await expect(failing).rejects.toThrow('it failed');
    const again = withLease(optionsFor(folder, { wait: false }), async () => 2);
    expect(await again).toEqual({ kind: 'used', value: 2 });
  });

  it('does not wait with `wait: false`, and stops waiting when told to', async () => {
    const folder = temporaryFolder();
    const stop = new AbortController();
    await withLease(optionsFor(folder), async () => {
      const refused = withLease(optionsFor(folder, { wait: false }), async () => 0);
      await expect(refused).rejects.toMatchObject({ kind: 'environment' });
      const waiting = withLease(optionsFor(folder, { stop: stop.signal }), async () => 0);
      stop.abort();
      expect(await waiting).toEqual({ kind: 'stopped' });
    });
  });

  it('allows an open store of an earlier run to write what belongs to no run', async () => {
    const folder = temporaryFolder();
    const [session, other] = [temporaryStore(folder), temporaryStore(folder)];
    await withLease(optionsFor(folder), async (lease) => lease.rule(session));
    await withLease(optionsFor(folder), async (lease) => {
      lease.rule(other);
      await session.commit(commitOf('train/1', {}));
    });
  });
});
