import { hash, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { computeOf, type KeyIngredients, surroundingsOf } from '../../staleness/subjects.ts';
import type { RunLabel } from '../../store/run-label.ts';
import type { RunRecord } from '../../store/store.ts';
import type { Project } from '../project/project.ts';

/** What was asked for, for the history. */
export interface AskedFor {
  readonly command: readonly string[];
  readonly targets: readonly string[];
  readonly jobs: number;
  /** The token of the run's lease. */
  readonly lease: string;
  /** What is said about the run. */
  readonly label?: RunLabel | undefined;
  readonly sweep?: RunRecord['sweep'] | undefined;
}

/**
 * Sorts by time, to the millisecond: a run with nothing to do ends within the second in which it began, and
 * `last~1` has to be the run before it. Unique, however many runs begin at once.
 */
export function runId(): string {
  return `${new Date().toISOString().replace(/[-:.Z]/g, '')}-${randomUUID().slice(0, 6)}`;
}

/** Two requests of one digest have the same plan, code, environment and compute identity: with the same cache they resolve to the same keys. */
export function askedDigest(
  { text, pipeline }: Project,
  ingredients: KeyIngredients,
  targets: readonly string[],
): string {
  const { fingerprints, compute } = ingredients;
  const code = [...fingerprints].map(([stage, fingerprint]) => [
    stage.name,
    fingerprint,
    surroundingsOf(stage, ingredients),
    ...(ingredients.machines?.has(stage) ? [computeOf(stage, ingredients) ?? null] : []),
  ]);
  return hash('sha256', JSON.stringify([text, pipeline.profile ?? null, pipeline.params, targets, code, compute]));
}

/** The `--set` of a project, as in records of runs. */
export function overridesOf({ overrides }: Pick<Project, 'overrides'>): readonly string[] {
  return overrides.map(({ path, value }) => `${path}=${value}`);
}

/** The record of a run as it begins. */
export function runRecord(
  id: string,
  project: Project,
  { command, targets, jobs, lease, label, sweep }: AskedFor,
  asked: string,
): RunRecord {
  const { pipeline, root, file } = project;
  return {
    id,
    startedAt: new Date().toISOString(),
    command,
    profile: pipeline.profile ?? null,
    targets,
    overrides: overridesOf(project),
    jobs,
    host: hostname(),
    process: { pid: process.pid, lease },
    root,
    file,
    state: 'running',
    seconds: 0,
    counts: {},
    asked,
    ...(sweep ? { sweep } : {}),
    ...(label ? { label } : {}),
  };
}
