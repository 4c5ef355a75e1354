import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { JsonValue } from '../../../src/engine/base/json.ts';
import { acquireLease, describeHolder, leaseHolder, writeUnderLease } from '../../../src/engine/run/lease.ts';
import type { Store } from '../../../src/engine/store/store.ts';
import { commitOf, temporaryFolder, temporaryStore } from '../store/fixtures.ts';

function acquire(folder: string, command = 'vmfdag run') {
  const attempt = acquireLease(folder, command);
  if (attempt.kind !== 'acquired') throw new Error('somebody has the lease');
  let held = true;
  const release = () => {
    if (held) attempt.lease.release();
    held = false;
  };
  onTestFinished(release);
  return { token: attempt.lease.token, release };
}

function keptLease(store: Store): JsonValue | undefined {
  let kept: JsonValue | undefined;
  store.exchangeLease((current) => {
    kept = current;
    return current;
  });
  return kept;
}

describe('the lease of a cache', () => {
  it('is held by one process at a time, whom the others are told, and is free again once released', () => {
    const folder = temporaryFolder();
    const lease = acquire(folder, 'vmfdag run --jobs 2');
    expect(leaseHolder(folder)).toMatchObject({ token: lease.token, pid: process.pid, host: hostname() });
    const refused = acquireLease(folder, 'vmfdag run');
    expect(refused).toMatchObject({ kind: 'held', by: { token: lease.token, command: 'vmfdag run --jobs 2' } });
    lease.release();
    expect(leaseHolder(folder)).toBeUndefined();
    expect(acquire(folder).token).not.toBe(lease.token);
  });

  it('is of one folder only', () => {
    acquire(temporaryFolder());
    acquire(temporaryFolder());
  });

  it('creates the folder, and has no holder in a folder that does not exist', () => {
    const folder = `${temporaryFolder()}/a/b`;
    expect(leaseHolder(folder)).toBeUndefined();
    acquire(folder);
    expect(leaseHolder(folder)).toBeDefined();
  });

  it('names the container of its holder if that is not the own one', () => {
    const holder = {
      token: 't',
      pid: 7,
      since: 'noon',
      command: 'vmfdag run',
      host: 'elsewhere',
      namespace: 'pid:[1]',
    };
    expect(describeHolder(holder)).toBe('process 7 of another container on elsewhere, since noon, "vmfdag run"');
    const folder = temporaryFolder();
    acquire(folder);
    expect(describeHolder(leaseHolder(folder))).toMatch(new RegExp(`^process ${process.pid}, since `));
  });
});

describe('writing under a lease', () => {
  it('is refused once another run has begun, without any change', async () => {
    const folder = temporaryFolder();
    const [parent, worker, next] = [temporaryStore(folder), temporaryStore(folder), temporaryStore(folder)];
    expect(writeUnderLease(parent, 'first')).toBeUndefined();
    worker.writeUnder('first');
    await worker.commit(commitOf('train/1', { weights: new Uint8Array(100) }));
    writeUnderLease(next, 'second');
    for (const store of [parent, worker]) {
      const late = commitOf('train/2', { weights: new Uint8Array(200) });
      await expect(store.commit(late)).rejects.toThrow('another run has begun');
      await expect(
        store.dropArtefacts([...commitOf('train/1', { weights: new Uint8Array(100) }).artefacts.keys()]),
      ).rejects.toThrow('another run has begun');
      next.refresh();
      expect(next.record(late.record.key)).toBeUndefined();
      expect([...late.artefacts.keys()].some((digest) => next.hasArtefact(digest))).toBe(false);
    }
    expect([...next.records()].map(({ node }) => node)).toEqual(['train/1']);
    await next.commit(commitOf('train/2', { weights: new Uint8Array(200) }));
  });

  it('ends with the lease: a store that stays open can read, and can write what belongs to no run', async () => {
    const folder = temporaryFolder();
    const [session, other] = [temporaryStore(folder), temporaryStore(folder)];
    writeUnderLease(session, 'first');
    session.writeUnder(undefined);
    writeUnderLease(other, 'second');
    await session.rememberKeys(new Map());
  });

  it.runIf(process.platform === 'linux')(
    'takes over what a dead process of an earlier version left, and not what a living one holds',
    async () => {
      const store = temporaryStore();
      const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)']);
      const ended = once(child, 'exit');
      onTestFinished(() => void child.kill('SIGKILL'));
      await once(child.stdout, 'data');
      const pid = child.pid as number;
      const fields = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      const earlier = { pid, processStart: `${bootId} ${fields[19]}`, since: 'noon', command: 'vmfdag run' };
      store.exchangeLease(() => earlier);
      expect(writeUnderLease(store, 'mine')).toBe(pid);
      expect(keptLease(store)).toEqual(earlier);
      // As after a restart of the machine, or of a process that was given the same number later.
      store.exchangeLease(() => ({ ...earlier, processStart: 'long before' }));
      expect(writeUnderLease(store, 'mine')).toBeUndefined();
      expect(keptLease(store)).toEqual({ token: 'mine' });
      store.exchangeLease(() => earlier);
      child.kill('SIGKILL');
      await ended;
      expect(writeUnderLease(store, 'mine')).toBeUndefined();
    },
  );
});
