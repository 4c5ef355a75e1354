import { hostname } from 'node:os';
import type { NodeRecord } from '../store/store.ts';

/** Whether an executor made the result on another host: what this machine has installed says nothing about it. */
export function isMadeElsewhere({ executor, host }: NodeRecord): boolean {
  return executor !== undefined && host !== hostname();
}
