import { describe, expect, it } from 'vitest';
import { drawGraph } from '../../src/report/graph.ts';
import { planOf, planStage } from '../run/plans.ts';

const [init, train, plot] = [planStage('init'), planStage('train'), planStage('plot')];
const plan = planOf([
  { stage: init },
  { stage: train, coordinates: { epoch: 1 }, reads: ['init'] },
  { stage: train, coordinates: { epoch: 2 }, reads: ['train/1'] },
  {
    stage: plot,
    coordinates: { title: 'a "b" \\c' },
    inputs: [
      { kind: 'many', name: 'all', sources: [1, 2].map((node) => ({ node, output: 'out' })) },
      { kind: 'one', name: 'last', source: { node: 2, output: 'metrics' } },
    ],
  },
]);

describe('drawGraph', () => {
  it('draws one box for each stage, in Mermaid', () => {
    expect(drawGraph(plan, 'mermaid', false)).toBe(
      [
        'flowchart LR',
        '  n0["init × 1"]',
        '  n1["train × 2"]',
        '  n2["plot × 1"]',
        '  n0 -->|"out"| n1',
        '  n1 -->|"out"| n1',
        '  n1 -->|"out, metrics"| n2',
      ].join('\n'),
    );
  });

  it('draws one box for each node, in Mermaid', () => {
    expect(drawGraph(plan, 'mermaid', true)).toBe(
      [
        'flowchart LR',
        '  n0["init"]',
        '  n1["train/1"]',
        '  n2["train/2"]',
        '  n3["plot/a #quot;b#quot; \\c"]',
        '  n0 -->|"out"| n1',
        '  n1 -->|"out"| n2',
        '  n1 -->|"out"| n3',
        '  n2 -->|"out, metrics"| n3',
      ].join('\n'),
    );
  });

  it('draws DOT', () => {
    expect(drawGraph(plan, 'dot', true)).toBe(
      [
        'digraph pipeline {',
        '  rankdir=LR;',
        '  node [shape=box, style=rounded, fontname="sans-serif"];',
        '  "init" [label="init"];',
        '  "train/1" [label="train/1"];',
        '  "train/2" [label="train/2"];',
        '  "plot/a \\"b\\" \\\\c" [label="plot/a \\"b\\" \\\\c"];',
        '  "init" -> "train/1" [label="out"];',
        '  "train/1" -> "train/2" [label="out"];',
        '  "train/1" -> "plot/a \\"b\\" \\\\c" [label="out"];',
        '  "train/2" -> "plot/a \\"b\\" \\\\c" [label="out, metrics"];',
        '}',
      ].join('\n'),
    );
  });

  it('draws an empty plan', () => {
    expect(drawGraph({ nodes: [], targets: [], transient: new Map() }, 'mermaid', false)).toBe('flowchart LR');
  });
});
