import { FEW_JOBS, optimize } from '../base/optimize.ts';
import { type Executor, type JobDemands, type JobListener, notExecuted, type RunningJob } from './executor.ts';
import { Gpus, visibleGpus } from './gpus.ts';
import { PoolWorker } from './pool-worker.ts';
import type { Job, WorkerSetup } from './protocol.ts';
import { Watchdog } from './watchdog.ts';
import { workerEnvironment } from './worker-environment.ts';

const OUTPUT_CHECK_MS = 1000;

/** Child processes that execute nodes. A crash takes only the node that was executing; the next node gets a new process. */
export class WorkerPool implements Executor {
  private readonly workerFile: string;
  private readonly setup: WorkerSetup;
  /** Where the values of secrets and of what locates things come from. */
  private readonly given: NodeJS.ProcessEnv;
  private readonly workers = new Map<number, PoolWorker>();
  private readonly watchdog: Watchdog;
  private readonly outputCheck: NodeJS.Timeout;
  private readonly gpus: Gpus;
  /** By stage and GPUs. */
  private readonly environments = new Map<string, NodeJS.ProcessEnv>();
  private nextWorker = 1;
  private begun = 0;
  private isStopping = false;

  constructor(workerFile: string, setup: WorkerSetup, given: NodeJS.ProcessEnv = process.env) {
    this.workerFile = workerFile;
    this.setup = setup;
    this.watchdog = new Watchdog(setup.lease);
    this.given = given;
    this.gpus = new Gpus(visibleGpus(given));
    this.outputCheck = setInterval(() => this.limitOutput(), OUTPUT_CHECK_MS).unref();
  }

  /** Starts a worker before there is a job: meanwhile, this process finds out what to execute. */
  prepare(): void {
    try {
      this.start(workerEnvironment(this.given, {}));
    } catch {
      // The first job will report it.
    }
  }

  /** Gives a job to an idle worker, if possible to the preferred one (which still holds the chain's last weights). */
  run(job: Job, preferred: number | undefined, demands: JobDemands, listener: JobListener): RunningJob {
    if (this.isStopping) return notExecuted({ kind: 'lost' });
    if (++this.begun > FEW_JOBS) optimize('soon');
    const gpus = this.gpus.take(demands.resources.gpus);
    const environment = this.environment(job, gpus);
    try {
      const running = this.worker(preferred, environment, demands).give(job, demands, listener);
      if (gpus) void running.free.then(() => this.gpus.giveBack(gpus));
      return running;
    } catch (error) {
      if (gpus) this.gpus.giveBack(gpus);
      const fact = `the worker process of ${job.node} could not be started: ${(error as Error).message}`;
      const fix = 'the system may have too many processes or open files: run fewer nodes at once (--jobs)';
      return notExecuted({ kind: 'failed', cause: 'crash', diagnostic: { fact, fix }, log: '' });
    }
  }

  /** Ends all processes and their children. */
  async stop(): Promise<void> {
    this.isStopping = true;
    clearInterval(this.outputCheck);
    for (const worker of this.workers.values()) worker.end();
    await Promise.all([...this.workers.values()].map(({ buried }) => buried));
    this.watchdog.end();
  }

  /** Ends a job by force, with the process that executes it. Its other jobs that are not on the disk yet are lost too. */
  cancel(job: number): void {
    for (const worker of this.workers.values()) if (worker.holds(job)) worker.end();
  }

  private environment({ stage, surroundings, secrets }: Job, gpus: readonly string[] | undefined): NodeJS.ProcessEnv {
    const name = [stage, ...(gpus ?? [])].join(' ');
    const known = this.environments.get(name);
    if (known) return known;
    // The values that are in the stage's keys.
    const declared: Record<string, string | undefined> = {};
    for (const [name, value] of Object.entries(surroundings.variables)) declared[name] = value ?? undefined;
    for (const name of secrets) declared[name] = this.given[name];
    const assigned = gpus ? { CUDA_VISIBLE_DEVICES: gpus.join(',') } : {};
    const environment = { ...workerEnvironment(this.given, declared), ...assigned };
    this.environments.set(name, environment);
    return environment;
  }

  private worker(preferred: number | undefined, environment: NodeJS.ProcessEnv, { isAlone }: JobDemands): PoolWorker {
    const idle = [...this.workers.values()].filter((worker) => (isAlone ? worker.isEmpty : worker.isIdle));
    const fitting = idle.filter((worker) => worker.hasEnvironment(environment));
    const found = fitting.find(({ id }) => id === preferred) ?? fitting[0];
    if (found) return found;
    // An idle worker for stages with other variables makes room.
    idle[0]?.end();
    return this.start(environment);
  }

  private start(environment: NodeJS.ProcessEnv): PoolWorker {
    const program = { file: this.workerFile, setup: this.setup, environment };
    const worker = new PoolWorker(this.nextWorker++, program, this.watchdog);
    this.workers.set(worker.id, worker);
    void worker.buried.then(() => this.workers.delete(worker.id));
    return worker;
  }

  private limitOutput(): void {
    for (const worker of this.workers.values()) worker.limitOutput();
  }
}
