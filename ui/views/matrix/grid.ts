import type { MatrixAxis, StageMatrix } from '../../../src/engine/views/live/protocol.ts';

/** Where each node of a stage stands: rows and columns of cells. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  /** By row, then column: the position of a node in the matrix, or -1 where there is none. */
  readonly cells: Int32Array;
  readonly columnLabel: (column: number) => string;
  readonly rowLabel: (row: number) => string;
  /** What stands along the axes, for the reader. */
  readonly columnName: string;
  readonly rowName: string;
}

/** What is chosen of a matrix: the coordinates along its axes, and values of others that are fixed. */
export interface GridChoice {
  readonly x: string | undefined;
  readonly y: string | undefined;
  /** By coordinate: the position of the only value that is shown. */
  readonly fixed: Readonly<Record<string, number>>;
}

/** Two axes that show the most: the longest runs along the columns, and the next longest along the rows. */
export function usualChoice(axes: readonly MatrixAxis[]): GridChoice {
  const byLength = [...axes].sort((a, b) => b.values.length - a.values.length);
  return { x: byLength[0]?.name, y: byLength[1]?.name, fixed: {} };
}

/**
 * Places the nodes of a stage. Coordinates that are neither along an axis nor fixed are laid along the rows too, inside the chosen one. With a single
 * coordinate, the nodes are wrapped as words are.
 * @param wrap how many cells fit next to each other
 */
export function gridOf(matrix: StageMatrix, choice: GridChoice, wrap: number): Grid {
  const x = matrix.axes.findIndex(({ name }) => name === choice.x);
  const shown = shownNodes(matrix, choice);
  const along = matrix.axes.flatMap((axis, at) => (at !== x && choice.fixed[axis.name] === undefined ? [at] : []));
  const y = matrix.axes.findIndex(({ name }) => name === choice.y);
  // The chosen coordinate first: rows of one value stand together.
  const rowAxes = along.includes(y) ? [y, ...along.filter((at) => at !== y)] : along;
  if (x < 0 || rowAxes.length === 0) return wrapped(matrix, x, shown, wrap);
  return crossed(matrix, x, rowAxes, shown);
}

function shownNodes({ axes, index, positions }: StageMatrix, { fixed }: GridChoice): readonly number[] {
  const filters = axes.flatMap(({ name }, at) => (fixed[name] === undefined ? [] : [{ at, value: fixed[name] }]));
  const nodes: number[] = [];
  for (let node = 0; node < index.length; node++) {
    if (filters.every(({ at, value }) => positions[at]?.[node] === value)) nodes.push(node);
  }
  return nodes;
}

function wrapped(matrix: StageMatrix, x: number, nodes: readonly number[], wrap: number): Grid {
  const columns = Math.max(1, Math.min(wrap, nodes.length));
  const rows = Math.max(1, Math.ceil(nodes.length / columns));
  const cells = new Int32Array(columns * rows).fill(-1);
  const along = matrix.positions[x];
  const ordered = along ? [...nodes].sort((a, b) => (along[a] as number) - (along[b] as number)) : nodes;
  cells.set(ordered);
  return {
    columns,
    rows,
    cells,
    columnLabel: () => '',
    rowLabel: (row) => labelAt(matrix, x, ordered[row * columns]),
    columnName: '',
    rowName: matrix.axes[x]?.name ?? '',
  };
}

function labelAt({ axes, positions }: StageMatrix, axis: number, node: number | undefined): string {
  const position = node === undefined ? undefined : positions[axis]?.[node];
  return position === undefined ? '' : String(axes[axis]?.values[position]);
}

/** Rows are the combinations that exist, in the order of their values. */
function crossed(matrix: StageMatrix, x: number, rowAxes: readonly number[], nodes: readonly number[]): Grid {
  const { axes, positions } = matrix;
  const strides = stridesOf(rowAxes.map((at) => axes[at]?.values.length ?? 1));
  const codeOf = (node: number) =>
    rowAxes.reduce((code, at, i) => code + (positions[at]?.[node] as number) * (strides[i] as number), 0);
  const codes = [...new Set(nodes.map(codeOf))].sort((a, b) => a - b);
  const rowOf = new Map(codes.map((code, row) => [code, row]));
  const columns = axes[x]?.values.length ?? 1;
  const rows = Math.max(1, codes.length);
  const cells = new Int32Array(columns * rows).fill(-1);
  for (const node of nodes)
    cells[(rowOf.get(codeOf(node)) as number) * columns + (positions[x]?.[node] as number)] = node;
  return {
    columns,
    rows,
    cells,
    columnLabel: (column) => String(axes[x]?.values[column] ?? ''),
    rowLabel: (row) => {
      const code = codes[row];
      if (code === undefined) return '';
      return rowAxes
        .map((at, i) => {
          const values = axes[at]?.values ?? [];
          return String(values[Math.floor(code / (strides[i] as number)) % values.length]);
        })
        .join(' · ');
    },
    columnName: axes[x]?.name ?? '',
    rowName: rowAxes.map((at) => axes[at]?.name).join(' · '),
  };
}

function stridesOf(lengths: readonly number[]): readonly number[] {
  const strides = new Array<number>(lengths.length).fill(1);
  for (let i = lengths.length - 2; i >= 0; i--) strides[i] = (strides[i + 1] as number) * (lengths[i + 1] as number);
  return strides;
}

/** The id of a node, as the contract builds it. */
export function nodeIdAt({ stage, axes, positions }: StageMatrix, node: number): string {
  return [stage, ...axes.map((axis, at) => axis.idParts[positions[at]?.[node] as number])].join('/');
}

/** A cell, by row and column. */
export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** The cell that a key leads to. Empty cells are passed over; where there is no other, the cell stays. */
export function moveCell(grid: Grid, from: Cell, key: string, page: number): Cell {
  const [down, right] = STEPS[key] ?? [0, 0];
  if (key === 'PageDown' || key === 'PageUp') {
    return nearest(grid, from, key === 'PageDown' ? page : -page);
  }
  if (key === 'Home' || key === 'End') return edge(grid, from.row, key === 'Home');
  let { row, column } = from;
  for (;;) {
    row += down;
    column += right;
    if ((down === 0 && right === 0) || row < 0 || row >= grid.rows || column < 0 || column >= grid.columns) return from;
    if (grid.cells[row * grid.columns + column] !== -1) return { row, column };
  }
}

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
};

function nearest(grid: Grid, from: Cell, rows: number): Cell {
  const direction = Math.sign(rows);
  let row = Math.max(0, Math.min(grid.rows - 1, from.row + rows));
  while (row !== from.row && grid.cells[row * grid.columns + from.column] === -1) row -= direction;
  return { row, column: from.column };
}

function edge(grid: Grid, row: number, isFirst: boolean): Cell {
  for (let i = 0; i < grid.columns; i++) {
    const column = isFirst ? i : grid.columns - 1 - i;
    if (grid.cells[row * grid.columns + column] !== -1) return { row, column };
  }
  return { row, column: 0 };
}
