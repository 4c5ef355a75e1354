import { type EarlierRuns, withRuns } from '../../api/run/earlier-runs.ts';
import { Failure } from '../../base/failure.ts';
import { printableJson } from '../../base/printable.ts';
import type { NodeId } from '../../plan/plan.ts';
import type { NodeOutcome, RunManifest } from '../../store/run-manifest.ts';
import type { RunRecord, Store } from '../../store/store.ts';
import { chromeTrace } from '../../views/runs/chrome-trace.ts';
import { commandLine } from '../../views/runs/command-line.ts';
import { describeAsked, describeRevision } from '../../views/runs/describe-run.ts';
import { findRun, shortNames } from '../../views/runs/find-run.ts';
import { outcomesByStage } from '../../views/runs/outcomes.ts';
import { clip, formatCount, formatSeconds, formatTable } from '../../views/terminal/format.ts';
import { timingLines } from '../../views/terminal/summary-lines.ts';
import { cacheDirectory, type ProjectOptions } from '../options/project-options.ts';
import { line, printJson } from '../process/output.ts';

export interface HistoryOptions extends ProjectOptions {
  readonly limit?: number;
  readonly json?: boolean;
}

const SHOWN = 20;

/** Opens the cache for a command about earlier runs. */
export async function aboutRuns(
  options: HistoryOptions,
  use: (earlier: EarlierRuns, store: Store) => void,
): Promise<number> {
  await withRuns(cacheDirectory(options), use);
  return 0;
}

/** `vmfdag history`: the runs on this cache, newest first. */
export function history(options: HistoryOptions): Promise<number> {
  return aboutRuns(options, ({ runs, state }) => {
    const shown = runs.slice(0, options.limit ?? SHOWN);
    if (options.json) {
      printJson(shown.map((run) => runJson(run, state)));
      return;
    }
    if (runs.length === 0) {
      line('no run yet');
      return;
    }
    line(clipLines(historyTable(shown, runs, state)));
    if (shown.length < runs.length) line(`${formatCount(runs.length - shown.length, 'older run')}: see --limit`);
  });
}

/** `vmfdag history show RUN`: what a run did. */
export function historyShow(name: string, options: HistoryOptions): Promise<number> {
  return aboutRuns(options, ({ runs, state }, store) => {
    const run = findRun(name, runs);
    const manifest = store.manifest(run.id);
    if (options.json) {
      printJson({ ...runJson(run, state), manifest: manifest ?? null, journal: store.journal(run.id) });
      return;
    }
    line(formatTable(facts(run, state)));
    if (run.timing) for (const text of timingLines(run.timing)) line(text);
    if (!manifest) {
      line('what it did with each node is not recorded');
      return;
    }
    line('');
    line(stageTable(manifest, store, run));
    for (const text of failedNodes(manifest, run, store)) line(text);
  });
}

/** `vmfdag history trace RUN`: the run as a Chrome trace. */
export function historyTrace(name: string, options: HistoryOptions): Promise<number> {
  return aboutRuns(options, ({ runs }, store) => {
    const run = findRun(name, runs);
    const [manifest, journal] = [store.manifest(run.id), store.journal(run.id)];
    if (!manifest || journal.length === 0) {
      throw new Failure('usage', {
        fact: `run ${run.id} executed nothing that could be drawn`,
        fix: 'choose a run of "vmfdag history" that executed nodes',
      });
    }
    const recordOf = (node: number) => {
      const key = manifest.nodes[node]?.key;
      return key ? store.record(key) : undefined;
    };
    line(printableJson(JSON.stringify(chromeTrace(run, manifest, journal, ({ node }) => recordOf(node)))));
  });
}

function runJson(run: RunRecord, state: EarlierRuns['state']): object {
  return { ...run, state: state(run) };
}

