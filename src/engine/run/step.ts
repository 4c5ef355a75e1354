import type { ArtefactDigest } from '../base/digest.ts';
import { Failure } from '../base/failure.ts';
import type { OutputReference, PlanNode } from '../plan/plan.ts';
import { sourcesOf } from '../plan/sources.ts';
import type { Subject, Verdict } from '../staleness/judge.ts';
import { isRetriable, type JobOutcome } from '../workers/job-outcome.ts';
import { auditedNodes } from './audit.ts';
import type { Command, Reader } from './command.ts';
import type { RunEvent } from './events.ts';
import type { RunState } from './run-state.ts';
import type { StepEvent } from './step-event.ts';
import { newTask, type Task } from './task.ts';

type Outcome<Kind extends JobOutcome['kind']> = Extract<JobOutcome, { kind: Kind }>;
type Commands = Iterable<Command>;

/** A node that loses its worker this often after its stage has returned is itself the cause. */
const DEATHS = 2;

/**
 * All decisions of a run: how an event changes its state, and which commands follow. It uses no clock, store or process, so the same
 * events give the same commands.
 */
export function step(state: RunState, event: StepEvent): readonly Command[] {
  return state.isOver ? [] : [...take(state, event), ...announce(state), ...evict(state), ...goOn(state)];
}

function* take(state: RunState, event: StepEvent): Commands {
  switch (event.type) {
    case 'surveyed':
      state.questions--;
      state.linkUnfinished();
      for (const task of event.stale) yield* begin(state, task);
      break;
    case 'judged':
      state.questions--;
      yield* judged(state, event.subject, event.verdict, event.continuesChain);
      break;
    case 'found bytes':
      state.questions--;
      yield* restoreFor(state, event.reader, event.lacking);
      break;
    case 'admitted':
      yield* state.isAccepting ? execute(event.task) : giveUp(state, event.task);
      break;
    case 'ended':
      state.ledger.attempted(event.task, event.outcome, event.times);
      yield* ended(state, event.task, event.outcome);
      break;
    case 'quarantined':
      state.questions--;
      yield* findBytes(state, event.task, sourcesOfTask(event.task));
      break;
    case 'evicted':
      state.bytes.evicted();
      for (const task of state.held.splice(0)) yield { type: 'queue', task };
      break;
    case 'stopped':
      state.isAccepting = false;
      state.isInterrupted = true;
      break;
    case 'broken':
      state.problem ??= event.error;
      yield* end(state);
  }
}

/** Begins a task, unless the run is stopping. */
function* begin(state: RunState, task: Task): Commands {
  if (!state.isAccepting) return;
  const { node } = task.subject;
  state.trackBytes();
  state.tasks.add(task);
  if (task.purpose.kind === 'record') state.progress[node.index] = 'pending';
  // A stale node needs its inputs until it is up to date; a node that is up to date needs them only for a new execution.
  else state.bytes.hold(node);
  yield* findBytes(state, task, sourcesOfTask(task));
}

function* findBytes(state: RunState, reader: Reader, sources: readonly OutputReference[]): Commands {
  state.questions++;
  yield { type: 'find bytes', reader, sources };
}

/** Restores the nodes that made the missing inputs of a reader, and for them those upstream; in a chain, the steps since bytes that are there. */
function* restoreFor(state: RunState, reader: Reader, lacking: readonly number[]): Commands {
  const task = reader === 'targets' ? undefined : reader;
  if (task && !state.isAccepting) yield* giveUp(state, task);
  if (!state.isAccepting) return;
  if (lacking.length > 0) state.trackBytes();
  for (const index of lacking) {
    if (!state.bytes.wait(index, task)) continue;
    const node = state.nodes[index] as PlanNode;
    const expected = state.outputs[index] as readonly ArtefactDigest[];
    const reason = { rule: 'bytes', neededBy: task?.subject.node.id } as const;
    state.unannounced.push(node);
    yield* begin(state, newTask(subjectOf(state, node), { kind: 'restore', expected }, reason));
  }
  if (!task) return;
  task.lacking = lacking.length;
  if (task.lacking === 0) yield* queue(state, task);
}

function* queue(state: RunState, task: Task): Commands {
  // Bytes that are restored before the end of an eviction would be removed with the old ones.
  if (task.purpose.kind === 'restore' && state.bytes.isEvicting) state.held.push(task);
  else yield { type: 'queue', task };
}

