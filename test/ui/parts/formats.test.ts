import { expect, it } from 'vitest';
import type { Result } from '../../../src/engine/views/live/protocol.ts';
import { groupFormats } from '../../../ui/parts/formats.ts';

/** Each group: what is shown, then all of its files. */
function grouped(...results: readonly Result[]): readonly (readonly string[])[] {
  return groupFormats(results).map(({ shown, files }) => [shown.path, ...files.map(({ path }) => path)]);
}

function result(path: string, more: Partial<Result> = {}): Result {
  return {
    path,
    node: 'plot',
    output: 'figure',
    type: path.slice(path.lastIndexOf('.') + 1),
    digest: path,
    state: 'up to date',
    isHere: true,
    madeAt: null,
    run: null,
    bytes: 1,
    ...more,
  } as Result;
}

it('shows a figure in two formats once, as SVG, with both files, where the first of them stands', () => {
  expect(grouped(result('a.png'), result('b.svg'), result('a.svg'))).toEqual([
    ['a.svg', 'a.png', 'a.svg'],
    ['b.svg', 'b.svg'],
  ]);
});

it('shows a table in several formats once, in the one that reads best', () => {
  const markdown = { type: 'markdown' };
  expect(
    grouped(result('a.arrow'), result('a.csv'), result('a.md', markdown), result('b.arrow'), result('b.csv')),
  ).toEqual([
    ['a.md', 'a.arrow', 'a.csv', 'a.md'],
    ['b.csv', 'b.arrow', 'b.csv'],
  ]);
});

it('shows what only looks alike on its own: other nodes, folders, types, and figures that are not here', () => {
  const alone = [
    result('a.svg'),
    result('a.png', { node: 'other' }),
    result('x/a.png'),
    result('a.json'),
    result('a.csv'),
    result('a.safetensors'),
    result('a.svgz', { type: 'svg' }),
    result('b.svg'),
    result('b.png', { isHere: false }),
    result('c.svg', { digest: null }),
    result('c.png', { digest: null }),
  ];
  expect(grouped(...alone)).toEqual(alone.map(({ path }) => [path, path]));
});
