import type { RunTimeline, TimelineBar } from '../../src/engine/views/report/report-content.ts';
import { counted, formatShare } from '../format/numbers.ts';
import { formatSeconds, formatUtc } from '../format/time.ts';
import { percent, ticksOf } from './time-axis.ts';

/** In pixels, as the live page draws them. */
const [ROW, BAR, AXIS] = [22, 15, 20];

/** Names of more of them nobody reads. */
const MOST_HOSTS = 5;

interface Props {
  readonly run: RunTimeline;
  /** The class that has the colour of a stage. */
  readonly colourOf: (stage: string) => string;
}

/** What ran when, one row for each worker. Lengths are shares of the width, so that letters have their size on every page. */
export function RunPicture({ run, colourOf }: Props) {
  const { startedAt, lanes, seconds, outcome, command } = run;
  const bars = lanes.flat();
  const nodes = bars.reduce((sum, bar) => sum + bar.nodes, 0);
  const busy = bars.reduce((sum, bar) => sum + bar.end - bar.start, 0);
  const height = lanes.length * ROW + AXIS;
  const began = formatUtc(startedAt);
  return (
    <div class="run">
      <h3>{began}</h3>
      <p class="quiet">
        {`${counted(nodes, 'node')} in ${formatSeconds(seconds)} on ${hostsOf(run)}, ${counted(lanes.length, 'worker')}, `}
        {`busy for ${formatShare(Math.min(busy, seconds * lanes.length), seconds * lanes.length)} of the time`}
        {outcome !== undefined && `, ${outcome}`}
        {command !== undefined && (
          <>
            : <code>{command}</code>
          </>
        )}
      </p>
      <svg class="lanes" width="100%" height={height} role="img" aria-label={`Timeline of the run of ${began}`}>
        {lanes.map((lane, row) => (
          <g key={lane[0]?.start}>
            {lane.map((bar) => (
              <Bar
                key={`${bar.stage} ${bar.start}`}
                bar={bar}
                row={row}
                seconds={seconds}
                colour={colourOf(bar.stage)}
              />
            ))}
            <line x1="0" x2="100%" y1={(row + 1) * ROW} y2={(row + 1) * ROW} />
          </g>
        ))}
        {ticksOf(seconds).map(({ at, label, anchor }) => (
          <text key={label} x={at} y={height - 4} text-anchor={anchor}>
            {label}
          </text>
        ))}
      </svg>
    </div>
  );
}

function hostsOf({ hosts }: RunTimeline): string {
  const named = hosts.slice(0, MOST_HOSTS).join(', ');
  return hosts.length > MOST_HOSTS ? `${named} and ${hosts.length - MOST_HOSTS} more` : named;
}

interface BarProps {
  readonly bar: TimelineBar;
  readonly row: number;
  readonly seconds: number;
  readonly colour: string;
}

function Bar({ bar: { stage, nodes, start, end }, row, seconds, colour }: BarProps) {
  return (
    <rect
      class={colour}
      x={percent(start, seconds)}
      y={row * ROW + (ROW - BAR) / 2}
      width={percent(Math.max(end - start, seconds / 2000), seconds)}
      height={BAR}
    >
      <title>{`${stage}: ${counted(nodes, 'node')}, ${formatSeconds(end - start)}`}</title>
    </rect>
  );
}
