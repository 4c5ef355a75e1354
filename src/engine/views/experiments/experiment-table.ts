import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { type Glob, parsePattern } from '../../plan/node-pattern.ts';
import type { NodeId } from '../../plan/plan.ts';
import { type MetricSeries, metricNumber } from '../../store/metric-series.ts';
import type { ManifestNode, RunManifest } from '../../store/run-manifest.ts';
import type { RunRecord, Store } from '../../store/store.ts';
import { stageOf } from '../runs/stage-of.ts';
import { paramsNamed } from './columns.ts';
import { orderBy, parseCondition } from './conditions.ts';
import type { Experiment, ExperimentMetric, ExperimentQuery, ExperimentTable } from './experiment.ts';
import { numberSeries, numbersOfStages, publishedNumbers } from './json-metrics.ts';
import { chosenValue, type MetricChoice, parseMetricChoice } from './metric-choice.ts';

const SHOWN = 50;

/** Metrics that are shown where none is named. */
const FIRST_METRICS = 6;

/** What a table of experiments is made of. */
export interface ExperimentSources {
  /** Newest first. */
  readonly runs: readonly RunRecord[];
  state(run: RunRecord): Experiment['state'];
  readonly store: Store;
  /** Stages whose nodes follow each other along their last coordinate. */
  readonly scans: ReadonlySet<string>;
}

/**
 * The runs of a cache with the params in which they differ and their metrics.
 * @throws {Failure} kind `usage` where the query names what there is not
 */
export function experimentTable(sources: ExperimentSources, query: ExperimentQuery): ExperimentTable {
  const { limit = SHOWN, filter = [], sort } = query;
  const tried = triedIn(sources);
  const looked = lookedAt(tried, query);
  const manifests = new Map(looked.map((run) => [run, sources.store.manifest(run.id)]));
  const valuesOf = (names: readonly string[]) =>
    looked.map((run) => seriesOf(manifests.get(run), query.nodes, names, sources));
  const asked = query.metrics?.map(parseMetricChoice);
  let reported = valuesOf(asked?.map(({ metric }) => metric) ?? []);
  let choices = asked ?? firstMetrics(namesIn(reported));
  if (choices.length === 0 && asked === undefined) {
    const published = firstPublished([...manifests.values()], sources);
    reported = valuesOf(published);
    choices = firstMetrics(namesIn(reported));
  }
  const all = looked.map((run, index) =>
    experimentOf(run, manifests.get(run), choices, reported[index] ?? [], sources),
  );
  const columns = { params: pathsOf(all), metrics: choices.map(({ text }) => text) };
  const conditions = filter.map((condition) => parseCondition(condition, columns));
  const found = all.filter((experiment) => conditions.every((holds) => holds(experiment)));
  if (sort !== undefined) found.sort(orderBy(sort, columns));
  const shown = found.slice(0, limit);
  const named = (query.params ?? []).flatMap((name) => paramsNamed(name, columns.params));
  const params = columns.params.filter((path) => differs(path, shown) || named.includes(path));
  return {
    params,
    metrics: columns.metrics,
    experiments: shown.map((each) => ({ ...each, params: chosen(params, each.params) })),
    others: tried.length - shown.length,
  };
}

/** The names of all metrics that nodes of these runs reported, and of the numbers in JSON outputs of the last run. */
export function knownMetrics(sources: ExperimentSources, query: ExperimentQuery): readonly string[] {
  const { store } = sources;
  const manifests = lookedAt(triedIn(sources), query).map(({ id }) => store.manifest(id));
  const reported = namesIn(manifests.map((manifest) => seriesOf(manifest, query.nodes, [], sources)));
  const last = manifests.find((manifest) => manifest?.nodes.some(({ key }) => key && store.record(key)));
  const nodes = (last?.nodes ?? []).filter(({ node }) => matcher(query.nodes)(node));
  return [...new Set([...reported, ...numbersOfStages(nodes, store)])];
}

/** Of the last run that published any. */
function firstPublished(
  manifests: readonly (RunManifest | undefined)[],
  { store }: ExperimentSources,
): readonly string[] {
  for (const manifest of manifests) {
    const names = manifest ? publishedNumbers(manifest, store) : [];
    if (names.length > 0) return names;
  }
  return [];
}

/** The run that executes a sweep is no experiment: its settings are. */
function triedIn({ runs }: ExperimentSources): readonly RunRecord[] {
  return runs.filter(({ sweep }) => sweep?.kind !== 'whole');
}

/** All candidates are looked at only where what they hold decides which are shown. */
function lookedAt(tried: readonly RunRecord[], query: ExperimentQuery): readonly RunRecord[] {
  const { limit = SHOWN, filter = [], sort, sweep: only } = query;
  const isOf = ({ sweep }: RunRecord) => sweep?.kind === 'setting' && sweep.of === only;
  const candidates = only !== undefined ? tried.filter(isOf) : query.all ? tried : latestOfEach(tried);
  return filter.length > 0 || sort !== undefined ? candidates : candidates.slice(0, limit);
}

/** Without runs that were asked for the same as a later one, unless somebody has said something about them. */
function latestOfEach(runs: readonly RunRecord[]): readonly RunRecord[] {
  const seen = new Set<string>();
  return runs.filter(({ asked, label }) => {
    if (asked === undefined) return true;
    const isLater = seen.has(asked);
    seen.add(asked);
    return !isLater || label !== undefined;
  });
}

