import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../base/json.ts';
import { isCacheLocked, lockCache } from '../store/lock/cache-lock.ts';
import type { Store } from '../store/store.ts';

/** The holder of the lease, for messages. The lock decides whether it still holds it. */
export interface LeaseHolder {
  /** Identifies this lease. */
  readonly token: string;
  readonly pid: number;
  readonly since: string;
  readonly command: string;
  readonly host: string;
  /** The PID namespace in which the process has its number: containers have their own. Undefined where the system has none. */
  readonly namespace?: string;
}

/** The right to run on a cache, which one process has at a time. */
export interface Lease {
  readonly token: string;
  release(): void;
}

export type LeaseAttempt =
  | { readonly kind: 'acquired'; readonly lease: Lease }
  /** The holder is unknown for a moment after it has taken the lease. */
  | { readonly kind: 'held'; readonly by: LeaseHolder | undefined };

/** Says who holds it. A file of its own, since on some systems nobody can read a locked file. */
const HOLDER_FILE = 'lease.json';

/**
 * Takes the lease of a cache, unless another process has it. The system keeps the lock, and releases it when the process ends, in whatever way and
 * container. Neither process numbers nor times are compared.
 *
 * @throws {Failure} kind `store` when the folder cannot be written or locked, or lies on a network file system
 */
export function acquireLease(cacheDirectory: string, command: string): LeaseAttempt {
  const locked = lockCache(cacheDirectory);
  if (!locked) return { kind: 'held', by: readHolder(cacheDirectory) };
  const me = thisProcess(command);
  writeHolder(cacheDirectory, me);
  const release = () => {
    removeHolder(cacheDirectory);
    locked.unlock();
  };
  return { kind: 'acquired', lease: { token: me.token, release } };
}

/** The present holder of a cache's lease; undefined if nobody holds it. */
export function leaseHolder(cacheDirectory: string): LeaseHolder | undefined {
  return isCacheLocked(cacheDirectory) ? readHolder(cacheDirectory) : undefined;
}

/**
 * Makes a store's writes those of the holder of a lease. From then on, processes that work for an earlier holder can write nothing.
 *
 * @returns the number of a process that runs on the cache with an earlier version of this program, which does not know the lock
 */
export function writeUnderLease(store: Store, token: string): number | undefined {
  let earlier: number | undefined;
  store.exchangeLease((current) => {
    const { pid, processStart: start } = (current ?? {}) as JsonObject;
    earlier = typeof pid === 'number' && typeof start === 'string' && processStart(pid) === start ? pid : undefined;
    return earlier === undefined ? { token } : current;
  });
  if (earlier === undefined) store.writeUnder(token);
  return earlier;
}

/** On a full disk, only the message to others is less exact. */
function writeHolder(cacheDirectory: string, me: LeaseHolder): void {
  try {
    writeFileSync(join(cacheDirectory, HOLDER_FILE), `${JSON.stringify(me)}\n`);
  } catch {
    removeHolder(cacheDirectory);
  }
}

/** Not by `rmSync`: at its first call, Node loads what removes folders. */
function removeHolder(cacheDirectory: string): void {
  try {
    unlinkSync(join(cacheDirectory, HOLDER_FILE));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function readHolder(cacheDirectory: string): LeaseHolder | undefined {
  try {
    return JSON.parse(readFileSync(join(cacheDirectory, HOLDER_FILE), 'utf8')) as LeaseHolder;
  } catch {
    return undefined;
  }
}

function thisProcess(command: string): LeaseHolder {
  const namespace = pidNamespace();
  return {
    token: randomUUID(),
    pid: process.pid,
    since: new Date().toISOString(),
    command,
    host: hostname(),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

function pidNamespace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return undefined;
  }
}

/** Whether a process has its number here: signals to that number reach it. */
export function isReachable({ host, namespace }: LeaseHolder): boolean {
  return host === hostname() && namespace === pidNamespace();
}

/** `process 4711, since 2026-01-01T12:00:00.000Z, "vmfdag run"`; with its host, and its container, where they differ from ours. */
export function describeHolder(holder: LeaseHolder | undefined): string {
  if (!holder) return 'a process that is not known';
  const { pid, since, command, host, namespace } = holder;
  const where = namespace === pidNamespace() ? '' : ' of another container';
  return `process ${pid}${where}${host === hostname() ? '' : ` on ${host}`}, since ${since}, "${command}"`;
}

/** When a process was started, in the form of versions before the lock; undefined if it does not run. */
function processStart(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      // The time of the main thread is the process's. Emulators (QEMU, for containers of another processor) invent what a
      // process finds in its own /proc/PID/stat: it would name itself as nobody else sees it, and count as ended.
      const status = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8');
      // The command in brackets may hold spaces: fields are counted from the last bracket. State is field 3, start time field 22.
      const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? undefined : `${bootId} ${fields[19]}`;
    } catch {
      return undefined;
    }
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}
