// The work of one process for a run of N nodes on S slots: reading and expanding the pipeline, keys, and the decisions of the run, in which every node
// takes no time at all. Called by scale.mjs, which bundles it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deferred } from '../src/engine/base/deferred.ts';
import { type ArtefactDigest, type CodeFingerprint, digestBytes } from '../src/engine/base/digest.ts';
import { loadPipeline } from '../src/engine/pipeline/load-pipeline.ts';
import { buildPlan } from '../src/engine/plan/build-plan.ts';
import { RunLoop } from '../src/engine/run/run-loop.ts';
import { type RunRequest, Subjects } from '../src/engine/staleness/subjects.ts';
import { survey } from '../src/engine/staleness/survey.ts';
import { openStore } from '../src/engine/store/lmdb/lmdb-store.ts';
import type { NodeRecord } from '../src/engine/store/store.ts';
import type { Executor, JobDemands, JobListener, RunningJob } from '../src/engine/workers/executor.ts';
import type { JobOutcome } from '../src/engine/workers/job-outcome.ts';
import type { Job } from '../src/engine/workers/protocol.ts';

const [nodes = 10_000, slots = 100, chain = 1] = process.argv.slice(2).map(Number);

const TEXT = `version: 1
name: scale
params: {chains: ${Math.round(nodes / chain)}, steps: ${chain}}
stages:
  start: {run: stages/a.ts, outputs: {out: json}}
  step:
    run: stages/a.ts
    each: {chain: {from: 1, to: "\${chains}"}}
    scan: {step: {from: 1, to: "\${steps}"}, carry: {out: start.out}}
    outputs: {out: json}
targets: {all: {nodes: [step]}}
`;

const times: Record<string, number> = {};
async function timed<T>(name: string, run: () => T | Promise<T>): Promise<T> {
  const begun = performance.now();
  const result = await run();
  times[name] = (performance.now() - begun) / 1000;
  return result;
}

/** Ends every job in the next turn of the event loop, with a result in the store. */
class InstantExecutor implements Executor {
  private readonly commits: {
    readonly record: NodeRecord;
    readonly content: Uint8Array;
    readonly settle: (outcome: JobOutcome) => void;
  }[] = [];
  private isQueued = false;

  prepare(): void {}

  run(job: Job, _preferred: number | undefined, _demands: JobDemands, _listener: JobListener): RunningJob {
    const outcome = deferred<JobOutcome>();
    const content = Buffer.from(job.key);
    const digest = digestBytes<ArtefactDigest>(content);
    const { key, node, stage, code, params, coordinates, compute, surroundings } = job;
    const record: NodeRecord = {
      key,
      node,
      stage,
      code,
      params,
      coordinates,
      inputs: {},
      compute,
      engine: surroundings.engine,
      variables: {},
      outputs: { out: { type: 'json', digest, bytes: 64 } },
      startedAt: '2026-01-01T00:00:00.000Z',
      seconds: 0,
      host: 'here',
      run: 'run',
      attempt: 1,
      log: '',
    };
    this.commits.push({ record, content, settle: outcome.resolve });
    if (!this.isQueued) {
      this.isQueued = true;
      setImmediate(() => void this.commit());
    }
    return { worker: 1, free: outcome.promise.then(() => {}), outcome: outcome.promise };
  }

  cancel(): void {}

  async stop(): Promise<void> {}

  /** What a parent does for results of units: one commit each, which lmdb groups. */
  private async commit(): Promise<void> {
    this.isQueued = false;
    for (const { record, content, settle } of this.commits.splice(0)) {
      const outputs = [record.outputs.out?.digest as ArtefactDigest];
      void store
        .commit({ record, artefacts: new Map([[outputs[0] as ArtefactDigest, content]]) })
        .then(() => settle({ kind: 'committed', outputs, seconds: 0, bytes: 64 }));
    }
  }
}

const folder = mkdtempSync(join(tmpdir(), 'vmfdag-scale-'));
const store = openStore(folder);
try {
  const pipeline = await timed('pipeline', () => loadPipeline({ file: 'pipeline.yaml', text: TEXT }));
  const plan = await timed('plan', () => buildPlan(pipeline, { targets: ['all'] }));
  const request: RunRequest = {
    plan,
    fingerprints: new Map(plan.nodes.map(({ stage }) => [stage, digestBytes<CodeFingerprint>(stage.name)])),
    compute: { backend: 'cpu', version: '1', threads: 1 },
    engine: 'V8',
    environment: {},
    forced: new Set(),
  };
  await timed('keys', () => {
    const subjects = new Subjects(request);
    const known: (readonly ArtefactDigest[])[] = [];
    for (const node of plan.nodes) {
      const subject = subjects.subject(node, known);
      if (subject) known[node.index] = [digestBytes<ArtefactDigest>(subject.key)];
    }
  });
  const executor = new InstantExecutor();
  const loop = new RunLoop(request, store, executor as never, {
    jobs: slots,
    capacity: { threads: slots, memoryBytes: 1e15, gpus: 0 },
    keepGoing: false,
    wanted: [],
    listener: () => {},
  });
  await timed('run', () => loop.run());
  await timed('survey', () => survey(request, store));
  const { databaseBytes } = store.statistics();
  const peakMB = process.resourceUsage().maxRSS / 1024;
  console.log(
    JSON.stringify({ nodes: plan.nodes.length, slots, ...times, peakMB, databaseMB: databaseBytes / 2 ** 20 }),
  );
} finally {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}
