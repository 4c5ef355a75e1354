import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { LogPart } from '../../../src/engine/views/live/protocol.ts';
import { ask, type Parameters, type RequestFailed } from '../../data/server.ts';
import { formatBytes } from '../../format/numbers.ts';
import { Problem } from '../../parts/problem.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { useVirtualRows } from '../../parts/virtual-list.tsx';
import { appendPart, type LogLines, linesOf, prependPart, readableLine } from './log-lines.ts';

const PART = 65_536;
const LINE = 18;

interface Props {
  readonly run: string;
  readonly node: string;
  readonly attempt: number | undefined;
  /** How many bytes there are by now, as the events say. */
  readonly end: number;
}

/** The log of an attempt, from its end. It follows what is written as long as one looks at its end, and stays where one reads. */
export function LogView({ run, node, attempt, end }: Props) {
  const [log, setLog] = useState<LogLines>();
  const [problem, setProblem] = useState<RequestFailed>();
  const [isFollowing, setFollowing] = useState(true);
  const scroller = useRef<HTMLElement>(null);
  const isAsking = useRef(false);
  const shift = useRef(0);
  const lines = log?.lines ?? [];
  const rows = useVirtualRows(scroller, lines.length, LINE);

  const fetchPart = (range: Parameters, take: (part: LogPart) => LogLines | undefined) => {
    if (isAsking.current) return;
    isAsking.current = true;
    ask<LogPart>('log', { run, node, attempt, ...range })
      .then((part) => {
        const next = take(part);
        if (next) setLog(next);
        setProblem(undefined);
      }, setProblem)
      .finally(() => {
        isAsking.current = false;
      });
  };

  // Only another log is loaded from its end.
  useEffect(() => {
    setLog(undefined);
    setFollowing(true);
    isAsking.current = false;
    fetchPart({ offset: -PART, limit: PART }, linesOf);
  }, [run, node, attempt]);

  const news = log !== undefined && (end > log.next || log.end > log.next);
  // Asks when there is more.
  useEffect(() => {
    if (log && news) fetchPart({ offset: log.next, limit: PART }, (part) => appendPart(log, part));
  }, [news, end, log]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    if (shift.current > 0) {
      // Older lines came above: what one reads stays where it is.
      element.scrollTop += shift.current * LINE;
      shift.current = 0;
    } else if (isFollowing) {
      element.scrollTop = element.scrollHeight;
    }
  }, [lines, isFollowing]);

  const older = () => {
    if (!log || log.start <= log.first) return;
    const offset = Math.max(log.first, log.start - PART);
    fetchPart({ offset, limit: log.start - offset }, (part) => {
      const next = prependPart(log, part);
      shift.current = next.lines.length - log.lines.length;
      return next;
    });
  };

  const onScroll = () => {
    const element = scroller.current;
    if (!element) return;
    setFollowing(element.scrollTop + element.clientHeight >= element.scrollHeight - 2 * LINE);
    if (element.scrollTop < 10 * LINE && shift.current === 0) older();
  };

  if (problem) return <Problem problem={problem} />;
  if (log && lines.length === 0) return <p class="quiet">It has printed nothing.</p>;
  return (
    <div class="log-frame">
      <Scroll element={scroller} className="log" label={`Log of ${node}`} onScroll={onScroll}>
        <div class="lines" style={{ height: `${rows.height}px` }}>
          {rows.items.map((item) => (
            <div key={item.key} class="line" style={{ transform: `translateY(${item.start}px)` }}>
              {readableLine(lines[item.index] ?? '') || '\u00a0'}
            </div>
          ))}
        </div>
      </Scroll>
      <p class="log-foot quiet">
        <span>
          {log && log.start > log.first ? `from byte ${formatBytes(log.start)} on, ` : ''}
          {formatBytes(log?.end)}
        </span>
        {!isFollowing && (
          <button type="button" onClick={() => setFollowing(true)}>
            To the end
          </button>
        )}
      </p>
    </div>
  );
}