function experimentOf(
  run: RunRecord,
  manifest: RunManifest | undefined,
  choices: readonly MetricChoice[],
  reported: readonly ReportedSeries[],
  { state, store }: ExperimentSources,
): Experiment {
  const { label = {}, counts, revision } = run;
  const failed = manifest?.nodes.find(({ outcome }) => outcome === 'failed')?.node;
  return {
    run: run.id,
    sweep: run.sweep?.kind === 'setting' ? { run: run.sweep.of, setting: run.sweep.name } : null,
    name: label.name ?? null,
    note: label.note ?? null,
    tags: label.tags ?? [],
    state: state(run),
    reason: failed === undefined ? null : reasonOf(run.id, failed, store),
    startedAt: run.startedAt,
    seconds: run.seconds,
    executed: counts.executed ?? 0,
    profile: run.profile,
    targets: run.targets,
    commit: revision?.commit ?? null,
    params: manifest ? Object.fromEntries(leaves(manifest.params)) : {},
    metrics: Object.fromEntries(choices.map((choice) => [choice.text, metricOf(choice, reported)])),
  };
}

function reasonOf(run: string, node: NodeId, store: Store): string {
  const fact = store.failures(run, node).at(-1)?.diagnostic.fact.split('\n')[0];
  return fact === undefined ? node : `${node}: ${fact}`;
}

/** The series of one node, or of the nodes of one chain. */
type ReportedSeries = readonly MetricSeries[];

/**
 * What nodes reported in a run, and the numbers of these names in their JSON outputs: one item for each node, or each chain, in the order of the plan.
 * A metric that a node reported comes before a number of the same name.
 */
function seriesOf(
  manifest: RunManifest | undefined,
  patterns: readonly string[] | undefined,
  numbers: readonly string[],
  { store, scans }: ExperimentSources,
): readonly ReportedSeries[] {
  const isWanted = matcher(patterns);
  const groups = new Map<string, MetricSeries[]>();
  for (const { node, key, outcome } of manifest?.nodes ?? ([] as readonly ManifestNode[])) {
    if (!key || outcome === 'failed' || !isWanted(node)) continue;
    const own = store.metrics(key);
    const others = numbers.filter((name) => !own.some((each) => each.name === name));
    const series = [...own, ...numberSeries(key, others, store)];
    if (series.length === 0) continue;
    const group = scans.has(stageOf(node)) ? node.slice(0, node.lastIndexOf('/') + 1) : node;
    const same = groups.get(group);
    if (same) same.push(...series);
    else groups.set(group, [...series]);
  }
  return [...groups.values()];
}

/** The mean over the nodes and chains that have it. */
function metricOf(choice: MetricChoice, reported: readonly ReportedSeries[]): ExperimentMetric | null {
  const values = reported.flatMap(
    (series) =>
      chosenValue(
        choice,
        series.filter(({ name }) => name === choice.metric),
      ) ?? [],
  );
  if (values.length === 0) return null;
  const sum = values.reduce((total, value) => total + value, 0);
  return { value: metricNumber(sum / values.length), nodes: values.length };
}

function firstMetrics(names: readonly string[]): readonly MetricChoice[] {
  // A name with an equals sign is asked for with "=last" behind it.
  return names.slice(0, FIRST_METRICS).map((name) => parseMetricChoice(name.includes('=') ? `${name}=last` : name));
}

function namesIn(reported: readonly (readonly ReportedSeries[])[]): readonly string[] {
  return [...new Set(reported.flatMap((ofRun) => ofRun.flatMap((series) => series.map(({ name }) => name))))];
}

function matcher(patterns: readonly string[] | undefined): (node: NodeId) => boolean {
  if (patterns === undefined) return () => true;
  const parsed = patterns.map((text) => {
    const { stage, coordinates } = parsePattern(text);
    return [stage, ...coordinates.map(({ glob }) => glob)];
  });
  return (node) => {
    const segments = node.split('/');
    return parsed.some((globs) => globs.every((glob: Glob, index) => matchesAt(glob, segments[index])));
  };
}

function matchesAt(glob: Glob, segment: string | undefined): boolean {
  return segment !== undefined && glob.matches(segment);
}

/** The values by their paths. Lists are values: they change as a whole. */
function leaves(params: JsonObject, path = ''): readonly (readonly [string, JsonValue])[] {
  return Object.entries(params).flatMap(([key, value]) => {
    const here = path === '' ? key : `${path}.${key}`;
    return isJsonObject(value) && Object.keys(value).length > 0 ? leaves(value, here) : [[here, value] as const];
  });
}

function pathsOf(experiments: readonly Experiment[]): readonly string[] {
  return [...new Set(experiments.flatMap(({ params }) => Object.keys(params)))];
}

/** Whether a param is not the same in all runs of which the params are known. */
function differs(path: string, experiments: readonly Experiment[]): boolean {
  const known = experiments.filter(({ params }) => Object.keys(params).length > 0);
  const texts = new Set(known.map(({ params }) => JSON.stringify(params[path])));
  return texts.size > 1;
}

function chosen(paths: readonly string[], params: Experiment['params']): Experiment['params'] {
  return Object.fromEntries(Object.entries(params).filter(([path]) => paths.includes(path)));
}
