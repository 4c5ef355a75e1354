import { withStore } from '../../../api/cache/open-cache.ts';
import { planProject } from '../../../api/project/plan-project.ts';
import type { NodeKey } from '../../../base/digest.ts';
import type { NodeId } from '../../../plan/plan.ts';
import type { Store } from '../../../store/store.ts';
import { metricsOf, type NodeMetrics } from '../../../views/metrics/node-metrics.ts';
import { findRun } from '../../../views/runs/find-run.ts';
import { manifestOf } from '../../../views/runs/manifest-of.ts';
import { openProject, type Project, type ProjectOptions } from '../../options/project-options.ts';

export interface MetricsOptions extends ProjectOptions {
  /** The run whose results to take; without it, the last result of each node. */
  readonly run?: string;
  readonly json?: boolean;
}

/**
 * Calls `use` with the metrics of nodes. A target stands for its nodes and all that they are made from, a stage or a pattern for its nodes alone; without names, it is
 * the default targets.
 */
export function withMetrics<T>(
  names: readonly string[],
  options: MetricsOptions,
  use: (metrics: readonly NodeMetrics[], project: Project, store: Store) => T | Promise<T>,
): Promise<T> {
  const project = openProject(options);
  return withStore(project.cacheDirectory, (store) =>
    use(metricsOf(keysOf(names, project, options.run, store), store), project, store),
  );
}

function keysOf(names: readonly string[], project: Project, run: string | undefined, store: Store): readonly NodeKey[] {
  if (run === undefined) return [...namedNodes(names, project)].flatMap((node) => store.lastKey(node) ?? []);
  const { nodes } = manifestOf(findRun(run, [...store.runs()]), store);
  const named = names.length > 0 ? namedNodes(names, project) : undefined;
  return nodes.flatMap(({ node, key, outcome }) =>
    key && outcome !== 'failed' && (!named || named.has(node)) ? [key] : [],
  );
}

function namedNodes(names: readonly string[], project: Project): ReadonlySet<NodeId> {
  const { nodes, targets } = planProject(project, names);
  if (names.length === 0) return new Set(nodes.map(({ id }) => id));
  const { pipeline } = project;
  return new Set(
    targets.flatMap(({ name, nodes: own }) =>
      pipeline.targets.has(name)
        ? planProject(project, [name]).nodes.map(({ id }) => id)
        : own.flatMap((index) => nodes[index]?.id ?? []),
    ),
  );
}
