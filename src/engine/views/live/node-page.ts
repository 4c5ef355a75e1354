import { shortDigest } from '../../base/digest.ts';
import { shortIdentity } from '../../environments/environments.ts';
import { inputDigests } from '../../keys/input-digests.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { inputNodes, sourcesOf } from '../../plan/sources.ts';
import { ARTEFACT_EXTENSIONS } from '../../stage/artefact.ts';
import { describeCompute } from '../../staleness/describe-compute.ts';
import type { FailedAttempt } from '../../store/failed-attempt.ts';
import type { Attempt } from '../../store/run-manifest.ts';
import type { NodeRecord, Store } from '../../store/store.ts';
import { describeSoftware } from '../code/describe-software.ts';
import { failureLines } from '../runs/failure-lines.ts';
import type { Lane, NodeAttempt, NodeInput, NodeMaking, NodeOutput, NodePage, RunHead } from './protocol.ts';
import type { RunView } from './run/run-view.ts';

const SOURCES_SHOWN = 200;
const DEPENDENTS_SHOWN = 200;

/** Everything about a node of a run that the cache and the run tell. */
export function nodePage(view: RunView, index: number, head: RunHead, store: Store): NodePage {
  const { table, states, live } = view;
  const id = table.ids[index] as NodeRecord['node'];
  const planned = table.plan?.nodes[index];
  const stage = table.stages[table.stageOf[index] as number];
  const key = view.keyOf(index, store);
  const record = key && store.record(key);
  const failures = view.run ? store.failures(view.run.id, id) : [];
  const attempts = states.attempts.filter(({ node }) => node === index);
  const running = states.runningNodeAt(index) ?? null;
  const told = states.liveMetrics(index);
  const names = stage?.coordinates ?? [];
  const log = running ? live?.log(index) : undefined;
  return {
    head,
    node: id,
    index,
    stage: stage?.name ?? id,
    state: states.stateOf(index),
    key: key ?? null,
    coordinates: Object.fromEntries(table.coordinatesOf(index).map((value, at) => [names[at] ?? String(at), value])),
    params: planned?.params ?? record?.params ?? null,
    reason: running?.reason ?? attempts.at(-1)?.reason ?? null,
    running,
    inputs: planned ? plannedInputs(planned, view, record) : recordedInputs(record),
    outputs: outputsOf(planned, record, view, store),
    dependents: dependentsOf(index, view),
    attempts: attemptsOf(attempts, failures, running, states.lanes),
    record: record ? makingOf(record, store) : null,
    metrics: told.length > 0 ? told : record ? store.metrics(record.key) : (failures.at(-1)?.metrics ?? []),
    log: running
      ? { bytes: (log?.first ?? 0) + (log?.bytes.length ?? 0), isLive: true }
      : { bytes: Buffer.byteLength(lastLog(record, failures)), isLive: false },
  };
}

/** The log that belongs to the state of a node. */
export function lastLog(record: NodeRecord | undefined, failures: readonly FailedAttempt[]): string {
  return record?.log ?? failures.at(-1)?.log ?? '';
}

function plannedInputs({ inputs }: PlanNode, { table }: RunView, record: NodeRecord | undefined): readonly NodeInput[] {
  return inputs.map((input) => {
    const sources = sourcesOf(input);
    const recorded = record?.inputs[input.name];
    const digests = recorded ? inputDigests(recorded) : [];
    const from = sources.slice(0, SOURCES_SHOWN).map(({ node, output }, at) => ({
      node: table.ids[node] as string,
      output,
      digest: digests[at] ?? null,
    }));
    return { name: input.name, from, count: sources.length };
  });
}

function recordedInputs(record: NodeRecord | undefined): readonly NodeInput[] {
  return Object.entries(record?.inputs ?? {}).map(([name, recorded]) => {
    const digests = inputDigests(recorded);
    const from = digests.slice(0, SOURCES_SHOWN).map((digest) => ({ node: '', output: '', digest }));
    return { name, from, count: digests.length };
  });
}

function outputsOf(
  planned: PlanNode | undefined,
  record: NodeRecord | undefined,
  { table }: RunView,
  store: Store,
): readonly NodeOutput[] {
  const types =
    planned?.stage.outputs ??
    Object.fromEntries(Object.entries(record?.outputs ?? {}).map(([name, { type }]) => [name, type]));
  const files = planned
    ? (table.plan?.targets ?? [])
        .flatMap((target) => target.files)
        .filter(({ source }) => source.node === planned.index)
    : [];
  return Object.entries(types).map(([name, type]) => {
    const made = record?.outputs[name];
    return {
      name,
      type: type in ARTEFACT_EXTENSIONS ? type : 'bytes',
      digest: made?.digest ?? null,
      bytes: made?.bytes ?? null,
      state: made ? (store.hasArtefact(made.digest) ? 'here' : 'evicted') : 'not made',
      files: [...new Set(files.filter(({ source }) => source.output === name).map(({ path }) => path))],
    };
  });
}

function dependentsOf(index: number, { table }: RunView): readonly string[] {
  const found: string[] = [];
  // The plan is in topological order.
  for (const node of table.plan?.nodes.slice(index + 1) ?? []) {
    if (found.length === DEPENDENTS_SHOWN) break;
    if (inputNodes(node).includes(index)) found.push(node.id);
  }
  return found;
}

function attemptsOf(
  attempts: readonly Attempt[],
  failures: readonly FailedAttempt[],
  running: NodePage['running'],
  lanes: readonly Lane[],
): readonly NodeAttempt[] {
  const ended = attempts.map(({ node: _, reason, ...attempt }): NodeAttempt => {
    const failure =
      attempt.outcome === 'failed' ? failures.find((each) => each.attempt === attempt.attempt) : undefined;
    return { ...attempt, reason: reason ?? null, failure: failure ? failureOf(failure) : null };
  });
  if (!running) return ended;
  const { attempt, start, reason } = running;
  const { worker, executor, host } = lanes[running.lane] as Lane;
  const place = { worker, ...(executor === null ? {} : { executor }), ...(host === null ? {} : { host }) };
  const times = { start, end: start, seconds: 0 };
  return [...ended, { attempt, ...place, ...times, outcome: 'running', reason, failure: null }];
}

function failureOf(failure: FailedAttempt): NonNullable<NodeAttempt['failure']> {
  const lines = failureLines(failure);
  return { cause: failure.cause, text: lines.join('\n'), logBytes: Buffer.byteLength(failure.log) };
}

function makingOf(record: NodeRecord, store: Store): NodeMaking {
  const {
    run,
    startedAt,
    seconds,
    host,
    executor = null,
    code,
    engine,
    compute,
    environment,
    gpus = null,
    variables,
    software,
    adopted,
  } = record;
  return {
    run,
    startedAt,
    seconds,
    host,
    executor,
    code: shortDigest(code),
    engine,
    compute: compute ? describeCompute(compute) : null,
    environment: environment === undefined ? null : shortIdentity(environment),
    gpus,
    variables,
    software: software === undefined ? null : describeSoftware(store.software(software)),
    adoptedFrom: adopted ? `run ${adopted.run}: ${adopted.engine}` : null,
  };
}
