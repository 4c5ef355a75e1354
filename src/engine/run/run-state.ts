import type { ArtefactDigest, NodeKey } from '../base/digest.ts';
import type { NodeId, OutputReference, PlanNode } from '../plan/plan.ts';
import type { Subject } from '../staleness/judge.ts';
import { type RunRequest, Subjects } from '../staleness/subjects.ts';
import type { AuditRequest } from './audit.ts';
import { RunLedger } from './ledger.ts';
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
}

/** The progress of a node; it only ever moves to the right. */
type Progress = 'waiting' | 'pending' | 'done' | 'failed' | 'skipped';

/** The state of a run. `step` changes it; before that, the pass over the plan enters what is up to date. */
export class RunState {
  readonly request: RunRequest;
  readonly wishes: RunWishes;
  readonly nodes: readonly PlanNode[];
  readonly subjects: Subjects;
  readonly ledger: RunLedger;
  /** Further phases of the run. Each begins when nothing is left to do. */
  readonly phases: ('targets' | 'audit')[] = ['targets', 'audit'];

  // By node index: its progress, the digests of its outputs once it has finished, and the seconds that it took.
  readonly progress: Progress[];
  readonly outputs: (readonly ArtefactDigest[] | undefined)[];
  readonly seconds: Float64Array;
  /** The nodes that were up to date from the start. */
  readonly found: PlanNode[] = [];
  unfinished = UnfinishedNodes.none;

  readonly tasks = new Set<Task>();
  /** Counted from the first task on: a run that executes nothing evicts nothing, and reads traces alone. */
  bytes = new TemporaryOutputs<Task>({ nodes: [], transient: new Map() });
  private isTracking = false;
  /** Restorations that wait for the end of an eviction. */
  readonly held: Task[] = [];
  /** Nodes that are being restored and have not been announced. */
  readonly unannounced: PlanNode[] = [];
  readonly quarantined = new Set<ArtefactDigest>();
  /** How many questions are unanswered. The first one is what is up to date. */
  questions = 1;

  readonly counts = { executed: 0, restored: 0, audited: 0, upToDate: 0, cutOff: 0, failed: 0, misconfigured: 0 };
  readonly cutOffKeys = new Map<NodeId, NodeKey>();
  isAccepting = true;
  isInterrupted = false;
  isOver = false;
  /** The error that ends the run, if no node has caused it. */
  problem: unknown;

  constructor(request: RunRequest, wishes: RunWishes) {
    const { nodes } = request.plan;
    this.request = request;
    this.wishes = wishes;
    this.nodes = nodes;
    this.subjects = new Subjects(request);
    this.ledger = new RunLedger(request);
    this.progress = new Array(nodes.length).fill('waiting');
    this.outputs = new Array(nodes.length).fill(undefined);
    this.seconds = new Float64Array(nodes.length);
  }

  /** A node has finished, or is up to date. */
  enter({ index }: PlanNode, outputs: readonly ArtefactDigest[], seconds: number): void {
    this.progress[index] = 'done';
    this.outputs[index] = outputs;
    this.seconds[index] = seconds;
  }

  /** The pass over the plan has found a node up to date. */
  enterFound({ node, key }: Subject, outputs: readonly ArtefactDigest[], seconds: number): void {
    this.enter(node, outputs, seconds);
    this.found.push(node);
    this.counts.upToDate++;
    this.ledger.decide(node, key, 'up to date');
  }

  /** The pass is over. */
  linkUnfinished(): void {
    if (this.found.length < this.nodes.length) this.unfinished = new UnfinishedNodes(this.nodes, this.outputs);
  }

  trackBytes(): void {
    if (this.isTracking) return;
    this.isTracking = true;
    this.bytes = new TemporaryOutputs(this.request.plan);
    for (const node of this.found) this.bytes.finish(node, this.outputs[node.index] ?? []);
  }

  /** Marks the nodes downstream of one that will not be done. @returns the newly marked ones */
  skipBelow({ index }: PlanNode): readonly PlanNode[] {
    const skipped: PlanNode[] = [];
    const reached = [index];
    for (let next = reached.pop(); next !== undefined; next = reached.pop()) {
      for (const reader of this.unfinished.readersOf(next)) {
        if (this.progress[reader] !== 'waiting') continue;
        this.progress[reader] = 'skipped';
        skipped.push(this.nodes[reader] as PlanNode);
        reached.push(reader);
      }
    }
    return skipped;
  }

  /** How many nodes have neither finished nor failed. */
  skipped(): number {
    return this.progress.filter((progress) => progress !== 'done' && progress !== 'failed').length;
  }
}
