import type { RunRecord } from '../store.ts';
import { decodedOr, decodeJson, encodeJson } from './encoding.ts';
import type { RunLabels } from './run-labels.ts';
import type { SealedTable } from './sealed-table.ts';

/** In characters. What is longer is none, and may be too long for a key of LMDB. */
const LONGEST_RUN_ID = 100;

/** What runs were asked for, by id, with what people have said about them. */
export class Runs {
  private readonly table: SealedTable;
  private readonly labels: RunLabels;

  constructor(table: SealedTable, labels: RunLabels) {
    this.table = table;
    this.labels = labels;
  }

  of(id: string): RunRecord | undefined {
    const found = id !== '' && id.length <= LONGEST_RUN_ID ? this.table.get(Buffer.from(id)) : undefined;
    return found && this.labelled(found);
  }

  /** The newest first. */
  *all(): Iterable<RunRecord> {
    for (const { value } of this.table.entries({ reverse: true })) {
      const run = this.labelled(value);
      if (run) yield run;
    }
  }

  /** Call this and what follows only inside a transaction. */
  put({ label: _, ...run }: RunRecord): void {
    this.table.put(Buffer.from(run.id), encodeJson(run));
  }

  forget(id: string): void {
    this.table.remove(Buffer.from(id));
    this.labels.forget(id);
  }

  private labelled(value: Buffer): RunRecord | undefined {
    const run = decodedOr(() => decodeJson<RunRecord>(value));
    const label = run && this.labels.of(run.id);
    return label ? { ...run, label } : run;
  }
}
