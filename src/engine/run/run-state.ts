import type { ArtefactDigest, NodeKey } from '../base/digest.ts';
import { executorNameOf } from '../plan/executor-name.ts';
import type { OutputReference, Plan, PlanNode } from '../plan/plan.ts';
import { Cut, isNextStep } from '../staleness/cut.ts';
import { KnownNodes } from '../staleness/known-nodes.ts';
import { type RunRequest, Subjects } from '../staleness/subjects.ts';
import type { NodeOutcome } from '../store/run-manifest.ts';
import type { Store, Trace } from '../store/store.ts';
import type { AuditRequest } from './audit.ts';
import { ExpectedSeconds } from './expected-seconds.ts';
import { RunLedger } from './ledger.ts';
import type { Command } from './messages.ts';
import type { Task } from './task.ts';
import { TemporaryOutputs } from './temporary-outputs.ts';
import { UnfinishedNodes } from './unfinished-nodes.ts';

/** What a run does in addition to bringing nodes up to date, and when it stops. */
export interface RunWishes {
  /** Whether nodes that do not depend on a failed one still run. */
  readonly keepGoing: boolean;
  /** Outputs whose bytes have to be there in the end: what targets publish. */
  readonly wanted: readonly OutputReference[];
  readonly audit?: AuditRequest;
  /** Whether there is a shared cache, which is asked before a node is executed. */
  readonly isShared?: boolean;
  /** By name: those that stages name, and the one for the others. The workers of this machine are none of them. */
  readonly executors?: ReadonlyMap<string, ExecutorWishes>;
  /** Executes the stages that name none. */
  readonly executor?: string | undefined;
}

export interface ExecutorWishes {
  /** So much work is on its way to a slot. */
  readonly targetSeconds: number;
}

const PHASES = ['targets', 'audit'] as const;

/** The state of a run, which `step` changes. The store is only read here: it is what the run knows of the cache. */
export class RunState {
  readonly wishes: RunWishes;
  readonly store: Store;
  readonly plan: Plan;
  readonly nodes: readonly PlanNode[];
  known: KnownNodes;
  /** By node index: the seconds that it took. */
  readonly seconds: Float64Array;
  readonly ledger: RunLedger;
  /** Further phases of the run. Each begins when nothing is left to do. */
  phases: ('targets' | 'audit')[] = [...PHASES];

  /** What follows from the present event. */
  commands: Command[] = [];
  readonly tasks = new Set<Task>();
  readonly expected: ExpectedSeconds;
  nextJob = 1;
  /** By node: the jobs of steps that were sent ahead of their tasks, and of those that they follow, until they are done. */
  readonly sentAhead = new Map<number, number>();
  // Counted from the first task on: a run that executes nothing evicts nothing, and reads traces alone.
  unfinished = UnfinishedNodes.none;
  bytes = uncounted();
  /** Tasks that wait for the end of an eviction, which would remove what they make or read. */
  readonly held: Task[] = [];
  /** Nodes that are being restored and have not been announced. */
  readonly unannounced: PlanNode[] = [];
  readonly quarantined = new Set<ArtefactDigest>();

  readonly counts = { executed: 0, restored: 0, audited: 0, fetched: 0, failed: 0, misconfigured: 0 };
  /** Why executors have refused nodes. Each cause is told once. */
  readonly refusals = new Set<string>();
  isAccepting = true;
  /** Nodes that are up to date have other bytes now: all nodes are looked at again as soon as no task is left. */
  mustSurvey = false;
  isInterrupted = false;
  isOver = false;
  /** The error that ends the run, if no node has caused it. */
  problem: unknown;

