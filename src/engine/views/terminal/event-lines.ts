import { renderDiagnostic } from '../../base/diagnostic.ts';
import { errorLines } from '../../base/error-report.ts';
import { printableJson } from '../../base/printable.ts';
import type { RunEvent, RunListener } from '../../run/events.ts';
import { describeReason } from '../../staleness/describe-reason.ts';
import { formatBytes, formatCount, formatSeconds } from './format.ts';
import { summaryLines } from './summary-lines.ts';

/** The lines of a log for an event; none for most events. */
export function eventLines(event: RunEvent): readonly string[] {
  switch (event.type) {
    case 'started':
      return [`start    ${event.node}  (${describeReason(event.reason)})`];
    case 'executing':
      return [`begin    ${event.node}  ${placeOf(event)}, after ${formatSeconds(event.queued)} in the queue`];
    case 'finished':
      return [`finish   ${event.node}  ${formatSeconds(event.seconds)}, ${formatBytes(event.bytes)}`];
    case 'fetched':
      return [fetchedLine(event)];
    case 'restoring':
      return [restoringLine(event)];
    case 'changed':
      return [`changed  ${event.node}  restored with other bytes: what depends on it is looked at again`];
    case 'auditing':
      return [auditingLine(event)];
    case 'refused':
      return [`refused  ${event.node}, which this machine executes: ${renderDiagnostic(event.diagnostic)}`];
    case 'unreadable':
      return [`${event.state.padEnd(8)} ${event.node}  ${event.diagnostic.fact}; the node is executed again`];
    case 'retrying':
      return [`retry    ${event.node}  attempt ${event.attempt}: ${event.diagnostic.fact}`];
    case 'failed':
      return failureLines(event);
    case 'warning':
      return [`warning  ${event.node === undefined ? '' : `${event.node}  `}${renderDiagnostic(event.diagnostic)}`];
    case 'stopping':
      return [stoppingLine(event.running)];
    case 'summary':
      return summaryLines(event);
    default:
      return [];
  }
}

function fetchedLine({ node, what, seconds, bytes }: Extract<RunEvent, { type: 'fetched' }>): string {
  const saved = `which took ${formatSeconds(seconds)} to make`;
  return `fetch    ${node}  ${what === 'bytes' ? formatBytes(bytes) : 'its result'}, ${saved}`;
}

function restoringLine({ nodes, seconds }: Extract<RunEvent, { type: 'restoring' }>): string {
  const [is, its] = nodes.length === 1 ? ['is', 'its'] : ['are', 'their'];
  return `restore  ${formatCount(nodes.length, 'node')} ${is} executed again for ${its} evicted bytes: about ${formatSeconds(seconds)} of work`;
}

function auditingLine({ nodes, seed }: Extract<RunEvent, { type: 'auditing' }>): string {
  if (nodes.length === 0) return 'audit    nothing was up to date before this run';
  const what = `${formatCount(nodes.length, 'node')} picked by --audit-seed ${seed}`;
  return `audit    ${what}: ${nodes.slice(0, 5).join(', ')}${nodes.length > 5 ? ', …' : ''}`;
}

function stoppingLine(running: number): string {
  if (running === 0) return 'stopping: nothing is running';
  const nodes = formatCount(running, 'running node');
  return `stopping: ${nodes} may finish; interrupt again to stop ${running === 1 ? 'it' : 'them'} now`;
}

/** The first frames of a stack show where the stage is; the rest is the engine. */
const FRAMES_SHOWN = 4;
const ERROR_LINES = 40;
const LOG_LINES = 15;

function failureLines({ node, diagnostic, error, log }: Extract<RunEvent, { type: 'failed' }>): readonly string[] {
  const told = error ? errorLines(error, FRAMES_SHOWN) : [];
  const logged = log.trim() === '' ? [] : log.trimEnd().split('\n');
  return [
    `FAILED   ${node}`,
    ...[...renderDiagnostic(diagnostic).split('\n'), ...told.slice(0, ERROR_LINES)].map((line) => `  ${line}`),
    ...(logged.length > 0 ? ['  its log ends with:', ...logged.slice(-LOG_LINES).map((line) => `    ${line}`)] : []),
    ...(told.length > 0 || logged.length > LOG_LINES ? [`  "vmfdag history show last ${node}" shows all of it`] : []),
  ];
}

/** Plain lines, for pipes and log files. */
export function plainLines(write: (line: string) => void): RunListener {
  return (event) => {
    for (const line of eventLines(event)) write(line);
  };
}

/** One JSON object a line, for scripts. The last one is the summary. */
export function jsonLines(write: (line: string) => void): RunListener {
  return (event) => write(printableJson(JSON.stringify(event)));
}

/** Where an executor executes a node. */
export function placeOf({ executor, host }: { readonly executor: string; readonly host: string }): string {
  return host === '' ? `on ${executor}` : `on ${executor}, host ${host}`;
}
