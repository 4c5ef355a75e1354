import { printableName } from '../../base/printable.ts';
import { describeStates, type Graph, type KnownState, stateOf, type Vertex } from './graph.ts';

/** Everybody can distinguish blue, orange and grey, and the boxes also have the words. */
export const STATE_COLOURS: Readonly<Record<KnownState, { readonly fill: string; readonly line: string }>> = {
  current: { fill: '#e3eefa', line: '#2b6cb0' },
  stale: { fill: '#fde8d0', line: '#b45309' },
  waiting: { fill: '#f1f1f1', line: '#6b7280' },
  cutShort: { fill: '#ffffff', line: '#9ca3af' },
};

const PLAIN = { fill: '#ffffff', line: '#333333' };

/** The graph in the language of Mermaid, which GitHub and many editors draw. */
export function mermaid(graph: Graph): string {
  const ids = new Map(graph.vertices.map(({ name }, index) => [name, `n${index}`]));
  const boxes = graph.vertices.map((vertex) => {
    const state = stateOf(vertex);
    const text = linesOf(vertex).map(mermaidText).join('<br>');
    return `  ${ids.get(vertex.name)}["${text}"]${state ? `:::${state}` : ''}`;
  });
  const present = new Set(graph.vertices.map(stateOf));
  return [
    'flowchart LR',
    ...boxes,
    ...graph.edges.map(
      ({ from, to, outputs }) => `  ${ids.get(from)} -->|"${mermaidText(outputs.join(', '))}"| ${ids.get(to)}`,
    ),
    ...(Object.keys(STATE_COLOURS) as KnownState[])
      .filter((state) => present.has(state))
      .map(
        (state) =>
          `  classDef ${state} fill:${STATE_COLOURS[state].fill},stroke:${STATE_COLOURS[state].line},color:#1a1a1a`,
      ),
  ].join('\n');
}

/** The graph in the language of Graphviz, which knows the widths of Helvetica. The margin is for wider fonts that replace it. */
export function dot({ vertices, edges }: Graph): string {
  return [
    'digraph pipeline {',
    '  rankdir=LR; bgcolor="transparent"; nodesep=0.2; ranksep=0.6;',
    '  node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=11, margin="0.2,0.06"];',
    '  edge [fontname="Helvetica", fontsize=9, color="#6b7280", fontcolor="#4b5563", arrowsize=0.7];',
    ...vertices.map((vertex) => {
      const state = stateOf(vertex);
      const { fill, line } = state ? STATE_COLOURS[state] : PLAIN;
      const label = linesOf(vertex).map(escaped).join('\\n');
      return `  ${quoted(vertex.name)} [label="${label}", fillcolor="${fill}", color="${line}"${state ? `, class="${state}"` : ''}];`;
    }),
    ...edges.map(
      ({ from, to, outputs }) => `  ${quoted(from)} -> ${quoted(to)} [label=${quoted(outputs.join(', '))}];`,
    ),
    '}',
  ].join('\n');
}

/** Mermaid reads a label as Markdown and HTML, and knows characters by their number. */
function mermaidText(text: string): string {
  return printableName(text).replace(/["#&<>`]/g, (character) =>
    character === '"' ? '#quot;' : `#${character.codePointAt(0)};`,
  );
}

function linesOf(vertex: Vertex): readonly string[] {
  const states = describeStates(vertex);
  return states === undefined ? [vertex.label] : [vertex.label, states];
}

/** Graphviz reads `&#27;` as the character. */
function escaped(text: string): string {
  return printableName(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('&', '&amp;');
}

function quoted(text: string): string {
  return `"${escaped(text)}"`;
}
