import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StageMatrix } from '../../../src/engine/views/live/protocol.ts';
import { gridOf, moveCell, nodeIdAt, usualChoice } from '../../../ui/views/matrix/grid.ts';

/** A stage whose nodes are some of all combinations. */
function matrixOf(lengths: readonly number[], keep: (combination: number) => boolean): StageMatrix {
  const all = lengths.reduce((a, b) => a * b, 1);
  const combinations = Array.from({ length: all }, (_, i) => i).filter(keep);
  const stride = (axis: number) => lengths.slice(axis + 1).reduce((a, b) => a * b, 1);
  return {
    stage: 'train',
    axes: lengths.map((length, axis) => ({
      name: `c${axis}`,
      values: Array.from({ length }, (_, i) => i * 10),
      idParts: Array.from({ length }, (_, i) => String(i * 10)),
    })),
    index: combinations,
    positions: lengths.map((length, axis) => combinations.map((each) => Math.floor(each / stride(axis)) % length)),
    states: '0'.repeat(combinations.length),
    seconds: combinations.map(() => null),
    metric: null,
    metrics: [],
    versionId: '',
  };
}

const stages = fc
  .tuple(fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 4 }), fc.integer({ min: 1, max: 5 }))
  .map(([lengths, every]) => matrixOf(lengths, (combination) => combination % every === 0));

describe('gridOf', () => {
  it('places each node once, whatever axes are chosen', () => {
    fc.assert(
      fc.property(stages, fc.nat(4), fc.nat(4), fc.integer({ min: 1, max: 9 }), (matrix, x, y, wrap) => {
        const grid = gridOf(matrix, { x: matrix.axes[x]?.name, y: matrix.axes[y]?.name, fixed: {} }, wrap);
        const placed = [...grid.cells].filter((node) => node >= 0).sort((a, b) => a - b);
        expect(placed).toEqual(matrix.index.map((_, node) => node));
        expect(grid.cells.length).toBe(grid.rows * grid.columns);
      }),
    );
  });

  it('puts a node into the row and the column that its labels say', () => {
    fc.assert(
      fc.property(stages, (matrix) => {
        fc.pre(matrix.axes.length > 1);
        const grid = gridOf(matrix, { x: 'c1', y: 'c0', fixed: {} }, 5);
        for (const [cell, node] of grid.cells.entries()) {
          if (node < 0) continue;
          const [, ...parts] = nodeIdAt(matrix, node).split('/');
          const row = grid.rowLabel(Math.floor(cell / grid.columns)).split(' · ');
          expect(grid.columnLabel(cell % grid.columns)).toBe(parts[1]);
          expect(row).toEqual([parts[0], ...parts.slice(2)]);
        }
      }),
    );
  });

  it('shows what is fixed only', () => {
    const grid = gridOf(
      matrixOf([3, 4, 2], () => true),
      { x: 'c1', y: 'c0', fixed: { c2: 1 } },
      5,
    );
    expect([grid.rows, grid.columns]).toEqual([3, 4]);
    expect([...grid.cells].every((node) => node % 2 === 1)).toBe(true);
  });

  it('wraps a single coordinate, and shows a stage of one node', () => {
    const grid = gridOf(
      matrixOf([7], () => true),
      usualChoice(matrixOf([7], () => true).axes),
      3,
    );
    expect({ rows: grid.rows, labels: [0, 1, 2].map(grid.rowLabel) }).toEqual({ rows: 3, labels: ['0', '30', '60'] });
    expect([...grid.cells]).toEqual([0, 1, 2, 3, 4, 5, 6, -1, -1]);
    expect([
      ...gridOf(
        matrixOf([], () => true),
        usualChoice([]),
        9,
      ).cells,
    ]).toEqual([0]);
  });
});

it('chooses the longest coordinate for the columns', () => {
  expect(usualChoice(matrixOf([2, 5, 3], () => true).axes)).toMatchObject({ x: 'c1', y: 'c2' });
});

describe('moveCell', () => {
  it('never leaves the nodes', () => {
    const keys = fc.constantFrom(
      'ArrowUp',
      'ArrowDown',
      'ArrowLeft',
      'ArrowRight',
      'Home',
      'End',
      'PageUp',
      'PageDown',
      'x',
    );
    fc.assert(
      fc.property(stages, fc.array(keys), (matrix, pressed) => {
        const grid = gridOf(matrix, usualChoice(matrix.axes), 4);
        const start = grid.cells.findIndex((node) => node >= 0);
        let cell = { row: Math.floor(start / grid.columns), column: start % grid.columns };
        for (const key of pressed) {
          cell = moveCell(grid, cell, key, 2);
          expect(grid.cells[cell.row * grid.columns + cell.column]).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it('passes over cells without a node', () => {
    const matrix = matrixOf([1, 5], (combination) => combination !== 2);
    const grid = gridOf(matrix, { x: 'c1', y: 'c0', fixed: {} }, 9);
    expect(moveCell(grid, { row: 0, column: 1 }, 'ArrowRight', 1)).toEqual({ row: 0, column: 3 });
    expect(moveCell(grid, { row: 0, column: 4 }, 'ArrowRight', 1)).toEqual({ row: 0, column: 4 });
    expect(moveCell(grid, { row: 0, column: 4 }, 'Home', 1)).toEqual({ row: 0, column: 0 });
  });
});
