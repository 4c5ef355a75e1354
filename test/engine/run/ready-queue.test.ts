import fc from 'fast-check';
import PQueue from 'p-queue';
import { describe, expect, it } from 'vitest';
import type { StageResources } from '../../../src/engine/plan/plan.ts';
import { type ReadyOptions, ResourceBudget, readyQueueClass } from '../../../src/engine/run/ready-queue.ts';

const one: StageResources = { threads: 1, memoryBytes: 0, gpus: 0 };
const noLimit: StageResources = { threads: 1e9, memoryBytes: 1e18, gpus: 1e9 };

function queueOf(capacity: StageResources) {
  const budget = new ResourceBudget(capacity);
  const queue = new (readyQueueClass(budget))();
  const tasks = new Map<() => Promise<unknown>, string>();
  return {
    budget,
    queue,
    add(name: string, priority: number, resources = one) {
      const task = async () => name;
      tasks.set(task, name);
      queue.enqueue(task, { priority, resources });
    },
    take(): string | undefined {
      const task = queue.dequeue();
      return task && tasks.get(task);
    },
  };
}

describe('the ready queue', () => {
  it('hands out by priority, and first in, first out among equals', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4), { maxLength: 30 }), (priorities) => {
        const { add, take, queue } = queueOf(noLimit);
        priorities.forEach((priority, index) => {
          add(String(index), priority);
        });
        expect(queue.size).toBe(priorities.length);
        const expected = priorities
          .map((priority, index) => ({ priority, index }))
          .sort((a, b) => b.priority - a.priority || a.index - b.index)
          .map(({ index }) => String(index));
        expect(priorities.map(take)).toEqual(expected);
        expect(queue.size).toBe(0);
        expect(take()).toBeUndefined();
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('starts a task that fits before one that does not', () => {
    const { add, take, queue, budget } = queueOf({ threads: 3, memoryBytes: 100, gpus: 1 });
    add('two threads', 9, { ...one, threads: 2 });
    add('two more threads', 8, { ...one, threads: 2 });
    add('memory', 7, { ...one, memoryBytes: 60 });
    add('more memory', 6, { ...one, memoryBytes: 60 });
    expect(take()).toBe('two threads');
    expect(take()).toBe('memory');
    expect(queue.size).toBe(0);
    expect(take()).toBeUndefined();
    budget.giveBack({ ...one, threads: 2 });
    expect(queue.size).toBe(2);
    expect(take()).toBe('two more threads');
    budget.giveBack({ ...one, threads: 2 });
    expect(take()).toBeUndefined();
    budget.giveBack({ ...one, memoryBytes: 60 });
    expect(take()).toBe('more memory');
  });

  it('runs a task that asks for more than the machine has alone', () => {
    const { add, take, budget } = queueOf({ threads: 2, memoryBytes: 100, gpus: 0 });
    const huge = { threads: 8, memoryBytes: 1000, gpus: 2 };
    add('small', 2);
    add('huge', 1, huge);
    expect(take()).toBe('small');
    expect(take()).toBeUndefined();
    budget.giveBack(one);
    expect(take()).toBe('huge');
    add('late', 9);
    expect(take()).toBeUndefined();
    budget.giveBack(huge);
    expect(take()).toBe('late');
  });

  it('reserves one thread by default', () => {
    const { queue } = queueOf({ ...noLimit, threads: 1 });
    queue.enqueue(async () => 1);
    queue.enqueue(async () => 2);
    queue.dequeue();
    expect(queue.size).toBe(0);
  });
});

describe('p-queue with the ready queue', () => {
  it('runs every task once, never more at a time than jobs and resources allow', async () => {
    const resources = fc.record({
      threads: fc.integer({ min: 1, max: 4 }),
      memoryBytes: fc.nat(50),
      gpus: fc.nat(1),
    });
    const tasks = fc.array(fc.record({ resources, priority: fc.nat(3), turns: fc.nat(4) }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(tasks, fc.integer({ min: 1, max: 4 }), async (given, jobs) => {
        const capacity = { threads: 4, memoryBytes: 100, gpus: 1 };
        const budget = new ResourceBudget(capacity);
        const queueClass = readyQueueClass(budget);
        const queue = new PQueue<InstanceType<typeof queueClass>, ReadyOptions>({ concurrency: jobs, queueClass });
        const used = { tasks: 0, threads: 0, memoryBytes: 0, gpus: 0 };
        const use = (asked: StageResources, sign: 1 | -1) => {
          used.tasks += sign;
          used.threads += sign * asked.threads;
          used.memoryBytes += sign * asked.memoryBytes;
          used.gpus += sign * asked.gpus;
          expect(used.tasks).toBeLessThanOrEqual(jobs);
          for (const kind of ['threads', 'memoryBytes', 'gpus'] as const) {
            expect(used[kind]).toBeLessThanOrEqual(capacity[kind]);
          }
        };
        let ran = 0;
        const wake = () => {
          queue.concurrency = jobs;
        };
        const done = given.map((task) =>
          queue.add(
            async () => {
              ran++;
              use(task.resources, 1);
              for (let turn = 0; turn < task.turns; turn++) await new Promise((resolve) => setImmediate(resolve));
              use(task.resources, -1);
              budget.giveBack(task.resources);
              setImmediate(wake);
            },
            { priority: task.priority, resources: task.resources },
          ),
        );
        await Promise.all(done);
        expect(ran).toBe(given.length);
        expect(used).toEqual({ tasks: 0, threads: 0, memoryBytes: 0, gpus: 0 });
      }),
      { numRuns: 100, seed: 2 },
    );
  });
});
