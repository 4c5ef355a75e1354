import type { GraphLayout, Overview, StageSummary } from '../../../src/engine/views/live/protocol.ts';
import { counted, formatCount } from '../../format/numbers.ts';
import { useAddress } from '../../parts/route-context.ts';
import { Scroll } from '../../parts/scroll.tsx';
import { countOf, describeCounts, doneOf, presentStates, stateClass } from '../../parts/states.tsx';
import { useIsNarrow } from '../../parts/use-is-narrow.ts';

const MARGIN = 8;
const PADDING = 11;

/** The stages as boxes, with what flows between them. Each leads to the nodes of its stage. */
export function Graph({ overview }: { readonly overview: Overview }) {
  const { stages, edges } = overview;
  // From the top to the bottom where there is no room next to each other.
  const layout = useIsNarrow() ? overview.tallLayout : overview.layout;
  const onPath = new Set(overview.criticalPath?.nodes.map((node) => node.split('/', 1)[0]));
  const [width, height] = [layout.width + 2 * MARGIN, layout.height + 2 * MARGIN];
  return (
    <Scroll className="graph" label="Graph of the stages">
      <svg
        viewBox={`${-MARGIN} ${-MARGIN} ${width} ${height}`}
        width={width}
        height={height}
        style={{ minWidth: `${0.8 * width}px` }}
      >
        <title>Stages, and what flows between them</title>
        <defs>
          <marker
            id="arrow"
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
            marker-end="url(#arrow)"
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
      <Share left={left + PADDING} top={top + box.height - 13} width={inner} counts={counts} nodes={nodes} />
      <rect class="cover" x={left} y={top} width={box.width} height={box.height}>
        <title>{`${counted(nodes, 'node')}: ${describeCounts(counts)}`}</title>
      </rect>
    </a>
  );
}

interface ShareProps {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly counts: StageSummary['counts'];
  readonly nodes: number;
}

/** The counts as parts of a line. What is rare stays visible. */
function Share({ left, top, width, counts, nodes }: ShareProps) {
  const present = presentStates(counts);
  const widths = present.map(([, count]) => Math.max(3, (count / Math.max(1, nodes)) * width));
  const scale = width / widths.reduce((a, b) => a + b, 0);
  let x = left;
  return (
    <g>
      {present.map(([state], at) => {
        const part = (widths[at] as number) * scale;
        const rect = <rect key={state} class={stateClass(state)} x={x} y={top} width={part} height="5" />;
        x += part;
        return rect;
      })}
    </g>
  );
}

function curveOf(points: readonly (readonly [number, number])[]): string {
  const [first, ...rest] = points;
  if (!first) return '';
  return `M${first.join(' ')}C${rest.map((point) => point.join(' ')).join(' ')}`;
}
