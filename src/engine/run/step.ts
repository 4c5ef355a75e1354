import { isDeepStrictEqual } from 'node:util';
import type { ArtefactDigest } from '../base/digest.ts';
import { Failure } from '../base/failure.ts';
import { inputDigests } from '../keys/input-digests.ts';
import type { Retries } from '../pipeline/stages/retry-policy.ts';
import { isSource } from '../plan/is-source.ts';
import type { OutputReference, PlanNode } from '../plan/plan.ts';
import type { FetchedNode } from '../shared/shared-results.ts';
import type { Cut } from '../staleness/cut.ts';
import { judge, type Subject } from '../staleness/judge.ts';
import { missingMetrics } from '../staleness/missing-metrics.ts';
import { type NodeState, surveyEach } from '../staleness/survey.ts';
import type { StartReason } from '../staleness/work.ts';
import type { NodeOutcome } from '../store/run-manifest.ts';
import type { Trace } from '../store/store.ts';
import { type JobOutcome, retriesFor } from '../workers/job-outcome.ts';
import { auditedNodes } from './audit.ts';
import type { Command, StepEvent } from './messages.ts';
import type { RunState } from './run-state.ts';
import { stepsAhead } from './steps-ahead.ts';
import { newTask, type Task } from './task.ts';

type Outcome<Kind extends JobOutcome['kind']> = Extract<JobOutcome, { kind: Kind }>;

/** A node that loses its worker this often after its stage has returned is itself the cause. */
const DEATHS = 2;

/**
 * All decisions of a run: how an event changes its state, and which commands follow. It uses no clock or process, and only reads the
 * store: the same events over the same store give the same commands. Chains are thousands of nodes long, so nothing here recurses along them.
 */
export function step(state: RunState, event: StepEvent): readonly Command[] {
  state.commands = [];
  if (state.isOver) return state.commands;
  take(state, event);
  announce(state);
  evict(state);
  goOn(state);
  return state.commands;
}

function take(state: RunState, event: StepEvent): void {
  switch (event.type) {
    case 'begun':
      survey(state);
      break;
    case 'lookedUp':
      lookedUp(state, event.task, event.found);
      break;
    case 'admitted':
      goOnWith(state, [event.task], execute);
      break;
    case 'ended':
      state.ledger.attempted(event.task, event.outcome, event.times);
      ended(state, event.task, event.outcome);
      break;
    case 'quarantined':
      goOnWith(state, [event.task], supply);
      break;
    case 'evicted':
      state.bytes.evicted();
      goOnWith(state, state.held.splice(0), lookUpOrSupply);
      break;
    case 'stopped':
      state.isAccepting = false;
      state.isInterrupted = true;
      break;
    case 'broken':
      state.problem ??= event.error;
      end(state);
  }
}

/** Tasks of a run that begins nothing more are given up. */
function goOnWith(
  state: RunState,
  tasks: readonly Task[],
  next: (state: RunState, tasks: readonly Task[]) => void,
): void {
  if (state.mayBegin) next(state, tasks);
  else for (const task of tasks) giveUp(state, task);
}

/** Enters what is up to date, and begins with the first nodes that are not. */
function survey(state: RunState): void {
  const { nodes, subjects, outputs, store, ledger } = state;
  const stale: Task[] = [];
  if (!state.isAccepting) return;
  const enter = (seen: NodeState) => {
    const { node } = seen;
    // Not skipped: this is not the first survey.
    const earlier = ledger.outcomes[node.index] as NodeOutcome;
    if (seen.state === 'stale') stale.push(newTask(seen.subject, { kind: 'record' }, seen.reason));
    if (seen.state === 'current') {
      const isNew = earlier === 'skipped' || earlier === 'cut short';
      if (isNew) state.commands.push({ type: 'upToDate', node: node.id });
      state.enter(node, seen.key, isNew ? 'up to date' : earlier, seen);
    } else if (seen.state === 'cutShort') {
      cutShort(state, node, seen.cut);
    } else if (earlier !== 'skipped') ledger.decide(node, null, 'skipped');
  };
  surveyEach(nodes, subjects, outputs, store, enter, state.groups);
  begin(state, stale);
}

/** Begins tasks, unless the run is stopping, or all nodes are to be looked at again. */
function begin(state: RunState, tasks: readonly Task[]): void {
  if (!state.mayBegin || tasks.length === 0) return;
  state.count();
  for (const task of tasks) enlist(state, task);
  lookUpOrSupply(state, tasks);
}

function enlist(state: RunState, task: Task): void {
  state.tasks.add(task);
  // A stale node needs its inputs until it is up to date; a node that is up to date needs them only for a new execution.
  if (task.purpose.kind !== 'record') state.bytes.hold(task.subject.node);
}

