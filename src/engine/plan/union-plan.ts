import type { NodeId, OutputReference, Plan, PlanGate, PlanInput, PlanNode, PlanRung } from './plan.ts';

/** One of the plans of a union. */
export interface PlanPart {
  /** Tells its nodes apart from those of other parts; safe as a segment of an id, with an equals sign, which no coordinate has. */
  readonly name: string;
  readonly plan: Plan;
}

/** Several plans as one. */
export interface UnionPlan {
  readonly plan: Plan;
  /** For each part, the indices of its nodes in the union, by their indices in the part. */
  readonly members: readonly Int32Array[];
}

/**
 * Makes one plan of several. Nodes that will have the same key whatever their inputs turn out to be are one node. Where nodes of one id differ, the
 * name of the first part that has it is a last segment of the id.
 *
 * @param sameAs a text for each node of a part, which is equal for two nodes if their keys differ in the digests of their inputs only
 */
export function unionOf(parts: readonly PlanPart[], sameAs: (node: PlanNode, part: number) => string): UnionPlan {
  const byIdentity = new Map<string, number>();
  const drafts: {
    readonly node: PlanNode;
    readonly part: number;
    readonly inputs: readonly PlanInput[];
    readonly gate: PlanGate | undefined;
  }[] = [];
  const variants = new Map<string, number>();
  const members = parts.map(({ plan }, part) => {
    const places = new Int32Array(plan.nodes.length);
    const rungs = new Map<PlanRung, PlanRung>();
    for (const node of plan.nodes) {
      const inputs = node.inputs.map((input) => moved(input, places));
      const gate = node.gate && movedGate(node.gate, places, rungs);
      const identity = JSON.stringify([node.id, sameAs(node, part), inputs, gate, node.reports]);
      let index = byIdentity.get(identity);
      if (index === undefined) {
        index = drafts.length;
        byIdentity.set(identity, index);
        drafts.push({ node, part, inputs, gate });
        variants.set(node.id, (variants.get(node.id) ?? 0) + 1);
      }
      places[node.index] = index;
    }
    return places;
  });
  const nodes = drafts.map(({ node, part, inputs, gate }, index): PlanNode => {
    const name = parts[part]?.name ?? '';
    const isShared = variants.get(node.id) === 1;
    const id = isShared ? node.id : (`${node.id}/${name}` as NodeId);
    // Chains are told apart by their first steps: those that have one in common have the steps up to there in common.
    const chain = node.chain === undefined || isShared ? node.chain : `${node.chain}/${name}`;
    const variant = isShared ? {} : { recordedAs: node.id };
    return { ...node, id, index, inputs, chain, ...(gate ? { gate } : {}), ...variant };
  });
  const targets = parts.flatMap(({ name, plan }, part) =>
    plan.targets.map((target) => ({
      name: `${target.name}/${name}`,
      nodes: [...new Set(target.nodes.map((node) => placeOf(members, part, node)))].sort((a, b) => a - b),
      files: target.files.map(({ path, source }) => ({
        path: `${name}/${path}`,
        source: placed(source, members, part),
      })),
    })),
  );
  return { plan: { nodes, targets, transient: transientOf(parts, members) }, members };
}

/** Bytes that one part keeps stay. */
function transientOf(parts: readonly PlanPart[], members: readonly Int32Array[]): Plan['transient'] {
  const transient = new Map<number, readonly string[]>();
  const seen = new Set<number>();
  parts.forEach(({ plan }, part) => {
    for (const { index } of plan.nodes) {
      const place = placeOf(members, part, index);
      const own = plan.transient.get(index) ?? [];
      const kept = seen.has(place) ? (transient.get(place) ?? []).filter((output) => own.includes(output)) : own;
      seen.add(place);
      if (kept.length > 0) transient.set(place, kept);
      else transient.delete(place);
    }
  });
  return transient;
}

function moved(input: PlanInput, places: Int32Array): PlanInput {
  const move = ({ node, output }: OutputReference): OutputReference => ({ node: places[node] as number, output });
  return input.kind === 'one'
    ? { ...input, source: move(input.source) }
    : { ...input, sources: input.sources.map(move) };
}

/** Gates that share a rung still do. */
function movedGate(gate: PlanGate, places: Int32Array, known: Map<PlanRung, PlanRung>): PlanGate {
  const move = (node: number): number => places[node] as number;
  const { after, rung } = gate;
  if (!rung) return { ...gate, after: move(after) };
  const moved = known.get(rung) ?? { ...rung, candidates: rung.candidates.map(move) };
  known.set(rung, moved);
  return { ...gate, after: move(after), rung: moved };
}

function placed({ node, output }: OutputReference, members: readonly Int32Array[], part: number): OutputReference {
  return { node: placeOf(members, part, node), output };
}

function placeOf(members: readonly Int32Array[], part: number, node: number): number {
  return members[part]?.[node] as number;
}
