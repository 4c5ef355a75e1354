import { readFileSync } from 'node:fs';
import { Failure } from '../base/failure.ts';

/** A program of a node was ended for want of memory. */
export class OutOfMemory extends Failure {}

/** V8 says so before it ends a process whose heap is full. */
const HEAP_LIMIT = /JavaScript heap out of memory|Reached heap limit/;

/** For so long a count is not read again: of the shortest nodes, a thousand begin in a second. */
const FRESH_MS = 200;

let latest: { readonly count: number | undefined; readonly at: number } | undefined;

/** `memoryKills`, or what it was some milliseconds ago. */
export function recentMemoryKills(): number | undefined {
  const now = performance.now();
  if (latest === undefined || now - latest.at > FRESH_MS) latest = { count: memoryKills(), at: now };
  return latest.count;
}

/** How many processes the system has ended for want of memory since it was started; undefined where it does not say. */
export function memoryKills(): number | undefined {
  try {
    const [, count] = /^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8')) ?? [];
    return count === undefined ? undefined : Number(count);
  } catch {
    return undefined;
  }
}

/**
 * Whether a process ended for want of memory. A signal alone does not tell: somebody else may have sent it.
 * @param before `memoryKills()` when the process was started
 * @param isKilled whether it, or a child that it waited for, was ended by SIGKILL
 */
export function ranOutOfMemory(before: number | undefined, isKilled: boolean, log: string): boolean {
  if (HEAP_LIMIT.test(log)) return true;
  const now = memoryKills();
  return isKilled && before !== undefined && now !== undefined && now > before;
}
