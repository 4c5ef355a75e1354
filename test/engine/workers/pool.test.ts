import { randomUUID } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Diagnostic } from '../../../src/engine/base/diagnostic.ts';
import { type CodeFingerprint, digestBytes, type NodeKey } from '../../../src/engine/base/digest.ts';
import type { NodeId } from '../../../src/engine/plan/plan.ts';
import type { MetricValue } from '../../../src/engine/store/metric-series.ts';
import type { RunningJob } from '../../../src/engine/workers/executor.ts';
import type { JobOutcome } from '../../../src/engine/workers/job-outcome.ts';
import { WorkerPool } from '../../../src/engine/workers/pool.ts';
import type { Job } from '../../../src/engine/workers/protocol.ts';

const workerFile = fileURLToPath(new URL('worker.mjs', import.meta.url));
const root = realpathSync(tmpdir());
const setup = { root, cacheDirectory: '/cache', lease: randomUUID(), run: 'run 1', host: 'here' };

function poolOf(file = workerFile): WorkerPool {
  const pool = new WorkerPool(file, setup);
  onTestFinished(() => pool.stop());
  return pool;
}

let nextJob = 1;
function job(node: string): Job {
  return {
    id: nextJob++,
    node: node as NodeId,
    key: digestBytes<NodeKey>(node),
    stage: node.split('/')[0] as string,
    program: { kind: 'module', path: 'stages/stage.ts' },
    code: digestBytes<CodeFingerprint>('code'),
    params: {},
    coordinates: {},
    inputs: [],
    outputs: {},
    compute: null,
    surroundings: { engine: 'V8 11.3', variables: {} },
    undeclared: 'refuse',
    secrets: [],
    attempt: 1,
    purpose: { kind: 'record' },
  };
}

interface Wishes {
  readonly preferred?: number;
  readonly limitSeconds?: number;
  readonly isAlone?: boolean;
  readonly onProgress?: (fraction: number) => void;
  readonly onMetrics?: (values: readonly MetricValue[]) => void;
  readonly onWarning?: (diagnostic: Diagnostic) => void;
  readonly variables?: Readonly<Record<string, string | null>>;
  readonly secrets?: readonly string[];
}

function run(pool: WorkerPool, node: string, wishes: Wishes = {}) {
  const { preferred, limitSeconds, isAlone = false, onProgress = () => {} } = wishes;
  const { onMetrics = () => {}, onWarning = () => {} } = wishes;
  const { variables = {}, secrets = [] } = wishes;
  const listener = { progress: onProgress, metrics: onMetrics, warning: onWarning };
  const resources = { threads: 1, memoryBytes: 0, gpus: 0 };
  const asked = { ...job(node), surroundings: { engine: 'V8 11.3', variables }, secrets };
  return pool.run(asked, preferred, { limitSeconds, isAlone, resources }, listener);
}

/** Whether a process works, or could. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** The process that executed a job of the test's worker program: it gives its number as an output. */
async function processOf(running: RunningJob): Promise<string> {
  const outcome = await running.outcome;
  if (outcome.kind !== 'committed') throw new Error(`the job ${outcome.kind}`);
  return String(outcome.outputs[0]);
}

const failureOf = async (running: RunningJob) => (await running.outcome) as Extract<JobOutcome, { kind: 'failed' }>;

