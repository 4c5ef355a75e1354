import type { Diagnostic } from '../../base/diagnostic.ts';
import type { NodeId } from '../../plan/plan.ts';
import {
  type Adoptable,
  earlierIdentities,
  findAdoptable,
  type Identity,
  pickOfEachStage,
} from '../../run/adoption.ts';
import type { RunListener } from '../../run/events.ts';
import { computeOf, type RunRequest } from '../../staleness/subjects.ts';
import type { NodeRecord, Store } from '../../store/store.ts';
import { fingerprintsAndCompute, prepareRequest } from '../project/prepare-request.ts';
import type { Project } from '../project/project.ts';
import { askExecutors } from '../run/ask-executors.ts';
import { Execution } from '../run/execution.ts';
import { otherMachines } from '../run/other-machines.ts';

export { describeIdentity } from '../../run/adoption.ts';

export interface AdoptionOptions {
  /** How many nodes to execute under the present identity. */
  readonly count: number;
  readonly seed: number;
  /** Without them, the whole pipeline. */
  readonly targets: readonly string[];
  readonly jobs: number;
  readonly workerFile: string;
  /** The token of the lease that this process holds. */
  readonly lease: string;
  readonly command: readonly string[];
  readonly listener: RunListener;
}

/** The outcome of an adoption. */
export type Adoption =
  | { readonly kind: 'nothing' }
  | {
      /** `refused`: a node gave other bytes, or failed; nothing was adopted. */
      readonly kind: 'adopted' | 'refused' | 'interrupted';
      readonly run: string;
      readonly audited: readonly NodeId[];
      readonly failed: readonly NodeId[];
      readonly adoptable: readonly Adoptable[];
    };

/** A running adoption, which the user may interrupt. */
export interface RunningAdoption {
  readonly ended: Promise<Adoption>;
  interrupt(): void;
}

/** Records written at once. */
const ADOPTED_AT_ONCE = 1000;

/**
 * Adopts the traces of an earlier JavaScript engine or compute identity, if a number of random nodes give the same bytes under the present one. All of
 * them or none: a node that differs shows that the identity matters, and nobody knows for which other nodes.
 * Call it while this process holds the lease.
 */
export async function beginAdoption(
  project: Project,
  store: Store,
  options: AdoptionOptions,
): Promise<RunningAdoption> {
  const everything = [...project.pipeline.stages.keys(), ...project.pipeline.targets.keys()];
  const code = fingerprintsAndCompute(project, store);
  const targets = options.targets.length > 0 ? options.targets : everything;
  const warn = (diagnostic: Diagnostic) => options.listener({ type: 'warning', diagnostic });
  await askExecutors(project, store, code, { targets, workerFile: options.workerFile, warn });
  const request = await prepareRequest(project, store, targets, [], code);
  const present: Identity = { engine: request.engine, compute: request.compute };
  const adoptable = findAdoptable(request, earlierIdentities(store.records(), present), store);
  if (adoptable.length === 0) return { ended: Promise.resolve({ kind: 'nothing' }), interrupt: () => {} };
  const picked = pickOfEachStage(adoptable, options.count, options.seed);
  const audited = picked.map(({ node }) => node.id);
  const execution = await auditOf(project, store, adoptable, audited, options);
  const failed = new Set<NodeId>();
  execution.onFailure((node) => failed.add(node));
  const end = async (): Promise<Adoption> => {
    const { id, summary } = await execution.run();
    const found = { run: id, audited, failed: [...failed], adoptable };
    if (summary.outcome === 'interrupted') return { kind: 'interrupted', ...found };
    if (summary.outcome !== 'done' || summary.audited < audited.length) return { kind: 'refused', ...found };
    await takeOver(store, adoptable, request, { run: id, seed: options.seed, audited });
    return { kind: 'adopted', ...found };
  };
  return { ended: end(), interrupt: () => execution.interrupt() };
}

/** Executes nodes as if the traces had been adopted already. So what they need is up to date, and its missing bytes are restored. */
async function auditOf(
  project: Project,
  store: Store,
  adoptable: readonly Adoptable[],
  audited: readonly NodeId[],
  options: AdoptionOptions,
) {
  const traces = new Map(adoptable.map(({ key, trace }) => [key, trace]));
  const view: Store = { ...store, trace: (key) => store.trace(key) ?? traces.get(key) };
  const request = await prepareRequest(project, view, audited);
  const onFailures: ((node: NodeId) => void)[] = [];
  let interrupts = 0;
  const execution = new Execution(project, request, view, {
    ...options,
    machines: await otherMachines(project, request.plan, view, options, false),
    keepGoing: true,
    audit: { nodes: new Set(audited), seed: options.seed },
    listener: (event) => {
      if (event.type === 'failed') for (const tell of onFailures) tell(event.node);
      options.listener(event);
    },
    targets: audited,
  });
  return {
    run: () => execution.run(),
    onFailure: (tell: (node: NodeId) => void) => void onFailures.push(tell),
    interrupt() {
      interrupts++;
      if (interrupts === 1) execution.stopSoon();
      else void execution.stopNow();
    },
  };
}

async function takeOver(
  store: Store,
  adoptable: readonly Adoptable[],
  present: RunRequest,
  { run, seed, audited }: { readonly run: string; readonly seed: number; readonly audited: readonly NodeId[] },
): Promise<void> {
  const at = new Date().toISOString();
  store.refresh();
  const records = adoptable.flatMap(({ key, from, node }): readonly NodeRecord[] => {
    const record = store.record(from);
    // One that was restored for an audited node has a record of its own by now.
    if (!record || store.trace(key)) return [];
    const { engine, compute } = record;
    const adopted = { from, engine, compute, audited, seed, run, at };
    return [{ ...record, key, engine: present.engine, compute: computeOf(node.stage, present) ?? null, adopted }];
  });
  for (let from = 0; from < records.length; from += ADOPTED_AT_ONCE) {
    await store.adopt(records.slice(from, from + ADOPTED_AT_ONCE));
  }
}
