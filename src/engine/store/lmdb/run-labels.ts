import { isBlank, type RunLabel } from '../run-label.ts';
import { decodedOr, decodeJson, encodeJson } from './encoding.ts';
import type { SealedTable } from './sealed-table.ts';

/** What people have said about runs, by the id of the run. Change it only inside a transaction. */
export interface RunLabels {
  of(run: string): RunLabel | undefined;
  put(run: string, label: RunLabel): void;
  forget(run: string): void;
}

export function lmdbRunLabels(notes: SealedTable): RunLabels {
  const keyOf = (run: string) => Buffer.from(`label/${run}`);
  return {
    of(run) {
      const found = notes.get(keyOf(run));
      return found && decodedOr(() => decodeJson<RunLabel>(found));
    },
    put(run, label) {
      if (isBlank(label)) notes.remove(keyOf(run));
      else notes.put(keyOf(run), encodeJson(label));
    },
    forget: (run) => notes.remove(keyOf(run)),
  };
}