function* execute(task: Task): Commands {
  yield tell({ type: 'started', node: task.subject.node.id, attempt: task.attempt, reason: task.reason });
  yield { type: 'execute', task };
}

function* ended(state: RunState, task: Task, outcome: JobOutcome): Commands {
  if (outcome.kind === 'committed') yield* committed(state, task, outcome);
  else if (outcome.kind === 'failed') yield* failed(state, task, outcome);
  else if (!state.isAccepting) yield* giveUp(state, task);
  else if (outcome.kind === 'unreadable') yield* repair(state, task, outcome);
  else yield* lostWorker(state, task, outcome);
}

function* committed(state: RunState, task: Task, { outputs, seconds, bytes }: Outcome<'committed'>): Commands {
  const { node } = task.subject;
  state.tasks.delete(task);
  state.bytes.put(outputs);
  state.counts[COUNTED[task.purpose.kind]]++;
  yield tell({ type: 'finished', node: node.id, seconds, bytes });
  if (task.purpose.kind === 'record') yield* finish(state, node, outputs, seconds);
  else state.bytes.release(node);
  if (task.purpose.kind !== 'restore') return;
  for (const reader of state.bytes.endWaiting(node.index)) {
    reader.lacking--;
    if (reader.lacking === 0 && state.tasks.has(reader)) yield* queue(state, reader);
  }
}

const COUNTED = { record: 'executed', restore: 'restored', audit: 'audited' } as const;

/** Has the nodes judged for which this one was the last missing input. */
function* finish(state: RunState, node: PlanNode, outputs: readonly ArtefactDigest[], seconds: number): Commands {
  state.enter(node, outputs, seconds);
  state.bytes.finish(node, outputs);
  for (const next of state.unfinished.finish(node.index)) {
    if (state.progress[next] !== 'waiting') continue;
    const subject = subjectOf(state, state.nodes[next] as PlanNode);
    state.questions++;
    yield { type: 'judge', subject, continuesChain: node.chain !== undefined && node.chain === subject.node.chain };
  }
}

function* judged(state: RunState, subject: Subject, verdict: Verdict, continuesChain: boolean): Commands {
  if (verdict.status === 'stale') {
    yield* begin(state, newTask(subject, { kind: 'record' }, verdict.reason, continuesChain));
    return;
  }
  // Something upstream was executed, and gave the same bytes as before.
  const { node, key } = subject;
  state.ledger.decide(node, key, 'cut off');
  state.counts.cutOff++;
  state.cutOffKeys.set(node.id, key);
  yield tell({ type: 'cutOff', node: node.id });
  yield* finish(state, node, verdict.trace.outputs, verdict.trace.seconds);
}

/** An attempt has failed. */
function* failed(state: RunState, task: Task, outcome: Outcome<'failed'>): Commands {
  const { node } = task.subject;
  if (!state.isAccepting || !isRetriable(outcome) || task.attempt > node.stage.retries) {
    yield* fail(state, task, outcome);
    return;
  }
  state.ledger.failed(task, outcome);
  task.attempt++;
  yield tell({ type: 'retrying', node: node.id, attempt: task.attempt, diagnostic: outcome.diagnostic });
  yield* again(state, task);
}

/** There is no other attempt. */
function* fail(state: RunState, task: Task, outcome: Outcome<'failed'>): Commands {
  const { node } = task.subject;
  const { kind: _, ...why } = outcome;
  state.ledger.failed(task, outcome);
  state.counts.failed++;
  if (why.cause === 'usage') state.counts.misconfigured++;
  if (why.cause === 'store') state.problem ??= new Failure('store', why.diagnostic);
  if (why.cause === 'store' || (task.purpose.kind !== 'audit' && !state.wishes.keepGoing)) state.isAccepting = false;
  yield tell({ type: 'failed', node: node.id, ...why });
  yield* giveUp(state, task, node);
}

/** Queues a task once more, before those that have not begun. */
function* again(state: RunState, task: Task): Commands {
  task.continuesChain = true;
  yield* queue(state, task);
}