/** Asks the shared cache first, once. It is not asked for what is to be executed in any case or is so already, or comes from a source. */
function lookUpOrSupply(state: RunState, tasks: readonly Task[]): void {
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

function lookedUp(state: RunState, task: Task, found: FetchedNode | undefined): void {
  // A result that does not say whether its chain goes on is of no use.
  if (found && lackingMetrics(state, task).length === 0) finished(state, task, 'fetched', found);
  else {
    if (task.purpose.kind === 'restore') state.unannounced.push(task.subject.node);
    goOnWith(state, [task], supply);
  }
}

/** Queues tasks whose inputs are there. First restores the nodes that made missing ones and, for them, those upstream; in a chain, the steps since bytes that are there. */
function supply(state: RunState, tasks: readonly Task[]): void {
  const open = [...tasks];
  for (const task of open) {
    const missing = restorations(state, state.sourcesOf(task.subject.node), task);
    for (const restoration of missing) enlist(state, restoration);
    if (state.wishes.isShared) lookUpOrSupply(state, missing);
    else open.push(...missing);
    if (task.lacking === 0) queue(state, task);
  }
}

/** Lets a reader wait for the nodes whose bytes are missing. @returns the tasks for those that nobody restores yet */
function restorations(state: RunState, sources: readonly OutputReference[], reader?: Task): readonly Task[] {
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
      const expected = node.stage.reproducible ? state.madeBy(node) : 'any bytes';
      return newTask(state.subject(node), { kind: 'restore', expected }, reason);
    });
}

function queue(state: RunState, task: Task): void {
  // An eviction that is under way removes what is restored before its end, and bytes that were committed again meanwhile.
  const isEndangered = () =>
    task.purpose.kind === 'restore' ||
    task.subject.inputs.flatMap(inputDigests).some((digest) => state.bytes.isLeaving(digest));
  if (state.bytes.isEvicting && isEndangered()) state.held.push(task);
  else state.commands.push({ type: 'queue', task });
}

function execute(state: RunState, tasks: readonly Task[]): void {
  for (const task of tasks) {
    const { id, chain } = task.subject.node;
    const ahead = task.isRefused ? [] : stepsAhead(state, task);
    const last = ahead.at(-1);
    if (chain !== undefined && last) state.sentAhead.set(chain, Math.max(last.index, state.sentAhead.get(chain) ?? 0));
    const executor = state.executorOfTask(task);
    const started = { type: 'started', node: id, attempt: task.attempt, reason: task.reason } as const;
    state.commands.push(executor === undefined ? started : { ...started, executor });
    state.commands.push({ type: 'execute', task, ahead });
  }
}

/** The steps that were sent ahead follow what is not made, or are not needed. */
function recall({ sentAhead, commands }: RunState, { chain }: PlanNode): void {
  if (chain !== undefined && sentAhead.delete(chain)) commands.push({ type: 'recall', chain });
}

function ended(state: RunState, task: Task, outcome: JobOutcome): void {
  if (outcome.kind !== 'committed') recall(state, task.subject.node);
  if (outcome.kind === 'committed') committed(state, task, outcome);
  else if (outcome.kind === 'failed') failed(state, task, outcome);
  else if (!state.mayBegin) giveUp(state, task);
  else if (outcome.kind === 'refused') refused(state, task, outcome);
  else if (outcome.kind === 'unreadable') repair(state, task, outcome);
  else lostWorker(state, task, outcome);
}

function committed(state: RunState, task: Task, outcome: Outcome<'committed'>): void {
  const lacking = lackingMetrics(state, task);
  if (lacking.length > 0) fail(state, task, withoutMetrics(task.subject.node, lacking));
  else finished(state, task, 'executed', outcome);
}

/** The metrics of which the record of a finished node has no value. */
function lackingMetrics({ store }: RunState, { purpose, subject }: Task): readonly string[] {
  return purpose.kind === 'record' ? missingMetrics(subject.node, subject.key, store) : [];
}

/** Nobody could say whether its chain goes on. */
function withoutMetrics({ stage }: PlanNode, missing: readonly string[]): Outcome<'failed'> {
  const names = missing.map((name) => `"${name}"`).join(' and ');
  const fact = `it has reported no value of ${names}, by which "stop" decides whether its chain goes on`;
  const fix = 'report one in each step, by metric(name, value), or correct the name in "stop"';
  return { kind: 'failed', cause: 'usage', diagnostic: { fact, fix, range: stage.range }, log: '' };
}

const COUNTED = { record: 'executed', restore: 'restored', audit: 'audited' } as const;

