import { describe, expect, it } from 'vitest';
import { printable } from '../../../../src/engine/base/printable.ts';
import { type Expansion, graphOf, type KnownState } from '../../../../src/engine/views/graph/graph.ts';
import { graphPage } from '../../../../src/engine/views/graph/graph-page.ts';
import { dot, mermaid } from '../../../../src/engine/views/graph/graph-text.ts';
import { svg } from '../../../../src/engine/views/graph/svg.ts';
import { planOf, planStage } from '../../run/plans.ts';

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
const STATES: readonly KnownState[] = ['current', 'current', 'stale', 'waiting'];
const COLLAPSED: Expansion = { kind: 'stages', stages: new Set() };
const EXPANDED: Expansion = { kind: 'all' };

describe('mermaid', () => {
  it('draws one box for each stage', () => {
    expect(mermaid(graphOf(plan, COLLAPSED))).toBe(
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

  it('says how many nodes are up to date, and colours boxes by it', () => {
    expect(mermaid(graphOf(plan, COLLAPSED, STATES))).toBe(
      [
        'flowchart LR',
        '  n0["init × 1<br>up to date"]:::current',
        '  n1["train × 2<br>1 up to date, 1 stale"]:::stale',
        '  n2["plot × 1<br>waiting"]:::waiting',
        '  n0 -->|"out"| n1',
        '  n1 -->|"out"| n1',
        '  n1 -->|"out, metrics"| n2',
        '  classDef current fill:#e3eefa,stroke:#2b6cb0,color:#1a1a1a',
        '  classDef stale fill:#fde8d0,stroke:#b45309,color:#1a1a1a',
        '  classDef waiting fill:#f1f1f1,stroke:#6b7280,color:#1a1a1a',
      ].join('\n'),
    );
  });

  it('draws one box for each node of the stages that are expanded', () => {
    expect(mermaid(graphOf(plan, { kind: 'stages', stages: new Set(['train']) }))).toBe(
      [
        'flowchart LR',
        '  n0["init × 1"]',
        '  n1["train/1"]',
        '  n2["train/2"]',
        '  n3["plot × 1"]',
        '  n0 -->|"out"| n1',
        '  n1 -->|"out"| n2',
        '  n1 -->|"out"| n3',
        '  n2 -->|"out, metrics"| n3',
      ].join('\n'),
    );
    expect(mermaid(graphOf(plan, EXPANDED))).toContain('\n  n3["plot/a #quot;b#quot; \\c"]\n');
  });

  it('draws an empty plan', () => {
    expect(mermaid(graphOf({ nodes: [], targets: [], transient: new Map() }, COLLAPSED))).toBe('flowchart LR');
  });
});

describe('dot', () => {
  it('names, labels and colours boxes', () => {
    const lines = dot(graphOf(plan, EXPANDED, STATES)).split('\n');
    expect([lines[0], lines.at(-1)]).toEqual(['digraph pipeline {', '}']);
    expect(lines.slice(4, -1)).toEqual([
      '  "init" [label="init\\nup to date", fillcolor="#e3eefa", color="#2b6cb0", class="current"];',
      '  "train/1" [label="train/1\\nup to date", fillcolor="#e3eefa", color="#2b6cb0", class="current"];',
      '  "train/2" [label="train/2\\nstale", fillcolor="#fde8d0", color="#b45309", class="stale"];',
      '  "plot/a \\"b\\" \\\\c" [label="plot/a \\"b\\" \\\\c\\nwaiting", fillcolor="#f1f1f1", color="#6b7280", class="waiting"];',
      '  "init" -> "train/1" [label="out"];',
      '  "train/1" -> "train/2" [label="out"];',
      '  "train/1" -> "plot/a \\"b\\" \\\\c" [label="out"];',
      '  "train/2" -> "plot/a \\"b\\" \\\\c" [label="out, metrics"];',
    ]);
  });
});

describe('svg and html', () => {
  it('are laid out by Graphviz, and stand alone', async () => {
    const graph = graphOf(plan, EXPANDED, STATES);
    const drawing = await svg(graph);
    expect(drawing).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    expect(drawing).not.toContain('<!--');
    for (const { name } of graph.vertices.slice(0, 3)) expect(drawing).toContain(`<title>${name}</title>`);
    expect(drawing).toMatch(/class="node stale"[\s\S]*train\/2/);
    const page = graphPage('a <b> & "c"', graph, drawing);
    expect(page).toContain('<title>a &lt;b&gt; &amp; &quot;c&quot;</title>');
    expect(page).toContain('<td>plot/a &quot;b&quot; \\c</td><td>plot</td><td>1</td><td>waiting</td>');
    expect(page).not.toMatch(/(src|href)=|url\(|@import/);
  });
});

describe('labels that come from hostile coordinates', () => {
  const titles = ['<img src=x onerror=alert(1)>', '`**`#35;', '\x1b]0;x\x07', '&#27;[2J', '\u202egvs', 'line\nend'];
  const many = Array.from({ length: 12 }, (_, index) => index);
  const hostile = planOf(
    titles.flatMap((title) => many.map((seed) => ({ stage: plot, coordinates: { title, seed } }))),
  );

  it('are text to Mermaid, Graphviz and a browser', async () => {
    const graph = graphOf(hostile, EXPANDED);
    expect(graph.vertices).toHaveLength(titles.length);
    expect(mermaid(graph)).toContain(
      [
        '  n0["plot/#60;img src=x onerror=alert(1)#62;/0…11 × 12"]',
        '  n1["plot/#96;**#96;#35;35;/0…11 × 12"]',
        '  n2["plot/\\x1b]0;x\\x07/0…11 × 12"]',
        '  n3["plot/#38;#35;27;[2J/0…11 × 12"]',
        '  n4["plot/\\u202egvs/0…11 × 12"]',
        '  n5["plot/line\\x0aend/0…11 × 12"]',
      ].join('\n'),
    );
    const drawing = await svg(graph);
    const texts = [mermaid(graph), dot(graph), drawing, graphPage('t', graph, drawing)];
    for (const text of texts) expect(text).toBe(printable(text));
    expect(drawing).not.toContain('<img');
    expect(drawing).toContain('&amp;#27;[2J');
  });
});

describe('a graph of ten thousand nodes', () => {
  const sample = planStage('sample');
  const epochs = Array.from({ length: 150 }, (_, index) => index + 1);
  const chains = ['fnn', 'dfnn'].flatMap((architecture) =>
    Array.from({ length: 20 }, (_, index) => ({ architecture, seed: index + 1 })),
  );
  const trained = chains.flatMap((chain) =>
    epochs.map((epoch) => ({ stage: train, coordinates: { ...chain, epoch } })),
  );
  const checkpoints = [0, 1, 2, 3, 5, 8, 13, 21];
  const sampled = chains.flatMap((chain) =>
    checkpoints.map((epoch) => ({ stage: sample, coordinates: { ...chain, epoch } })),
  );
  const seeds = Array.from({ length: 4000 }, (_, index) => ({ stage: plot, coordinates: { seed: 2 * index } }));
  const large = planOf([...trained, ...sampled, ...seeds]);

  it('folds the last coordinates into ranges until it can be read', () => {
    const { vertices } = graphOf(large, EXPANDED);
    expect(large.nodes).toHaveLength(10_320);
    const labels = vertices.map(({ label }) => label);
    expect(labels.slice(0, 2)).toEqual(['train/fnn/1/1…150 × 150', 'train/fnn/2/1…150 × 150']);
    expect(labels[40]).toBe('sample/fnn/1/0…21 (8 values) × 8');
    expect(labels.at(-1)).toBe('plot/0…7998 (4000 values) × 4000');
    expect(vertices).toHaveLength(81);
    expect(vertices.reduce((sum, { nodes }) => sum + nodes, 0)).toBe(large.nodes.length);
  });
});
