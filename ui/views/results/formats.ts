import type { Result } from '../../../src/engine/views/live/protocol.ts';

/** A result that is shown, and all files that can be downloaded of it: itself, and the same figure in other formats. */
export interface ShownResult {
  readonly shown: Result;
  readonly files: readonly Result[];
}

/** A figure that a node publishes as SVG and as PNG is shown once. What is not here stays on its own, to be fetched. */
export function groupFormats(results: readonly Result[]): readonly ShownResult[] {
  const groups = new Map<string, Result[]>();
  for (const result of results) {
    const name = nameOf(result);
    const group = groups.get(name);
    if (group) group.push(result);
    else groups.set(name, [result]);
  }
  return [...groups.values()].map((files) => ({
    shown: files.find(({ type }) => type === 'svg') ?? (files[0] as Result),
    files,
  }));
}

/** Equal for the formats of one figure only. */
function nameOf({ path, node, type, digest, isHere }: Result): string {
  const isFigure = (type === 'svg' || type === 'png') && digest !== null && isHere;
  return isFigure && path.endsWith(`.${type}`) ? `${path.slice(0, -type.length)} of ${node}` : path;
}