  /** @param startedAt milliseconds since 1970 */
  constructor(request: RunRequest, wishes: RunWishes, store: Store, startedAt: number) {
    const { plan } = request;
    this.wishes = wishes;
    this.store = store;
    this.plan = plan;
    this.nodes = plan.nodes;
    this.known = new KnownNodes(plan.nodes, new Subjects(request), store);
    this.seconds = new Float64Array(plan.nodes.length);
    this.ledger = new RunLedger(request, startedAt);
    this.expected = new ExpectedSeconds(store);
  }

  /** Whether tasks may begin. */
  get mayBegin(): boolean {
    return this.isAccepting && !this.mustSurvey;
  }

  /** The name of the executor of a stage's nodes; undefined for the workers of this machine. */
  readonly executorOf = ({ stage }: PlanNode): string | undefined => {
    const name = executorNameOf(stage, this.wishes.executor);
    return name !== undefined && this.wishes.executors?.has(name) ? name : undefined;
  };

  /** The same for a task, which the executor of its stage may have refused. */
  executorOfTask({ isRefused, subject }: Task): string | undefined {
    return isRefused ? undefined : this.executorOf(subject.node);
  }

  /** How many seconds of work are on their way to a slot of the node's executor; undefined where it is executed by this machine. */
  readonly targetOf = (node: PlanNode): number | undefined => {
    const name = this.executorOf(node);
    return name === undefined ? undefined : this.wishes.executors?.get(name)?.targetSeconds;
  };

  /** Whether the executor of a step has got it already. */
  isSentAhead({ index }: PlanNode): boolean {
    return this.sentAhead.has(index);
  }

  /** The number of a node's job: that under which it was sent ahead, or a new one. */
  jobNumberOf({ index }: PlanNode): number {
    return this.sentAhead.get(index) ?? this.nextJob++;
  }

  /** Forgets which nodes are up to date, and keeps what has been done. */
  restart(): void {
    this.mustSurvey = false;
    this.known = new KnownNodes(this.nodes, this.known.subjects, this.store);
    this.unfinished = UnfinishedNodes.none;
    this.bytes = uncounted();
    this.phases = [...PHASES];
  }

  /** A node is up to date, or has just been executed. */
  enter(node: PlanNode, key: NodeKey, outcome: NodeOutcome, { outputs, seconds }: Trace): void {
    this.known.outputs[node.index] = outputs;
    this.seconds[node.index] = seconds;
    this.ledger.decide(node, key, outcome);
    this.bytes.finish(node, outputs);
    this.sentAhead.delete(node.index);
  }

  /** A node is cut short: it has no outputs, and reads nothing. */
  enterCut(node: PlanNode, cut: Cut): void {
    this.known.outputs[node.index] = cut;
    this.ledger.decide(node, null, 'cut short');
    this.dropFromBytes(node, cut);
  }

  /** What the first step reads that is cut short stays there: the chain goes on from it if another decision is made. */
  private dropFromBytes(node: PlanNode, cut: Cut): void {
    if (!isNextStep(node, cut)) this.bytes.drop(node);
  }

  /** The finished nodes whose bytes are missing, each once. */
  lacking(sources: readonly OutputReference[]): readonly number[] {
    const isLacking = (source: OutputReference) => {
      const digest = this.known.digest(source);
      return digest !== undefined && (this.bytes.isEvicted(digest) || !this.store.hasArtefact(digest));
    };
    return [...new Set(sources.filter(isLacking).map(({ node }) => node))];
  }

  /** There will be tasks: what is unfinished counts, and which bytes are needed. */
  count(): void {
    if (this.unfinished !== UnfinishedNodes.none) return;
    this.unfinished = new UnfinishedNodes(this.nodes, this.known.outputs);
    this.bytes = new TemporaryOutputs(this.plan);
    for (const node of this.nodes) {
      const known = this.known.outputs[node.index];
      if (known instanceof Cut) this.dropFromBytes(node, known);
      else if (known) this.bytes.finish(node, known);
    }
  }
}

function uncounted(): TemporaryOutputs<Task> {
  return new TemporaryOutputs({ nodes: [], transient: new Map() });
}