/** The outputs of a task are in the store: it was executed, or the shared cache had them. */
function finished(
  state: RunState,
  task: Task,
  outcome: 'executed' | 'fetched',
  { outputs, seconds, bytes }: Trace & { readonly bytes: number },
): void {
  const { subject, purpose } = task;
  const { node } = subject;
  const isResult = purpose.kind === 'record';
  state.tasks.delete(task);
  state.bytes.put(outputs);
  if (outcome === 'fetched') {
    if (isResult) state.counts.fetched++;
    state.commands.push({ type: 'fetched', node: node.id, what: isResult ? 'result' : 'bytes', seconds, bytes });
  } else {
    if (state.targetOf(node) !== undefined) state.expected.note(node, seconds);
    // A source is not made a second time for its bytes: they are taken when they are needed first.
    if (!isSource(node) || isResult) state.counts[COUNTED[purpose.kind]]++;
    state.commands.push({ type: 'finished', node: node.id, seconds, bytes });
  }
  if (isResult) upToDate(state, subject, outcome, { outputs, seconds });
  else if (purpose.kind === 'restore') restored(state, node, outputs);
  else state.bytes.release(node);
}

/** The bytes of a node that is up to date are there again. */
function restored(state: RunState, node: PlanNode, outputs: readonly ArtefactDigest[]): void {
  state.bytes.release(node);
  if (!isDeepStrictEqual(outputs, state.outputs[node.index])) {
    // What waits for it would read bytes that are there no more: its tasks end without having begun.
    state.mustSurvey = true;
    state.commands.push({ type: 'changed', node: node.id });
  }
  for (const reader of state.bytes.endWaiting(node.index)) {
    reader.lacking--;
    if (reader.lacking === 0 && state.tasks.has(reader)) queue(state, reader);
  }
}

/** Begins the nodes for which this one was the last missing input, unless they are cut off or cut short: then those after them. */
function upToDate(state: RunState, first: Subject, outcome: NodeOutcome, result: Trace): void {
  state.enter(first.node, first.key, outcome, result);
  const finished = [first.node];
  for (const node of finished) {
    for (const index of state.unfinished.finish(node.index)) {
      const below = state.nodes[index] as PlanNode;
      const cut = state.ends.cut(below);
      if (cut) {
        if (state.isSentAhead(below)) recall(state, below);
        cutShort(state, below, cut);
        finished.push(below);
        continue;
      }
      const subject = state.subject(below);
      const { id, chain } = below;
      const verdict = judge(subject, state.store);
      if (verdict.status === 'stale') {
        const continuesChain = chain !== undefined && chain === node.chain;
        if (!state.mayBegin) recall(state, subject.node);
        begin(state, [newTask(subject, { kind: 'record' }, verdict.reason, continuesChain)]);
        continue;
      }
      if (state.isSentAhead(subject.node)) recall(state, subject.node);
      // Something upstream was executed, and gave the same bytes as before.
      state.commands.push({ type: 'cutOff', node: id });
      state.enter(below, subject.key, 'cut off', verdict.trace);
      finished.push(below);
    }
  }
}

function cutShort(state: RunState, node: PlanNode, cut: Cut): void {
  state.enterCut(node, cut);
  state.commands.push({ type: 'cutShort', node: node.id, after: cut.after.id, reason: cut.reason });
}

/** An attempt has failed. */
function failed(state: RunState, task: Task, outcome: Outcome<'failed'>): void {
  const { node } = task.subject;
  const retries = retriesFor(node.stage.retries, outcome.cause);
  if (!state.isAccepting || !retries || !mayRetry(task, retries)) {
    fail(state, task, outcome);
    return;
  }
  state.ledger.failed(task, outcome);
  if (outcome.cause === 'timeout' || outcome.cause === 'memory') task.share[outcome.cause] *= retries.factor;
  task.attempt++;
  state.commands.push({ type: 'retrying', node: node.id, attempt: task.attempt, diagnostic: outcome.diagnostic });
  again(state, task);
}

/** Whether the stage allows one more attempt, which counts from now on. */
function mayRetry({ retried }: Task, retries: Retries): boolean {
  const done = retried.get(retries) ?? 0;
  retried.set(retries, done + 1);
  return done < retries.times;
}

/** There is no other attempt. */
function fail(state: RunState, task: Task, outcome: Outcome<'failed'>): void {
  const { node, key } = task.subject;
  // All of its metrics are kept with the run; views need none of them.
  const { kind: _kind, metrics: _metrics, ...why } = outcome;
  state.ledger.failed(task, outcome);
  if (task.purpose.kind === 'record') state.ledger.decide(node, key, 'failed');
  state.counts.failed++;
  if (why.cause === 'usage') state.counts.misconfigured++;
  if (why.cause === 'store') state.problem ??= new Failure('store', why.diagnostic);
  if (why.cause === 'store' || (task.purpose.kind !== 'audit' && !state.wishes.keepGoing)) state.isAccepting = false;
  state.commands.push({ type: 'failed', node: node.id, ...why });
  giveUp(state, task, node);
}

