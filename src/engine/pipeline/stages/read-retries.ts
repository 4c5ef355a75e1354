import type { TreeEntry } from '../yaml/tree.ts';
import { entryOf } from '../yaml/tree.ts';
import { evenRetries, type Retries, type RetryPolicy } from './retry-policy.ts';

/** Where a mapping says nothing else. */
const FACTOR = 2;

/**
 * Reads `retries`, whose shape the schema has checked.
 * @param count reads a whole number, which may be a reference
 */
export function readRetries(
  entry: TreeEntry | undefined,
  count: (entry: TreeEntry) => number | undefined,
): RetryPolicy {
  if (!entry) return evenRetries(0);
  const { value } = entry;
  if (value.kind !== 'mapping') return evenRetries(count(entry) ?? 0);
  const none = evenRetries(0);
  const even = (name: 'failed' | 'lost'): Retries => {
    const found = entryOf(value, name);
    return found ? { times: count(found) ?? 0, factor: 1 } : none[name];
  };
  const growing = (name: 'timeout' | 'memory'): Retries => {
    const found = entryOf(value, name);
    if (!found) return none[name];
    if (found.value.kind !== 'mapping') return { times: count(found) ?? 0, factor: FACTOR };
    const [times, factor] = [entryOf(found.value, 'times'), entryOf(found.value, 'factor')?.value];
    const given = factor?.kind === 'scalar' ? Number(factor.value) : FACTOR;
    return { times: (times && count(times)) ?? 1, factor: given };
  };
  return { failed: even('failed'), timeout: growing('timeout'), memory: growing('memory'), lost: even('lost') };
}
