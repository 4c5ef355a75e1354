import { digestBytes } from '../../../base/digest.ts';
import { isJsonObject, type JsonValue } from '../../../base/json.ts';
import type { NodeRecord, RunRecord } from '../../../store/store.ts';
import { commandLine } from '../../runs/command-line.ts';
import type { NodeMetrics } from '../node-metrics.ts';
import { mlflowKeys } from './names.ts';
import type { MlflowPoint, MlflowRun, Tracking } from './tracking.ts';

/** MLflow runs of nodes. */
export interface MlflowExport {
  readonly created: number;
  /** There, with other metrics, or from an export that was interrupted. */
  readonly updated: number;
  readonly unchanged: number;
}

/** Tags by which a later export finds what there is. The last one is written when all else is there. */
const TAGS = { run: 'vmfdag.run', node: 'vmfdag.node', key: 'vmfdag.key', content: 'vmfdag.content' };
/** Servers before MLflow 2.10 refuse longer values of params. */
const LONGEST_VALUE = 500;
const LONGEST_NAME = 250;
const LONGEST_TAG = 5000;

const STATUS = { done: 'FINISHED', failed: 'FAILED', interrupted: 'KILLED', running: 'RUNNING' };

/**
 * Writes metrics to a tracking server: an MLflow run for each run of vmfdag, and in it one for each node that this run executed, with params, coordinates and metrics. What is there
 * already is found by its tags, and is not written twice.
 * @param runs by id; one that was forgotten is missing
 */
export async function exportMetrics(
  metrics: readonly NodeMetrics[],
  runs: ReadonlyMap<string, RunRecord>,
  tracking: Tracking,
): Promise<MlflowExport> {
  const counts = { created: 0, updated: 0, unchanged: 0 };
  for (const id of new Set(metrics.map(({ record }) => record.run))) {
    const there = await tracking.runsWith(TAGS.run, id);
    const own = metrics.filter(({ record }) => record.run === id);
    const parent = await exportRun(id, runs.get(id), there, own, tracking);
    const children = new Map(there.map((run) => [run.tags.get(TAGS.key), run]));
    for (const node of own) counts[await exportNode(node, children.get(node.record.key), parent, tracking)]++;
  }
  return counts;
}

/** @returns the MLflow run of a run */
async function exportRun(
  id: string,
  run: RunRecord | undefined,
  there: readonly MlflowRun[],
  own: readonly NodeMetrics[],
  tracking: Tracking,
): Promise<string> {
  const startTime = Date.parse(run?.startedAt ?? own[0]?.record.startedAt ?? '');
  const tags = {
    [TAGS.run]: id,
    'mlflow.source.name': 'vmfdag',
    ...(run ? { 'vmfdag.command': commandLine(run.command).slice(0, LONGEST_TAG) } : {}),
    ...(run?.revision ? { 'mlflow.source.git.commit': run.revision.commit } : {}),
  };
  const found = there.find((each) => !each.tags.has(TAGS.key))?.id;
  const parent = found ?? (await tracking.create({ name: id, startTime, tags }));
  const state = run?.state ?? 'done';
  await tracking.end(parent, STATUS[state], state === 'running' ? undefined : startTime + ms(run?.seconds ?? 0), {});
  return parent;
}

async function exportNode(
  metrics: NodeMetrics,
  there: MlflowRun | undefined,
  parent: string,
  tracking: Tracking,
): Promise<keyof MlflowExport> {
  const { record } = metrics;
  const content = digestBytes(JSON.stringify([record.startedAt, metrics.series]));
  if (there?.tags.get(TAGS.content) === content) return 'unchanged';
  const startTime = Date.parse(record.startedAt);
  const tags = {
    [TAGS.run]: record.run,
    [TAGS.node]: record.node.slice(0, LONGEST_TAG),
    [TAGS.key]: record.key,
    'vmfdag.stage': record.stage,
    'mlflow.parentRunId': parent,
    'mlflow.source.name': 'vmfdag',
  };
  const run = there?.id ?? (await tracking.create({ name: record.node.slice(0, LONGEST_NAME), startTime, tags }));
  await tracking.log(run, paramsOf(record), pointsOf(metrics));
  await tracking.end(run, STATUS.done, startTime + ms(record.seconds), { [TAGS.content]: content });
  return there ? 'updated' : 'created';
}

function pointsOf({ series }: NodeMetrics): readonly MlflowPoint[] {
  const keyOf = mlflowKeys();
  return series.flatMap(({ name, steps, times, values }) =>
    values.map((value, index) => {
      return { key: keyOf(name), value, step: steps[index] ?? 0, timestamp: times[index] ?? 0 };
    }),
  );
}

function paramsOf({ params, coordinates }: NodeRecord): Readonly<Record<string, string>> {
  const keyOf = mlflowKeys();
  const leaves = [...leavesOf(params, ''), ...leavesOf(coordinates, 'coordinates')];
  return Object.fromEntries(leaves.map(([path, value]) => [keyOf(path), textOf(value)]));
}

/** Values by path; a list is one value. */
function leavesOf(value: JsonValue, path: string): readonly (readonly [string, JsonValue])[] {
  if (!isJsonObject(value)) return [[path, value]];
  return Object.entries(value).flatMap(([name, child]) => leavesOf(child, path === '' ? name : `${path}.${name}`));
}

function textOf(value: JsonValue): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, LONGEST_VALUE);
}

function ms(seconds: number): number {
  return Math.round(seconds * 1000);
}
