import type { Graph } from './graph.ts';
import { dot } from './graph-text.ts';

/** The graph as an SVG document, laid out by Graphviz (compiled to WebAssembly, and loaded only here). */
export async function svg(graph: Graph): Promise<string> {
  const { instance } = await import('@viz-js/viz');
  const drawn = (await instance()).renderString(dot(graph), { format: 'svg' });
  // Without prolog and comments it fits into an HTML page, and does not depend on Graphviz's version number.
  return drawn.slice(drawn.indexOf('<svg')).replaceAll(/<!--[\s\S]*?-->\n/g, '');
}
