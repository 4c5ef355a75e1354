import { Failure } from '../base/failure.ts';
import type { Retries } from '../pipeline/stages/retry-policy.ts';
import { type JobOutcome, retriesFor } from '../workers/job-outcome.ts';
import type { RunState } from './run-state.ts';
import { giveUp, queue, recall, supply } from './supply.ts';
import type { Task } from './task.ts';

type Outcome<Kind extends JobOutcome['kind']> = Extract<JobOutcome, { kind: Kind }>;

/** A node that loses its worker this often after its stage has returned is itself the cause. */
const DEATHS = 2;

/** What becomes of a task whose attempt has ended without a result: it is queued once more, failed or given up. */
export function endedWithoutResult(
  state: RunState,
  task: Task,
  outcome: Exclude<JobOutcome, Outcome<'committed'>>,
): void {
  recall(state, task.subject.node);
  if (outcome.kind === 'failed') failed(state, task, outcome);
  else if (!state.mayBegin) giveUp(state, task);
  else if (outcome.kind === 'refused') refused(state, task, outcome);
  else if (outcome.kind === 'unreadable') repair(state, task, outcome);
  else lostWorker(state, task, outcome);
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
  if (state.known.subjects.isOfOtherMachine(stage)) {
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
    const diagnostic = { fact, fix: 'its last output is in its log' };
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

/** Nobody could say whether its chain goes on. */
export function failWithoutMetrics(state: RunState, task: Task, missing: readonly string[]): void {
  const names = missing.map((name) => `"${name}"`).join(' and ');
  const fact = `it has reported no value of ${names}, by which "stop" decides whether its chain goes on`;
  const fix = 'report one in each step, by metric(name, value), or correct the name in "stop"';
  const { range } = task.subject.node.stage;
  fail(state, task, { kind: 'failed', cause: 'usage', diagnostic: { fact, fix, range }, log: '' });
}
