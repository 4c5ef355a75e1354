import { inputDigests } from '../keys/input-digests.ts';
import { isSource } from '../plan/is-source.ts';
import type { OutputReference, PlanNode } from '../plan/plan.ts';
import type { StartReason } from '../staleness/work.ts';
import type { RunState } from './run-state.ts';
import { Task } from './task.ts';

// How a task comes to the queue, or is given up before. The shared cache is asked for it, and the bytes that it reads are restored.

/** Tasks of a run that begins nothing more are given up. */
export function goOnWith(
  state: RunState,
  tasks: readonly Task[],
  next: (state: RunState, tasks: readonly Task[]) => void,
): void {
  if (state.mayBegin) next(state, tasks);
  else for (const task of tasks) giveUp(state, task);
}

/** Tasks count from here on. */
export function begin(state: RunState, tasks: readonly Task[]): void {
  for (const task of tasks) enlist(state, task);
  lookUpOrSupply(state, tasks);
}

function enlist(state: RunState, task: Task): void {
  state.count();
  state.tasks.add(task);
  // A stale node needs its inputs until it is up to date; a node that is up to date needs them only for a new execution.
  if (task.purpose.kind !== 'record') state.bytes.hold(task.subject.node);
}

/** Asks the shared cache first, once. It is not asked for what is to be executed in any case or is so already, or comes from a source. */
export function lookUpOrSupply(state: RunState, tasks: readonly Task[]): void {
  const others: Task[] = [];
  for (const task of tasks) {
    const { purpose, reason, subject } = task;
    const isWanted = reason.rule === 'forced' || reason.rule === 'metrics';
    const isExecuted = purpose.kind === 'audit' || isWanted || state.isSentAhead(subject.node);
    if (!state.wishes.isShared || task.isSought || isExecuted || isSource(subject.node)) others.push(task);
    // An eviction that is under way would remove the bytes again.
    else if (purpose.kind === 'restore' && state.bytes.isEvicting) state.held.push(task);
    else {
      task.isSought = true;
      state.commands.push({ type: 'lookUp', task });
    }
  }
  supply(state, others);
}

/** Queues tasks whose inputs are there. First restores the nodes that made missing ones and, for them, those upstream; in a chain, the steps since bytes that are there. */
export function supply(state: RunState, tasks: readonly Task[]): void {
  const open = [...tasks];
  for (const task of open) {
    const missing = restorations(state, state.known.sourcesOf(task.subject.node), task);
    for (const restoration of missing) enlist(state, restoration);
    if (state.wishes.isShared) lookUpOrSupply(state, missing);
    else open.push(...missing);
    if (task.lacking === 0) queue(state, task);
  }
}

/** Lets a reader wait for the nodes whose bytes are missing. @returns the tasks for those that nobody restores yet */
export function restorations(state: RunState, sources: readonly OutputReference[], reader?: Task): readonly Task[] {
  const lacking = state.lacking(sources);
  if (lacking.length > 0) state.count();
  if (reader) reader.lacking = lacking.length;
  return lacking
    .filter((index) => state.bytes.wait(index, reader))
    .map((index) => {
      const node = state.nodes[index] as PlanNode;
      const rule = isSource(node) ? 'source' : 'bytes';
      // Whether it has to be restored is known once the shared cache has answered.
      if (rule === 'bytes' && !state.wishes.isShared) state.unannounced.push(node);
      const reason: StartReason = { rule, neededBy: reader?.subject.node.id };
      const expected = node.stage.reproducible ? state.known.madeBy(node) : 'any bytes';
      return new Task(state.known.subject(node), { kind: 'restore', expected }, reason);
    });
}

export function queue(state: RunState, task: Task): void {
  // An eviction that is under way removes what is restored before its end, and bytes that were committed again meanwhile.
  const isEndangered = () =>
    task.purpose.kind === 'restore' ||
    task.subject.inputs.flatMap(inputDigests).some((digest) => state.bytes.isLeaving(digest));
  if (state.bytes.isEvicting && isEndangered()) state.held.push(task);
  else state.commands.push({ type: 'queue', task });
}

/** The task will not be done, and neither will its dependents. */
export function giveUp(state: RunState, task: Task, because?: PlanNode): void {
  const lost = [task];
  for (const each of lost) {
    const { node } = each.subject;
    if (each.purpose.kind === 'restore') lost.push(...state.bytes.endWaiting(node.index));
    recall(state, node);
    // A task that waits for several nodes is given up once.
    if (!state.tasks.delete(each) || !because || each.purpose.kind !== 'record') continue;
    const skipped = [node, ...state.unfinished.giveUp(node.index).map((index) => state.nodes[index] as PlanNode)];
    for (const { id } of skipped) {
      if (id !== because.id) state.commands.push({ type: 'skipped', node: id, because: because.id });
    }
  }
}

/** A step will not be executed as it was sent ahead, nor will those after it: they follow what is not made, or are not needed. */
export function recall(state: RunState, node: PlanNode): void {
  const jobs: number[] = [];
  for (let { index } = node; state.nodes[index]?.chain === node.chain; index++) {
    const job = state.sentAhead.get(index);
    if (job === undefined) break;
    jobs.push(job);
    state.sentAhead.delete(index);
  }
  if (jobs.length > 0) state.commands.push({ type: 'recall', jobs });
}
