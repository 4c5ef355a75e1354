import type { Diagnostic } from '../base/diagnostic.ts';
import type { NodeId } from '../plan/plan.ts';
import type { Executor, JobDemands, JobListener, RunningJob, StepAhead } from '../workers/executor.ts';
import type { JobOutcome } from '../workers/job-outcome.ts';
import type { Job } from '../workers/protocol.ts';
import { Slot } from './slot.ts';
import type { SlotDeclaration } from './transport.ts';
import type { UnitsOfRun } from './units-of-run.ts';

/** Executes jobs at the other ends of slots, each of which executes one job at a time. */
export class SlotExecutor implements Executor {
  private readonly slots: readonly Slot[];
  private readonly end: () => void | Promise<void>;
  private isStopping = false;

  /**
   * @param firstWorker the number of the first slot: no worker of another executor has it
   * @param end called when all slots have ended
   */
  constructor(
    declarations: readonly SlotDeclaration[],
    of: UnitsOfRun,
    firstWorker: number,
    end: () => void | Promise<void>,
  ) {
    const losses = new Map<NodeId, number>();
    this.slots = declarations.map((declaration, index) => new Slot(firstWorker + index, declaration, of, losses));
    this.end = end;
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
    if (this.isStopping) return ended({ kind: 'lost' });
    const usable = this.slots.filter((slot) => slot.problem === undefined);
    const [first, ...others] = usable;
    if (!first) return ended({ kind: 'refused', diagnostic: this.slots[0]?.problem as Diagnostic });
    const least = others.reduce((best, slot) => (slot.load < best.load ? slot : best), first);
    const known = usable.find(({ worker }) => worker === preferred);
    // What a chain's next step needs is there, or it is there itself; a slot that is much busier would make it wait.
    const slot = known && (known.hasAhead(job.id) || known.load <= least.load + 1) ? known : least;
    return slot.give(job, demands, listener, ahead);
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

/** A job that no slot got. */
function ended(outcome: JobOutcome): RunningJob {
  return { worker: 0, free: Promise.resolve(), outcome: Promise.resolve(outcome) };
}
