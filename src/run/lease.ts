import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { JsonObject, JsonValue } from '../base/json.ts';
import type { Store } from '../store/store.ts';

/** Who is running on a cache. The start time tells a process from a later one that was given the same number. */
export interface LeaseHolder {
  readonly pid: number;
  readonly processStart: string;
  readonly since: string;
  readonly command: string;
}

export type LeaseAttempt = { readonly kind: 'acquired' } | { readonly kind: 'held'; readonly by: LeaseHolder };

/** Takes the run lease of a cache, unless a process that is still alive has it. One that was killed never blocks the next. */
export function acquireLease(store: Store, me: LeaseHolder): LeaseAttempt {
  let attempt: LeaseAttempt = { kind: 'acquired' };
  store.exchangeLease((current) => {
    const holder = current as unknown as LeaseHolder | undefined;
    if (holder && holder.pid !== me.pid && isAlive(holder)) {
      attempt = { kind: 'held', by: holder };
      return current;
    }
    return { ...me } satisfies JsonObject as JsonValue;
  });
  return attempt;
}

/** Gives the lease back, if it is still ours. */
export function releaseLease(store: Store, me: LeaseHolder): void {
  store.exchangeLease((current) => {
    const holder = current as unknown as LeaseHolder | undefined;
    return holder?.pid === me.pid && holder.processStart === me.processStart ? undefined : current;
  });
}

/** This process, as a lease names it. */
export function thisProcess(command: string): LeaseHolder {
  return {
    pid: process.pid,
    processStart: processStart(process.pid) ?? 'unknown',
    since: new Date().toISOString(),
    command,
  };
}

/** Whether the process is still the one that it was. */
export function isAlive({ pid, processStart: start }: Pick<LeaseHolder, 'pid' | 'processStart'>): boolean {
  const now = processStart(pid);
  return now !== undefined && (now === start || start === 'unknown');
}

/** When a process was started, in whatever form the system says it; nothing if it does not run. */
function processStart(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      // That of the main thread, which is the process's. Emulators (QEMU, under which containers of another processor run) make up what a
      // process finds in its own /proc/PID/stat: it would name itself as nobody else sees it, and be taken for gone.
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
