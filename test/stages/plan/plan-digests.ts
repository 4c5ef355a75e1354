import { createHash } from 'node:crypto';
import type { JsonValue } from '../../../src/engine/base/json.ts';
import type { Pipeline } from '../../../src/engine/pipeline/pipeline.ts';
import { buildPlan } from '../../../src/engine/plan/build-plan.ts';
import type { OutputReference, Plan, PlanNode } from '../../../src/engine/plan/plan.ts';
import { sourcesOf } from '../../../src/engine/plan/sources.ts';

/** What a plan holds, in few lines: a difference names the stage or the target. */
export interface PlanDigests {
  /** By stage: how many nodes and input edges it has, and the digest of all that is planned about them. */
  readonly stages: Readonly<Record<string, string>>;
  /** By target: how many nodes and files it has, and the digest of their names. */
  readonly targets: Readonly<Record<string, string>>;
  readonly default: string;
}

/**
 * Digests of everything that a pipeline plans: ids, coordinates, params in their order, edges, settings, what `retain` evicts, targets and their
 * files. Not of descriptions, places and the stages' modules.
 */
export function planDigests(pipeline: Pipeline): PlanDigests {
  const targets = [...pipeline.targets.keys()];
  const plan = buildPlan(pipeline, { targets: [...targets, '*'] });
  const edges = new Edges(plan);
  const nodes = new Map<string, PlanNode[]>();
  for (const node of plan.nodes) nodes.set(node.stage.name, [...(nodes.get(node.stage.name) ?? []), node]);
  const stages = [...nodes].map(([name, all]) => {
    const content = [settingsOf(all[0] as PlanNode), ...all.map((node) => edges.contentOf(node))];
    const count = all.reduce((sum, { inputs }) => sum + inputs.flatMap(sourcesOf).length, 0);
    return [name, `${all.length} nodes, ${count} edges, ${digestOf(content as JsonValue)}`] as const;
  });
  const named = plan.targets.slice(0, targets.length).map(({ name, nodes: indices, files }) => {
    const content = [
      indices.map((index) => plan.nodes[index]?.id as string),
      files.map(({ path, source }) => [path, edges.textOf(source)]),
    ];
    return [name, `${indices.length} nodes, ${files.length} files, ${digestOf(content)}`] as const;
  });
  return {
    stages: Object.fromEntries(stages),
    targets: Object.fromEntries(named),
    default: pipeline.defaultTargets.map(({ text }) => text).join(', '),
  };
}

/** What all nodes of a stage have in common, except its place in the file and its code. */
function settingsOf({ stage }: PlanNode): JsonValue {
  const { outputs, resources, timeoutSeconds, retries, compute, variables, secrets, undeclared } = stage;
  return [
    outputs,
    { ...resources },
    timeoutSeconds ?? null,
    retries.failed.times,
    compute,
    variables,
    secrets,
    undeclared,
  ];
}

class Edges {
  readonly #plan: Plan;
  /** Lists that nodes share, with hundreds of thousands of sources in all. */
  readonly #gathered = new Map<readonly OutputReference[], string>();

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  textOf({ node, output }: OutputReference): string {
    return `${this.#plan.nodes[node]?.id}.${output}`;
  }

  contentOf({ id, index, coordinates, params, inputs, chain }: PlanNode): JsonValue {
    const edges = inputs.map((input) =>
      input.kind === 'one'
        ? [input.name, this.textOf(input.source)]
        : [input.name, 'many', this.#gather(input.sources)],
    );
    const transient = this.#plan.transient.get(index) ?? [];
    return [id, coordinates, params, edges, chain ?? null, transient];
  }

  #gather(sources: readonly OutputReference[]): string {
    const known = this.#gathered.get(sources);
    if (known !== undefined) return known;
    const digest = digestOf(sources.map((source) => this.textOf(source)));
    this.#gathered.set(sources, digest);
    return digest;
  }
}

/** JSON text keeps the order of keys. */
function digestOf(content: JsonValue): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);
}