/** The first loss of a worker does not fail anything. */
function* lostWorker(state: RunState, task: Task, outcome: Outcome<'lost' | 'died'>): Commands {
  const deaths = (task.deaths ?? 0) + (outcome.kind === 'died' ? 1 : 0);
  task.deaths = deaths;
  if (outcome.kind === 'lost' || deaths < DEATHS) {
    yield* again(state, task);
    return;
  }
  const fact = `the worker process of ${task.subject.node.id} ${outcome.how} after the stage had returned, ${deaths} times`;
  const diagnostic = { fact, fix: 'its last output is in the log below' };
  yield* fail(state, task, { kind: 'failed', cause: 'crash', diagnostic, log: outcome.log });
}

/** Restores an input that could not be read; fails the task if that was done for it before. */
function* repair(state: RunState, task: Task, { input }: Outcome<'unreadable'>): Commands {
  const { digest, state: condition, diagnostic } = input;
  if (task.unread.includes(digest)) {
    yield* fail(state, task, { kind: 'failed', cause: 'store', diagnostic, log: '' });
    return;
  }
  task.unread = [...task.unread, digest];
  task.continuesChain = false;
  yield tell({ type: 'unreadable', node: task.subject.node.id, state: condition, diagnostic });
  // Other bytes may have replaced those that another task found.
  const isQuarantined = condition === 'missing' || state.quarantined.has(digest);
  if (isQuarantined) yield* findBytes(state, task, sourcesOfTask(task));
  else {
    state.quarantined.add(digest);
    state.questions++;
    yield { type: 'quarantine', task, digest };
  }
}

/** The task will not be done, and neither will its dependents. */
function* giveUp(state: RunState, task: Task, because?: PlanNode): Commands {
  const lost = [task];
  for (const { subject, purpose } of lost) {
    if (purpose.kind === 'restore') lost.push(...state.bytes.endWaiting(subject.node.index));
  }
  for (const each of lost) {
    const { node } = each.subject;
    // A task that waits for several nodes is given up once.
    if (!state.tasks.delete(each) || !because || each.purpose.kind !== 'record') continue;
    state.progress[node.index] = node === because ? 'failed' : 'skipped';
    const skipped = [...(node === because ? [] : [node]), ...state.skipBelow(node)];
    for (const { id } of skipped) yield tell({ type: 'skipped', node: id, because: because.id });
  }
}

/** Announces everything that is restored for one reason in one event. */
function* announce(state: RunState): Commands {
  if (state.unannounced.length === 0 || state.questions > 0) return;
  const nodes = state.unannounced.splice(0);
  const seconds = nodes.reduce((sum, { index }) => sum + (state.seconds[index] as number), 0);
  yield tell({ type: 'restoring', nodes: nodes.map(({ id }) => id), seconds });
}

function* evict(state: RunState): Commands {
  const digests = state.bytes.evict();
  if (digests.length > 0) yield { type: 'evict', digests };
}

/** The next phase when nothing is left to do: the targets' bytes, then the audit, then the end. */
function* goOn(state: RunState): Commands {
  while (!state.isOver && state.tasks.size === 0 && state.questions === 0) {
    const phase = state.isAccepting ? state.phases.shift() : undefined;
    if (phase === 'targets') yield* findBytes(state, 'targets', state.wishes.wanted);
    else if (phase === 'audit') yield* audit(state);
    else if (state.bytes.isEvicting) return;
    else yield* end(state);
  }
}

function* audit(state: RunState): Commands {
  const { audit: request } = state.wishes;
  if (!request) return;
  const nodes = auditedNodes(state.found, request);
  const under = 'nodes' in request ? 'another identity' : 'the same key';
  yield tell({ type: 'auditing', nodes: nodes.map(({ id }) => id), seed: request.seed });
  for (const node of nodes) {
    const expected = state.outputs[node.index] as readonly ArtefactDigest[];
    yield* begin(state, newTask(subjectOf(state, node), { kind: 'audit', expected, under }, { rule: 'audit' }));
  }
}

function* end(state: RunState): Commands {
  state.isOver = true;
  yield { type: 'end' };
}

function tell(event: RunEvent): Command {
  return { type: 'tell', event };
}

function subjectOf(state: RunState, node: PlanNode): Subject {
  return state.subjects.subject(node, state.outputs) as Subject;
}

function sourcesOfTask({ subject }: Task): readonly OutputReference[] {
  return subject.node.inputs.flatMap(sourcesOf);
}
