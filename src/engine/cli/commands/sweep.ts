import { withStore } from '../../api/cache/open-cache.ts';
import { openProject as open } from '../../api/project/project.ts';
import { defaultJobs, newWorkers, type RunResult } from '../../api/run/execution.ts';
import { listExperiments, newLabel } from '../../api/run/experiments.ts';
import { prepareSweep, type SweepProject, type SweepRequest, surveySweep } from '../../api/sweep/prepare-sweep.ts';
import { readAxis, settingsOf } from '../../api/sweep/settings.ts';
import { readSettingsFile } from '../../api/sweep/settings-file.ts';
import { SweepRecords, withOwnResults } from '../../api/sweep/sweep-records.ts';
import { Failure } from '../../base/failure.ts';
import type { NodeState } from '../../staleness/survey.ts';
import type { Store } from '../../store/store.ts';
import { columnNamed } from '../../views/experiments/columns.ts';
import { formatCount, formatTable } from '../../views/terminal/format.ts';
import { type Project, projectSource } from '../options/project-options.ts';
import { alone } from '../process/alone.ts';
import { EXIT } from '../process/exit-codes.ts';
import { type Listening, withNotices } from '../process/notices.ts';
import { goOnUnread, line, printJson } from '../process/output.ts';
import { experimentLines } from './experiments/list.ts';
import { askOptions, beginRun, handleInterrupts, type RunOptions } from './run.ts';

export interface SweepOptions extends Omit<RunOptions, 'restore' | 'audit' | 'auditSeed' | 'keepGoing' | 'name'> {
  /** A file with a list of settings. */
  readonly settings?: string;
}

/** `vmfdag sweep`: brings targets up to date under each of several settings, in one run. Returns the exit code. */
export async function sweep(options: SweepOptions): Promise<number> {
  const { set = [], settings: file, wait } = options;
  if (set.length === 0 && file === undefined) {
    throw new Failure('usage', { fact: 'nothing says what to try', fix: "add --set 'PATH=[A, B]' or --settings FILE" });
  }
  const rows = file === undefined ? [] : readSettingsFile(file);
  const settings = settingsOf(set.map(readAxis), rows);
  const source = projectSource({ ...options, set: [] });
  const project = open(source);
  const projects = settings.map(({ name, overrides }): SweepProject => {
    return { name, project: withOwnResults(open({ ...source, overrides }), name) };
  });
  const label = newLabel({ note: options.note ?? null, addTags: options.tag ?? [] });
  if (options.dryRun) return dryRun(project, projects, options);
  goOnUnread();
  return withNotices(project.pipeline.name, options.notify, (listening) =>
    alone(
      project.cacheDirectory,
      (store, lease) => sweepAlone(project, projects, store, lease, { ...options, label, listening }),
      { wait },
    ),
  );
}

function asked({ target = [], force = [] }: SweepOptions) {
  return { targets: target, force };
}

async function sweepAlone(
  project: Project,
  projects: readonly SweepProject[],
  store: Store,
  lease: string,
  options: SweepOptions & { readonly label: ReturnType<typeof newLabel>; readonly listening: Listening },
): Promise<number> {
  const { label, ...rest } = options;
  const workers = newWorkers(project, { workerFile: options.workerFile, lease });
  try {
    const { request, settings } = await prepareSweep(projects, store, asked(options), askOptions(options));
    const of = { command: process.argv.slice(2), targets: options.target ?? [], jobs: options.jobs ?? defaultJobs() };
    const records = new SweepRecords(settings, workers.run, store, { ...of, lease, label });
    const run = { ...rest, keepGoing: true, lease, workers, sweep: records };
    const running = await beginRun(project, request, store, run, undefined, (result) => show(result, project));
    const restore = handleInterrupts(running);
    try {
      return await running.end();
    } finally {
      restore();
    }
  } catch (error) {
    await workers.pool.stop();
    throw error;
  }
}

const COLUMNS = ['setting', 'state', 'took', 'reason'];

/** A row for each setting. */
async function show({ id }: RunResult, project: Project): Promise<void> {
  const table = await listExperiments(project, { sweep: id, limit: Number.MAX_SAFE_INTEGER, sort: 'run' });
  const metrics = table.metrics.map((name) => columnNamed(name, table));
  const facts = COLUMNS.map((name) => columnNamed(name, table));
  line(experimentLines([...facts.slice(0, -1), ...metrics, ...facts.slice(-1)], table));
}

function dryRun(project: Project, projects: readonly SweepProject[], options: SweepOptions): Promise<number> {
  return withStore(project.cacheDirectory, async (store) => {
    const prepared = await surveySweep(projects, store, asked(options));
    const { states } = prepared;
    const rows = prepared.settings.map(({ name, members, project: { overrides } }) => ({
      setting: name,
      set: Object.fromEntries(overrides.map(({ path, value }) => [path, value])),
      nodes: members.length,
      ...countsOf([...members].map((index) => states[index] as NodeState)),
    }));
    const all = { nodes: states.length, ...countsOf(states) };
    if (options.json) printJson({ ...all, settings: rows });
    else for (const text of planLines(rows, all, prepared)) line(text);
    return EXIT.done;
  });
}

type Counts = ReturnType<typeof countsOf>;

function countsOf(states: readonly NodeState[]) {
  const of = (wanted: NodeState['state']) => states.filter(({ state }) => state === wanted).length;
  return { current: of('current'), stale: of('stale'), waiting: of('waiting') };
}

function planLines(
  rows: readonly ({ readonly setting: string; readonly nodes: number } & Counts)[],
  all: { readonly nodes: number } & Counts,
  { settings }: SweepRequest,
): readonly string[] {
  const cells = ({ nodes, current, stale, waiting }: { readonly nodes: number } & Counts) =>
    [nodes, current, stale, waiting].map(String);
  const head = ['setting', 'nodes', 'up to date', 'will run', 'waiting'];
  const total = settings.reduce((sum, { members }) => sum + members.length, 0);
  return [
    formatTable(
      [head, ...rows.map((row) => [row.setting, ...cells(row)]), ['all, each once', ...cells(all)]],
      [1, 2, 3, 4],
    ),
    `${formatCount(settings.length, 'setting')}; ${formatCount(total - all.nodes, 'node')} less than without what they share`,
  ];
}
