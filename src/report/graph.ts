import type { Plan, PlanNode } from '../plan/plan.ts';

export type GraphFormat = 'mermaid' | 'dot';

interface Vertex {
  readonly name: string;
  readonly label: string;
}

interface Graph {
  readonly vertices: readonly Vertex[];
  readonly edges: readonly { readonly from: string; readonly to: string; readonly label: string }[];
}

/** Draws a plan as text: one box for each stage with its count of nodes, or one for each node. */
export function drawGraph(plan: Plan, format: GraphFormat, expand: boolean): string {
  const graph = expand ? nodeGraph(plan) : stageGraph(plan);
  return format === 'mermaid' ? mermaid(graph) : dot(graph);
}

function nodeGraph(plan: Plan): Graph {
  return collapse(
    plan,
    (node) => node.id,
    ({ id }) => id,
  );
}

function stageGraph(plan: Plan): Graph {
  const counts = new Map<string, number>();
  for (const { stage } of plan.nodes) counts.set(stage.name, (counts.get(stage.name) ?? 0) + 1);
  return collapse(
    plan,
    ({ stage }) => stage.name,
    ({ stage }) => `${stage.name} × ${counts.get(stage.name)}`,
  );
}

function collapse(plan: Plan, nameOf: (node: PlanNode) => string, labelOf: (node: PlanNode) => string): Graph {
  const vertices = new Map<string, Vertex>();
  const edges = new Map<string, { from: string; to: string; labels: Set<string> }>();
  for (const node of plan.nodes) {
    const to = nameOf(node);
    vertices.set(to, { name: to, label: labelOf(node) });
    for (const input of node.inputs) {
      for (const { node: index, output } of input.kind === 'one' ? [input.source] : input.sources) {
        const from = nameOf(plan.nodes[index] as PlanNode);
        const id = `${from}\0${to}`;
        const edge = edges.get(id) ?? { from, to, labels: new Set() };
        edge.labels.add(output);
        edges.set(id, edge);
      }
    }
  }
  return {
    vertices: [...vertices.values()],
    edges: [...edges.values()].map(({ from, to, labels }) => ({ from, to, label: [...labels].join(', ') })),
  };
}

function mermaid({ vertices, edges }: Graph): string {
  const ids = new Map(vertices.map(({ name }, index) => [name, `n${index}`]));
  return [
    'flowchart LR',
    ...vertices.map(({ name, label }) => `  ${ids.get(name)}["${label.replaceAll('"', '#quot;')}"]`),
    ...edges.map(({ from, to, label }) => `  ${ids.get(from)} -->|"${label}"| ${ids.get(to)}`),
  ].join('\n');
}

function dot({ vertices, edges }: Graph): string {
  const quote = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  return [
    'digraph pipeline {',
    '  rankdir=LR;',
    '  node [shape=box, style=rounded, fontname="sans-serif"];',
    ...vertices.map(({ name, label }) => `  ${quote(name)} [label=${quote(label)}];`),
    ...edges.map(({ from, to, label }) => `  ${quote(from)} -> ${quote(to)} [label=${quote(label)}];`),
    '}',
  ].join('\n');
}
