import { isDeepStrictEqual } from 'node:util';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { ArtefactDigest } from '../base/digest.ts';
import { Failure } from '../base/failure.ts';
import { inputDigests } from '../keys/input-digests.ts';
import type { OutputReference, PlanNode } from '../plan/plan.ts';
import { sourcesOf } from '../plan/sources.ts';
import type { FetchedNode } from '../shared/shared-results.ts';
import { judge, type Subject } from '../staleness/judge.ts';
import { surveyEach } from '../staleness/survey.ts';
import type { StartReason } from '../staleness/work.ts';
import type { NodeOutcome } from '../store/run-manifest.ts';
import { type JobOutcome, retriesFor } from '../workers/job-outcome.ts';
import { auditedNodes } from './audit.ts';
import type { Command, StepEvent } from './messages.ts';
import type { RunState } from './run-state.ts';
import { stepsAhead } from './steps-ahead.ts';
import { newTask, type Task } from './task.ts';
import { UnfinishedNodes } from './unfinished-nodes.ts';

type Outcome<Kind extends JobOutcome['kind']> = Extract<JobOutcome, { kind: Kind }>;
type Commands = Iterable<Command>;

/** A node that is up to date now. */
interface Finished {
  readonly subject: Subject;
  readonly outcome: NodeOutcome;
  readonly outputs: Outcome<'committed'>['outputs'];
  readonly seconds: number;
}

/** A node that loses its worker this often after its stage has returned is itself the cause. */
const DEATHS = 2;

/**
 * All decisions of a run: how an event changes its state, and which commands follow. It uses no clock or process, and only reads the
 * store: the same events over the same store give the same commands. Chains are thousands of nodes long, so nothing here recurses along them.
 */
export function step(state: RunState, event: StepEvent): readonly Command[] {
  return state.isOver ? [] : [...take(state, event), ...announce(state), ...evict(state), ...goOn(state)];
}

