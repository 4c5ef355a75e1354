import { shortDigest } from '../../base/digest.ts';
import type { FailedAttempt } from '../../store/failed-attempt.ts';
import type { MetricSeries } from '../../store/metric-series.ts';
import type { Attempt } from '../../store/run-manifest.ts';
import { SUMMARY_HEAD, summaryCells, summaryOf } from '../../views/metrics/metric-summary.ts';
import { laneOf } from '../../views/runs/chrome-trace.ts';
import { failureLines, logLines } from '../../views/runs/failure-lines.ts';
import { findRun } from '../../views/runs/find-run.ts';
import { type NodeInRun, nodeInRun } from '../../views/runs/node-in-run.ts';
import { formatSeconds, formatTable } from '../../views/terminal/format.ts';
import { line, printJson } from '../process/output.ts';
import { aboutRuns, type HistoryOptions } from './history.ts';

/** `vmfdag history show RUN NODE`: the outcome of a node in a run, with its errors and its log. */
export function historyNode(name: string, node: string, options: HistoryOptions): Promise<number> {
  return aboutRuns(options, ({ runs }, store) => {
    const found = nodeInRun(findRun(name, runs).id, node, store);
    if (options.json) printJson(found);
    else for (const text of nodeLines(found)) line(text);
  });
}

const NOTABLE_SECONDS = 0.1;

function nodeLines(found: NodeInRun): readonly string[] {
  const { run, node, key, outcome, attempts, failures, record, metrics } = found;
  const facts = [
    ['node', node],
    ['run', run],
    ['state', outcome === 'skipped' ? 'not run' : outcome],
    ...(key ? [['key', shortDigest(key)]] : []),
    ...(record && record.run !== run ? [['made', `${record.startedAt} by run ${record.run}`]] : []),
  ];
  const log = record ? logLines(record.log) : [];
  return [
    formatTable(facts),
    ...attempts.flatMap((attempt) => attemptLines(attempt, failures)),
    ...failures.filter(({ attempt }) => !attempts.some((each) => each.attempt === attempt)).flatMap(failedLines),
    ...(metrics.length > 0 ? ['', 'metrics:', ...indented(metricLines(metrics))] : []),
    ...(log.length > 0 ? ['', 'log:', ...indented(log)] : []),
  ];
}

function attemptLines(made: Attempt, failures: readonly FailedAttempt[]) {
  const { attempt, outcome, seconds, reason, queued = 0 } = made;
  const failure = outcome === 'failed' ? failures.find((each) => each.attempt === attempt) : undefined;
  if (failure) return failedLines(failure);
  const why = reason === undefined ? '' : ` (${reason})`;
  const ended = outcome === 'lost' ? 'lost with its worker' : outcome;
  // Less than that is the way from one process to another.
  const waited = queued < NOTABLE_SECONDS ? '' : `, for which it had waited ${formatSeconds(queued)}`;
  return ['', `attempt ${attempt}${why}: ${ended} after ${formatSeconds(seconds)} on ${laneOf(made)}${waited}`];
}

function failedLines(failure: FailedAttempt): readonly string[] {
  const { attempt, reason, startedAt, seconds, log, metrics = [] } = failure;
  const shown = logLines(log);
  return [
    '',
    `attempt ${attempt} (${reason}): failed after ${formatSeconds(seconds)}, begun ${startedAt}`,
    ...indented(failureLines(failure)),
    ...(metrics.length > 0 ? ['metrics of the attempt:', ...indented(metricLines(metrics))] : []),
    ...(shown.length > 0 ? ['log of the attempt:', ...indented(shown)] : []),
  ];
}

function metricLines(metrics: readonly MetricSeries[]): readonly string[] {
  const rows = metrics.map((series) => [series.name, ...summaryCells(summaryOf(series))]);
  return formatTable([['metric', ...SUMMARY_HEAD], ...rows], [1, 2, 3, 4, 5]).split('\n');
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((each) => `  ${each}`);
}
