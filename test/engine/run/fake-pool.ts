import { type Deferred, deferred } from '../../../src/engine/base/deferred.ts';
import { type ArtefactDigest, digestBytes } from '../../../src/engine/base/digest.ts';
import type { NodeId } from '../../../src/engine/plan/plan.ts';
import type { ArtefactType } from '../../../src/engine/stage/artefact.ts';
import type { FailureCause } from '../../../src/engine/store/failed-attempt.ts';
import { type MetricSeries, metricNumber } from '../../../src/engine/store/metric-series.ts';
import type { Store } from '../../../src/engine/store/store.ts';
import type { Executor, JobDemands, JobListener, RunningJob } from '../../../src/engine/workers/executor.ts';
import type { JobOutcome } from '../../../src/engine/workers/job-outcome.ts';
import type { Job } from '../../../src/engine/workers/protocol.ts';
import { recordOf } from '../store/fixtures.ts';
import { metricOf } from './naive-pipeline.ts';

export interface FakeJob {
  readonly job: Job;
  readonly preferred: number | undefined;
  readonly demands: JobDemands;
  readonly worker: number;
  readonly listener: JobListener;
  readonly free: Deferred<void>;
  readonly outcome: Deferred<JobOutcome>;
}

/** Stands in for the worker processes: jobs end when, and as, the test says. */
export class FakePool implements Executor {
  /** Jobs in the order in which they were started. */
  readonly started: FakeJob[] = [];
  readonly running = new Map<NodeId, FakeJob>();
  stops = 0;
  private readonly store: Store;
  private readonly workers: number;

  private readonly automatic: boolean | ((job: Job) => string);

  /** @param automatic whether every job succeeds at once without being told to, or with which bytes it does. */
  constructor(store: Store, workers: number, automatic: boolean | ((job: Job) => string) = false) {
    this.store = store;
    this.workers = workers;
    this.automatic = automatic;
  }

  prepare(): void {}

  run(job: Job, preferred: number | undefined, demands: JobDemands, listener: JobListener): RunningJob {
    const busy = new Set([...this.running.values()].map(({ worker }) => worker));
    const idle = Array.from({ length: this.workers }, (_, index) => index + 1).filter((worker) => !busy.has(worker));
    const worker = preferred !== undefined && idle.includes(preferred) ? preferred : (idle[0] ?? this.workers + 1);
    const fake = {
      job,
      preferred,
      demands,
      worker,
      listener,
      free: deferred<void>(),
      outcome: deferred<JobOutcome>(),
    };
    this.started.push(fake);
    this.running.set(job.node, fake);
    const { automatic } = this;
    if (automatic) {
      setImmediate(() => void this.finish(job.node, automatic === true ? undefined : automatic(job)));
    }
    return { worker, free: fake.free.promise, outcome: fake.outcome.promise };
  }

  async stop(): Promise<void> {
    this.stops++;
    for (const node of [...this.running.keys()]) await this.end(node, { kind: 'lost' });
  }

  cancel(job: number): void {
    for (const { job: running } of [...this.running.values()]) if (running.id === job) void this.lose(running.node);
  }

  /** Ends a node as its worker would: with a record in the store, and outputs whose bytes are `content`. */
  async finish(node: string, content = `bytes of ${node}`, seconds = 1): Promise<void> {
    const { job } = this.jobOf(node);
    const outputs = await commitTo(this.store, job, content, seconds);
    await this.end(node, { kind: 'committed', outputs, seconds, bytes: content.length });
  }

  fail(node: string, cause: FailureCause = 'stage'): Promise<void> {
    return this.end(node, { kind: 'failed', cause, diagnostic: { fact: `${node} failed` }, log: 'its log' });
  }

  /** Its worker ends after the stage has returned, with no other job. */
  die(node: string): Promise<void> {
    return this.end(node, { kind: 'died', how: 'was killed by SIGSEGV', log: 'its last words' });
  }

  lose(node: string): Promise<void> {
    return this.end(node, { kind: 'lost' });
  }

  refuse(node: string, fact: string): Promise<void> {
    return this.end(node, { kind: 'refused', diagnostic: { fact } });
  }

  /** The worker can take another job, and the artefacts are on their way to the disk. */
  async free(node: string): Promise<void> {
    this.jobOf(node).free.resolve();
    await settled();
  }

  names(): readonly string[] {
    return this.started.map(({ job }) => job.node);
  }

  private async end(node: string, outcome: JobOutcome): Promise<void> {
    const fake = this.jobOf(node);
    this.running.delete(fake.job.node);
    fake.free.resolve();
    fake.outcome.resolve(outcome);
    await settled();
  }

  private jobOf(node: string): FakeJob {
    const found = this.running.get(node as NodeId);
    if (!found) throw new Error(`${node} is not running; running are: ${[...this.running.keys()].join(', ')}`);
    return found;
  }
}

/** Writes what a worker writes: a record, and outputs whose bytes are `content`. */
export async function commitTo(
  store: Store,
  job: Pick<Job, 'node' | 'key' | 'code' | 'params' | 'coordinates' | 'compute' | 'inputs' | 'outputs'>,
  content: string,
  seconds = 1,
): Promise<readonly ArtefactDigest[]> {
  const names = Object.keys(job.outputs).sort();
  const outputs = names.map((name) => digestBytes<ArtefactDigest>(`${name}: ${content}`));
  const recorded = names.map((name, index) => [
    name,
    { type: job.outputs[name] as ArtefactType, digest: outputs[index] as ArtefactDigest, bytes: content.length },
  ]);
  await store.commit({
    record: recordOf(job.node, {
      key: job.key,
      code: job.code,
      params: job.params,
      coordinates: job.coordinates,
      compute: job.compute,
      seconds,
      inputs: Object.fromEntries(
        job.inputs.map((input) => [
          input.name,
          input.kind === 'one'
            ? { kind: 'one' as const, digest: input.digest }
            : { kind: 'many' as const, items: input.items },
        ]),
      ),
      outputs: Object.fromEntries(recorded),
    }),
    artefacts: new Map(outputs.map((digest) => [digest, Buffer.from(content)])),
    metrics: [seriesOf('m', metricOf(content))],
  });
  return outputs;
}

export function seriesOf(name: string, value: number): MetricSeries {
  const told = metricNumber(value);
  return { name, count: 1, min: told, max: told, steps: [0], times: [0], values: [told] };
}

/** Lets the loop and its queue do all that they can do now. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setImmediate(resolve));
}
