import { isDeepStrictEqual } from 'node:util';
import type { ArtefactDigest } from '../base/digest.ts';
import { isSource } from '../plan/is-source.ts';
import type { PlanNode } from '../plan/plan.ts';
import type { FetchedNode } from '../shared/shared-results.ts';
import { Cut } from '../staleness/cut.ts';
import type { Judged } from '../staleness/known-nodes.ts';
import { missingMetrics } from '../staleness/missing-metrics.ts';
import type { Subject } from '../staleness/subjects.ts';
import { surveyEach } from '../staleness/survey.ts';
import type { NodeOutcome } from '../store/run-manifest.ts';
import type { Trace } from '../store/store.ts';
import type { JobOutcome } from '../workers/job-outcome.ts';
import { auditedNodes } from './audit.ts';
import { endedWithoutResult, failWithoutMetrics } from './failed-attempts.ts';
import type { Command, StepEvent } from './messages.ts';
import type { RunState } from './run-state.ts';
import { stepsAhead } from './steps-ahead.ts';
import { begin, goOnWith, lookUpOrSupply, queue, recall, restorations, supply } from './supply.ts';
import { Task } from './task.ts';

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

/** Enters what is up to date, and begins with the first nodes that are not. */
function survey(state: RunState): void {
  const { ledger } = state;
  const stale: Task[] = [];
  surveyEach(state.known, (seen) => {
    const { node } = seen;
    // Not skipped: this is not the first survey.
    const earlier = ledger.outcomes[node.index] as NodeOutcome;
    if (seen.state === 'current') {
      const isNew = earlier === 'skipped' || earlier === 'cut short';
      if (isNew) state.commands.push({ type: 'upToDate', node: node.id });
      state.enter(node, seen.key, isNew ? 'up to date' : earlier, seen);
    } else if (seen.state === 'cutShort') {
      cutShort(state, node, seen.cut);
    } else {
      if (seen.state === 'stale') stale.push(new Task(seen.subject, { kind: 'record' }, seen.reason));
      if (earlier !== 'skipped') ledger.decide(node, null, 'skipped');
    }
  });
  begin(state, stale);
}

function lookedUp(state: RunState, task: Task, found: FetchedNode | undefined): void {
  // A result that does not say whether its chain goes on is of no use.
  if (found && lackingMetrics(state, task).length === 0) finished(state, task, 'fetched', found);
  else {
    if (task.purpose.kind === 'restore') state.unannounced.push(task.subject.node);
    goOnWith(state, [task], supply);
  }
}

function execute(state: RunState, tasks: readonly Task[]): void {
  for (const task of tasks) {
    const { node } = task.subject;
    const job = state.jobNumberOf(node);
    const ahead = stepsAhead(state, task).map((step) => ({ step, job: state.jobNumberOf(step) }));
    const together = ahead.length > 0 ? [{ step: node, job }, ...ahead] : [];
    for (const each of together) state.sentAhead.set(each.step.index, each.job);
    const executor = state.executorOfTask(task);
    const started = { type: 'started', node: node.id, attempt: task.attempt, reason: task.reason } as const;
    state.commands.push(executor === undefined ? started : { ...started, executor });
    state.commands.push({ type: 'execute', task, job, ahead });
  }
}

function ended(state: RunState, task: Task, outcome: JobOutcome): void {
  if (outcome.kind !== 'committed') {
    endedWithoutResult(state, task, outcome);
    return;
  }
  const lacking = lackingMetrics(state, task);
  if (lacking.length > 0) failWithoutMetrics(state, task, lacking);
  else finished(state, task, 'executed', outcome);
}

/** The metrics of which the record of a finished node has no value. */
function lackingMetrics({ store }: RunState, { purpose, subject }: Task): readonly string[] {
  return purpose.kind === 'record' ? missingMetrics(subject.node, subject.key, store) : [];
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
  if (!isDeepStrictEqual(outputs, state.known.outputs[node.index])) {
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
      const found = state.known.lookAt(below) as Cut | Judged;
      if (found instanceof Cut) cutShort(state, below, found);
      else if (found.verdict.status === 'current') cutOff(state, found.subject, found.verdict.trace);
      else {
        const continuesChain = below.chain !== undefined && below.chain === node.chain;
        const task = new Task(found.subject, { kind: 'record' }, found.verdict.reason, continuesChain);
        goOnWith(state, [task], begin);
        continue;
      }
      finished.push(below);
    }
  }
}

/** Something upstream was executed, and gave the same bytes as before. */
function cutOff(state: RunState, { node, key }: Subject, trace: Trace): void {
  recall(state, node);
  state.enter(node, key, 'cut off', trace);
  state.commands.push({ type: 'cutOff', node: node.id });
}

function cutShort(state: RunState, node: PlanNode, cut: Cut): void {
  recall(state, node);
  state.enterCut(node, cut);
  state.commands.push({ type: 'cutShort', node: node.id, after: cut.after.id, reason: cut.reason });
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
    const expected = state.known.madeBy(node);
    return new Task(state.known.subject(node), { kind: 'audit', expected, under }, { rule: 'audit' });
  };
  begin(state, nodes.map(taskOf));
}

function end(state: RunState): void {
  state.isOver = true;
  state.commands.push({ type: 'end' });
}
