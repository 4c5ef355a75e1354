import type { GraphLayout, StageGraph, StageSummary } from '../../src/engine/views/live/protocol.ts';
import { stageOf } from '../address/stage-of.ts';
import { counted, formatCount } from '../format/numbers.ts';
import { useAddress } from './route-context.ts';
import { Scroll } from './scroll.tsx';
import { countOf, describeCounts, doneOf, StateRects } from './states.tsx';

const MARGIN = 8;
const PADDING = 11;

/** Where there is no room, the drawing shrinks as long as its letters can be read; then it scrolls. */
const SMALLEST = 0.75;

interface Props {
  readonly graph: StageGraph;
  /** From left to right, or from top to bottom where there is no room next to each other. */
  readonly direction: 'wide' | 'tall';
  /** Nodes one after the other that decide how long a run takes. */
  readonly criticalNodes?: readonly string[] | undefined;
}

/** The stages as boxes, with what flows between them. Each leads to its stage. */
export function Graph({ graph: { stages, edges, layout: wide, tallLayout }, direction, criticalNodes = [] }: Props) {
  const layout = direction === 'wide' ? wide : tallLayout;
  const onPath = new Set(criticalNodes.map(stageOf));
  const [width, height] = [layout.width + 2 * MARGIN, layout.height + 2 * MARGIN];
  const arrow = `arrow-${direction}`;
  return (
    <Scroll className={`graph ${direction}`} label="Graph of the stages">
      <svg class="least" width={SMALLEST * width} height="0" aria-hidden="true" />
      <svg class="drawing" viewBox={`${-MARGIN} ${-MARGIN} ${width} ${height}`} width={width} height={height}>
        <title>Stages, and what flows between them</title>
        <defs>
          <marker
            id={arrow}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerUnits="userSpaceOnUse"
            markerWidth="10"
            markerHeight="10"
            orient="auto"
          >
            <path d="M0 0.8L7.5 4L0 7.2Z" />
          </marker>
        </defs>
        {edges.map((edge, at) => (
          <path
            key={`${edge.from} ${edge.to}`}
            class={`edge${isOnPath(edge.from, edge.to, stages, onPath) ? ' critical' : ''}`}
            d={curveOf(layout.curves[at] ?? [])}
            marker-end={`url(#${arrow})`}
          >
            <title>{`${stages[edge.from]?.name} → ${stages[edge.to]?.name}: ${edge.outputs.join(', ')}`}</title>
          </path>
        ))}
        {stages.map((stage, at) => (
          <StageBox key={stage.name} stage={stage} box={layout.boxes[at]} isCritical={onPath.has(stage.name)} />
        ))}
      </svg>
    </Scroll>
  );
}

function isOnPath(
  from: number,
  to: number,
  stages: readonly StageSummary[],
  path: ReadonlySet<string | undefined>,
): boolean {
  return path.has(stages[from]?.name) && path.has(stages[to]?.name) && from !== to;
}

interface BoxProps {
  readonly stage: StageSummary;
  readonly box: GraphLayout['boxes'][number] | undefined;
  readonly isCritical: boolean;
}

function StageBox({ stage: { name, nodes, counts, kind }, box, isCritical }: BoxProps) {
  const address = useAddress();
  if (!box) return null;
  const [left, top] = [box.x - box.width / 2, box.y - box.height / 2];
  const inner = box.width - 2 * PADDING;
  const failed = countOf(counts, 'failed');
  const running = countOf(counts, 'running');
  const most = Math.floor(inner / 7.4);
  const classes = ['box', failed > 0 ? 'has-failed' : running > 0 ? 'has-running' : '', isCritical ? 'critical' : ''];
  return (
    <a href={address('stage', name)} class={classes.join(' ')}>
      <rect class="ground" x={left} y={top} width={box.width} height={box.height} rx="5" />
      <text class="name" x={left + PADDING} y={top + 20}>
        {name.length > most ? `${name.slice(0, most - 1)}…` : name}
      </text>
      <text class="count" x={left + PADDING} y={top + 38}>
        {kind === 'source' ? 'source' : `${formatCount(doneOf(counts))} of ${formatCount(nodes)}`}
      </text>
      <text class="count news" x={left + box.width - PADDING} y={top + 38} text-anchor="end">
        {failed > 0 ? `${formatCount(failed)} failed` : running > 0 ? `${formatCount(running)} running` : ''}
      </text>
      <svg class="share" aria-hidden="true" x={left + PADDING} y={top + box.height - 13} width={inner} height="5">
        <StateRects counts={counts} />
      </svg>
      <rect class="cover" x={left} y={top} width={box.width} height={box.height}>
        <title>{`${counted(nodes, 'node')}: ${describeCounts(counts)}`}</title>
      </rect>
    </a>
  );
}

function curveOf(points: readonly (readonly [number, number])[]): string {
  const [first, ...rest] = points;
  if (!first) return '';
  return `M${first.join(' ')}C${rest.map((point) => point.join(' ')).join(' ')}`;
}