function historyTable(shown: readonly RunRecord[], runs: readonly RunRecord[], state: EarlierRuns['state']): string {
  const names = shortNames(runs);
  const count = ({ counts }: RunRecord, name: string) => String(counts[name] ?? '–');
  const columns: readonly { head: string; right?: true; optional?: true; cell: (run: RunRecord) => string }[] = [
    { head: 'run', cell: (run) => names.get(run) ?? run.id },
    { head: 'state', cell: state },
    { head: 'executed', right: true, cell: (run) => count(run, 'executed') },
    { head: 'fetched', right: true, optional: true, cell: (run) => count(run, 'fetched') },
    { head: 'restored', right: true, optional: true, cell: (run) => count(run, 'restored') },
    { head: 'cut off', right: true, optional: true, cell: (run) => count(run, 'cutOff') },
    { head: 'cut short', right: true, optional: true, cell: (run) => count(run, 'cutShort') },
    { head: 'failed', right: true, optional: true, cell: (run) => count(run, 'failed') },
    {
      head: 'took',
      right: true,
      cell: (run) => (Object.keys(run.counts).length > 0 ? formatSeconds(run.seconds) : '–'),
    },
    { head: 'code', cell: ({ revision }) => describeRevision(revision) },
    { head: 'asked for', cell: describeAsked },
  ];
  // A column of zeros says nothing, and the screen is narrow.
  const visible = columns.filter(({ optional, cell }) => !optional || shown.some((run) => /[1-9]/.test(cell(run))));
  const rows = shown.map((run) => visible.map(({ cell }) => cell(run)));
  const right = visible.flatMap((column, index) => (column.right ? [index] : []));
  return formatTable([visible.map(({ head }) => head), ...rows], right);
}

/** On a terminal a wrapped line makes a table unreadable; a pipe gets everything, as does a terminal of unknown width. */
function clipLines(text: string): string {
  const width = process.stdout.columns || Number.POSITIVE_INFINITY;
  return text
    .split('\n')
    .map((each) => clip(each, width))
    .join('\n');
}

function facts(run: RunRecord, state: EarlierRuns['state']): readonly (readonly string[])[] {
  const { counts, revision } = run;
  const { executed = 0, fetched = 0, upToDate = 0, cutOff = 0, cutShort = 0, failed = 0, skipped = 0 } = counts;
  const ended = cutShort > 0 ? `${cutShort} cut short, ` : '';
  const did = `${executed} executed, ${fetched > 0 ? `${fetched} from the shared cache, ` : ''}${upToDate} up to date, ${cutOff} cut off, ${ended}${failed} failed, ${skipped} not run`;
  const where = `${run.host ?? 'unknown host'}${run.process ? `, process ${run.process.pid}` : ''}`;
  return [
    ['run', run.id],
    ['state', state(run)],
    ['asked for', describeAsked(run)],
    ['command', commandLine(run.command)],
    ['started', `${run.startedAt} on ${where}`],
    ...(Object.keys(counts).length > 0
      ? [
          ['took', `${formatSeconds(run.seconds)}${jobsText(run)}`],
          ['nodes', did],
        ]
      : []),
    ...(revision
      ? [['code', `${revision.commit}${revision.dirty ? ', with changes that are not committed' : ''}`]]
      : []),
  ];
}

function jobsText({ jobs }: RunRecord): string {
  return jobs === undefined ? '' : ` with ${formatCount(jobs, 'worker')}`;
}

function stageTable(manifest: RunManifest, store: Store, run: RunRecord): string {
  const all: readonly NodeOutcome[] = [
    'executed',
    'fetched',
    'up to date',
    'cut off',
    'cut short',
    'failed',
    'skipped',
  ];
  const stages = outcomesByStage(manifest, store.journal(run.id));
  // Most projects share nothing, and end no chain early.
  const rare: readonly NodeOutcome[] = ['fetched', 'cut short'];
  const columns = all.filter((name) => !rare.includes(name) || stages.some(({ outcomes }) => outcomes[name] > 0));
  const isRepeated = stages.some(({ attempts }) => attempts.failed + attempts.lost > 0);
  const rows = stages.map(({ stage, nodes, outcomes, seconds, queued, attempts }) => [
    stage,
    String(nodes),
    ...columns.map((outcome) => String(outcomes[outcome])),
    ...(isRepeated ? [String(attempts.failed), String(attempts.lost)] : []),
    seconds > 0 ? formatSeconds(seconds) : '',
    seconds > 0 ? formatSeconds(queued) : '',
  ]);
  const head = [
    'stage',
    'nodes',
    ...columns.map((name) => (name === 'skipped' ? 'not run' : name)),
    ...(isRepeated ? ['failed attempts', 'lost attempts'] : []),
    'time',
    'waiting',
  ];
  const numbers = head.slice(1).map((_, index) => index + 1);
  return formatTable([head, ...rows], numbers);
}

function failedNodes({ nodes }: RunManifest, { id }: RunRecord, store: Store): readonly string[] {
  const failed = nodes.filter(({ outcome }) => outcome === 'failed').map(({ node }) => node);
  const why = (node: NodeId) => store.failures(id, node).at(-1)?.diagnostic.fact.split('\n')[0];
  const lines = failed.map((node) => `failed: ${node}${why(node) === undefined ? '' : `: ${why(node)}`}`);
  return failed.length > 0 ? [...lines, `"vmfdag history show ${id} ${failed[0]}" shows its errors and its log`] : [];
}
