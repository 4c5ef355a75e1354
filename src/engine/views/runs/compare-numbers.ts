import type { JsonValue } from '../../base/json.ts';
import type { NodeId } from '../../plan/plan.ts';
import { changes } from '../../staleness/changes.ts';
import type { Store } from '../../store/store.ts';
import type { ComparedNode } from './compare-runs.ts';
import { jsonNumbers } from './json-numbers.ts';

/** A number of a JSON artefact in two runs; undefined where one of them has none. */
export interface NumberChange {
  readonly node: NodeId;
  readonly output: string;
  /** Its place in the document. */
  readonly path: string;
  readonly old: number | undefined;
  readonly new: number | undefined;
}

/** The numbers that differ in the JSON artefacts of nodes that both runs have. */
export function numberChanges(nodes: readonly ComparedNode[], store: Store): readonly NumberChange[] {
  return nodes.flatMap(({ node, comparison, old, new: now }) => {
    if (comparison !== 'other bytes' || !old || !now) return [];
    const [before, after] = [store.record(old), store.record(now)];
    const outputs = Object.entries(after?.outputs ?? {}).filter(([, { type }]) => type === 'json');
    return outputs.flatMap(([output, { digest }]) => {
      if (before?.outputs[output]?.digest === digest) return [];
      const [was, is] = [jsonNumbers(before, output, store), jsonNumbers(after, output, store)];
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

function numberOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
