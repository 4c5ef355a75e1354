import { shortDigest } from '../base/digest.ts';
import type { JsonValue } from '../base/json.ts';
import type { ComputeIdentity } from '../contract/stage.ts';
import type { Change } from './changes.ts';
import type { StartReason } from './work.ts';

/** One line that says why a node runs: `params: batchSize 64 → 32`. */
export function describeReason(reason: StartReason): string {
  switch (reason.rule) {
    case 'forced':
      return 'forced';
    case 'never run':
      return 'never run';
    case 'code':
      return `code ${shortDigest(reason.old)} → ${shortDigest(reason.new)}`;
    case 'params':
      return `params: ${describeChanges(reason.changes)}`;
    case 'inputs':
      return `inputs: ${reason.changes.map(describeInput).join(', ')}`;
    case 'compute':
      return `compute: ${describeCompute(reason.old)} → ${describeCompute(reason.new)}`;
    case 'outputs':
      return `outputs: ${describeChanges(reason.changes)}`;
    case 'lost':
      return 'its record is gone from the cache';
    case 'bytes':
      return reason.neededBy === undefined
        ? 'its bytes are not in the cache, and a target publishes them'
        : `its bytes are not in the cache, and ${reason.neededBy} needs them`;
    case 'audit':
      return 'audit';
  }
}

function describeChanges(changes: readonly Change[]): string {
  const shown = changes.slice(0, 3).map((change) => `${change.path} ${describeChange(change.old, change.new)}`);
  const rest = changes.length - shown.length;
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ');
}

function describeInput(change: { input: string; old: readonly string[]; new: readonly string[] }): string {
  const { input, old, new: now } = change;
  if (old.length === 0) return `${input} is new`;
  if (now.length === 0) return `${input} is no longer there`;
  if (old.length === 1 && now.length === 1) return `${input} ${old[0]?.slice(0, 12)} → ${now[0]?.slice(0, 12)}`;
  if (old.length !== now.length) return `${input} has ${now.length} items, had ${old.length}`;
  return `${input}: ${now.filter((digest, index) => digest !== old[index]).length} of ${now.length} items changed`;
}

function describeCompute(compute: ComputeIdentity | null): string {
  return compute
    ? `${compute.backend} ${compute.version}, ${compute.threads} thread${compute.threads === 1 ? '' : 's'}`
    : 'none';
}

/** `old → new`: of values too long to be shown, the part in which they differ, with a little of what comes before it. */
export function describeChange(old: JsonValue | undefined, current: JsonValue | undefined): string {
  const [before, after] = [JSON.stringify(old) ?? '', JSON.stringify(current) ?? ''];
  let same = 0;
  while (same < Math.min(before.length, after.length) && before[same] === after[same]) same++;
  const start = same - CONTEXT;
  if (Math.max(before.length, after.length) <= LIMIT || start <= 0) {
    return `${describeValue(old)} → ${describeValue(current)}`;
  }
  const part = (text: string) =>
    `…${text.slice(start, start + LIMIT - 2)}${text.length > start + LIMIT - 2 ? '…' : ''}`;
  return `${part(before)} → ${part(after)}`;
}

/** How many characters of a value fit into a line with others. */
const LIMIT = 40;
/** What is shown of the characters in front of the first one that differs. */
const CONTEXT = 12;

/** A value on one line, cut where it is long. */
export function describeValue(value: JsonValue | undefined): string {
  if (value === undefined) return '(none)';
  const text = JSON.stringify(value);
  return text.length > LIMIT ? `${text.slice(0, LIMIT - 3)}…` : text;
}
