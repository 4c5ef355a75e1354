import type { Result } from '../../src/engine/views/live/protocol.ts';

/** A result that is shown, and all files that can be downloaded of it: itself, and the same figure or table in other formats. */
export interface ShownResult<R> {
  readonly shown: R;
  readonly files: readonly R[];
}

/** Types of figures, and of tables, with how their files end. Of each kind the first one is best to look at. */
const FORMATS: readonly (readonly (readonly [type: string, extension: string])[])[] = [
  [
    ['svg', '.svg'],
    ['png', '.png'],
  ],
  [
    ['markdown', '.md'],
    ['csv', '.csv'],
    ['arrow', '.arrow'],
  ],
];

const RANKS = FORMATS.flat().map(([type]) => type);

/** A figure that a node publishes as SVG and as PNG is shown once. What is not here stays on its own, to be fetched. */
export function groupFormats<R extends Result>(results: readonly R[]): readonly ShownResult<R>[] {
  const groups = new Map<string, R[]>();
  for (const result of results) {
    const name = nameOf(result);
    const group = groups.get(name);
    if (group) group.push(result);
    else groups.set(name, [result]);
  }
  return [...groups.values()].map((files) => ({
    shown: files.reduce((best, file) => (RANKS.indexOf(file.type) < RANKS.indexOf(best.type) ? file : best)),
    files,
  }));
}

/** Equal for the formats of one figure, or of one table, only. */
function nameOf({ path, node, type, digest, isHere }: Result): string {
  if (digest === null || !isHere) return path;
  for (const [kind, formats] of FORMATS.entries()) {
    const extension = formats.find(([name]) => name === type)?.[1];
    if (extension !== undefined && path.endsWith(extension))
      return `${path.slice(0, -extension.length)} of ${node}, kind ${kind}`;
  }
  return path;
}
