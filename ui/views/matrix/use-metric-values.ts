import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { MetricValues, StageMatrix } from '../../../src/engine/views/live/protocol.ts';
import { mergeValues } from '../../data/merge.ts';
import { ask } from '../../data/server.ts';

const PAUSE_MS = 1000;

interface LiveValues {
  /** By node of the stage, changed in place; NaN where nothing is known. Undefined where the matrix has no metric. */
  readonly values: Float64Array | undefined;
  /** Asks for what has changed, once in a second at most. */
  readonly refresh: () => void;
}

/**
 * The values of the metric that a matrix was loaded with. They do not come with the events.
 * @param onChange called when values have changed
 */
export function useMetricValues(matrix: StageMatrix, run: string, onChange: () => void): LiveValues {
  const { stage, metric, index, versionId } = matrix;
  const values = useMemo(() => metric && Float64Array.from(metric.values, (value) => value ?? Number.NaN), [matrix]);
  const since = useRef(versionId);
  const timer = useRef<number | undefined>(undefined);
  const abort = useRef(new AbortController());
  const changed = useRef(onChange);
  changed.current = onChange;
  useEffect(() => {
    since.current = versionId;
    abort.current = new AbortController();
    return () => {
      abort.current.abort();
      window.clearTimeout(timer.current);
      timer.current = undefined;
    };
  }, [matrix]);
  if (!metric || !values) return { values: undefined, refresh: () => {} };

  const load = () => {
    timer.current = undefined;
    const { signal } = abort.current;
    ask<MetricValues>('values', { run, stage, metric: metric.name, since: since.current }, signal).then(
      (news) => {
        if (signal.aborted) return;
        since.current = news.versionId;
        mergeValues(values, index, news);
        changed.current();
      },
      // The next change asks again, from where this one did.
      () => undefined,
    );
  };
  return {
    values,
    refresh: () => {
      timer.current ??= window.setTimeout(load, PAUSE_MS);
    },
  };
}
