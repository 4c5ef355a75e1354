import type { RunSummary } from '../run/events.ts';
import { formatCount, formatSeconds } from './format.ts';

/** The last lines of a run, for people. */
export function summaryLines(summary: RunSummary): readonly string[] {
  const { outcome, executed, upToDate, cutOff, failed, skipped, seconds } = summary;
  if (outcome === 'done' && executed === 0) {
    return [
      `up to date: 0 nodes executed, ${formatCount(upToDate, 'node')} found in the cache (${formatSeconds(seconds)})`,
    ];
  }
  const parts = [`${formatCount(executed, 'node')} executed`, `${upToDate} up to date`];
  if (cutOff > 0) parts.push(`${cutOff} saved by early cutoff`);
  if (failed > 0) parts.push(`${failed} failed`);
  if (skipped > 0) parts.push(`${skipped} not run`);
  const lines = [`${outcome}: ${parts.join(', ')} (${formatSeconds(seconds)})`];
  if (outcome === 'interrupted') lines.push('everything finished is kept: the same command goes on from here');
  return lines;
}
