import { renderPng, renderSvg } from '../../src/sgd/figures/drawing/render.ts';
import type { TopLevelSpec } from '../../src/sgd/figures/drawing/specification.ts';

/** A figure in both of the formats of the plot stages. */
export async function draw(specification: TopLevelSpec): Promise<{ svg: string; png: Uint8Array }> {
  const drawn = await renderSvg(specification);
  return { svg: drawn, png: renderPng(drawn) };
}