/** Queues a task once more, before those that have not begun. */
function again(state: RunState, task: Task): void {
  task.continuesChain = true;
  queue(state, task);
}

/** It goes to another unit, or to the workers of this machine if they compute with the same. */
function refused(state: RunState, task: Task, { diagnostic, isOfOneUnit }: Outcome<'refused'>): void {
  if (isOfOneUnit) {
    again(state, task);
    return;
  }
  const { stage } = task.subject.node;
  if (state.subjects.isOfOtherMachine(stage)) {
    fail(state, task, { kind: 'failed', cause: 'refused', diagnostic, log: '' });
    return;
  }
  task.isRefused = true;
  if (!state.refusals.has(diagnostic.fact)) {
    state.refusals.add(diagnostic.fact);
    state.commands.push({ type: 'refused', node: task.subject.node.id, diagnostic });
  }
  again(state, task);
}

/** The first loss of a worker does not fail anything. */
function lostWorker(state: RunState, task: Task, outcome: Outcome<'lost' | 'died'>): void {
  const { id, stage } = task.subject.node;
  const { lost } = stage.retries;
  task.isAlone = true;
  if (outcome.kind === 'died') task.deaths++;
  if (outcome.kind === 'lost' ? mayRetry(task, lost) : task.deaths < DEATHS) again(state, task);
  else if (outcome.kind === 'lost') {
    const losses = lost.times === 0 ? 'once' : `${lost.times + 1} times`;
    const fact = `${id} has lost its worker or its machine ${losses}`;
    const diagnostic = { fact, fix: `"retries: {lost: …}" of stage ${stage.name} allows no more` };
    fail(state, task, { kind: 'failed', cause: 'lost', diagnostic, log: '' });
  } else {
    const fact = `the worker process of ${id} ${outcome.how} after the stage had returned, ${task.deaths} times`;
    const diagnostic = { fact, fix: 'its last output is in the log below' };
    fail(state, task, { kind: 'failed', cause: 'crash', diagnostic, log: outcome.log });
  }
}

/** Restores an input that could not be read; fails the task if that was done for it before. */
function repair(state: RunState, task: Task, { input }: Outcome<'unreadable'>): void {
  const { digest, state: condition, diagnostic } = input;
  if (task.unread.includes(digest)) {
    fail(state, task, { kind: 'failed', cause: 'store', diagnostic, log: '' });
    return;
  }
  task.unread = [...task.unread, digest];
  task.continuesChain = false;
  state.commands.push({ type: 'unreadable', node: task.subject.node.id, state: condition, diagnostic });
  // Other bytes may have replaced those that another task found.
  if (condition === 'missing' || state.quarantined.has(digest)) supply(state, [task]);
  else {
    state.quarantined.add(digest);
    state.commands.push({ type: 'quarantine', task, digest });
  }
}

/** The task will not be done, and neither will its dependents. */
function giveUp(state: RunState, task: Task, because?: PlanNode): void {
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

/** Announces everything that is restored for one reason in one event. */
function announce(state: RunState): void {
  if (state.unannounced.length === 0) return;
  const nodes = state.unannounced.splice(0);
  const seconds = nodes.reduce((sum, { index }) => sum + (state.seconds[index] as number), 0);
  state.commands.push({ type: 'restoring', nodes: nodes.map(({ id }) => id), seconds });
}

function evict(state: RunState): void {
  // What nothing reads now may be read after the next survey.
  if (state.mustSurvey) return;
  const digests = state.bytes.evict();
  if (digests.length > 0) state.commands.push({ type: 'evict', digests });
}

/** The next phase when nothing is left to do: the targets' bytes, then the audit, then the end. */
function goOn(state: RunState): void {
  while (!state.isOver && state.tasks.size === 0 && !state.bytes.isEvicting) {
    if (state.mustSurvey && state.isAccepting && state.counts.failed === 0) {
      state.restart();
      survey(state);
      continue;
    }
    const phase = state.mayBegin ? state.phases.shift() : undefined;
    if (phase === 'targets') begin(state, restorations(state, state.wishes.wanted));
    else if (phase === 'audit') audit(state);
    else end(state);
  }
}

function audit(state: RunState): void {
  const { audit: request } = state.wishes;
  if (!request) return;
  const nodes = auditedNodes(state.ledger.nodesThatAre('up to date'), request);
  const under = 'nodes' in request ? 'another identity' : 'the same key';
  state.commands.push({ type: 'auditing', nodes: nodes.map(({ id }) => id), seed: request.seed });
  const taskOf = (node: PlanNode) => {
    const expected = state.madeBy(node);
    return newTask(state.subject(node), { kind: 'audit', expected, under }, { rule: 'audit' });
  };
  begin(state, nodes.map(taskOf));
}

function end(state: RunState): void {
  state.isOver = true;
  state.commands.push({ type: 'end' });
}
