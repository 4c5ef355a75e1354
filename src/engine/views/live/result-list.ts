import type { DeclaredTarget, Pipeline } from '../../pipeline/pipeline.ts';
import type { PlanTarget, PublishedFile } from '../../plan/plan.ts';
import { type NodeState, outputOf } from '../../staleness/survey.ts';
import type { NodeRecord, Store } from '../../store/store.ts';
import { provenanceOf } from '../provenance/provenance-of.ts';
import type { Result, TargetResults } from './protocol.ts';
import { STATE_NAMES } from './run/survey-view.ts';

interface Sources {
  readonly pipeline: Pick<Pipeline, 'targets'>;
  /** What was asked for: a target is shown if its files are among theirs. */
  readonly asked: readonly PlanTarget[];
  /** States of all nodes of the plan, in its order. */
  readonly states: readonly NodeState[];
  readonly store: Store;
  readonly recordOf: (state: NodeState) => NodeRecord | undefined;
}

/** The files that targets publish, in the order of the pipeline file, and where they come from. */
export function resultList({ pipeline, asked, states, store, recordOf }: Sources): readonly TargetResults[] {
  const files = new Map(asked.flatMap((target) => target.files).map((file) => [file.path, file]));
  return [...pipeline.targets.values()].flatMap((target): readonly TargetResults[] => {
    const own = filesOf(target, files);
    if (!own) return [];
    const roots = [...new Set(own.map(({ source }) => source.node))];
    return [
      {
        name: target.name,
        description: target.description ?? null,
        results: own.map((file) => resultOf(file, states, store, recordOf)),
        provenance: provenanceOf(roots, states, recordOf, (digest) => store.software(digest)),
      },
    ];
  });
}

/** The files of a target, if it publishes any and all of them are asked for. */
function filesOf(
  target: DeclaredTarget,
  asked: ReadonlyMap<string, PublishedFile>,
): readonly PublishedFile[] | undefined {
  const own = target.files.flatMap(({ path }) => asked.get(path) ?? []);
  return own.length > 0 && own.length === target.files.length ? own : undefined;
}

function resultOf(
  { path, source }: PublishedFile,
  states: readonly NodeState[],
  store: Store,
  recordOf: (state: NodeState) => NodeRecord | undefined,
): Result {
  const state = states[source.node] as NodeState;
  const digest = outputOf(state, source.output) ?? null;
  const record = recordOf(state);
  return {
    path,
    node: state.node.id,
    output: source.output,
    type: state.node.stage.outputs[source.output] ?? 'bytes',
    digest,
    bytes: record?.outputs[source.output]?.bytes ?? null,
    state: STATE_NAMES[state.state],
    isHere: digest !== null && store.hasArtefact(digest),
    madeAt: record?.startedAt ?? null,
    run: record?.run ?? null,
  };
}
