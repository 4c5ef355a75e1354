import type { RunSummary } from '../../run/events.ts';
import type { RunTiming } from '../../store/run-manifest.ts';
import { formatCount, formatSeconds } from './format.ts';

const STAGES_SHOWN = 3;

/** The last lines of a run, for people. */
export function summaryLines(summary: RunSummary): readonly string[] {
  const { outcome, executed, restored, audited, fetched, upToDate, cutOff, failed, skipped, seconds } = summary;
  const ended = (summary.cutShort ?? 0) > 0 ? [`${summary.cutShort} cut short`] : [];
  if (outcome === 'done' && executed + restored + audited + fetched === 0) {
    const found = [`${formatCount(upToDate, 'node')} found in the cache`, ...ended].join(', ');
    return [`up to date: 0 nodes executed, ${found} (${formatSeconds(seconds)})`];
  }
  const parts = [`${formatCount(executed, 'node')} executed`, `${upToDate} up to date`];
  if (fetched > 0) parts.push(`${fetched} from the shared cache`);
  if (restored > 0) parts.push(`${restored} restored`);
  if (audited > 0) parts.push(`${audited} audited and the same`);
  if (cutOff > 0) parts.push(`${cutOff} saved by early cutoff`);
  parts.push(...ended);
  if (failed > 0) parts.push(`${failed} failed`);
  if (skipped > 0) parts.push(`${skipped} not run`);
  const lines = [`${outcome}: ${parts.join(', ')} (${formatSeconds(seconds)})`];
  if (summary.timing) lines.push(...timingLines(summary.timing));
  if (outcome === 'interrupted') lines.push('everything finished is kept: the same command goes on from here');
  return lines;
}

/** Where the time of a run went: its critical path, how busy the workers were, and the slowest stages. */
export function timingLines({ criticalPath, efficiency, stages }: RunTiming): readonly string[] {
  const { seconds, nodes, from, to } = criticalPath;
  const way = nodes > 1 ? `${formatCount(nodes, 'node')}, ${from} to ${to}` : from;
  const slowest = stages.slice(0, STAGES_SHOWN).map(({ stage, seconds: took }) => `${stage} ${formatSeconds(took)}`);
  return [
    `critical path ${formatSeconds(seconds)} (${way})`,
    `workers busy ${Math.round(efficiency * 100)} % of the time; slowest: ${slowest.join(', ')}`,
  ];
}
