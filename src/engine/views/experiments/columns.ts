import { nearestName } from '../../base/diagnostic.ts';
import { Failure } from '../../base/failure.ts';
import type { JsonValue } from '../../base/json.ts';
import type { Experiment, ExperimentTable } from './experiment.ts';

/** What stands in a column of an experiment; undefined where it has nothing of that name. */
export type ColumnValue = JsonValue | undefined;

/** A column by its name. */
export interface Column {
  readonly name: string;
  /** What it says of an experiment. */
  readonly kind: 'fact' | 'param' | 'metric';
  value(experiment: Experiment): ColumnValue;
}

const FACTS: Readonly<Record<string, (experiment: Experiment) => ColumnValue>> = {
  run: ({ run }) => run,
  sweep: ({ sweep }) => sweep?.run,
  setting: ({ sweep }) => sweep?.setting,
  name: ({ name }) => name ?? undefined,
  state: ({ state }) => state,
  reason: ({ reason }) => reason ?? undefined,
  tags: ({ tags }) => (tags.length > 0 ? tags.join(', ') : undefined),
  note: ({ note }) => note ?? undefined,
  started: ({ startedAt }) => startedAt,
  took: ({ seconds }) => seconds,
  executed: ({ executed }) => executed,
  profile: ({ profile }) => profile ?? undefined,
  targets: ({ targets }) => (targets.length > 0 ? targets.join(', ') : undefined),
  code: ({ commit }) => commit ?? undefined,
};

/**
 * Finds a column: a fact of the run, a metric, or a param by its path or the end of it. `params.` and `metrics.` before a name say which is meant.
 * @throws {Failure} kind `usage` where there is none
 */
export function columnNamed(text: string, { params, metrics }: Pick<ExperimentTable, 'params' | 'metrics'>): Column {
  const fact = FACTS[text];
  if (fact && Object.hasOwn(FACTS, text)) return { name: text, kind: 'fact', value: fact };
  const metric = metrics.find((each) => each === text || `metrics.${each}` === text);
  if (metric !== undefined) return metricColumn(metric);
  const endings = paramsNamed(text, params);
  const [path, second] = endings;
  if (path !== undefined && second === undefined) return paramColumn(path);
  if (path !== undefined) {
    throw new Failure('usage', {
      fact: `"${text}" is the end of several params`,
      fix: `write ${endings.join(' or ')}`,
    });
  }
  const known = [...Object.keys(FACTS), ...metrics, ...params];
  const nearest = nearestName(text, known);
  throw new Failure('usage', {
    fact: `there is no column "${text}"`,
    fix: nearest === undefined ? `the columns are ${known.join(', ')}` : `did you mean "${nearest}"?`,
  });
}

/** The param with this path, else those whose paths end so. */
export function paramsNamed(text: string, params: readonly string[]): readonly string[] {
  const exact = params.find((each) => each === text || `params.${each}` === text);
  return exact === undefined ? params.filter((each) => each.endsWith(`.${text}`)) : [exact];
}

export function paramColumn(path: string): Column {
  return { name: path, kind: 'param', value: ({ params }) => params[path] };
}

export function metricColumn(name: string): Column {
  return { name, kind: 'metric', value: ({ metrics }) => metrics[name]?.value };
}
