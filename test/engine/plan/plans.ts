import type { ParamOverride } from '../../../src/engine/pipeline/load-pipeline.ts';
import { buildPlan } from '../../../src/engine/plan/build-plan.ts';
import type { Plan, PlanNode } from '../../../src/engine/plan/plan.ts';
import { load } from '../pipeline/pipelines.ts';

/** A small experiment with all that the grammar has: matrices, a scan, gathers, targets. */
export const EXPERIMENT = `
params:
  seeds: [1, 2]
  architectures:
    fnn: {dataset: mnist, epochs: 3, model: {hidden: [800]}, checkpoints: [0, 1, 3]}
    fnn+bn: {dataset: mnist, epochs: 2, model: {hidden: [800, 800]}, checkpoints: [0, 2]}
    cnn: {dataset: cifar10, epochs: 1, model: {filters: 16}, checkpoints: [1]}
  shown: [fnn, cnn]
stages:
  download:
    run: stages/download.ts
    each: {dataset: [mnist, cifar10]}
    outputs: {train: safetensors, test: safetensors}
  init:
    run: stages/init.ts
    each: {architecture: "\${architectures}", seed: "\${seeds}"}
    params: {model: "\${architectures[architecture].model}", seed: "\${seed}"}
    outputs: {weights: safetensors}
  train:
    run: stages/train.ts
    each: {architecture: "\${architectures}", seed: "\${seeds}"}
    scan:
      epoch: {from: 1, to: "\${architectures[architecture].epochs}"}
      carry: {weights: init.weights}
    params: {model: "\${architectures[architecture].model}", name: "\${architecture} of seed \${seed}"}
    inputs: {train: "download.train[dataset=\${architectures[architecture].dataset}]"}
    outputs: {weights: safetensors, metrics: json}
  sample:
    run: stages/sample.ts
    each: {architecture: "\${architectures}", seed: "\${seeds}", epoch: "\${architectures[architecture].checkpoints}"}
    inputs: {weights: train.weights, train: "download.train[dataset=\${architectures[architecture].dataset}]"}
    outputs: {samples: safetensors}
  compare:
    run: stages/compare.ts
    each: {architecture: "\${shown}"}
    inputs: {samples: "sample.samples[seed=*, epoch=*]"}
    outputs: {table: arrow}
  table:
    run: stages/aggregate.ts#all
    inputs: {samples: "sample.samples[*]", shown: "sample.samples[architecture=\${shown}, seed=1, epoch=*]", ends: "train.metrics[architecture=fnn, seed=*, epoch=3]"}
    outputs: {table: arrow, plot: svg}
targets:
  fig5: {files: {fig5.svg: table.plot}}
  panels: {nodes: [compare], files: {panels/fnn.arrow: compare/fnn.table}}
  figures: {nodes: [fig5, panels], files: {copy.svg: table.plot}}
  table: [table]
default: [figures]
`;

export function plan(text: string, targets?: readonly string[], overrides: readonly ParamOverride[] = []): Plan {
  return buildPlan(load(text, undefined, overrides), targets ? { targets } : {});
}

export function ids({ nodes }: Plan): string[] {
  return nodes.map(({ id }) => id);
}

export function nodeOf({ nodes }: Plan, id: string): PlanNode {
  const node = nodes.find((candidate) => candidate.id === id);
  if (!node) throw new Error(`no node ${id}`);
  return node;
}

/** The inputs of a node as `name: node.output`, or a list of these. */
export function inputsOf(whole: Plan, id: string): Record<string, string | string[]> {
  const text = ({ node, output }: { node: number; output: string }) => `${whole.nodes[node]?.id}.${output}`;
  return Object.fromEntries(
    nodeOf(whole, id).inputs.map((input) => [
      input.name,
      input.kind === 'one' ? text(input.source) : input.sources.map(text),
    ]),
  );
}
