import { STATES } from '../../../src/engine/views/live/protocol.ts';
import { colour } from '../../parts/colours.ts';
import type { Cell, Grid } from './grid.ts';
import type { Paint } from './palette.ts';

/** What of a matrix is drawn, and where. Lengths are in pixels of the page. */
export interface Sight {
  readonly width: number;
  readonly height: number;
  readonly scrollLeft: number;
  readonly scrollTop: number;
  readonly cell: number;
  /** Room for the labels of rows and columns, which stay while cells scroll. */
  readonly left: number;
  readonly top: number;
  readonly active: Cell | undefined;
  readonly hovered: Cell | undefined;
  /** Whether signs show states that colours show too. */
  readonly states: Uint8Array | undefined;
}

const FONT = '12px "Source Sans 3", sans-serif';
const [RUNNING, FAILED, SKIPPED] = (['running', 'failed', 'skipped'] as const).map((state) => STATES.indexOf(state));

/** Draws the cells that can be seen, and the labels next to them. */
export function drawMatrix(context: CanvasRenderingContext2D, grid: Grid, paint: Paint, sight: Sight): void {
  const { width, height, cell, left, top, scrollLeft, scrollTop } = sight;
  context.clearRect(0, 0, width, height);
  const firstColumn = Math.max(0, Math.floor(scrollLeft / cell));
  const lastColumn = Math.min(grid.columns, Math.ceil((scrollLeft + width - left) / cell));
  const firstRow = Math.max(0, Math.floor(scrollTop / cell));
  const lastRow = Math.min(grid.rows, Math.ceil((scrollTop + height - top) / cell));
  const gap = cell >= 10 ? 1.5 : cell >= 6 ? 1 : 0;
  const size = cell - gap;

  context.save();
  context.beginPath();
  context.rect(left, top, width - left, height - top);
  context.clip();
  const marked: [number, number, number][] = [];
  let last = -1;
  for (let row = firstRow; row < lastRow; row++) {
    const y = top + row * cell - scrollTop;
    for (let column = firstColumn; column < lastColumn; column++) {
      const node = grid.cells[row * grid.columns + column] as number;
      if (node < 0) continue;
      const painted = paint.paintOf(node);
      // Setting a style costs more than filling: neighbours mostly have the same.
      if (painted !== last) {
        context.fillStyle = paint.colours[painted] as string;
        last = painted;
      }
      const x = left + column * cell - scrollLeft;
      context.fillRect(x, y, size, size);
      const state = sight.states?.[node];
      if (cell >= 10 && (state === FAILED || state === RUNNING || state === SKIPPED))
        marked.push([x, y, state as number]);
    }
  }
  drawSigns(context, marked, size);
  for (const [at, style] of [
    [sight.hovered, colour('text')],
    [sight.active, colour('focus')],
  ] as const) {
    if (!at) continue;
    context.strokeStyle = style;
    context.lineWidth = 2;
    context.strokeRect(
      left + at.column * cell - scrollLeft - 1,
      top + at.row * cell - scrollTop - 1,
      size + 2,
      size + 2,
    );
  }
  context.restore();
  drawLabels(context, grid, sight, [firstRow, lastRow], [firstColumn, lastColumn]);
}

/** A cross, a triangle, a bar: states are told apart without colours. */
function drawSigns(context: CanvasRenderingContext2D, marked: readonly [number, number, number][], size: number): void {
  context.strokeStyle = context.fillStyle = colour('sign');
  context.lineWidth = Math.max(1.25, size / 9);
  const [near, far] = [size * 0.28, size * 0.72];
  context.beginPath();
  for (const [x, y, state] of marked) {
    if (state === FAILED) {
      context.moveTo(x + near, y + near);
      context.lineTo(x + far, y + far);
      context.moveTo(x + far, y + near);
      context.lineTo(x + near, y + far);
    } else if (state === SKIPPED) {
      context.moveTo(x + near, y + size / 2);
      context.lineTo(x + far, y + size / 2);
    }
  }
  context.stroke();
  context.beginPath();
  for (const [x, y, state] of marked) {
    if (state !== RUNNING) continue;
    context.moveTo(x + size * 0.34, y + near);
    context.lineTo(x + size * 0.74, y + size / 2);
    context.lineTo(x + size * 0.34, y + far);
  }
  context.fill();
}

function drawLabels(
  context: CanvasRenderingContext2D,
  grid: Grid,
  { width, height, cell, left, top, scrollLeft, scrollTop }: Sight,
  [firstRow, lastRow]: readonly [number, number],
  [firstColumn, lastColumn]: readonly [number, number],
): void {
  context.font = FONT;
  context.fillStyle = colour('quiet');
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  context.save();
  context.beginPath();
  context.rect(0, top, left, height - top);
  context.clip();
  const rowStep = Math.max(1, Math.ceil(15 / cell));
  for (let row = Math.ceil(firstRow / rowStep) * rowStep; row < lastRow; row += rowStep) {
    context.fillText(grid.rowLabel(row), left - 7, top + (row + 0.5) * cell - scrollTop, left - 8);
  }
  context.restore();
  context.save();
  context.beginPath();
  context.rect(left, 0, width - left, top);
  context.clip();
  context.textAlign = 'center';
  const step = columnStep(context, grid, cell, firstColumn, lastColumn);
  const offset = roundOffset(grid, step);
  for (let column = offset + Math.ceil((firstColumn - offset) / step) * step; column < lastColumn; column += step) {
    context.fillText(grid.columnLabel(column), left + (column + 0.5) * cell - scrollLeft, top - 10);
  }
  context.restore();
}

/** Every how many columns a label has room; round numbers, which are easy to count on from. */
function columnStep(context: CanvasRenderingContext2D, grid: Grid, cell: number, first: number, last: number): number {
  let widest = 0;
  // Of thousands of labels, some tell how wide they are.
  const stride = Math.max(1, Math.floor((last - first) / 40));
  for (let column = first; column < last; column += stride) {
    widest = Math.max(widest, context.measureText(grid.columnLabel(column)).width);
  }
  const wanted = (widest + 10) / cell;
  return STEPS.find((step) => step >= wanted) ?? Math.ceil(wanted);
}

/** The first column that is labelled: of whole numbers one that the step divides, so that 10, 20, 30 are seen and not 1, 11, 21. */
function roundOffset(grid: Grid, step: number): number {
  for (let column = 0; column < Math.min(step, grid.columns); column++) {
    const label = grid.columnLabel(column);
    if (label !== '' && Number(label) % step === 0) return column;
  }
  return 0;
}

const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

/** How much room the labels of rows take. */
export function labelWidth(context: CanvasRenderingContext2D, grid: Grid): number {
  context.font = FONT;
  let widest = 0;
  const stride = Math.max(1, Math.floor(grid.rows / 200));
  for (let row = 0; row < grid.rows; row += stride) {
    widest = Math.max(widest, context.measureText(grid.rowLabel(row)).width);
  }
  return Math.min(150, Math.ceil(widest) + 14);
}
