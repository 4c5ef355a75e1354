import type { NodeKey } from '../base/digest.ts';
import { randomStream } from '../base/random.ts';
import { NO_ENGINE } from '../keys/javascript-engine.ts';
import { isSource } from '../plan/is-source.ts';
import type { PlanNode } from '../plan/plan.ts';
import { contentOfFingerprint } from '../sources/source-fingerprint.ts';
import type { ComputeIdentity } from '../stage/stage.ts';
import { ChainEnds } from '../staleness/chain-ends.ts';
import { missingMetrics } from '../staleness/missing-metrics.ts';
import { type KnownNode, type RunRequest, Subjects } from '../staleness/subjects.ts';
import type { NodeRecord, Store, Trace } from '../store/store.ts';

/** The part of a node's key that is not in its pipeline: another release of Node or another processor changes it. */
export interface Identity {
  readonly engine: string;
  /** Undefined where no stage computes with TensorFlow.js. */
  readonly compute: ComputeIdentity | null;
}

/** A node that is stale only for its identity: everything else in its key is unchanged, and there is a trace under the earlier key. */
export interface Adoptable {
  readonly node: PlanNode;
  /** The key under the present identity. */
  readonly key: NodeKey;
  readonly from: NodeKey;
  readonly trace: Trace;
  /** The identity under which the trace was made. */
  readonly identity: Identity;
}

/**
 * Finds the nodes whose traces under an earlier identity can be adopted. Downstream nodes too: an input counts by its bytes, and adopted
 * outputs have the same bytes.
 *
 * @param identities newest first: the first one with a trace of a node wins
 */
export function findAdoptable(
  request: RunRequest,
  identities: readonly Identity[],
  store: Store,
): readonly Adoptable[] {
  const present = new Subjects(request);
  const earlier = identities.map((identity) => ({ identity, subjects: new Subjects(asOf(request, identity)) }));
  const known: (KnownNode | undefined)[] = [];
  const found: Adoptable[] = [];
  /** Under which the metrics of a node are, as long as its record is not adopted. */
  const keys: (NodeKey | undefined)[] = [];
  const ends = new ChainEnds(request.plan.nodes, known, ({ index }) => keys[index] as NodeKey, store);
  for (const node of request.plan.nodes) {
    const cut = ends.any && !ends.isOpen(node) ? ends.cut(node) : undefined;
    if (cut) {
      known.push(cut);
      continue;
    }
    const subject = present.subject(node, known);
    if (subject && isSource(node)) {
      // It does not depend on the machine.
      known.push([contentOfFingerprint(subject.code)]);
      continue;
    }
    const current = subject && store.trace(subject.key);
    const taken =
      subject && !current
        ? earlier.flatMap(({ identity, subjects }) => {
            const from = subjects.subject(node, known)?.key;
            const trace = from && from !== subject.key ? store.trace(from) : undefined;
            const { engine, compute } = identity;
            const used = { engine, compute: node.stage.compute ? compute : null };
            return from && trace ? { node, key: subject.key, from, trace, identity: used } : [];
          })[0]
        : undefined;
    if (taken) found.push(taken);
    const key = taken?.from ?? subject?.key;
    keys[node.index] = key;
    const isSilent = key !== undefined && missingMetrics(node, key, store).length > 0;
    known.push(isSilent ? undefined : (current ?? taken?.trace)?.outputs);
  }
  return found;
}

function asOf(request: RunRequest, { engine, compute }: Identity): RunRequest {
  if (!compute) return { ...request, engine };
  // Whatever executes the stages now.
  const machines = [...(request.machines ?? [])].map(([stage, machine]) => [stage, { ...machine, compute }] as const);
  return { ...request, engine, compute, machines: new Map(machines) };
}

/** The identities that records name, newest first, except for the present one: every engine with every backend. */
export function earlierIdentities(records: Iterable<NodeRecord>, present: Identity): readonly Identity[] {
  const engines = new Latest<string>();
  const computes = new Latest<ComputeIdentity | null>();
  engines.note(present.engine, present.engine, '');
  computes.note(nameOf(present.compute), present.compute, '');
  for (const { engine, compute, startedAt } of records) {
    // Keys of commands name none.
    if (engine === NO_ENGINE) continue;
    engines.note(engine, engine, startedAt);
    if (compute) computes.note(nameOf(compute), compute, startedAt);
  }
  return engines
    .newestFirst()
    .flatMap((engine) => computes.newestFirst().map((compute) => ({ engine, compute })))
    .filter(({ engine, compute }) => engine !== present.engine || nameOf(compute) !== nameOf(present.compute));
}

/** Values with the last time that each was seen. */
class Latest<T> {
  private readonly seen = new Map<string, { readonly value: T; readonly at: string }>();

  note(name: string, value: T, at: string): void {
    const before = this.seen.get(name);
    if (!before || before.at < at) this.seen.set(name, { value, at });
  }

  newestFirst(): readonly T[] {
    return [...this.seen.values()].sort((a, b) => (a.at > b.at ? -1 : 1)).map(({ value }) => value);
  }
}

function nameOf(compute: ComputeIdentity | null): string {
  return JSON.stringify(compute && [compute.backend, compute.version, compute.threads]);
}

/** Picks a number of nodes: first one of each stage, then any. The same seed picks the same ones. */
export function pickOfEachStage(adoptable: readonly Adoptable[], count: number, seed: number): readonly Adoptable[] {
  const random = randomStream(seed, 'adoption');
  const shuffled = [...random.subset(adoptable.length, adoptable.length)].map((index) => adoptable[index] as Adoptable);
  const stages = new Set<string>();
  const isFirst = ({ node }: Adoptable) => !stages.has(node.stage.name) && stages.add(node.stage.name);
  const firsts = shuffled.filter(isFirst);
  const rest = shuffled.filter((each) => !firsts.includes(each));
  return [...firsts, ...rest].slice(0, count).sort((a, b) => a.node.index - b.node.index);
}

/** `V8 11.3`, with the backend where the stage uses one. */
export function describeIdentity({ engine, compute }: Identity): string {
  return compute ? `${engine}, ${compute.backend} (${compute.version})` : engine;
}
