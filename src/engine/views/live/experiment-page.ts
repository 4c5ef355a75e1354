import type { RunManifest } from '../../store/run-manifest.ts';
import type { Store } from '../../store/store.ts';
import type { Experiment, ExperimentTable as Experiments } from '../experiments/experiment.ts';
import { stageOf } from '../runs/stage-of.ts';
import type { ExperimentRow, ExperimentTable } from './protocol.ts';

/** So many nodes of a run are named for each metric: curves of more cannot be told apart. */
const NODES_NAMED = 8;

/** Whether a stage reports metrics is known from so many of its nodes. */
const NODES_ASKED = 3;

type Reader = Pick<Store, 'manifest' | 'metrics' | 'record'>;

/** The table of experiments, with what a page needs to draw curves and figures of each. */
export function experimentPage({ params, metrics, experiments }: Experiments, store: Reader): ExperimentTable {
  const rows = experiments.map((experiment): ExperimentRow => {
    const manifest = store.manifest(experiment.run);
    const nodes = manifest ? reportingNodes(manifest, store) : new Map<string, string[]>();
    const { run, name, note, tags, state, reason, startedAt, seconds, targets } = experiment;
    const about = { run, name, note, tags, state, reason, startedAt, seconds, targets, params: experiment.params };
    return { ...about, metrics: metricsOf(experiment, nodes), figures: figuresOf(manifest, store) };
  });
  return { params, metrics, rows };
}

const FIGURES = ['svg', 'png'];

/** The figures of the targets of a run. */
function figuresOf(manifest: RunManifest | undefined, store: Reader): ExperimentRow['figures'] {
  if (!manifest) return [];
  return manifest.targets
    .flatMap(({ files }) => files)
    .flatMap(({ path, source }) => {
      const node = manifest.nodes[source.node];
      const output =
        node?.key && node.outcome !== 'failed' ? store.record(node.key)?.outputs[source.output] : undefined;
      return node && output && FIGURES.includes(output.type)
        ? [{ path, digest: output.digest, type: output.type, node: node.node }]
        : [];
    });
}

function metricsOf({ metrics }: Experiment, nodes: ReadonlyMap<string, readonly string[]>): ExperimentRow['metrics'] {
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([column, found]) => {
      const [name = column] = column.split('=', 1);
      return found ? [[column, { last: found.value, nodes: nodes.get(name) ?? [] }]] : [];
    }),
  );
}

/** By metric, the first nodes of a run that report it. */
function reportingNodes({ nodes }: RunManifest, store: Reader): ReadonlyMap<string, string[]> {
  const found = new Map<string, string[]>();
  const asked = new Map<string, { count: number; reports: boolean }>();
  for (const { node, key } of nodes) {
    if (!key) continue;
    const stage = stageOf(node);
    const known = asked.get(stage) ?? { count: 0, reports: false };
    asked.set(stage, known);
    if (known.count >= (known.reports ? NODES_NAMED : NODES_ASKED)) continue;
    known.count++;
    for (const { name } of store.metrics(key)) {
      known.reports = true;
      const own = found.get(name) ?? [];
      found.set(name, own);
      if (own.length < NODES_NAMED) own.push(node);
    }
  }
  return found;
}
