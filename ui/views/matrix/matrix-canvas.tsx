import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useColourScheme } from '../../parts/colours.ts';
import { drawMatrix, labelWidth, type Sight } from './draw.ts';
import { type Cell, type Grid, moveCell } from './grid.ts';
import type { Paint } from './palette.ts';

interface Props {
  readonly label: string;
  readonly grid: Grid;
  readonly paint: () => Paint;
  readonly states: Uint8Array | undefined;
  /** Pixels from one cell to the next. */
  readonly cell: number;
  /** Grows when what the cells show has changed. */
  readonly version: number;
  /** Words for a node: its name, its state. */
  readonly describe: (node: number) => string;
  readonly onOpen: (node: number) => void;
  readonly onWidth: (width: number) => void;
}

/** Columns' labels stand in this room. */
const TOP = 24;

/**
 * Cells on a canvas of the size of what can be seen, in an element that scrolls over all of them. Arrow keys move from cell to cell, and readers
 * hear which one it is.
 */
export function MatrixCanvas({ label, grid, paint, states, cell, version, describe, onOpen, onWidth }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [active, setActive] = useState<Cell>();
  const [hovered, setHovered] = useState<Cell>();
  const [left, setLeft] = useState(60);
  const scheme = useColourScheme();
  const frame = useRef(0);
  const total = { width: left + grid.columns * cell + 2, height: TOP + grid.rows * cell + 2 };

  const draw = useRef(() => {});
  draw.current = () => {
    const [element, surface] = [scroller.current, canvas.current];
    const context = surface?.getContext('2d');
    if (!element || !surface || !context) return;
    const [width, height] = [element.clientWidth, element.clientHeight];
    const ratio = window.devicePixelRatio || 1;
    if (surface.width !== Math.round(width * ratio) || surface.height !== Math.round(height * ratio)) {
      surface.width = Math.round(width * ratio);
      surface.height = Math.round(height * ratio);
      surface.style.width = `${width}px`;
      surface.style.height = `${height}px`;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const { scrollLeft, scrollTop } = element;
    const sight: Sight = { width, height, scrollLeft, scrollTop, cell, left, top: TOP, active, hovered, states };
    drawMatrix(context, grid, paint(), sight);
  };
  const drawSoon = useRef(() => {
    frame.current ||= requestAnimationFrame(() => {
      frame.current = 0;
      draw.current();
    });
  });

  // What is drawn depends on all of these.
  useLayoutEffect(() => drawSoon.current(), [grid, paint, states, cell, version, scheme, left, active, hovered]);

  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context) setLeft(labelWidth(context, grid));
  }, [grid]);

  const sized = useRef(onWidth);
  sized.current = onWidth;
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      sized.current(element.clientWidth - left);
      drawSoon.current();
    });
    observer.observe(element);
    document.fonts.ready.then(() => drawSoon.current());
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame.current);
      frame.current = 0;
    };
  }, [left]);

  useEffect(() => {
    setActive(undefined);
    setHovered(undefined);
  }, [grid]);

  const nodeAt = (at: Cell | undefined) => (at ? (grid.cells[at.row * grid.columns + at.column] ?? -1) : -1);
  const cellAt = (event: MouseEvent): Cell | undefined => {
    const element = scroller.current;
    if (!element) return undefined;
    const box = element.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left - left, event.clientY - box.top - TOP];
    if (x < 0 || y < 0) return undefined;
    const at = {
      row: Math.floor((y + element.scrollTop) / cell),
      column: Math.floor((x + element.scrollLeft) / cell),
    };
    return at.row < grid.rows && at.column < grid.columns && nodeAt(at) >= 0 ? at : undefined;
  };
  const reveal = ({ row, column }: Cell) => {
    const element = scroller.current;
    if (!element) return;
    const [x, y] = [column * cell, row * cell];
    const [width, height] = [element.clientWidth - left, element.clientHeight - TOP];
    if (x < element.scrollLeft) element.scrollLeft = x;
    if (x + cell > element.scrollLeft + width) element.scrollLeft = x + cell - width;
    if (y < element.scrollTop) element.scrollTop = y;
    if (y + cell > element.scrollTop + height) element.scrollTop = y + cell - height;
  };
  const first = (): Cell => {
    const at = grid.cells.findIndex((node) => node >= 0);
    return { row: Math.floor(Math.max(0, at) / grid.columns), column: Math.max(0, at) % grid.columns };
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const node = nodeAt(active);
    if ((event.key === 'Enter' || event.key === ' ') && node >= 0) {
      event.preventDefault();
      onOpen(node);
      return;
    }
    if (!MOVES.has(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 0) - TOP) / cell) - 1);
    const next = active ? moveCell(grid, active, event.key, page) : first();
    setActive(next);
    reveal(next);
  };
  const told = nodeAt(active) >= 0 ? nodeAt(active) : nodeAt(hovered);

  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a table of 100,000 cells would be slower than the run; one cell at a time is told. */}
      <div
        ref={scroller}
        class="matrix"
        role="grid"
        aria-label={label}
        aria-rowcount={grid.rows}
        aria-colcount={grid.columns}
        aria-activedescendant={active ? 'matrix-cell' : undefined}
        tabIndex={0}
        onScroll={drawSoon.current}
        onKeyDown={onKeyDown}
        onFocus={() => setActive((before) => before ?? first())}
        onBlur={() => setActive(undefined)}
        onMouseMove={(event) => {
          const at = cellAt(event);
          if (at?.row !== hovered?.row || at?.column !== hovered?.column) setHovered(at);
        }}
        onMouseLeave={() => setHovered(undefined)}
        onClick={(event) => {
          const node = nodeAt(cellAt(event));
          if (node >= 0) onOpen(node);
        }}
        style={{ height: `${Math.min(total.height + 14, 10_000)}px`, cursor: hovered ? 'pointer' : 'default' }}
      >
        <canvas ref={canvas} />
        {/* biome-ignore lint/a11y/useSemanticElements: see above. */}
        {/* biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus and names the cell. */}
        <div role="row" class="only-read" aria-rowindex={(active?.row ?? 0) + 1}>
          {/* biome-ignore lint/a11y/useSemanticElements: see above. */}
          {/* biome-ignore lint/a11y/useFocusableInteractive: see above. */}
          <div role="gridcell" id="matrix-cell" aria-colindex={(active?.column ?? 0) + 1}>
            {nodeAt(active) >= 0 ? describe(nodeAt(active)) : 'no node'}
          </div>
        </div>
        <div class="space" style={{ width: `${total.width}px`, height: `${total.height}px` }} />
      </div>
      <p class="told" aria-hidden="true">
        {told >= 0 ? describe(told) : '\u00a0'}
      </p>
    </>
  );
}

const MOVES = new Set(['ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight', 'PageDown', 'PageUp', 'Home', 'End']);
