import type { ArtefactDigest, CodeFingerprint, NodeKey } from '../../base/digest.ts';
import { TemporaryOutputs } from '../../run/temporary-outputs.ts';
import { isNextStep } from '../../staleness/cut.ts';
import type { RunRequest } from '../../staleness/subjects.ts';
import { type NodeState, outputOf, survey } from '../../staleness/survey.ts';
import { type Collection, planCollection } from '../../store/collection.ts';
import type { InspectableStore, Leftovers } from '../../store/inspection.ts';
import type { NodeRecord, RunRecord, Store } from '../../store/store.ts';
import { fingerprintsAndCompute, prepareRequest } from '../project/prepare-request.ts';
import type { Project } from '../project/project.ts';
import { overridesOf } from '../run/run-record.ts';
import { publishedOutputs } from '../run/target-bytes.ts';
import { lastRunsOfOthers } from './kept-runs.ts';

export { secondsToMake } from '../../store/collection.ts';

export interface CollectionOptions {
  /** How many of the last runs keep everything that they resolved to. */
  readonly keepRuns: number;
  /** Whether the last runs of other profiles, `--set`, targets and pipeline files keep theirs too. */
  readonly keepOthers: boolean;
  /** Of artefacts. */
  readonly maxBytes: number | undefined;
}

/** What to remove, with the code that no record needs any more. */
export interface Garbage {
  readonly collection: Collection;
  readonly code: readonly CodeFingerprint[];
  readonly leftovers: Leftovers;
}

const REMOVED_AT_ONCE = 256;

/** Finds out what can be removed, from the whole pipeline as it is now, under the profile in force, and from the last runs. */
export async function findGarbage(
  project: Project,
  store: InspectableStore,
  options: CollectionOptions,
): Promise<Garbage> {
  // If the compute identity of nodes is unknown, their results would seem to belong to nobody.
  const fingerprints = fingerprintsAndCompute(project, store);
  const everything = [...project.pipeline.stages.keys(), ...project.pipeline.targets.keys()];
  const request = await prepareRequest(project, store, everything, [], fingerprints);
  const states = survey(request, store);
  const records = [...store.records()];
  const byKey = new Map(records.map((record) => [record.key, record]));
  const runs = keptRuns(project, store, options);
  const pins = store.pins();
  const reachable = new Set([
    ...presentKeys(states, store),
    ...runs.flatMap((run) => keysOfRun(run, store)),
    ...pins.flatMap(({ keys }) => keys),
  ]);
  const collection = planCollection({
    records,
    artefacts: new Map([...store.inspection.artefacts()].map(({ digest, bytes }) => [digest, bytes])),
    reachable,
    pinned: new Set([
      ...publishedNow(request, states),
      ...runs.flatMap((run) => publishedBy(run, store, (key) => byKey.get(key))),
      ...pins.flatMap(({ artefacts }) => artefacts),
    ]),
    temporary: temporaryNow(request, states),
    maxBytes: options.maxBytes,
  });
  const needed = new Set<CodeFingerprint>(request.fingerprints.values());
  for (const { key, code } of records) if (reachable.has(key)) needed.add(code);
  const code = [...store.inspection.code()].map(({ fingerprint }) => fingerprint);
  const leftovers = store.inspection.leftovers();
  return { collection, code: code.filter((fingerprint) => !needed.has(fingerprint)), leftovers };
}

/**
 * Removes it, bytes before records: a record without bytes is valid, and after a kill the next collection finds the rest. The first
 * steps are small, since on a full disk LMDB has only as much room as the earlier steps have freed.
 */
export async function removeGarbage(store: InspectableStore, { collection, code }: Garbage): Promise<void> {
  const { unreachable, temporary, evicted } = collection;
  await store.inspection.removeLeftovers();
  const digests = [...unreachable.artefacts, ...[...temporary, ...evicted].map(({ digest }) => digest)];
  await inGrowingSteps(digests, store, (step) => store.dropArtefacts(step));
  await inGrowingSteps(unreachable.keys, store, (step) => store.inspection.removeResults(step, 'records and traces'));
  await store.inspection.removeCode(code);
  await store.inspection.clearQuarantine();
}

function keptRuns(project: Project, store: Store, { keepRuns, keepOthers }: CollectionOptions): readonly RunRecord[] {
  const runs = [...store.runs()];
  const { root, file, pipeline } = project;
  const inForce = { root, file, profile: pipeline.profile ?? null, overrides: overridesOf(project) };
  return [...new Set([...runs.slice(0, keepRuns), ...(keepOthers ? lastRunsOfOthers(runs, inForce) : [])])];
}

async function inGrowingSteps<T>(
  all: readonly T[],
  store: Store,
  remove: (step: readonly T[]) => Promise<void>,
): Promise<void> {
  let size = 1;
  for (let at = 0; at < all.length; at += size, size = Math.min(2 * size, REMOVED_AT_ONCE)) {
    await remove(all.slice(at, at + size));
    // Freed pages are used again only when no reader holds the state before.
    store.refresh();
  }
}

/** What the nodes resolve to, and what they were made under last: they may be stale only for a moment. */
function presentKeys(states: readonly NodeState[], store: Store): readonly NodeKey[] {
  return states.flatMap((state) => {
    const last = store.lastKey(state.node.id);
    return [...('key' in state ? [state.key] : []), ...(last ? [last] : [])];
  });
}

export function keysOfRun({ id }: RunRecord, store: Store): readonly NodeKey[] {
  return store.manifest(id)?.nodes.flatMap(({ key }) => (key ? [key] : [])) ?? [];
}

/** The artefacts that the pipeline's targets publish. */
function publishedNow({ plan }: RunRequest, states: readonly NodeState[]): readonly ArtefactDigest[] {
  return publishedOutputs(plan).flatMap(({ node, output }) => outputOf(states[node], output) ?? []);
}

/** The artefacts that the targets of a run publish: their files, or all outputs of their nodes where they have none. */
export function publishedBy(
  { id }: RunRecord,
  store: Store,
  recordOf: (key: NodeKey) => NodeRecord | undefined,
): readonly ArtefactDigest[] {
  const manifest = store.manifest(id);
  if (!manifest) return [];
  const outputsOf = (index: number) => {
    const key = manifest.nodes[index]?.key;
    return (key && recordOf(key)?.outputs) || {};
  };
  return manifest.targets.flatMap(({ nodes, files }) =>
    files.length > 0
      ? files.flatMap(({ source }) => outputsOf(source.node)[source.output]?.digest ?? [])
      : nodes.flatMap((index) => Object.values(outputsOf(index)).map(({ digest }) => digest)),
  );
}

/** What `retain` does not keep, and no stale node still needs. */
function temporaryNow({ plan }: RunRequest, states: readonly NodeState[]): ReadonlySet<ArtefactDigest> {
  const bytes = new TemporaryOutputs<never>(plan);
  for (const state of states) {
    if (state.state === 'current') bytes.finish(state.node, state.outputs);
    else if (state.state === 'cutShort' && !isNextStep(state.node, state.cut)) bytes.drop(state.node);
  }
  return new Set(bytes.evict());
}
