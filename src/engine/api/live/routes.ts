import type { ArtefactDigest } from '../../base/digest.ts';
import { Failure } from '../../base/failure.ts';
import manifest from '../../package.json' with { type: 'json' };
import type { NodeId } from '../../plan/plan.ts';
import { experimentPage } from '../../views/live/experiment-page.ts';
import { metricValues } from '../../views/live/metric-values.ts';
import { nodeLog } from '../../views/live/node-log.ts';
import { nodePage } from '../../views/live/node-page.ts';
import { overview, type ProjectFacts } from '../../views/live/overview.ts';
import { type PreviewRequest, preview } from '../../views/live/previews/preview.ts';
import type { MetricCurve, ResultList } from '../../views/live/protocol.ts';
import { resultList } from '../../views/live/result-list.ts';
import { headOf, type RunView } from '../../views/live/run/run-view.ts';
import { runList } from '../../views/live/run-list.ts';
import { stageMatrix } from '../../views/live/stage-matrix.ts';
import { timeline } from '../../views/live/timeline.ts';
import { whyPage } from '../../views/live/why-page.ts';
import { recordsOf } from '../../views/provenance/provenance-of.ts';
import { listExperiments } from '../run/experiments.ts';
import type { LiveProject } from './live-project.ts';

const RUNS_SHOWN = 100;
const ROWS_SHOWN = 100;
const LOG_BYTES = 64 * 1024;
const MOST_CURVES = 200;
const TEXT_BYTES = 64 * 1024;

type Query = URLSearchParams;

/** What the page reads, by address: a JSON value for a query. Nothing of it changes anything. */
export const ROUTES: Readonly<Record<string, (project: LiveProject, query: Query) => Promise<unknown>>> = {
  async overview(project, query) {
    const view = await project.view(runIn(query));
    const head = await headFor(view, project);
    return project.use((store) => overview(view, head, factsOf(project, store.access === 'write'), store.durations()));
  },

  async matrix(project, query) {
    const view = await project.view(runIn(query));
    const name = required(query, 'stage');
    const found = await project.use((store) => stageMatrix(view, name, query.get('metric') ?? undefined, store));
    return found ?? missing(`this run has no stage "${name}"`);
  },

  async values(project, query) {
    const view = await project.view(runIn(query));
    const stage = required(query, 'stage');
    const metric = required(query, 'metric');
    const since = required(query, 'since');
    return project.use((store) => metricValues(view, stage, metric, since, store));
  },

  async node(project, query) {
    const view = await project.view(runIn(query));
    const index = nodeIn(query, view);
    const head = await headFor(view, project);
    return project.use((store) => nodePage(view, index, head, store));
  },

  async why(project, query) {
    const name = required(query, 'node');
    const { request, states } = await project.survey();
    const state =
      states.find(({ node }) => node.id === name) ??
      missing(`the pipeline file gives no node "${name}" for its default targets`);
    return project.use((store) => whyPage(state, states, request, store));
  },

  async log(project, query) {
    const view = await project.view(runIn(query));
    const index = nodeIn(query, view);
    const attempt = query.has('attempt') ? count(query, 'attempt', 1) : undefined;
    const request = { attempt, offset: whole(query, 'offset', -LOG_BYTES), limit: count(query, 'limit', LOG_BYTES) };
    return project.use((store) => nodeLog(view, index, request, store));
  },

  preview: (project, query) => project.use((store) => preview(artefactIn(query), store)),

  async timeline(project, query) {
    const view = await project.view(runIn(query));
    return timeline(view, await headFor(view, project), count(query, 'from', 0));
  },

  runs: (project, query) =>
    project.use((store) =>
      runList(
        store.runs(),
        project.judgeOfStates(),
        query.get('before') ?? undefined,
        count(query, 'limit', RUNS_SHOWN),
      ),
    ),

  async experiments(project) {
    const table = await listExperiments(project.soundProject(), {});
    return project.use((store) => experimentPage(table, store));
  },

  async series(project, query) {
    const metric = required(query, 'metric');
    const curves: MetricCurve[] = [];
    for (const each of query.getAll('nodes').slice(0, MOST_CURVES)) {
      const colon = each.indexOf(':');
      const view = await project.view(each.slice(0, colon));
      const index = view.table.indexOf(each.slice(colon + 1));
      if (index === undefined) continue;
      const series = await project.use((store) => {
        const told = view.states.liveMetrics(index);
        const key = told.length > 0 ? undefined : view.keyOf(index, store);
        return key ? store.metrics(key) : told;
      });
      const found = series.find(({ name }) => name === metric);
      if (found) curves.push({ run: view.run?.id ?? 'now', node: view.table.ids[index] as NodeId, series: found });
    }
    return curves;
  },

  async results(project): Promise<ResultList> {
    const { request, states } = await project.survey();
    const { pipeline, results } = project.project();
    return project.use((store) => ({
      folder: results.directory,
      targets: resultList({ pipeline, asked: request.plan.targets, states, store, recordOf: recordsOf(store) }),
    }));
  },
};

/** Makes the first view before anybody asks for it: the first page waits less. */
export async function prepareFirstView(project: LiveProject): Promise<void> {
  await ROUTES.overview?.(project, new URLSearchParams());
}

async function headFor(view: RunView, project: LiveProject) {
  return headOf(view, (await project.newest())?.id);
}

function factsOf(project: LiveProject, mayAct: boolean): ProjectFacts {
  const { pipeline } = project.soundProject();
  return {
    project: pipeline.name || pipeline.file,
    version: manifest.version,
    mayAct,
    targets: [...pipeline.targets.keys()],
    profiles: pipeline.profiles.map(({ name }) => name),
  };
}

function runIn(query: Query): string {
  return query.get('run') ?? 'last';
}

function nodeIn(query: Query, view: RunView): number {
  if (query.has('index')) {
    const index = count(query, 'index', 0);
    return index < view.table.ids.length ? index : missing(`this run has no node number ${index}`);
  }
  const name = required(query, 'node');
  return view.table.indexOf(name) ?? missing(`this run has no node "${name}"`);
}

/** @throws {Failure} kind `usage` for what is no digest */
export function artefactIn(query: Query): PreviewRequest {
  const digest = required(query, 'digest');
  if (!/^[0-9a-f]{64}$/.test(digest)) missing(`"${digest}" is no digest`);
  return {
    digest: digest as ArtefactDigest,
    type: query.get('type') ?? 'file',
    path: query.get('path') ?? undefined,
    offset: count(query, 'offset', 0),
    limit: count(
      query,
      'limit',
      query.get('type') === 'csv' || query.get('type') === 'arrow' ? ROWS_SHOWN : TEXT_BYTES,
    ),
  };
}

function required(query: Query, name: string): string {
  const value = query.get(name);
  return value === null || value === '' ? missing(`the parameter "${name}" is missing`) : value;
}

function whole(query: Query, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  const number = Number(text);
  return text !== '' && Number.isSafeInteger(number) ? number : missing(`the parameter "${name}" is no whole number`);
}

function count(query: Query, name: string, otherwise: number): number {
  const number = whole(query, name, otherwise);
  return number >= 0 ? number : missing(`the parameter "${name}" is below 0`);
}

function missing(fact: string): never {
  throw new Failure('usage', { fact });
}
