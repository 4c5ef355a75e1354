import { canonicalBytes } from '../../base/canonical.ts';
import type { JsonObject } from '../../base/json.ts';
import { shortIdentity } from '../../environments/environments.ts';
import type { UsedSoftware } from '../../keys/software/used-software.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { inputNodes } from '../../plan/sources.ts';
import type { ComputeIdentity } from '../../stage/stage.ts';
import type { NodeState } from '../../staleness/survey.ts';
import type { NodeRecord, Store } from '../../store/store.ts';
import { describeSoftware } from '../code/describe-software.ts';
import type { Provenance, StageProvenance } from './provenance.ts';

/** Nobody reads more different params of a stage than that. A page that held those of 10,000 nodes would be slow to load. */
const PARAMS_SHOWN = 20;

/**
 * Says how nodes and everything upstream of them were made, by stage.
 * @param states of all nodes of the plan, in its order
 * @param softwareOf what commands used, by its digest
 */
export function provenanceOf(
  roots: readonly number[],
  states: readonly NodeState[],
  recordOf: (state: NodeState) => NodeRecord | undefined,
  softwareOf: (digest: string) => UsedSoftware | undefined,
): Provenance {
  const involved = withAncestors(roots, (index) => (states[index] as NodeState).node)
    .map((index) => states[index] as NodeState)
    .filter(({ state }) => state !== 'cutShort');
  const records = involved.map((state) => ({ state, record: recordOf(state) }));
  const stages = [...new Set(involved.map(({ node }) => node.stage.name))];
  return {
    nodes: involved.length,
    stale: involved.filter(({ state }) => state !== 'current').length,
    seconds: sum(records.map(({ record }) => record?.seconds ?? 0)),
    stages: stages.map((stage) =>
      stageProvenance(
        stage,
        records.filter(({ state }) => state.node.stage.name === stage),
        softwareOf,
      ),
    ),
  };
}

/** Reads the record of a node that is up to date, each once: nodes that many results have in common are asked for often. */
export function recordsOf(store: Pick<Store, 'record'>): (state: NodeState) => NodeRecord | undefined {
  const records = new Map<NodeState, NodeRecord | undefined>();
  return (state) => {
    if (state.state !== 'current') return undefined;
    if (!records.has(state)) records.set(state, store.record(state.key));
    return records.get(state);
  };
}

/** Indices of the given nodes and of everything upstream, each once, in the plan's order. */
function withAncestors(roots: readonly number[], nodeAt: (index: number) => PlanNode): readonly number[] {
  const found = new Set(roots);
  const work = [...roots];
  for (let index = work.pop(); index !== undefined; index = work.pop()) {
    for (const above of inputNodes(nodeAt(index))) {
      if (found.has(above)) continue;
      found.add(above);
      work.push(above);
    }
  }
  return [...found].sort((a, b) => a - b);
}

function stageProvenance(
  stage: string,
  nodes: readonly { readonly state: NodeState; readonly record: NodeRecord | undefined }[],
  softwareOf: (digest: string) => UsedSoftware | undefined,
): StageProvenance {
  const records = nodes.flatMap(({ record }) => (record ? [record] : []));
  const params = distinctParams(nodes.map(({ state }) => state.node.params));
  return {
    stage,
    nodes: nodes.length,
    seconds: sum(records.map(({ seconds }) => seconds)),
    code: distinct(records.map(({ code }) => code)),
    compute: distinct(records.flatMap(({ compute }) => (compute ? [describeCompute(compute)] : []))),
    environment: environmentsOf(records, softwareOf),
    hosts: distinct(records.map(({ host }) => host)),
    params: params.slice(0, PARAMS_SHOWN),
    otherParams: Math.max(0, params.length - PARAMS_SHOWN),
  };
}

/** Declared ones, and what commands without one used. */
function environmentsOf(
  records: readonly NodeRecord[],
  softwareOf: (digest: string) => UsedSoftware | undefined,
): readonly string[] {
  const declared = records.flatMap(({ environment }) => (environment === undefined ? [] : [environment]));
  const used = records.flatMap(({ environment, software }) =>
    software === undefined || environment !== undefined ? [] : [software],
  );
  const described = distinct(used).map((digest) => describeSoftware(softwareOf(digest)));
  return [...distinct(declared).map((identity) => `environment: ${shortIdentity(identity)}`), ...described];
}

function distinctParams(all: readonly JsonObject[]): StageProvenance['params'] {
  const counts = new Map<string, { params: JsonObject; nodes: number }>();
  // Nodes of a chain share one object, which need not be formatted again for each.
  const names = new Map<JsonObject, string>();
  for (const params of all) {
    const name = names.get(params) ?? Buffer.from(canonicalBytes(params)).toString('latin1');
    names.set(params, name);
    const known = counts.get(name);
    if (known) known.nodes++;
    else counts.set(name, { params, nodes: 1 });
  }
  return [...counts.values()];
}

function describeCompute({ backend, version, threads }: ComputeIdentity): string {
  return `${backend} (${version}), ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}

function distinct<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
