import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Lane, NodePage, Timeline } from '../../../src/engine/views/live/protocol.ts';
import { ask, type RequestFailed } from '../../data/server.ts';
import { counted, formatCount, formatShare } from '../../format/numbers.ts';
import { formatSeconds } from '../../format/time.ts';
import { ColumnHeads } from '../../parts/column-heads.tsx';
import { lineClass } from '../../parts/line-class.ts';
import { useDelta, useLive } from '../../parts/live-context.ts';
import { Loading, Problem } from '../../parts/problem.tsx';
import { runOf, useAddress, useOptions, useRoute } from '../../parts/route-context.ts';
import { StageLegend } from '../../parts/stage-legend.tsx';
import { barsByLane, type Span } from './bars.ts';
import { appendTimeline, busySeconds, withRunning } from './timeline.ts';
import { TimelineCanvas } from './timeline-canvas.tsx';

/** What each worker did, and when. */
export function WorkersView() {
  const route = useRoute();
  const run = runOf(route);
  const { generation } = useLive();
  const [timeline, setTimeline] = useState<Timeline>();
  const [problem, setProblem] = useState<RequestFailed>();
  const known = useRef(0);
  const isAsking = useRef(false);

  const load = (from: number) => {
    if (isAsking.current) return;
    isAsking.current = true;
    ask<Timeline>('timeline', { run, from })
      .then((part) => {
        setProblem(undefined);
        setTimeline((before) => {
          const next = from === 0 || !before ? part : appendTimeline(before, part);
          known.current = next.node.length;
          return next;
        });
      }, setProblem)
      .finally(() => {
        isAsking.current = false;
      });
  };
  // Another run is loaded from its beginning.
  useEffect(() => load(0), [run, generation]);
  useDelta((delta) => {
    if (delta.attempts > known.current) load(known.current);
  });

  return (
    <>
      <h1 tabIndex={-1}>Workers</h1>
      {problem && <Problem problem={problem} />}
      {timeline ? <Lanes timeline={timeline} run={run} /> : !problem && <Loading what="the timeline" />}
    </>
  );
}

function Lanes({ timeline, run }: { readonly timeline: Timeline; readonly run: string }) {
  const { overview } = useLive();
  const address = useAddress();
  const [options, choose] = useOptions();
  const head = overview?.head ?? timeline.head;
  const lanes = (overview?.lanes.length ?? 0) > timeline.lanes.length ? (overview?.lanes ?? []) : timeline.lanes;
  const columns = useMemo(
    () => withRunning(timeline, overview?.running ?? timeline.running, head.seconds),
    [timeline, overview?.running, head.seconds],
  );
  const bars = useMemo(() => barsByLane(columns.lane, columns.start, lanes.length), [columns, lanes.length]);
  const all: Span = { from: 0, to: Math.max(head.seconds, 0.01, ...columns.end.slice(-200)) };
  const span = readSpan(options.from, options.to, all);
  const busy = busySeconds(columns);
  const used = [...new Set(columns.stage)].sort((a, b) => a - b);
  if (columns.node.length === 0) return <p class="quiet">Nothing was executed.</p>;
  return (
    <>
      <p class="quiet">
        {counted(columns.node.length, 'attempt')} by {counted(lanes.length, 'worker')} in {formatSeconds(all.to)}; they
        were busy for {formatShare(busy, all.to * lanes.length)} of the time
      </p>
      <div class="toolbar">
        <StageLegend stages={used.map((stage) => ({ name: columns.stages[stage] ?? '', colour: lineClass(stage) }))} />
        {span && (
          <button type="button" onClick={() => choose({ from: '', to: '' })}>
            Show all
          </button>
        )}
      </div>
      <TimelineCanvas
        columns={columns}
        lanes={lanes.map(laneName)}
        bars={bars}
        all={all}
        span={span}
        onSpan={(next) => choose(next ? { from: next.from.toFixed(3), to: next.to.toFixed(3) } : { from: '', to: '' })}
        onOpen={(at) => {
          const index = columns.node[at] as number;
          const running = overview?.running.find((node) => node.index === index);
          const failed = timeline.failed.find((node) => node.at === at);
          const open = (node: string) => {
            window.location.hash = address('node', node);
          };
          if (running || failed) open((running ?? failed)?.node ?? '');
          else
            ask<NodePage>('node', { run, index }).then(
              ({ node }) => open(node),
              () => undefined,
            );
        }}
      />
      <p class="quiet">Hold Ctrl or Shift and turn the wheel to zoom, drag to move; with the keyboard + − ← → and 0.</p>
      <LaneTable columns={columns} lanes={lanes} seconds={all.to} />
    </>
  );
}

interface LaneTableProps {
  readonly columns: ReturnType<typeof withRunning>;
  readonly lanes: readonly Lane[];
  readonly seconds: number;
}

/** The same in numbers. */
function LaneTable({ columns, lanes, seconds }: LaneTableProps) {
  const rows = useMemo(() => {
    const sums = lanes.map(() => ({ attempts: 0, busy: 0, bad: 0 }));
    for (const [at, lane] of columns.lane.entries()) {
      const sum = sums[lane];
      if (!sum) continue;
      sum.attempts++;
      sum.busy += (columns.end[at] as number) - (columns.start[at] as number);
      if (columns.outcomes[at] !== 'e') sum.bad++;
    }
    return sums;
  }, [columns, lanes]);
  return (
    <table class="lanes">
      <ColumnHeads columns={[['worker'], ['attempts', 'number'], ['busy', 'number'], ['failed or lost', 'number']]} />
      <tbody>
        {rows.slice(0, 100).map(({ attempts, busy, bad }, lane) => (
          <tr key={laneName(lanes[lane] as Lane)}>
            <th scope="row">{laneName(lanes[lane] as Lane)}</th>
            <td class="number">{formatCount(attempts)}</td>
            <td class="number">{formatShare(busy, seconds)}</td>
            <td class="number">{formatCount(bad)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function laneName({ worker, executor, host }: Lane): string {
  const place = host ?? executor;
  return place === null ? `worker ${worker}` : `${place} ${worker}`;
}

function readSpan(from: string | undefined, to: string | undefined, all: Span): Span | undefined {
  const span = { from: Number(from), to: Number(to) };
  if (!from || !to || !(span.to > span.from) || span.from > all.to) return undefined;
  return span;
}
