import type { OutputReference, Plan } from '../../plan/plan.ts';

/** The outputs that the files of the asked-for targets hold. */
export function publishedOutputs({ targets }: Plan): readonly OutputReference[] {
  return targets.flatMap(({ files }) => files.map(({ source }) => source));
}

/** All outputs of the asked-for nodes. */
export function targetOutputs({ nodes, targets }: Plan): readonly OutputReference[] {
  const asked = new Set(targets.flatMap((target) => target.nodes));
  return [...asked].flatMap((node) =>
    Object.keys(nodes[node]?.stage.outputs ?? {}).map((output) => ({ node, output })),
  );
}

/** The plan, in which everything of the asked-for nodes is kept. */
export function keepingTargets(plan: Plan): Plan {
  const asked = new Set(plan.targets.flatMap((target) => target.nodes));
  return { ...plan, transient: new Map([...plan.transient].filter(([node]) => !asked.has(node))) };
}
