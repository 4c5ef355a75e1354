import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type CodeFingerprint, digestBytes, type NodeKey } from '../../src/base/digest.ts';
import type { NodeId } from '../../src/plan/plan.ts';
import { type JobOutcome, type RunningJob, WorkerPool } from '../../src/run/pool.ts';
import type { Job } from '../../src/run/protocol.ts';

const workerFile = fileURLToPath(new URL('worker.mjs', import.meta.url));
const setup = { root: '/pipeline', cacheDirectory: '/cache', lease: 'lease', run: 'run 1', host: 'here' };

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
    module: 'stages/stage.ts',
    code: digestBytes<CodeFingerprint>('code'),
    params: {},
    coordinates: {},
    inputs: [],
    outputs: {},
    compute: null,
    surroundings: { engine: 'V8 11.3', variables: {} },
    undeclared: 'refuse',
    attempt: 1,
    purpose: { kind: 'record' },
  };
}

interface Wishes {
  readonly preferred?: number;
  readonly limitSeconds?: number;
  readonly onProgress?: (fraction: number) => void;
}

function run(pool: WorkerPool, node: string, { preferred, limitSeconds, onProgress = () => {} }: Wishes = {}) {
  return pool.run(job(node), preferred, limitSeconds, onProgress);
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
    const running = run(poolOf(), 'fine', { onProgress: (fraction) => fractions.push(fraction) });
    expect(await running.outcome).toEqual({ kind: 'committed', outputs: [expect.any(String)], seconds: 1, bytes: 12 });
    await running.free;
    expect(fractions).toEqual([0.5]);
  });

  it('tells its workers where they are', async () => {
    expect(await run(poolOf(), 'setup').outcome).toMatchObject({ outputs: ['/pipeline', '/cache', 'run 1', 'here'] });
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

  it('hands on what a worker says of a failed stage, and uses the worker again', async () => {
    const pool = poolOf();
    const running = run(pool, 'fails');
    expect(await running.outcome).toEqual({
      kind: 'failed',
      cause: 'stage',
      diagnostic: { fact: 'it threw', fix: 'mend it' },
      log: 'line 1\n',
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
      fix: 'its last words are in the log below',
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
        fix: 'its last words are in the log below',
      },
      log: expect.stringMatching(/^(printed\nout of cheese\n|out of cheese\nprinted\n)$/),
    });
  });

  it('suspects want of memory where a process was killed', async () => {
    const failure = await failureOf(run(poolOf(), 'killed'));
    expect(failure).toMatchObject({ kind: 'failed', cause: 'crash' });
    expect(failure.diagnostic).toEqual({
      fact: 'the worker process of killed was killed by SIGKILL',
      fix: 'the system may be out of memory: run fewer nodes at once (--jobs), or give the stage "resources: {memory: …}"',
    });
  });

  it('does not wait for a process that a dead worker left behind', async () => {
    const pool = poolOf();
    const failure = await failureOf(run(pool, 'leaves-a-child'));
    const child = Number(/left (\d+)/.exec(failure.log)?.[1]);
    expect(failure.cause).toBe('crash');
    // It lives, and holds the worker's stderr open: its end is not what was waited for.
    expect(process.kill(child, 0)).toBe(true);
    process.kill(child, 'SIGKILL');
    await pool.stop();
  });

  it('stops a node after its timeout, with what it printed, and goes on with a new worker', async () => {
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

  it('does not count the way to the disk against the timeout', async () => {
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

  it('calls a short stage lost, not failed, when the next job brings the process down', async () => {
    const pool = poolOf();
    const first = run(pool, 'short-then-never');
    await first.free;
    const second = run(pool, 'abort');
    expect(second.worker).toBe(first.worker);
    expect((await second.outcome).kind).toBe('failed');
    expect(await first.outcome).toEqual({ kind: 'lost' });
  });

  it('calls a stage lost that had returned when its process was killed', async () => {
    expect(await run(poolOf(), 'computed-then-killed').outcome).toEqual({ kind: 'lost' });
  });

  it('keeps one slot for a job and gives it back once', async () => {
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
