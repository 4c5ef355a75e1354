import { Failure } from '../../base/failure.ts';
import { isBlank, type RunLabel } from '../../store/run-label.ts';
import type { RunRecord } from '../../store/store.ts';
import type { ExperimentQuery, ExperimentTable } from '../../views/experiments/experiment.ts';
import { type ExperimentSources, experimentTable, knownMetrics } from '../../views/experiments/experiment-table.ts';
import { findRun } from '../../views/runs/find-run.ts';
import { withStore } from '../cache/open-cache.ts';
import type { Project } from '../project/project.ts';
import { withRuns } from './earlier-runs.ts';

/**
 * The runs on the cache of a project as experiments: params that differ, and metrics.
 * @throws {Failure} kind `usage` where the query names a column that there is not
 */
export function listExperiments(project: Experimented, query: ExperimentQuery = {}): Promise<ExperimentTable> {
  return withExperiments(project, (sources) => experimentTable(sources, query));
}

/** The names of all metrics that the runs of a query have, whichever metrics it asks for. */
export function listMetrics(project: Experimented, query: ExperimentQuery): Promise<readonly string[]> {
  return withExperiments(project, (sources) => knownMetrics(sources, query));
}

type Experimented = Pick<Project, 'pipeline' | 'cacheDirectory'>;

function withExperiments<T>(
  { pipeline, cacheDirectory }: Experimented,
  use: (sources: ExperimentSources) => T,
): Promise<T> {
  const scans = new Set([...pipeline.stages.values()].flatMap(({ name, scan }) => (scan ? [name] : [])));
  return withRuns(cacheDirectory, ({ runs, state }, store) => use({ runs, state, store, scans }));
}

/** A change of what is said about a run; null removes it. */
export interface LabelChange {
  readonly name?: string | null;
  readonly note?: string | null;
  readonly addTags?: readonly string[];
  readonly removeTags?: readonly string[];
}

/** Longer ones make tables that nobody can read. */
const LONGEST_NAME = 100;
const LONGEST_NOTE = 10_000;

/**
 * Changes what is said about a run, also while it runs. No key depends on it.
 * @param run as `last`, an id or the beginning of one
 * @throws {Failure} kind `usage` where there is no such run, or a name cannot be used
 */
export function labelRun(
  { cacheDirectory }: Pick<Project, 'cacheDirectory'>,
  run: string,
  change: LabelChange,
): Promise<RunRecord> {
  return withStore(cacheDirectory, async (store) => {
    const found = findRun(run, [...store.runs()]);
    const label = changedLabel(found.label ?? {}, change);
    await store.putLabel(found.id, label);
    return { ...found, label };
  });
}

/**
 * What is said about a run that begins; undefined where nothing is.
 * @throws {Failure} kind `usage` for a name or a tag that cannot be used
 */
export function newLabel(change: LabelChange): RunLabel | undefined {
  const label = changedLabel({}, change);
  return isBlank(label) ? undefined : label;
}

function changedLabel(label: RunLabel, { name, note, addTags = [], removeTags = [] }: LabelChange): RunLabel {
  if (typeof name === 'string') checkName('name', name);
  for (const tag of addTags) checkName('tag', tag);
  if (typeof note === 'string' && note.length > LONGEST_NOTE) {
    throw new Failure('usage', { fact: `a note has ${note.length} characters`, fix: `write at most ${LONGEST_NOTE}` });
  }
  const [newName, newNote] = [name === undefined ? label.name : name, note === undefined ? label.note : note];
  const tags = [...new Set([...(label.tags ?? []), ...addTags])].filter((tag) => !removeTags.includes(tag));
  return {
    ...(newName === null || newName === undefined ? {} : { name: newName }),
    ...(newNote === null || newNote === undefined || newNote === '' ? {} : { note: newNote }),
    ...(tags.length > 0 ? { tags } : {}),
  };
}

function checkName(what: 'name' | 'tag', text: string): void {
  const fix = `write one of 1 to ${LONGEST_NAME} characters without line breaks, commas and spaces at its ends`;
  const isUsable = text.length > 0 && text.length <= LONGEST_NAME && text === text.trim() && !/[\p{Cc},]/u.test(text);
  if (!isUsable) throw new Failure('usage', { fact: `the ${what} ${JSON.stringify(text)} cannot be used`, fix });
  if (what === 'name' && (/^last(~\d+)?$/.test(text) || /^\d{8}T/.test(text))) {
    throw new Failure('usage', {
      fact: `the name "${text}" looks like a run that is meant by its age or its id`,
      fix: 'choose another one',
    });
  }
}
