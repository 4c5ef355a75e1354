import { Failure } from '../../base/failure.ts';
import type { RunRecord } from '../../store/store.ts';

const SHOWN = 5;

/** Ids begin with the time; to the second, it nearly always identifies one. */
const SHORTEST_NAME = 15;

/**
 * Finds a run by `last`, `last~2` (the second before the last), an id, the name that it was given, or the beginning of an id. Of several of one name
 * it is the last.
 *
 * @param runs newest first
 * @throws {Failure} kind `usage` when there is none, or more than one
 */
export function findRun(text: string, runs: readonly RunRecord[]): RunRecord {
  if (runs.length === 0) {
    throw new Failure('usage', { fact: 'there is no run in this cache yet', fix: 'start one with "vmfdag run"' });
  }
  const steps = /^last(?:~(\d+))?$/.exec(text);
  if (steps) {
    const run = runs[Number(steps[1] ?? 0)];
    if (run) return run;
    throw new Failure('usage', {
      fact: `there is no run "${text}": this cache remembers ${runs.length}`,
      fix: `the oldest is last~${runs.length - 1}; see "vmfdag history"`,
    });
  }
  const exact = runs.find(({ id }) => id === text) ?? runs.find(({ label }) => label?.name === text);
  if (exact) return exact;
  const found = text === '' ? [] : runs.filter(({ id }) => id.startsWith(text));
  const [only, second] = found;
  if (only && !second) return only;
  if (!only) {
    throw new Failure('usage', {
      fact: `there is no run "${text}"`,
      fix: 'name one of "vmfdag history", or write last, last~1, …',
    });
  }
  const names = found.slice(0, SHOWN).map(({ id }) => id);
  throw new Failure('usage', {
    fact: `"${text}" is the beginning of ${found.length} runs`,
    fix: `write more of the one you mean: ${names.join(', ')}${found.length > SHOWN ? ', …' : ''}`,
  });
}

/** For each run the shortest beginning of its id that no other one has. */
export function shortNames(runs: readonly RunRecord[]): ReadonlyMap<RunRecord, string> {
  const ids = runs.map(({ id }) => id).sort();
  const needed = new Map<string, number>();
  ids.forEach((id, index) => {
    const shared = Math.max(commonLength(id, ids[index - 1] ?? ''), commonLength(id, ids[index + 1] ?? ''));
    needed.set(id, Math.max(SHORTEST_NAME, shared + 1));
  });
  return new Map(runs.map((run) => [run, run.id.slice(0, needed.get(run.id))]));
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
