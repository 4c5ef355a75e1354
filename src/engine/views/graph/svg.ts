import type { Graph } from './graph.ts';
import { dot } from './text.ts';

/** The graph as an SVG document, laid out by Graphviz (compiled to WebAssembly, and loaded only here). */
export async function svg(graph: Graph): Promise<string> {
  const { instance } = await import('@viz-js/viz');
  const drawn = (await instance()).renderString(dot(graph), { format: 'svg' });
  // Without the prolog and the comments it can stand in an HTML page, and is the same whatever the version of Graphviz says of itself.
  return drawn.slice(drawn.indexOf('<svg')).replaceAll(/<!--[\s\S]*?-->\n/g, '');
}
