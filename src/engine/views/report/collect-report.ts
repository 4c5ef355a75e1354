import type { DeclaredTarget, Pipeline } from '../../pipeline/pipeline.ts';
import type { PlanTarget, PublishedFile } from '../../plan/plan.ts';
import { type NodeState, outputOf } from '../../staleness/survey.ts';
import type { DirectoryEntry } from '../../store/directories/manifest.ts';
import type { NodeRecord, RunRecord, Store } from '../../store/store.ts';
import { provenanceOf, recordsOf } from './provenance.ts';
import type { ReportContent, ReportFile, ReportTarget } from './report-content.ts';
import { timelines } from './timeline.ts';

interface Sources {
  readonly pipeline: Pipeline;
  /** The nodes that were asked for: a target is shown if its files are among theirs. */
  readonly asked: readonly PlanTarget[];
  /** States of all nodes of the plan, in its order. */
  readonly states: readonly NodeState[];
  readonly store: Store;
  readonly environment: ReportContent['environment'];
  readonly graph: string | undefined;
}

/**
 * Reads everything that a report shows from the cache; runs nothing.
 * @throws {Failure} kind `store` when an artefact is damaged
 */
export function collectReport({ pipeline, asked, states, store, environment, graph }: Sources): ReportContent {
  const recordOf = recordsOf(store);
  const files = new Map(asked.flatMap((target) => target.files).map((file) => [file.path, file]));
  const targets = [...pipeline.targets.values()].flatMap((target) => {
    const own = filesOf(target, files);
    return own ? [reportTarget(target, own, states, store, recordOf)] : [];
  });
  const runs = new Map([...store.runs()].map((run): [string, RunRecord] => [run.id, run]));
  const profile = pipeline.profiles.find(({ name }) => name === pipeline.profile);
  return {
    name: pipeline.name,
    description: pipeline.description,
    profile: profile && { name: profile.name, description: profile.description },
    params: pipeline.params,
    targets,
    graph,
    runs: timelines(
      states.flatMap((state) => recordOf(state) ?? []),
      (id) => runs.get(id),
    ),
    environment,
  };
}

/** The files of a target, if it publishes any and all of them are asked for. */
function filesOf(
  target: DeclaredTarget,
  asked: ReadonlyMap<string, PublishedFile>,
): readonly PublishedFile[] | undefined {
  const own = target.files.flatMap(({ path }) => asked.get(path) ?? []);
  return own.length > 0 && own.length === target.files.length ? own : undefined;
}

function reportTarget(
  target: DeclaredTarget,
  files: readonly PublishedFile[],
  states: readonly NodeState[],
  store: Store,
  recordOf: (state: NodeState) => NodeRecord | undefined,
): ReportTarget {
  return {
    name: target.name,
    description: target.description,
    files: files.map((file) => reportFile(file, states, store)),
    provenance: provenanceOf([...new Set(files.map(({ source }) => source.node))], states, recordOf, (digest) =>
      store.software(digest),
    ),
  };
}

/** A page that holds more than this opens in no browser. */
const LARGEST_EMBEDDED_BYTES = 64 * 1024 * 1024;

function sizeOf(entries: readonly DirectoryEntry[]): number {
  return entries.reduce((sum, entry) => sum + (entry.kind === 'file' ? entry.bytes : 0), 0);
}

function reportFile({ path, source }: PublishedFile, states: readonly NodeState[], store: Store): ReportFile {
  const state = states[source.node] as NodeState;
  const { id, stage } = state.node;
  const digest = outputOf(state, source.output);
  if (!digest) return { state: 'missing', path, node: id };
  const type = stage.outputs[source.output] ?? 'bytes';
  const entries = store.files.entries(digest);
  const size = entries ? sizeOf(entries) : (store.artefactBytes(digest) ?? 0);
  const bytes = entries || size > LARGEST_EMBEDDED_BYTES ? undefined : store.artefact(digest);
  return { state: 'made', path, node: id, type, digest, size, bytes };
}
