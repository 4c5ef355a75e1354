import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Deferred, deferred } from '../../../src/engine/base/deferred.ts';
import type { StageResources } from '../../../src/engine/plan/plan.ts';
import { ExecutionQueue } from '../../../src/engine/run/execution-queue.ts';

const one: StageResources = { threads: 1, memoryBytes: 0, gpus: 0 };
const noLimit: StageResources = { threads: 1e9, memoryBytes: 1e18, gpus: 1e9 };

/** A queue whose tasks end when the test says so. */
function queueOf(jobs: number, capacity: StageResources) {
  const queue = new ExecutionQueue(jobs, capacity);
  const started: string[] = [];
  const ends = new Map<string, Deferred<void>>();
  return {
    queue,
    started,
    add(name: string, priority: number, resources = one) {
      const end = deferred<void>();
      ends.set(name, end);
      const start = () => {
        started.push(name);
        return end.promise;
      };
      queue.add(start, { priority, resources });
    },
    async end(name: string) {
      ends.get(name)?.resolve();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('the execution queue', () => {
  it('starts tasks by priority, and first in, first out among equals', async () => {
    const given = fc.array(fc.nat(4), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(given, async (priorities) => {
        const { queue, started, add, end } = queueOf(1, noLimit);
        queue.pause();
        priorities.forEach((priority, index) => {
          add(String(index), priority);
        });
        expect(started).toEqual([]);
        queue.start();
        for (let index = 0; index < priorities.length; index++) {
          expect(started).toHaveLength(index + 1);
          await end(started.at(-1) as string);
        }
        const expected = priorities
          .map((priority, index) => ({ priority, index }))
          .sort((a, b) => b.priority - a.priority || a.index - b.index)
          .map(({ index }) => String(index));
        expect(started).toEqual(expected);
        expect(queue.running).toBe(0);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('starts a task that fits before one that does not', async () => {
    const { queue, started, add, end } = queueOf(9, { threads: 3, memoryBytes: 100, gpus: 1 });
    queue.pause();
    add('two threads', 9, { ...one, threads: 2 });
    add('two more threads', 8, { ...one, threads: 2 });
    add('memory', 7, { ...one, memoryBytes: 60 });
    add('more memory', 6, { ...one, memoryBytes: 60 });
    queue.start();
    expect(started).toEqual(['two threads', 'memory']);
    await end('two threads');
    expect(started).toEqual(['two threads', 'memory', 'two more threads']);
    await end('two more threads');
    expect(started).toHaveLength(3);
    await end('memory');
    expect(started).toEqual(['two threads', 'memory', 'two more threads', 'more memory']);
    expect(queue.running).toBe(1);
  });

  it('starts several tasks for one that has ended, if it used as much as they do', async () => {
    const { started, add, end } = queueOf(9, { ...noLimit, threads: 3 });
    add('three threads', 1, { ...one, threads: 3 });
    for (const name of ['a', 'b', 'c', 'd']) add(name, 0);
    await end('three threads');
    expect(started).toEqual(['three threads', 'a', 'b', 'c']);
  });

  it('runs a task that asks for more than the machine has alone', async () => {
    const { started, add, end } = queueOf(9, { threads: 2, memoryBytes: 100, gpus: 0 });
    add('small', 2);
    add('huge', 1, { threads: 8, memoryBytes: 1000, gpus: 2 });
    expect(started).toEqual(['small']);
    await end('small');
    expect(started).toEqual(['small', 'huge']);
    add('late', 9);
    expect(started).toHaveLength(2);
    await end('huge');
    expect(started).toEqual(['small', 'huge', 'late']);
  });

  it('runs every task once, never more at a time than jobs and resources allow', async () => {
    const resources = fc.record({ threads: fc.integer({ min: 1, max: 4 }), memoryBytes: fc.nat(50), gpus: fc.nat(1) });
    const tasks = fc.array(fc.record({ resources, priority: fc.nat(3), turns: fc.nat(4) }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(tasks, fc.integer({ min: 1, max: 4 }), async (given, jobs) => {
        const capacity = { threads: 4, memoryBytes: 100, gpus: 1 };
        const queue = new ExecutionQueue(jobs, capacity);
        const used = { tasks: 0, threads: 0, memoryBytes: 0, gpus: 0 };
        const problems: string[] = [];
        const use = (asked: StageResources, sign: 1 | -1) => {
          used.tasks += sign;
          used.threads += sign * asked.threads;
          used.memoryBytes += sign * asked.memoryBytes;
          used.gpus += sign * asked.gpus;
          if (used.tasks > jobs) problems.push('tasks');
          for (const kind of ['threads', 'memoryBytes', 'gpus'] as const) {
            if (used[kind] > capacity[kind]) problems.push(kind);
          }
        };
        let ran = 0;
        const done = given.map((task) => {
          const ended = deferred<void>();
          const start = async () => {
            ran++;
            use(task.resources, 1);
            for (let turn = 0; turn < task.turns; turn++) await new Promise((resolve) => setImmediate(resolve));
            use(task.resources, -1);
            ended.resolve();
          };
          queue.add(start, { priority: task.priority, resources: task.resources });
          return ended.promise;
        });
        await Promise.all(done);
        expect(ran).toBe(given.length);
        expect(problems).toEqual([]);
        expect(used).toEqual({ tasks: 0, threads: 0, memoryBytes: 0, gpus: 0 });
      }),
      { numRuns: 100, seed: 2 },
    );
  });
});
