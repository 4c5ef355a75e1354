import { withStore } from '../../../api/cache/open-cache.ts';
import { type MetricChange, metricChanges } from '../../../views/metrics/compare-metrics.ts';
import { findRun } from '../../../views/runs/find-run.ts';
import { manifestOf } from '../../../views/runs/manifest-of.ts';
import { formatCount, formatTable } from '../../../views/terminal/format.ts';
import { formatChange, formatNumber } from '../../../views/terminal/format-number.ts';
import { cacheDirectory, type ProjectOptions } from '../../options/project-options.ts';
import { line, printJson } from '../../process/output.ts';

export interface MetricsDiffOptions extends ProjectOptions {
  /** How many metrics to list. */
  readonly limit?: number;
  readonly json?: boolean;
}

const LISTED = 40;

/** `vmfdag metrics diff RUN RUN`: the metrics in which the nodes of two runs differ. */
export function metricsDiff(oldName: string, newName: string, options: MetricsDiffOptions): Promise<number> {
  return withStore(cacheDirectory(options), (store) => {
    const runs = [...store.runs()];
    const [old, current] = [findRun(oldName, runs), findRun(newName, runs)];
    const metrics = metricChanges(manifestOf(old, store), manifestOf(current, store), store);
    if (options.json) {
      printJson({ old: old.id, new: current.id, metrics });
      return 0;
    }
    const shown = metrics.slice(0, options.limit ?? LISTED);
    if (metrics.length === 0) line('the metrics of nodes of both runs are the same');
    else line(formatTable([HEAD, ...shown.map(row)], [2, 3, 4]));
    if (shown.length < metrics.length) line(`and ${formatCount(metrics.length - shown.length, 'other')}: see --limit`);
    return 0;
  });
}

const HEAD = ['node', 'metric', 'old', 'new', 'change'];

/** Compares the last values; if they are equal, the difference is in an earlier one. */
function row({ node, metric, old, new: now }: MetricChange): readonly string[] {
  const [was, is] = [old, now].map((summary) => (summary ? Number(summary.last) : undefined));
  const change = old && now && old.last === now.last ? 'same at the end' : formatChange(was, is);
  return [node, metric, formatNumber(was), formatNumber(is), change];
}
