import type { Diagnostic } from '../base/diagnostic.ts';
import type { MachineIdentity } from '../keys/machine-identity.ts';
import {
  type JobDemands,
  type JobListener,
  notExecuted,
  type RunningJob,
  type StepAhead,
} from '../workers/executor.ts';
import type { JobOutcome } from '../workers/job-outcome.ts';
import type { Job } from '../workers/protocol.ts';
import { askUnit, type MachineInquiry, type UnitExecutor } from './ask-unit.ts';
import { Slot } from './slot.ts';
import type { SlotDeclaration } from './transport.ts';
import { UnitLosses } from './unit-losses.ts';
import type { UnitsOfRun } from './units-of-run.ts';

/** Executes jobs at the other ends of slots, each of which executes one job at a time. */
export class SlotExecutor implements UnitExecutor {
  private readonly slots: readonly Slot[];
  private readonly declaration: SlotDeclaration;
  private readonly of: UnitsOfRun;
  /** Numbers of slots that have refused jobs, by what is the same for all jobs of a stage. Their machines may differ. */
  private readonly refusals = new Map<string, Set<number>>();
  private readonly end: () => void | Promise<void>;
  private isStopping = false;

  /**
   * @param declaration of each of the slots
   * @param firstWorker the number of the first slot: no worker of another executor has it
   * @param end called when all slots have ended
   */
  constructor(
    declaration: SlotDeclaration,
    slots: number,
    of: UnitsOfRun,
    firstWorker: number,
    end: () => void | Promise<void>,
  ) {
    const losses = new UnitLosses();
    const numbers = Array.from({ length: slots }, (_, index) => firstWorker + index);
    this.slots = numbers.map((number) => new Slot(number, declaration, of, losses));
    this.declaration = declaration;
    this.of = of;
    this.end = end;
  }

  ask(inquiry: MachineInquiry): Promise<MachineIdentity> {
    return askUnit(this.declaration, this.of, inquiry);
  }

  prepare(): void {
    for (const slot of this.slots) slot.start();
  }

  run(
    job: Job,
    preferred: number | undefined,
    demands: JobDemands,
    listener: JobListener,
    ahead: readonly StepAhead[] = [],
  ): RunningJob {
    if (this.isStopping) return notExecuted({ kind: 'lost' });
    const working = this.slots.filter((slot) => slot.problem === undefined);
    const usable = this.willing(job, working);
    const [first, ...others] = usable.length > 0 ? usable : working;
    if (!first) return notExecuted({ kind: 'refused', diagnostic: this.slots[0]?.problem as Diagnostic });
    const least = others.reduce((best, slot) => (slot.load < best.load ? slot : best), first);
    const known = usable.find(({ worker }) => worker === preferred);
    // What a chain's next step needs is there, or it is there itself; a slot that is much busier would make it wait.
    const slot = known && (known.hasAhead(job.id) || known.load <= least.load + 1) ? known : least;
    const running = slot.give(job, demands, listener, ahead);
    return { ...running, outcome: running.outcome.then((outcome) => this.noting(outcome, job, slot)) };
  }

  /** Those of some slots that have not refused such jobs. */
  private willing(job: Job, slots: readonly Slot[]): readonly Slot[] {
    // Of each job, and most runs have none.
    if (this.refusals.size === 0) return slots;
    const refusals = this.refusals.get(kindOf(job));
    return refusals ? slots.filter(({ worker }) => !refusals.has(worker)) : slots;
  }

  private noting(outcome: JobOutcome, job: Job, slot: Slot): JobOutcome {
    if (outcome.kind !== 'refused') return outcome;
    const kind = kindOf(job);
    const refusals = this.refusals.get(kind) ?? new Set();
    this.refusals.set(kind, refusals.add(slot.worker));
    const working = this.slots.filter(({ problem }) => problem === undefined);
    return this.willing(job, working).length > 0 ? { ...outcome, isOfOneUnit: true } : outcome;
  }

  cancel(job: number): void {
    for (const slot of this.slots) slot.cancel(job);
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all(this.slots.map((slot) => slot.stop()));
    await this.end();
  }
}

/** What decides whether a machine may execute a job. */
function kindOf({ stage, code, compute, surroundings }: Job): string {
  return JSON.stringify([stage, code, compute, surroundings]);
}
