import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { formatNumber } from '../format/numbers.ts';
import { alignCurves, type Curve, describeCurve } from './align-curves.ts';
import { colour, lineColour, useColourScheme } from './colours.ts';

interface Props {
  readonly title: string;
  readonly xLabel: string;
  readonly curves: readonly Curve[];
  readonly height?: number;
}

/** Curves over each other. Drag to see a part, double-click to see all; newer values do not change the part. */
export function Curves({ title, xLabel, curves, height = 220 }: Props) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const isZoomed = useRef(false);
  const scheme = useColourScheme();
  const [isLogarithmic, setLogarithmic] = useState(false);
  const isPositive = curves.every(({ y }) => y.every((value) => !(Number(value) <= 0)));
  const labels = curves.map(({ label, group }, at) => `${group ?? at} ${label}`).join('\n');
  const { x, ys } = alignCurves(curves);
  const data = [x, ...ys] as unknown as uPlot.AlignedData;
  const newest = useRef(data);
  newest.current = data;

  // Colours are read when the scheme changes; data has an effect of its own.
  useLayoutEffect(() => {
    const element = holder.current;
    if (!element) return;
    isZoomed.current = false;
    const drawn = new uPlot(
      options(element.clientWidth, height, labels.split('\n'), xLabel, isLogarithmic && isPositive, (zoomed) => {
        isZoomed.current = zoomed;
      }),
      newest.current,
      element,
    );
    plot.current = drawn;
    const observer = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      drawn.destroy();
      plot.current = undefined;
    };
  }, [scheme, labels, height, xLabel, isLogarithmic && isPositive]);

  useEffect(() => {
    if (plot.current?.data === newest.current) return;
    plot.current?.setData(newest.current, !isZoomed.current);
    if (isZoomed.current) plot.current?.redraw();
  });

  return (
    <figure class="curves">
      <figcaption>
        <strong>{title}</strong>
        {isPositive && (
          <label>
            <input
              type="checkbox"
              checked={isLogarithmic}
              onChange={(event) => setLogarithmic(event.currentTarget.checked)}
            />
            log scale
          </label>
        )}
      </figcaption>
      <div ref={holder} role="img" aria-label={curves.map((curve) => describeCurve(curve, formatNumber)).join('; ')} />
    </figure>
  );
}

function options(
  width: number,
  height: number,
  labels: readonly string[],
  xLabel: string,
  isLogarithmic: boolean,
  onZoom: (isZoomed: boolean) => void,
): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: colour('quiet'),
    grid: { stroke: colour('rule'), width: 1 },
    ticks: { stroke: colour('rule'), width: 1, size: 4 },
    font: '12px "Source Sans 3", sans-serif',
    labelFont: '13px "Source Sans 3", sans-serif',
  };
  return {
    width,
    height,
    legend: { show: labels.length > 1, live: true },
    cursor: { drag: { x: true, y: false, setScale: true }, points: { size: 6 } },
    scales: { x: { time: false }, y: isLogarithmic ? { distr: 3 } : {} },
    axes: [
      {
        ...axis,
        label: xLabel,
        labelSize: 22,
        size: 30,
        values: (_, ticks) => ticks.map((tick) => formatNumber(tick)),
      },
      { ...axis, size: 58, values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : formatNumber(tick, 3))) },
    ],
    series: [
      { label: xLabel },
      ...labels.map((label) => ({
        label: label.slice(label.indexOf(' ') + 1),
        stroke: lineColour(Number.parseInt(label, 10)),
        width: 1.75,
        points: { size: 4 },
        value: (_: uPlot, value: number | null) => formatNumber(value),
      })),
    ],
    hooks: {
      setSelect: [(plot) => onZoom(plot.select.width > 0)],
      ready: [(plot) => plot.over.addEventListener('dblclick', () => onZoom(false))],
    },
  };
}
