import { useCallback, useMemo, useState } from 'preact/hooks';
import { type MatrixAxis, STATES, type StageMatrix } from '../../../src/engine/views/live/protocol.ts';
import { stageOf } from '../../address/stage-of.ts';
import { columnsOf, mergeColumns } from '../../data/merge.ts';
import { counted, formatNumber } from '../../format/numbers.ts';
import { formatSeconds } from '../../format/time.ts';
import { useAction } from '../../parts/actions.tsx';
import { useColourScheme } from '../../parts/colours.ts';
import { useDelta, useLive } from '../../parts/live-context.ts';
import { Loading, Problem } from '../../parts/problem.tsx';
import { runOf, useAddress, useOptions, useRoute } from '../../parts/route-context.ts';
import { isActive } from '../../parts/states.tsx';
import { useResource } from '../../parts/use-resource.ts';
import { type GridChoice, gridOf, nodeIdAt, usualChoice } from './grid.ts';
import { ScaleLegend, StateLegend } from './legend.tsx';
import { MatrixCanvas } from './matrix-canvas.tsx';
import { numberPaint, statePaint } from './palette.ts';
import { scaleOf } from './scale.ts';
import { useMetricValues } from './use-metric-values.ts';

const SIZES = [3, 5, 8, 12, 16, 22, 30];

/** The nodes of a stage by their coordinates, coloured by state, by time or by a metric. */
export function MatrixView() {
  const route = useRoute();
  const { generation } = useLive();
  const [options] = useOptions();
  const metric = options.colour?.startsWith('metric:') ? options.colour.slice('metric:'.length) : undefined;
  const { value, problem } = useResource<StageMatrix>(
    'matrix',
    { run: runOf(route), stage: route.name, metric },
    generation,
  );
  return (
    <>
      <h1 tabIndex={-1}>{route.name}</h1>
      {problem && <Problem problem={problem} />}
      {value ? <Matrix key={route.name} matrix={value} run={runOf(route)} /> : !problem && <Loading what="nodes" />}
    </>
  );
}

