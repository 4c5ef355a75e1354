import { encodeSegment } from '../../plan/encode-segment.ts';
import type { PlanNode } from '../../plan/plan.ts';
import type { Coordinate } from '../../stage/stage.ts';

/** Nodes of one stage that are drawn as one box. */
export interface Box {
  readonly name: string;
  readonly label: string;
  readonly nodes: readonly PlanNode[];
}

/** With more boxes for one stage, nobody can read the drawing. Then nodes that differ in their last coordinates share one. */
const READABLE_BOXES = 60;

/** The boxes of a stage: one, or for an expanded stage as many as can be read, at most one for each node. */
export function boxesOf(stage: string, nodes: readonly PlanNode[], expanded: boolean): readonly Box[] {
  if (!expanded) return [{ name: stage, label: `${stage} × ${nodes.length}`, nodes }];
  if (nodes.length <= READABLE_BOXES) return nodes.map((node) => ({ name: node.id, label: node.id, nodes: [node] }));
  const names = Object.keys((nodes[0] as PlanNode).coordinates);
  for (let kept = names.length - 1; ; kept--) {
    const groups = groupBy(nodes, names.slice(0, kept));
    if (groups.length <= READABLE_BOXES || kept <= 0) {
      return groups.map((group) => foldedBox(stage, group, names.slice(0, kept), names.slice(kept)));
    }
  }
}

function groupBy(nodes: readonly PlanNode[], names: readonly string[]): readonly (readonly PlanNode[])[] {
  const groups = new Map<string, PlanNode[]>();
  for (const node of nodes) {
    const name = JSON.stringify(names.map((each) => node.coordinates[each]));
    const group = groups.get(name);
    if (group) group.push(node);
    else groups.set(name, [node]);
  }
  return [...groups.values()];
}

function foldedBox(stage: string, nodes: readonly PlanNode[], kept: readonly string[], folded: readonly string[]): Box {
  const first = nodes[0] as PlanNode;
  if (nodes.length === 1) return { name: first.id, label: first.id, nodes };
  const prefix = [stage, ...kept.map((name) => String(first.coordinates[name]))];
  const ranges = folded.map((name) => describeValues(nodes.map(({ coordinates }) => coordinates[name] as Coordinate)));
  return {
    name: [
      stage,
      ...kept.map((name) => encodeSegment(first.coordinates[name] as Coordinate)),
      ...folded.map(() => '*'),
    ].join('/'),
    label: `${[...prefix, ...ranges].join('/')} × ${nodes.length}`,
    nodes,
  };
}

/** `1…150` for whole numbers without a gap, `0, 5, 10`, `0…150 (25 values)`, `fnn, dfnn`, `8 values`. */
function describeValues(all: readonly Coordinate[]): string {
  const values = [...new Set(all)];
  const numbers = values.filter((value) => typeof value === 'number').sort((a, b) => a - b);
  const [low, high] = [numbers[0], numbers.at(-1)];
  const isNumeric = numbers.length === values.length && low !== undefined && high !== undefined;
  if (isNumeric && values.length > 2 && high - low === values.length - 1) return `${low}…${high}`;
  if (values.length <= 3) return values.join(', ');
  return isNumeric ? `${low}…${high} (${values.length} values)` : `${values.length} values`;
}
