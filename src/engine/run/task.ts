import type { ArtefactDigest } from '../base/digest.ts';
import type { Retries } from '../pipeline/stages/retry-policy.ts';
import type { OutputReference, PlanNode, PlanStage } from '../plan/plan.ts';
import { recordedId } from '../plan/recorded-id.ts';
import type { KnownNodes } from '../staleness/known-nodes.ts';
import type { Subject } from '../staleness/subjects.ts';
import type { Purpose, StartReason } from '../staleness/work.ts';
import type { JobDemands } from '../workers/executor.ts';
import type { AwaitedOutput, JobAhead } from '../workers/job-ahead.ts';
import type { Job } from '../workers/protocol.ts';

/** A node to execute, from the decision to its end. */
export class Task {
  readonly subject: Subject;
  readonly purpose: Purpose;
  readonly reason: StartReason;
  attempt = 1;
  /** How often it was executed again, by what its stage allows. */
  readonly retried = new Map<Retries, number>();
  /** What the present attempt gets, as a multiple of what the stage says. */
  readonly share = { timeout: 1, memory: 1 };
  /** Whether the chain's last step has just been executed. */
  continuesChain: boolean;
  /** The number of nodes whose bytes it waits for. */
  lacking = 0;
  /** It has lost its worker once: from then on, it gets one without other nodes. */
  isAlone = false;
  /** How often it has ended its worker itself during its commit. */
  deaths = 0;
  /** The shared cache has been asked for it. */
  isSought = false;
  /** Its executor has refused it: this machine executes it. */
  isRefused = false;
  /** Inputs that could not be read, and were restored for it. */
  unread: readonly ArtefactDigest[] = [];

  constructor(subject: Subject, purpose: Purpose, reason: StartReason, continuesChain = false) {
    this.subject = subject;
    this.purpose = purpose;
    this.reason = reason;
    this.continuesChain = continuesChain;
  }
}

/** What the present attempt reserves, and how long it may take. */
export function demandsOf({ subject: { node }, share, isAlone }: Task): JobDemands {
  return demandsOfStage(node.stage, share, isAlone);
}

function demandsOfStage({ resources, timeoutSeconds }: PlanStage, share: Task['share'], isAlone: boolean): JobDemands {
  const memoryBytes = Math.ceil(resources.memoryBytes * share.memory);
  return {
    limitSeconds: timeoutSeconds === undefined ? undefined : timeoutSeconds * share.timeout,
    isAlone,
    resources: { ...resources, memoryBytes },
  };
}

/** What a worker is told of a task. */
export function jobOf({ subject, attempt, purpose }: Task, id: number): Job {
  const { key, inputs } = subject;
  return { ...workOf(subject, id), key, inputs, attempt, purpose };
}

/** A step of a chain, and the number of its job. */
export interface JobOfStep {
  readonly step: PlanNode;
  readonly job: number;
}

/** A step that goes to its executor before the steps are done which it follows. @param jobs the numbers of their jobs, by node */
export function jobAheadOf(
  { subjects, outputs }: KnownNodes,
  { step: node, job: id }: JobOfStep,
  jobs: ReadonlyMap<number, number>,
): { readonly job: JobAhead; readonly demands: JobDemands } {
  const made = (source: OutputReference): ArtefactDigest | AwaitedOutput | undefined => {
    const job = jobs.get(source.node);
    return subjects.digest(source, outputs) ?? (job === undefined ? undefined : { job, output: source.output });
  };
  const { stageKey, ...shared } = subjects.shared(node);
  const inputs = subjects.inputs(node, made);
  if (!inputs) throw new Error(`${node.id} was sent ahead, and reads what nobody makes`);
  const job: JobAhead = {
    ...workOf({ node, ...shared }, id),
    stageKey,
    inputs,
    attempt: 1,
    purpose: { kind: 'record' },
  };
  return { job, demands: demandsOfStage(node.stage, { timeout: 1, memory: 1 }, false) };
}

function workOf(
  subject: Pick<Subject, 'node' | 'code' | 'compute' | 'surroundings'>,
  id: number,
): Omit<Job, 'key' | 'inputs' | 'attempt' | 'purpose'> {
  const { node, code, compute = null, surroundings } = subject;
  const { name: stage, outputs, undeclared, secrets } = node.stage;
  const { params, coordinates } = node;
  const program = jobProgramOf(node.stage);
  return {
    id,
    node: recordedId(node),
    stage,
    program,
    code,
    params,
    coordinates,
    outputs,
    compute,
    surroundings,
    undeclared,
    secrets,
  };
}

function jobProgramOf({ name, program, range }: PlanStage): Job['program'] {
  switch (program.kind) {
    case 'module':
      return { kind: 'module', path: program.path };
    case 'command':
      return { kind: 'command', environment: program.environment };
    case 'source':
      return { kind: 'source', source: { name, content: program.content, range } };
  }
}