describe('WorkerPool', () => {
  it('executes a job and tells how far it is', async () => {
    const fractions: number[] = [];
    const metrics: MetricValue[] = [];
    const running = run(poolOf(), 'fine', {
      onProgress: (fraction) => fractions.push(fraction),
      onMetrics: (values) => metrics.push(...values),
    });
    expect(await running.outcome).toEqual({ kind: 'committed', outputs: [expect.any(String)], seconds: 1, bytes: 12 });
    await running.free;
    expect(fractions).toEqual([0.5]);
    expect(metrics).toEqual([{ name: 'loss', step: 3, value: 'NaN' }]);
  });

  it('tells its workers where they are', async () => {
    expect(await run(poolOf(), 'setup').outcome).toMatchObject({ outputs: [root, '/cache', 'run 1', 'here'] });
  });

  it('uses an idle worker again, the preferred one if it can, and starts another when all are busy', async () => {
    const pool = poolOf();
    const [one, two] = [run(pool, 'slow'), run(pool, 'slow')];
    expect(one.worker).not.toBe(two.worker);
    const [first, second] = await Promise.all([processOf(one), processOf(two)]);
    expect(first).not.toBe(second);
    expect(await processOf(run(pool, 'fine', { preferred: two.worker }))).toBe(second);
    expect(await processOf(run(pool, 'fine', { preferred: one.worker }))).toBe(first);
    expect(await processOf(run(pool, 'fine', { preferred: 999 }))).toBe(first);
    const busy = run(pool, 'slow', { preferred: two.worker });
    expect(run(pool, 'fine', { preferred: two.worker }).worker).toBe(one.worker);
    await busy.outcome;
  });

  it('passes on what a worker says of a failed stage, and uses the worker again', async () => {
    const pool = poolOf();
    const running = run(pool, 'fails');
    expect(await running.outcome).toEqual({
      kind: 'failed',
      cause: 'stage',
      diagnostic: { fact: 'it threw', fix: 'repair it' },
      log: 'line 1\n',
      metrics: [{ name: 'loss', count: 1, min: 1, max: 1, steps: [0], times: [5], values: [1] }],
    });
    await running.free;
    expect(run(pool, 'fine').worker).toBe(running.worker);
  });

  it('fails a node whose process aborts, with its last words, and no other', async () => {
    const pool = poolOf();
    const [aborted, other] = [run(pool, 'abort'), run(pool, 'slow')];
    const failure = await failureOf(aborted);
    expect(failure).toMatchObject({ kind: 'failed', cause: 'crash' });
    expect(failure.diagnostic).toEqual({
      fact: 'the worker process of abort was killed by SIGABRT',
      fix: 'its last output is in its log',
    });
    expect(failure.log).toContain('about to abort\n');
    await aborted.free;
    expect((await other.outcome).kind).toBe('committed');
    const next = run(pool, 'fine', { preferred: aborted.worker });
    expect(next.worker).not.toBe(aborted.worker);
    expect((await next.outcome).kind).toBe('committed');
  });

  it('says with what exit code a process ended, and what it printed', async () => {
    const failure = await failureOf(run(poolOf(), 'exits/1'));
    expect(failure).toEqual({
      kind: 'failed',
      cause: 'crash',
      diagnostic: {
        fact: 'the worker process of exits/1 ended with exit code 7',
        fix: 'its last output is in its log',
      },
      log: 'printed\nout of cheese\n',
    });
  });

  it('suggests a lack of memory if a process was killed', async () => {
    const failure = await failureOf(run(poolOf(), 'killed'));
    expect(failure).toMatchObject({ kind: 'failed', cause: 'crash' });
    expect(failure.diagnostic).toEqual({
      fact: 'the worker process of killed was killed by SIGKILL',
      fix: 'the system may be out of memory: run fewer nodes at once (--jobs), or give the stage "resources: {memory: …}"',
    });
  });

  it('does not wait for a process that has left the group of a worker that died', async () => {
    const pool = poolOf();
    const failure = await failureOf(run(pool, 'leaves-a-child'));
    const child = Number(/left (\d+)/.exec(failure.log)?.[1]);
    expect(failure.cause).toBe('crash');
    // It lives, and holds the worker's output open: its end is not what was waited for.
    expect(process.kill(child, 0)).toBe(true);
    process.kill(child, 'SIGKILL');
    await pool.stop();
  });

  it.each([
    ['hangs', 'failed', { limitSeconds: 3 }],
    ['killed', 'failed', {}],
    ['spent', 'committed', {}],
  ])('kills what a worker had started before its job ends: %s', async (how, kind, wishes) => {
    const outcome = await run(poolOf(), `child-of-worker/${how}`, wishes).outcome;
    expect(outcome.kind).toBe(kind);
    const log = outcome.kind === 'failed' ? outcome.log : '';
    const told = outcome.kind === 'committed' ? outcome.outputs : /children (\d+) (\d+)/.exec(log)?.slice(1);
    expect(told).toHaveLength(2);
    expect(told?.map(Number).filter(isAlive)).toEqual([]);
  });

  it('kills what a worker had started when it is stopped', async () => {
    const pool = poolOf();
    const children: number[] = [];
    const running = run(pool, 'child-of-worker/hangs', { onProgress: (pid) => children.push(pid) });
    while (children.length < 2) await sleep(5);
    expect(children.filter(isAlive)).toEqual(children);
    await pool.stop();
    expect(await running.outcome).toEqual({ kind: 'lost' });
    expect(children.filter(isAlive)).toEqual([]);
  });

  it('starts workers in the folder of the pipeline, with the variables that the stage declares and no others', async () => {
    vi.stubEnv('HIDDEN', 'from the shell');
    vi.stubEnv('DECLARED', 'of the shell by now');
    vi.stubEnv('TZ', 'Asia/Tokyo');
    onTestFinished(() => void vi.unstubAllEnvs());
    const pool = poolOf();
    const declaring = run(pool, 'where', { variables: { DECLARED: 'as in the key' } });
    expect(await declaring.outcome).toMatchObject({ outputs: [root, 'UTC', 'as in the key', 'undefined'] });
    const other = run(pool, 'where-else');
    expect(other.worker).not.toBe(declaring.worker);
    expect(await other.outcome).toMatchObject({ outputs: [root, 'UTC', 'undefined', 'undefined'] });
  });

  it('shows no secret in the last words of a process', async () => {
    vi.stubEnv('SECRET', 'open sesame');
    onTestFinished(() => void vi.unstubAllEnvs());
    const failure = await failureOf(run(poolOf(), 'tells-a-secret', { secrets: ['SECRET'] }));
    expect(failure.log).toBe('the password is ***\n');
  });

  it('ignores what a stage writes to the channel', async () => {
    expect(await run(poolOf(), 'forges').outcome).toMatchObject({ kind: 'committed', outputs: ['true'] });
  });

  it('fails a node that closes the channel', async () => {
    const failure = await failureOf(run(poolOf(), 'closes-the-channel'));
    expect(failure.diagnostic.fact).toBe('the worker process of closes-the-channel closed its channel to vmfdag');
  });

  it('reports as a warning what happens after the end of a node', async () => {
    const warning = new Promise((resolve) => {
      void run(poolOf(), 'late', { onWarning: resolve }).outcome;
    });
    expect(await warning).toEqual({ fact: 'it came late' });
  });

  it('stops a node after its timeout, with what it printed, and continues with a new worker', async () => {
    const pool = poolOf();
    const warm = run(pool, 'fine');
    await warm.outcome;
    const running = run(pool, 'hangs/fnn', { preferred: warm.worker, limitSeconds: 0.6 });
    expect(running.worker).toBe(warm.worker);
    expect(await running.outcome).toEqual({
      kind: 'failed',
      cause: 'timeout',
      diagnostic: {
        fact: 'hangs/fnn was stopped after its timeout of 0.6 s',
        fix: 'give stage hangs a longer "timeout:", or less to do',
      },
      log: 'still thinking\n',
    });
    await running.free;
    const next = run(pool, 'fine', { preferred: running.worker });
    expect(next.worker).not.toBe(running.worker);
    expect((await next.outcome).kind).toBe('committed');
  });

  it('does not count writing to the disk towards the timeout', async () => {
    const pool = poolOf();
    // The process is up before the clock of the second job starts.
    const { worker, outcome } = run(pool, 'fine');
    await outcome;
    const running = run(pool, 'computed-then-slow', { preferred: worker, limitSeconds: 0.5 });
    expect((await running.outcome).kind).toBe('committed');
  });

  it('computes on while the artefacts of a short stage are on their way to the disk', async () => {
    const pool = poolOf();
    const first = run(pool, 'short-until-next-ends');
    const order: string[] = [];
    void first.outcome.then(() => order.push('first on the disk'));
    await first.free;
    const second = run(pool, 'fine');
    expect(second.worker).toBe(first.worker);
    void second.outcome.then(() => order.push('second on the disk'));
    await Promise.all([first.outcome, second.outcome]);
    expect(order).toEqual(['second on the disk', 'first on the disk']);
  });

  it('calls both lost when the process dies with a short stage still on its way to the disk: either may be the reason', async () => {
    const pool = poolOf();
    const first = run(pool, 'short-then-never');
    await first.free;
    const second = run(pool, 'abort');
    expect(second.worker).toBe(first.worker);
    expect(await second.outcome).toEqual({ kind: 'lost' });
    expect(await first.outcome).toEqual({ kind: 'lost' });
  });

  it('starts a job that has to be alone on another worker', async () => {
    const pool = poolOf();
    const first = run(pool, 'short-until-next-begins');
    await first.free;
    const alone = run(pool, 'short-then-never', { isAlone: true });
    expect(alone.worker).not.toBe(first.worker);
    const next = run(pool, 'fine');
    expect(next.worker).toBe(first.worker);
    expect((await next.outcome).kind).toBe('committed');
    await pool.stop();
    expect(await alone.outcome).toEqual({ kind: 'lost' });
  });

  it('says how a process ended whose stage had returned', async () => {
    const outcome = await run(poolOf(), 'computed-then-killed').outcome;
    expect(outcome).toEqual({ kind: 'died', how: 'was killed by SIGKILL', log: '' });
  });

  it('reserves one slot for a job and frees it once', async () => {
    const pool = poolOf();
    const short = run(pool, 'short-until-next-begins');
    await short.free;
    const slow = run(pool, 'slow');
    expect(slow.worker).toBe(short.worker);
    // The short job's end must not free the slot that the slow job holds by now.
    await short.outcome;
    const third = run(pool, 'fine');
    expect(third.worker).not.toBe(slow.worker);
    await Promise.all([slow.outcome, third.outcome]);
  });

  it('fails a node when the worker program does not exist', async () => {
    const failure = await failureOf(run(poolOf(`${workerFile}.gone`), 'fine'));
    expect(failure.cause).toBe('crash');
    expect(failure.diagnostic.fact).toBe('the worker process of fine ended with exit code 1');
    expect(failure.log).toContain('Cannot find module');
  });

  describe('stop', () => {
    it('ends idle and busy processes, and calls what was running lost', async () => {
      const pool = poolOf();
      const [idle, busy] = [run(pool, 'fine'), run(pool, 'hangs')];
      const pid = Number(await processOf(idle));
      await pool.stop();
      expect(await busy.outcome).toEqual({ kind: 'lost' });
      expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    });

    it('can be called again, also while it is under way', async () => {
      const pool = poolOf();
      await Promise.all([run(pool, 'fine').outcome, run(pool, 'slow').outcome]);
      await Promise.all([pool.stop(), pool.stop()]);
      await pool.stop();
    });

    it('has nothing to do where nothing was started', async () => {
      await poolOf().stop();
    });
  });
});