function Matrix({ matrix, run }: { readonly matrix: StageMatrix; readonly run: string }) {
  const [options, choose] = useOptions();
  const address = useAddress();
  const perform = useAction();
  const { overview } = useLive();
  const scheme = useColourScheme();
  const [version, setVersion] = useState(0);
  const [width, setWidth] = useState(800);
  const columns = useMemo(() => columnsOf(matrix), [matrix]);
  const metric = options.colour?.startsWith('metric:') ? options.colour : undefined;
  const colour = metric ?? (options.colour === 'seconds' ? 'seconds' : 'state');

  const redraw = () => setVersion((before) => before + 1);
  const live = useMetricValues(matrix, run, redraw);
  useDelta((delta) => {
    const isNew = mergeColumns(columns, matrix.index, delta) > 0;
    if (isNew) redraw();
    if (isNew || delta.running.some(({ node }) => stageOf(node) === matrix.stage)) live.refresh();
  });

  const choice = choiceOf(matrix.axes, options);
  const cell = Number(options.cell) || usualSize(matrix, choice, width);
  const isWrapped = matrix.axes.length < 2;
  const wrap = Math.max(1, Math.floor((width - 16) / cell));
  const choiceKey = JSON.stringify(choice);
  // The key stands for the choice.
  const grid = useMemo(
    () => gridOf(matrix, choice, roundWrap(wrap)),
    [matrix.axes, matrix.index, choiceKey, isWrapped ? roundWrap(wrap) : 0],
  );

  const values = colour === 'seconds' ? columns.seconds : (live.values ?? new Float64Array(0));
  // Columns are changed in place; the version tells.
  const scale = useMemo(() => (colour === 'state' ? undefined : scaleOf(values)), [values, colour, version]);
  // As above, and colours are read when the scheme changes.
  const paint = useMemo(
    () => (scale ? numberPaint(values, scale) : statePaint(columns.states)),
    [scale, values, columns, version, scheme],
  );
  const paintNow = useCallback(() => paint, [paint]);
  const describe = (node: number) => {
    const parts = [nodeIdAt(matrix, node), STATES[columns.states[node] as number] ?? ''];
    const seconds = columns.seconds[node] as number;
    if (!Number.isNaN(seconds)) parts.push(formatSeconds(seconds));
    const value = live.values?.[node] ?? Number.NaN;
    if (matrix.metric) parts.push(`${matrix.metric.name} ${formatNumber(Number.isNaN(value) ? null : value)}`);
    return parts.join(', ');
  };
  const size = (step: number) => {
    const at = SIZES.reduce(
      (best, each, i) => (Math.abs(each - cell) < Math.abs((SIZES[best] as number) - cell) ? i : best),
      0,
    );
    choose({ cell: String(SIZES[Math.min(SIZES.length - 1, Math.max(0, at + step))]) });
  };

  return (
    <>
      <p class="quiet">
        {counted(matrix.index.length, 'node')}
        {matrix.axes.length > 0 &&
          ` by ${matrix.axes.map(({ name, values: { length } }) => `${name} (${length})`).join(', ')}`}
      </p>
      <div class="toolbar">
        {matrix.axes.length > 1 && (
          <>
            <AxisChoice label="Columns" axes={matrix.axes} value={choice.x} onChange={(x) => choose({ x })} />
            <AxisChoice
              label="Rows"
              axes={matrix.axes.filter(({ name }) => name !== choice.x)}
              value={choice.y}
              onChange={(y) => choose({ y })}
            />
          </>
        )}
        {matrix.axes
          .filter(
            ({ name, values: { length } }) =>
              matrix.axes.length > 2 && name !== choice.x && name !== choice.y && length > 1,
          )
          .map((axis) => (
            <label key={axis.name}>
              {axis.name}
              <select
                value={options[`only.${axis.name}`] ?? ''}
                onChange={(event) => choose({ [`only.${axis.name}`]: event.currentTarget.value })}
              >
                <option value="">all</option>
                {axis.values.map((value, at) => (
                  <option key={axis.idParts[at]} value={axis.idParts[at]}>
                    {String(value)}
                  </option>
                ))}
              </select>
            </label>
          ))}
        <label>
          Colour
          <select value={colour} onChange={(event) => choose({ colour: event.currentTarget.value })}>
            <option value="state">state</option>
            <option value="seconds">seconds</option>
            {matrix.metrics.map((name) => (
              <option key={name} value={`metric:${name}`}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <span class="group">
          <button type="button" aria-label="Smaller cells" onClick={() => size(-1)} disabled={cell <= 3}>
            −
          </button>
          <button type="button" aria-label="Larger cells" onClick={() => size(1)} disabled={cell >= 30}>
            +
          </button>
        </span>
        {overview?.mayAct && (
          <button
            type="button"
            onClick={() => perform({ action: 'run', targets: [matrix.stage] })}
            disabled={isActive(overview.head)}
          >
            Run this stage
          </button>
        )}
      </div>
      {scale ? (
        <ScaleLegend scale={scale} kind={colour === 'seconds' ? 'seconds' : 'number'} />
      ) : (
        <StateLegend states={columns.states} />
      )}
      {grid.columnName !== '' && (
        <p class="axes quiet">
          <span>→ {grid.columnName}</span> <span>↓ {grid.rowName}</span>
        </p>
      )}
      <MatrixCanvas
        label={`Nodes of ${matrix.stage}${grid.columnName ? `, ${grid.columnName} by ${grid.rowName}` : ''}. Arrow keys move, Enter opens.`}
        grid={grid}
        paint={paintNow}
        states={scale ? undefined : columns.states}
        cell={cell}
        version={version}
        describe={describe}
        onOpen={(node) => {
          window.location.hash = address('node', nodeIdAt(matrix, node));
        }}
        onWidth={setWidth}
      />
    </>
  );
}

interface AxisChoiceProps {
  readonly label: string;
  readonly axes: readonly MatrixAxis[];
  readonly value: string | undefined;
  readonly onChange: (name: string) => void;
}

function AxisChoice({ label, axes, value, onChange }: AxisChoiceProps) {
  return (
    <label>
      {label}
      <select value={value ?? ''} onChange={(event) => onChange(event.currentTarget.value)}>
        {axes.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function choiceOf(axes: readonly MatrixAxis[], options: Readonly<Record<string, string>>): GridChoice {
  const usual = usualChoice(axes);
  const named = (name: string | undefined) => axes.find((axis) => axis.name === name)?.name;
  const x = named(options.x) ?? usual.x;
  const others = axes.filter(({ name }) => name !== x).map(({ name }) => name);
  const y = [options.y, usual.y, usual.x, ...others].find((name) => name !== undefined && others.includes(name));
  const fixed = axes.flatMap(({ name, idParts }) => {
    const at = name === x || name === y ? -1 : idParts.indexOf(options[`only.${name}`] ?? '');
    return at < 0 ? [] : [[name, at] as const];
  });
  return { x, y, fixed: Object.fromEntries(fixed) };
}

/** Cells so large that all columns are seen, if they can be told apart then. */
function usualSize({ axes, index }: StageMatrix, { x }: GridChoice, width: number): number {
  if (axes.length < 2) return index.length <= 60 ? 30 : index.length <= 2000 ? 16 : 12;
  const columns = axes.find(({ name }) => name === x)?.values.length ?? 1;
  return Math.min(columns <= 20 ? 30 : 22, Math.max(8, Math.floor((width - 4) / columns)));
}

/** Rows of wrapped nodes begin with round numbers, which helps to count. */
function roundWrap(wrap: number): number {
  return wrap >= 20 ? wrap - (wrap % 10) : wrap >= 10 ? 10 : Math.max(1, wrap);
}
