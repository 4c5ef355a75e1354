import { Failure } from '../base/failure.ts';
import type { JsonValue } from '../base/json.ts';
import type { DeclaredScan, DeclaredStage } from '../pipeline/pipeline.ts';
import { describeValue } from '../pipeline/references/lookup.ts';
import { evaluateTemplate } from '../pipeline/references/template.ts';
import { problemAt } from '../pipeline/yaml/source.ts';
import type { LinkedStage } from './link-stages.ts';
import type { PlanNode, PlanStage, TransientOutputs } from './plan.ts';

const NONE: readonly string[] = [];

/**
 * Finds the outputs that the stages' `retain` does not keep.
 *
 * @param nodes all nodes of the plan, those of a chain in the order of their steps
 * @param isPublished whether a target of the pipeline, asked for or not, writes this output to a file
 * @throws {Failure} where checkpoints are no whole numbers
 */
export function transientOutputs(
  nodes: readonly PlanNode[],
  stages: readonly LinkedStage[],
  isPublished: (node: PlanNode, output: string) => boolean,
): TransientOutputs {
  const transient = new Map<number, readonly string[]>();
  const byStage = new Map<PlanStage, LinkedStage>();
  for (const stage of stages) if (Object.keys(stage.declared.retain).length > 0) byStage.set(stage.planStage, stage);
  if (byStage.size === 0) return transient;

  let chain: string | undefined;
  let checkpoints: ReadonlySet<number> = new Set();
  let lastSteps: ReadonlySet<number> | undefined;
  const isLast = ({ index }: PlanNode, { stop }: DeclaredStage): boolean => {
    if (stop.length === 0) return nodes[index + 1]?.chain !== chain;
    // Where chains are compared at rungs, their steps do not follow each other.
    lastSteps ??= new Set(new Map(nodes.map((node) => [node.chain, node.index])).values());
    return lastSteps.has(index);
  };
  // Chains mostly share the list.
  const known = new Map<JsonValue, ReadonlySet<number>>();
  for (const node of nodes) {
    const declared = byStage.get(node.stage)?.declared;
    if (!declared) continue;
    const { scan, retain } = declared;
    if (scan && node.chain !== chain) {
      chain = node.chain;
      checkpoints = checkpointsOf(scan, node, known);
    }
    const isCheckpoint = scan !== undefined && checkpoints.has(node.coordinates[scan.name] as number);
    // More steps can be added to a chain as long as the output that its last one carries on is there.
    const carried = scan && isLast(node, declared) ? scan.carry.map(({ name }) => name) : NONE;
    const dropped = Object.keys(retain).filter(
      (output) =>
        !(retain[output] === 'checkpoints' && isCheckpoint) && !carried.includes(output) && !isPublished(node, output),
    );
    if (dropped.length > 0) transient.set(node.index, dropped);
  }
  return transient;
}

function checkpointsOf(
  { checkpoints }: DeclaredScan,
  { coordinates }: PlanNode,
  known: Map<JsonValue, ReadonlySet<number>>,
): ReadonlySet<number> {
  if (!checkpoints) return new Set();
  const { values, place } = checkpoints;
  // The scanned coordinate comes last, and the checkpoints of a chain do not depend on it.
  const list = evaluateTemplate(values, Object.values(coordinates));
  const same = known.get(list);
  if (same) return same;
  const items: readonly JsonValue[] = Array.isArray(list) ? list : [list];
  const wrong = items.find((item) => typeof item !== 'number' || !Number.isSafeInteger(item));
  if (Array.isArray(list) && wrong === undefined) {
    const steps = new Set(items as readonly number[]);
    known.set(list, steps);
    return steps;
  }
  const fact = Array.isArray(list)
    ? `the list holds ${describeValue(wrong as JsonValue)}`
    : `this is ${describeValue(list)}`;
  throw new Failure('usage', problemAt(place, fact, 'use a list of whole numbers'));
}
