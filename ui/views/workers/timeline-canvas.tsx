import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { formatSeconds, timeStep, timeTick } from '../../format/time.ts';
import { colour, lineColour, useColourScheme } from '../../parts/colours.ts';
import { firstAfter, type LaneBars, pan, type Span, zoom } from './bars.ts';

/** What is drawn, by column. */
export interface TimelineColumns {
  readonly stages: readonly string[];
  readonly node: readonly number[];
  readonly stage: readonly number[];
  readonly start: readonly number[];
  readonly end: readonly number[];
  readonly outcomes: string;
}

interface Props {
  readonly columns: TimelineColumns;
  readonly lanes: readonly string[];
  readonly bars: readonly LaneBars[];
  readonly all: Span;
  /** Undefined: everything, also what comes. */
  readonly span: Span | undefined;
  readonly onSpan: (span: Span | undefined) => void;
  readonly onOpen: (at: number) => void;
}

const [ROW, TOP, BAR] = [22, 26, 15];
const FONT = '12px "Source Sans 3", sans-serif';

/** What each worker did and when. Wheel and keys zoom and move, a drag moves, a click opens the node. */
export function TimelineCanvas({ columns, lanes, bars, all, span, onSpan, onOpen }: Props) {
  const holder = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0, top: 0 });
  const [hovered, setHovered] = useState(-1);
  const drag = useRef<{ readonly x: number; readonly span: Span; moved: boolean } | undefined>(undefined);
  const scheme = useColourScheme();
  const shown = span ?? all;
  const left = Math.min(130, Math.max(44, ...lanes.map((lane) => lane.length * 6.6 + 14)));
  const plot = Math.max(1, size.width - left - 6);
  const xOf = (time: number) => left + ((time - shown.from) / Math.max(1e-9, shown.to - shown.from)) * plot;
  const timeAt = (x: number) => shown.from + ((x - left) / plot) * (shown.to - shown.from);

  const draw = useRef(() => {});
  draw.current = () => {
    const surface = canvas.current;
    const context = surface?.getContext('2d');
    const element = holder.current;
    if (!surface || !context || !element) return;
    const { width, height } = size;
    const ratio = window.devicePixelRatio || 1;
    surface.width = Math.round(width * ratio);
    surface.height = Math.round(height * ratio);
    surface.style.width = `${width}px`;
    surface.style.height = `${height}px`;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const [text, rule, failed] = [colour('quiet'), colour('rule'), colour('state-failed')];
    const scrolled = element.scrollTop;
    context.font = FONT;
    context.textBaseline = 'middle';
    const firstLane = Math.max(0, Math.floor(scrolled / ROW));
    const lastLane = Math.min(lanes.length, Math.ceil((scrolled + height - TOP) / ROW));

    context.save();
    context.beginPath();
    context.rect(0, TOP, width, height - TOP);
    context.clip();
    for (let lane = firstLane; lane < lastLane; lane++) {
      const y = TOP + lane * ROW - scrolled;
      context.fillStyle = text;
      context.textAlign = 'left';
      context.fillText(lanes[lane] ?? '', 2, y + ROW / 2, left - 6);
      context.fillStyle = rule;
      context.fillRect(left, y + ROW - 1, plot, 1);
      const mine = bars[lane];
      if (!mine) continue;
      let drawnTo = Number.NEGATIVE_INFINITY;
      for (let i = firstAfter(mine, columns.end, shown.from); i < mine.at.length; i++) {
        const at = mine.at[i] as number;
        const start = columns.start[at] as number;
        if (start > shown.to) break;
        const isBad = columns.outcomes[at] !== 'e';
        const x = Math.max(left, xOf(start));
        const end = Math.min(left + plot, xOf(columns.end[at] as number));
        // Thousands of short bars within one pixel are one bar.
        if (end <= drawnTo && !isBad) continue;
        drawnTo = Math.max(drawnTo, x + 1);
        context.fillStyle = isBad ? failed : lineColour(columns.stage[at] as number);
        context.fillRect(x, y + (ROW - BAR) / 2, Math.max(1, end - x - (end - x > 3 ? 1 : 0)), BAR);
        if (isBad && end - x > 8) drawCross(context, (x + end) / 2, y + ROW / 2);
        if (at === hovered) {
          context.strokeStyle = colour('text');
          context.lineWidth = 2;
          context.strokeRect(x, y + (ROW - BAR) / 2, Math.max(2, end - x), BAR);
        }
      }
    }
    context.restore();
    drawAxis(context, { left, plot, height, shown, xOf, text, rule });
  };

  const frame = useRef(0);
  const drawSoon = useRef(() => {
    frame.current ||= requestAnimationFrame(() => {
      frame.current = 0;
      draw.current();
    });
  });
  useLayoutEffect(() => drawSoon.current());
  // Drawn again in other colours.
  useEffect(() => drawSoon.current(), [scheme]);

  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const observer = new ResizeObserver(() =>
      setSize({ width: element.clientWidth, height: element.clientHeight, top: element.scrollTop }),
    );
    observer.observe(element);
    document.fonts.ready.then(() => drawSoon.current());
    return () => observer.disconnect();
  }, []);

  // A wheel that zooms must not scroll the page, which only a listener that is not passive can prevent.
  const wheel = useRef((_: WheelEvent) => {});
  wheel.current = (event) => {
    if (!event.ctrlKey && !event.shiftKey) return;
    event.preventDefault();
    const x = event.clientX - (holder.current?.getBoundingClientRect().left ?? 0);
    onSpan(fitted(zoom(shown, all, event.deltaY > 0 ? 1.25 : 0.8, timeAt(x)), all));
  };
  useEffect(() => {
    const element = holder.current;
    const listener = (event: WheelEvent) => wheel.current(event);
    element?.addEventListener('wheel', listener, { passive: false });
    return () => element?.removeEventListener('wheel', listener);
  }, []);

  const barAt = (event: MouseEvent): number => {
    const box = holder.current?.getBoundingClientRect();
    if (!box) return -1;
    const lane = Math.floor((event.clientY - box.top - TOP + (holder.current?.scrollTop ?? 0)) / ROW);
    const mine = bars[lane];
    const x = event.clientX - box.left;
    if (!mine || x < left) return -1;
    const at = mine.at[firstAfter(mine, columns.end, timeAt(x - 1))];
    return at !== undefined && (columns.start[at] as number) <= timeAt(x + 1) ? at : -1;
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const middle = (shown.from + shown.to) / 2;
    const next: Readonly<Record<string, () => Span | undefined>> = {
      '+': () => zoom(shown, all, 0.6, middle),
      '=': () => zoom(shown, all, 0.6, middle),
      '-': () => fitted(zoom(shown, all, 1 / 0.6, middle), all),
      '0': () => undefined,
      ArrowLeft: () => pan(shown, all, -0.2),
      ArrowRight: () => pan(shown, all, 0.2),
    };
    const change = next[event.key];
    if (!change || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    onSpan(change());
  };

  return (
    <>
      <div
        ref={holder}
        class="timeline"
        role="application"
        aria-label={`Timeline of ${lanes.length} workers, from ${formatSeconds(shown.from)} to ${formatSeconds(shown.to)}. Plus and minus zoom, arrows move, 0 shows all.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard zooms and moves it.
        tabIndex={0}
        onKeyDown={onKeyDown}
        onScroll={drawSoon.current}
        onPointerDown={(event) => {
          drag.current = { x: event.clientX, span: shown, moved: false };
        }}
        onPointerMove={(event) => {
          const from = drag.current;
          if (from && event.buttons === 1 && Math.abs(event.clientX - from.x) > 3) {
            from.moved = true;
            const share = ((from.x - event.clientX) / plot) * 1;
            onSpan(fitted(pan(from.span, all, share), all));
          } else if (!from) {
            setHovered(barAt(event));
          }
        }}
        onPointerUp={(event) => {
          const from = drag.current;
          drag.current = undefined;
          const at = barAt(event);
          if (from && !from.moved && at >= 0) onOpen(at);
        }}
        onPointerLeave={() => {
          drag.current = undefined;
          setHovered(-1);
        }}
        style={{ height: `${TOP + lanes.length * ROW + 4}px`, cursor: hovered >= 0 ? 'pointer' : 'default' }}
      >
        <canvas ref={canvas} />
        <div class="space" style={{ height: `${TOP + lanes.length * ROW}px` }} />
      </div>
      <p class="told" aria-live="off">
        {hovered >= 0
          ? `${columns.stages[columns.stage[hovered] as number]}, ${formatSeconds((columns.end[hovered] as number) - (columns.start[hovered] as number))}, from ${formatSeconds(columns.start[hovered])}${columns.outcomes[hovered] === 'f' ? ', failed' : columns.outcomes[hovered] === 'l' ? ', lost' : ''}`
          : '\u00a0'}
      </p>
    </>
  );
}

/** Everything is no choice: then what comes is shown too. */
function fitted(span: Span, all: Span): Span | undefined {
  return span.to - span.from >= 0.999 * (all.to - all.from) ? undefined : span;
}

function drawCross(context: CanvasRenderingContext2D, x: number, y: number): void {
  context.strokeStyle = colour('sign');
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(x - 3, y - 3);
  context.lineTo(x + 3, y + 3);
  context.moveTo(x + 3, y - 3);
  context.lineTo(x - 3, y + 3);
  context.stroke();
}

interface Axis {
  readonly left: number;
  readonly plot: number;
  readonly height: number;
  readonly shown: Span;
  readonly xOf: (time: number) => number;
  readonly text: string;
  readonly rule: string;
}

function drawAxis(context: CanvasRenderingContext2D, { left, plot, height, shown, xOf, text, rule }: Axis): void {
  const step = timeStep(shown.to - shown.from, plot / 90);
  context.textAlign = 'center';
  for (let tick = Math.ceil(shown.from / step); tick * step <= shown.to; tick++) {
    const x = xOf(tick * step);
    context.fillStyle = rule;
    context.fillRect(x, TOP - 4, 1, height);
    context.fillStyle = text;
    const label = timeTick(tick * step, step);
    const half = context.measureText(label).width / 2;
    context.fillText(label, Math.min(Math.max(x, left + half), left + plot - half), TOP - 14);
  }
}