function* take(state: RunState, event: StepEvent): Commands {
  switch (event.type) {
    case 'begun':
      yield* survey(state);
      break;
    case 'lookedUp':
      yield* lookedUp(state, event.task, event.found);
      break;
    case 'admitted':
      yield* state.mayBegin ? execute(state, event.task) : giveUp(state, event.task);
      break;
    case 'ended':
      state.ledger.attempted(event.task, event.outcome, event.times);
      yield* ended(state, event.task, event.outcome);
      break;
    case 'quarantined':
      yield* supplyOrGiveUp(state, [event.task]);
      break;
    case 'evicted':
      state.bytes.evicted();
      yield* lookUpOrGiveUp(state, state.held.splice(0));
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

/** Enters what is up to date, and begins with the first nodes that are not. */
function* survey(state: RunState): Commands {
  const { nodes, subjects, outputs, store, found, ledger, counts } = state;
  const stale: Task[] = [];
  const seenFirst: PlanNode[] = [];
  if (!state.isAccepting) return;
  surveyEach(nodes, subjects, outputs, store, (seen) => {
    const { node } = seen;
    // Not skipped: this is not the first survey.
    const earlier = ledger.outcomes[node.index] as NodeOutcome;
    if (seen.state === 'stale') stale.push(newTask(seen.subject, { kind: 'record' }, seen.reason));
    if (seen.state === 'current') {
      found.push(node);
      if (earlier === 'skipped') seenFirst.push(node);
      state.enter(seen.subject, earlier === 'skipped' ? 'up to date' : earlier, seen.outputs, seen.seconds);
    } else if (earlier !== 'skipped') {
      ledger.reopen(node);
      if (earlier === 'up to date') counts.upToDate--;
      if (earlier === 'cut off') counts.cutOff--;
    }
  });
  counts.upToDate += seenFirst.length;
  for (const { id } of seenFirst) yield { type: 'upToDate', node: id };
  if (found.length < nodes.length) state.unfinished = new UnfinishedNodes(nodes, outputs);
  yield* begin(state, stale);
}

/** Begins tasks, unless the run is stopping, or all nodes are to be looked at again. */
function* begin(state: RunState, tasks: readonly Task[]): Commands {
  if (!state.mayBegin || tasks.length === 0) return;
  state.trackBytes();
  for (const task of tasks) enlist(state, task);
  yield* lookUpOrSupply(state, tasks);
}

/** Asks the shared cache first. It is not asked for what is to be executed in any case or is so already, or comes from a source. */
function* lookUpOrSupply(state: RunState, tasks: readonly Task[]): Commands {
  const mayBeShared = ({ purpose, reason, subject }: Task) =>
    state.wishes.isShared === true &&
    purpose.kind !== 'audit' &&
    reason.rule !== 'forced' &&
    !isSource(subject.node) &&
    !state.isSentAhead(subject.node);
  const others: Task[] = [];
  for (const task of tasks) {
    if (!mayBeShared(task)) others.push(task);
    // An eviction that is under way would remove the bytes again.
    else if (task.purpose.kind === 'restore' && state.bytes.isEvicting) state.held.push(task);
    else yield { type: 'lookUp', task };
  }
  yield* supply(state, others);
}

function* lookUpOrGiveUp(state: RunState, tasks: readonly Task[]): Commands {
  if (state.mayBegin) yield* lookUpOrSupply(state, tasks);
  else for (const task of tasks) yield* giveUp(state, task);
}

function* lookedUp(state: RunState, task: Task, found: FetchedNode | undefined): Commands {
  if (found) yield* fetched(state, task, found);
  else {
    if (task.purpose.kind === 'restore') state.unannounced.push(task.subject.node);
    yield* supplyOrGiveUp(state, [task]);
  }
}

function* fetched(state: RunState, task: Task, { outputs, seconds, bytes }: FetchedNode): Commands {
  const { subject, purpose } = task;
  const { node } = subject;
  state.tasks.delete(task);
  state.bytes.put(outputs);
  const isResult = purpose.kind === 'record';
  yield { type: 'fetched', node: node.id, what: isResult ? 'result' : 'bytes', seconds, bytes };
  if (isResult) {
    state.counts.fetched++;
    yield* finish(state, { subject, outcome: 'fetched', outputs, seconds });
  } else yield* restored(state, node, outputs);
}

function enlist(state: RunState, task: Task): void {
  state.tasks.add(task);
  // A stale node needs its inputs until it is up to date; a node that is up to date needs them only for a new execution.
  if (task.purpose.kind !== 'record') state.bytes.hold(task.subject.node);
}

function* supplyOrGiveUp(state: RunState, tasks: readonly Task[]): Commands {
  if (state.mayBegin) yield* supply(state, tasks);
  else for (const task of tasks) yield* giveUp(state, task);
}

/** Queues tasks whose inputs are there. First restores the nodes that made missing ones and, for them, those upstream; in a chain, the steps since bytes that are there. */
function* supply(state: RunState, tasks: readonly Task[]): Commands {
  const open = [...tasks];
  for (const task of open) {
    const missing = restorations(state, task.subject.node.inputs.flatMap(sourcesOf), task);
    for (const restoration of missing) enlist(state, restoration);
    if (state.wishes.isShared) yield* lookUpOrSupply(state, missing);
    else open.push(...missing);
    if (task.lacking === 0) yield* queue(state, task);
  }
}

/** Lets a reader wait for the nodes whose bytes are missing. @returns the tasks for those that nobody restores yet */
function restorations(state: RunState, sources: readonly OutputReference[], reader?: Task): readonly Task[] {
  const lacking = state.lacking(sources);
  if (lacking.length > 0) state.trackBytes();
  if (reader) reader.lacking = lacking.length;
  return lacking
    .filter((index) => state.bytes.wait(index, reader))
    .map((index) => {
      const node = state.nodes[index] as PlanNode;
      const rule = isSource(node) ? 'source' : 'bytes';
      // Whether it has to be restored is known once the shared cache has answered.
      if (rule === 'bytes' && !state.wishes.isShared) state.unannounced.push(node);
      const reason: StartReason = { rule, neededBy: reader?.subject.node.id };
      const expected = node.stage.reproducible ? (state.outputs[index] ?? []) : 'any bytes';
      return newTask(state.subject(node), { kind: 'restore', expected }, reason);
    });
}

function* queue(state: RunState, task: Task): Commands {
  // An eviction that is under way removes what is restored before its end, and bytes that were committed again meanwhile.
  const isEndangered =
    task.purpose.kind === 'restore' ||
    task.subject.inputs.flatMap(inputDigests).some((digest) => state.bytes.isLeaving(digest));
  if (state.bytes.isEvicting && isEndangered) state.held.push(task);
  else yield { type: 'queue', task };
}

function* execute(state: RunState, task: Task): Commands {
  const { id, chain } = task.subject.node;
  yield { type: 'started', node: id, attempt: task.attempt, reason: task.reason };
  const ahead = task.isRefused ? [] : stepsAhead(state, task);
  const last = ahead.at(-1);
  if (chain !== undefined && last) state.sentAhead.set(chain, Math.max(last.index, state.sentAhead.get(chain) ?? 0));
  yield { type: 'execute', task, ahead };
}

/** The steps that were sent ahead follow what is not made, or are not needed. */
function* recall({ sentAhead }: RunState, { chain }: PlanNode): Commands {
  if (chain !== undefined && sentAhead.delete(chain)) yield { type: 'recall', chain };
}

function* ended(state: RunState, task: Task, outcome: JobOutcome): Commands {
  if (outcome.kind === 'committed') {
    yield* committed(state, task, outcome);
    return;
  }
  yield* recall(state, task.subject.node);
  if (outcome.kind === 'failed') yield* failed(state, task, outcome);
  else if (!state.mayBegin) yield* giveUp(state, task);
  else if (outcome.kind === 'refused') yield* refused(state, task, outcome);
  else if (outcome.kind === 'unreadable') yield* repair(state, task, outcome);
  else yield* lostWorker(state, task, outcome);
}

function* committed(state: RunState, task: Task, { outputs, seconds, bytes }: Outcome<'committed'>): Commands {
  const { node } = task.subject;
  state.tasks.delete(task);
  if (state.targetOf(node) !== undefined) state.expected.note(node, seconds);
  state.bytes.put(outputs);
  // A source is not made a second time for its bytes: they are taken when they are needed first.
  if (!isSource(node) || task.purpose.kind === 'record') state.counts[COUNTED[task.purpose.kind]]++;
  yield { type: 'finished', node: node.id, seconds, bytes };
  if (task.purpose.kind === 'record') {
    yield* finish(state, { subject: task.subject, outcome: 'executed', outputs, seconds });
  } else if (task.purpose.kind === 'restore') yield* restored(state, node, outputs);
  else state.bytes.release(node);
}

/** The bytes of a node that is up to date are there again. */
function* restored(state: RunState, node: PlanNode, outputs: readonly ArtefactDigest[]): Commands {
  state.bytes.release(node);
  if (!isDeepStrictEqual(outputs, state.outputs[node.index])) {
    // What waits for it would read bytes that are there no more: its tasks end without having begun.
    state.mustSurvey = true;
    yield { type: 'changed', node: node.id };
  }
  for (const reader of state.bytes.endWaiting(node.index)) {
    reader.lacking--;
    if (reader.lacking === 0 && state.tasks.has(reader)) yield* queue(state, reader);
  }
}

function isSource({ stage }: PlanNode): boolean {
  return stage.program.kind === 'source';
}

const COUNTED = { record: 'executed', restore: 'restored', audit: 'audited' } as const;

/** Begins the nodes for which this one was the last missing input, unless they are cut off: then those after them. */
function* finish(state: RunState, first: Finished): Commands {
  const finished = [first];
  for (const { subject: above, outcome, outputs, seconds } of finished) {
    state.enter(above, outcome, outputs, seconds);
    state.bytes.finish(above.node, outputs);
    for (const index of state.unfinished.finish(above.node.index)) {
      const subject = state.subject(state.nodes[index] as PlanNode);
      const { node, key } = subject;
      const verdict = judge(subject, state.store);
      if (verdict.status === 'stale') {
        const continuesChain = node.chain !== undefined && node.chain === above.node.chain;
        if (!state.mayBegin) yield* recall(state, node);
        yield* begin(state, [newTask(subject, { kind: 'record' }, verdict.reason, continuesChain)]);
        continue;
      }
      if (state.isSentAhead(node)) yield* recall(state, node);
      // Something upstream was executed, and gave the same bytes as before.
      state.counts.cutOff++;
      state.cutOffKeys.set(node.id, key);
      yield { type: 'cutOff', node: node.id };
      finished.push({ subject, outcome: 'cut off', ...verdict.trace });
    }
  }
}

/** An attempt has failed. */
function* failed(state: RunState, task: Task, outcome: Outcome<'failed'>): Commands {
  const { node } = task.subject;
  const retries = retriesFor(node.stage.retries, outcome.cause);
  const done = (retries && task.retried.get(retries)) ?? 0;
  if (!state.isAccepting || !retries || done >= retries.times) {
    yield* fail(state, task, outcome);
    return;
  }
  state.ledger.failed(task, outcome);
  task.retried.set(retries, done + 1);
  if (outcome.cause === 'timeout' || outcome.cause === 'memory') task.share[outcome.cause] *= retries.factor;
  task.attempt++;
  yield { type: 'retrying', node: node.id, attempt: task.attempt, diagnostic: outcome.diagnostic };
  yield* again(state, task);
}

/** There is no other attempt. */
function* fail(state: RunState, task: Task, outcome: Outcome<'failed'>): Commands {
  const { node } = task.subject;
  // All of its metrics are kept with the run; views need none of them.
  const { kind: _kind, metrics: _metrics, ...why } = outcome;
  state.ledger.failed(task, outcome);
  if (task.purpose.kind === 'record') state.ledger.decide(node, task.subject.key, 'failed');
  state.counts.failed++;
  if (why.cause === 'usage') state.counts.misconfigured++;
  if (why.cause === 'store') state.problem ??= new Failure('store', why.diagnostic);
  if (why.cause === 'store' || (task.purpose.kind !== 'audit' && !state.wishes.keepGoing)) state.isAccepting = false;
  yield { type: 'failed', node: node.id, ...why };
  yield* giveUp(state, task, node);
}

/** Queues a task once more, before those that have not begun. */
function* again(state: RunState, task: Task): Commands {
  task.continuesChain = true;
  yield* queue(state, task);
}

/** It goes to the workers of this machine. */
function* refused(state: RunState, task: Task, { diagnostic }: Outcome<'refused'>): Commands {
  task.isRefused = true;
  if (!state.refusals.has(diagnostic.fact)) {
    state.refusals.add(diagnostic.fact);
    yield { type: 'refused', node: task.subject.node.id, diagnostic };
  }
  yield* again(state, task);
}

/** The first loss of a worker does not fail anything. */
function* lostWorker(state: RunState, task: Task, outcome: Outcome<'lost' | 'died'>): Commands {
  const { node } = task.subject;
  const deaths = (task.deaths ?? 0) + (outcome.kind === 'died' ? 1 : 0);
  task.deaths = deaths;
  if (outcome.kind === 'lost') {
    const { lost } = node.stage.retries;
    const losses = (task.retried.get(lost) ?? 0) + 1;
    task.retried.set(lost, losses);
    if (losses <= lost.times) yield* again(state, task);
    else yield* fail(state, task, { kind: 'failed', cause: 'lost', diagnostic: lostTooOften(node, losses), log: '' });
    return;
  }
  if (deaths < DEATHS) {
    yield* again(state, task);
    return;
  }
  const fact = `the worker process of ${node.id} ${outcome.how} after the stage had returned, ${deaths} times`;
  const diagnostic = { fact, fix: 'its last output is in the log below' };
  yield* fail(state, task, { kind: 'failed', cause: 'crash', diagnostic, log: outcome.log });
}

function lostTooOften({ id, stage }: PlanNode, losses: number): Diagnostic {
  const fact = `${id} has lost its worker or its machine ${losses === 1 ? 'once' : `${losses} times`}`;
  return { fact, fix: `"retries: {lost: …}" of stage ${stage.name} allows no more` };
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
  yield { type: 'unreadable', node: task.subject.node.id, state: condition, diagnostic };
  // Other bytes may have replaced those that another task found.
  const isQuarantined = condition === 'missing' || state.quarantined.has(digest);
  if (isQuarantined) yield* supply(state, [task]);
  else {
    state.quarantined.add(digest);
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
    yield* recall(state, node);
    // A task that waits for several nodes is given up once.
    if (!state.tasks.delete(each) || !because || each.purpose.kind !== 'record') continue;
    const skipped = [node, ...state.unfinished.giveUp(node.index).map((index) => state.nodes[index] as PlanNode)];
    for (const { id } of skipped) if (id !== because.id) yield { type: 'skipped', node: id, because: because.id };
  }
}

/** Announces everything that is restored for one reason in one event. */
function* announce(state: RunState): Commands {
  if (state.unannounced.length === 0) return;
  const nodes = state.unannounced.splice(0);
  const seconds = nodes.reduce((sum, { index }) => sum + (state.seconds[index] as number), 0);
  yield { type: 'restoring', nodes: nodes.map(({ id }) => id), seconds };
}

function* evict(state: RunState): Commands {
  // What nothing reads now may be read after the next survey.
  if (state.mustSurvey) return;
  const digests = state.bytes.evict();
  if (digests.length > 0) yield { type: 'evict', digests };
}

/** The next phase when nothing is left to do: the targets' bytes, then the audit, then the end. */
function* goOn(state: RunState): Commands {
  while (!state.isOver && state.tasks.size === 0) {
    if (state.bytes.isEvicting) return;
    if (state.mustSurvey && state.isAccepting && state.counts.failed === 0) {
      state.restart();
      yield* survey(state);
      continue;
    }
    const [phase, ...later] = state.mayBegin ? state.phases : [];
    state.phases = later;
    if (phase === 'targets') yield* begin(state, restorations(state, state.wishes.wanted));
    else if (phase === 'audit') yield* audit(state);
    else yield* end(state);
  }
}

function* audit(state: RunState): Commands {
  const { audit: request } = state.wishes;
  if (!request) return;
  const nodes = auditedNodes(state.found, request);
  const under = 'nodes' in request ? 'another identity' : 'the same key';
  yield { type: 'auditing', nodes: nodes.map(({ id }) => id), seed: request.seed };
  const taskOf = (node: PlanNode) =>
    newTask(
      state.subject(node),
      { kind: 'audit', expected: state.outputs[node.index] ?? [], under },
      { rule: 'audit' },
    );
  yield* begin(state, nodes.map(taskOf));
}

function* end(state: RunState): Commands {
  state.isOver = true;
  yield { type: 'end' };
}
