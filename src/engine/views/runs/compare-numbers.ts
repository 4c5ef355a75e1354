import { Failure } from '../../base/failure.ts';
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import type { NodeId } from '../../plan/plan.ts';
import { changes } from '../../staleness/changes.ts';
import type { NodeRecord, Store } from '../../store/store.ts';
import type { ComparedNode } from './compare-runs.ts';

/** A number of a JSON artefact in two runs; undefined where one of them has none. */
export interface NumberChange {
  readonly node: NodeId;
  readonly output: string;
  /** Its place in the document. */
  readonly path: string;
  readonly old: number | undefined;
  readonly new: number | undefined;
}

/** A longer list is data, not a summary. */
const LONGEST_LIST = 8;

/** The numbers that differ in the JSON artefacts of nodes that both runs have. */
export function numberChanges(nodes: readonly ComparedNode[], store: Store): readonly NumberChange[] {
  return nodes.flatMap(({ node, comparison, old, new: now }) => {
    if (comparison !== 'other bytes' || !old || !now) return [];
    const [before, after] = [store.record(old), store.record(now)];
    const outputs = Object.entries(after?.outputs ?? {}).filter(([, { type }]) => type === 'json');
    return outputs.flatMap(([output, { digest }]) => {
      if (before?.outputs[output]?.digest === digest) return [];
      const [was, is] = [numbersOf(before, output, store), numbersOf(after, output, store)];
      return changes(was, is).map(
        ({ path, old: then, new: later }): NumberChange => ({
          node,
          output,
          path,
          old: numberOf(then),
          new: numberOf(later),
        }),
      );
    });
  });
}

/** The numbers of a document as a tree of objects. */
function numbersOf(record: NodeRecord | undefined, output: string, store: Store): JsonValue | undefined {
  const found = record?.outputs[output];
  if (found?.type !== 'json') return undefined;
  try {
    return numericPart(JSON.parse(new TextDecoder().decode(store.artefact(found.digest))), true);
  } catch (error) {
    // Evicted bytes cannot be compared; all others can.
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

function numericPart(value: JsonValue, isRoot = false): JsonValue | undefined {
  if (typeof value === 'number') return isRoot ? { value } : value;
  if (Array.isArray(value)) {
    return value.length > LONGEST_LIST ? undefined : numericPart(Object.fromEntries(value.entries()));
  }
  if (!isJsonObject(value)) return undefined;
  const parts = Object.entries(value).flatMap(([name, child]) => {
    const part = numericPart(child);
    return part === undefined ? [] : [[name, part] as const];
  });
  return Object.fromEntries(parts);
}

function numberOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
