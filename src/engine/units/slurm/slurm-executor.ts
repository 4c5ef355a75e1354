import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { diagnosticOf } from '../../base/diagnostic-of.ts';
import { Failure, isFailure } from '../../base/failure.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { shellLine } from '../../base/shell-word.ts';
import type { MachineIdentity } from '../../keys/machine-identity.ts';
import type { SlurmWay } from '../../pipeline/executors/read-executors.ts';
import type { StageResources } from '../../plan/plan.ts';
import {
  type JobDemands,
  type JobListener,
  notExecuted,
  type RunningJob,
  type StepAhead,
} from '../../workers/executor.ts';
import type { Job } from '../../workers/protocol.ts';
import type { MachineInquiry, UnitExecutor } from '../ask-unit.ts';
import { SlotExecutor } from '../slot-executor.ts';
import type { SlotDeclaration } from '../transport.ts';
import type { UnitsOfRun } from '../units-of-run.ts';
import { removeSpooled, SlurmJobs } from './slurm-jobs.ts';

/** Clusters are often full. */
const PATIENCE_MS = 300_000;

/** A unit that hears nothing for this much longer than an idle slot is kept has lost its run. */
const FORSAKEN_FACTOR = 3;

/** Workers of one class of resources have numbers of their own. */
const MOST_SLOTS = 1000;

export interface SlurmOptions {
  readonly name: string;
  readonly way: SlurmWay;
  readonly slots: number;
  readonly of: UnitsOfRun;
  readonly firstWorker: number;
}

/** Executes nodes in jobs of a SLURM cluster. Nodes that ask for the same resources share jobs. */
export class SlurmExecutor implements UnitExecutor {
  private readonly options: SlurmOptions;
  private readonly classes = new Map<string, { readonly jobs: SlurmJobs; readonly slots: SlotExecutor }>();

  constructor(options: SlurmOptions) {
    this.options = options;
  }

  /** Which jobs to submit is known with the first node. */
  prepare(): void {}

  run(
    job: Job,
    preferred: number | undefined,
    demands: JobDemands,
    listener: JobListener,
    ahead?: readonly StepAhead[],
  ): RunningJob {
    try {
      return this.classOf(demands.resources, listener).run(job, preferred, demands, listener, ahead);
    } catch (error) {
      if (!isFailure(error)) throw error;
      return notExecuted({ kind: 'refused', diagnostic: diagnosticOf(error) });
    }
  }

  ask(inquiry: MachineInquiry): Promise<MachineIdentity> {
    return this.classOf(inquiry.resources, { warning: inquiry.warn }).ask(inquiry);
  }

  cancel(job: number): void {
    for (const { slots } of this.classes.values()) slots.cancel(job);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.classes.values()].map(({ slots }) => slots.stop()));
    const { way, of } = this.options;
    removeSpooled(join(spoolOf(way, of.root), of.run));
  }

  /** @throws {Failure} kind `environment` where the spool folder cannot be written */
  private classOf(
    { threads, memoryBytes, gpus }: StageResources,
    listener: Pick<JobListener, 'warning'>,
  ): SlotExecutor {
    const name = `${threads}-${memoryBytes}-${gpus}`;
    const known = this.classes.get(name);
    if (known) return known.slots;
    const { way, of, slots, firstWorker } = this.options;
    const spool = spoolOf(way, of.root);
    const jobs = this.spooled(
      spool,
      () =>
        new SlurmJobs(
          {
            name: `vmfdag-${this.options.name}`,
            cpus: threads,
            memoryBytes,
            gpus,
            partition: way.partition,
            account: way.account,
            timeSeconds: way.timeSeconds,
            arguments: way.arguments,
          },
          {
            folder: join(spool, of.run, name),
            command: this.command(),
            pollSeconds: way.pollSeconds,
            warn: (fact, fix) => listener.warning({ fact: `executor ${this.options.name}: ${fact}`, fix }),
          },
        ),
    );
    const declaration: SlotDeclaration = {
      executor: this.options.name,
      description: 'a job of SLURM',
      trial: 'sbatch --wrap hostname',
      patienceMs: PATIENCE_MS,
      idleMs: way.idleSeconds * 1000,
      isOnDisk: true,
      open: (onFrame) => jobs.open(onFrame),
    };
    const first = firstWorker + this.classes.size * MOST_SLOTS * MOST_SLOTS;
    const executor = new SlotExecutor(declaration, slots, of, first, () => jobs.stop());
    this.classes.set(name, { jobs, slots: executor });
    return executor;
  }

  private spooled(spool: string, make: () => SlurmJobs): SlurmJobs {
    try {
      makeFolder(spool);
      // Nobody wants it in a repository.
      writeFileSync(join(spool, '.gitignore'), '*\n');
      return make();
    } catch (error) {
      throw new Failure('environment', {
        fact: `executor ${this.options.name}: the spool folder ${spool} cannot be written (${(error as Error).message})`,
        fix: 'name a folder that all nodes see and you may write, with "spool"',
      });
    }
  }

  /** The cache of the units of a node is on its own disk, and not in a home folder that all nodes share. */
  private command(): string {
    const { way, of } = this.options;
    const words = shellLine([...(way.command ?? of.unitCommand.slice(0, -2)), 'unit', '--root', of.root]);
    const idle = Math.ceil(way.idleSeconds * FORSAKEN_FACTOR + 30);
    const cache = `"\${SLURM_TMPDIR:-\${TMPDIR:-/tmp}}"/vmfdag-units-${userInfo().uid}`;
    return `${words} --cache ${cache} --idle ${idle} --mailbox "$MAILBOX"`;
  }
}

/** The folder that all nodes see. */
export function spoolOf({ spool }: SlurmWay, root: string): string {
  return resolve(root, spool ?? '.vmfdag');
}
