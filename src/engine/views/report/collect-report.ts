import type { Pipeline } from '../../pipeline/pipeline.ts';
import type { RunRequest } from '../../staleness/subjects.ts';
import type { NodeState } from '../../staleness/survey.ts';
import type { Store } from '../../store/store.ts';
import { resultList } from '../live/result-list.ts';
import { surveyView } from '../live/run/survey-view.ts';
import { stageGraph } from '../live/stage-graph.ts';
import { provenanceOf, recordsOf } from '../provenance/provenance-of.ts';
import { stateOf } from '../runs/describe-run.ts';
import { embedResult } from './embed-result.ts';
import type { ReportContent, ReportTarget } from './report-content.ts';
import { type TimedRun, timelines } from './timeline.ts';

interface Sources {
  readonly pipeline: Pipeline;
  readonly plan: RunRequest['plan'];
  /** States of all nodes of the plan, in its order. */
  readonly states: readonly NodeState[];
  readonly store: Store;
  /** The token of the lease, if a run holds it now: other runs that never ended were killed. */
  readonly lease: string | undefined;
  readonly environment: ReportContent['environment'];
  /** The page's `@font-face` rules. */
  readonly fontFaces: string;
}

/**
 * Reads everything that a report shows from the cache; runs nothing.
 * @throws {Failure} kind `store` when an artefact is damaged
 */
export async function collectReport(sources: Sources): Promise<ReportContent> {
  const { pipeline, plan, states, store, lease, environment, fontFaces } = sources;
  const recordOf = recordsOf(store);
  const targets: ReportTarget[] = [];
  for (const target of resultList({ pipeline, asked: plan.targets, states, store, recordOf })) {
    const results = target.results.map((result) => embedResult(result, store, fontFaces));
    targets.push({ ...target, results: await Promise.all(results) });
  }
  const runs = new Map(
    [...store.runs()].map((run): [string, TimedRun] => [run.id, { command: run.command, state: stateOf(run, lease) }]),
  );
  const profile = pipeline.profiles.find(({ name }) => name === pipeline.profile);
  return {
    name: pipeline.name,
    description: pipeline.description,
    profile: profile && { name: profile.name, description: profile.description },
    params: pipeline.params,
    targets,
    graph: await stageGraph(surveyView(plan, states, store), store.durations()),
    stages: provenanceOf([...states.keys()], states, recordOf, (digest) => store.software(digest)).stages,
    runs: timelines(
      states.flatMap((state) => recordOf(state) ?? []),
      (id) => runs.get(id),
    ),
    environment,
  };
}
