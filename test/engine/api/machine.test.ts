import { availableParallelism, totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import { machineCapacity } from '../../../src/engine/api/machine.ts';

describe('what the machine can give', () => {
  it('is a thread for every core, and for every job where there are more of those', () => {
    expect(machineCapacity(1).threads).toBe(availableParallelism());
    expect(machineCapacity(availableParallelism() + 3).threads).toBe(availableParallelism() + 3);
  });

  it('is some less than all of the memory, and a whole number of GPUs', () => {
    const { memoryBytes, gpus } = machineCapacity(1);
    expect(memoryBytes).toBeGreaterThan(totalmem() / 2);
    expect(memoryBytes).toBeLessThan(totalmem());
    expect(Number.isInteger(gpus)).toBe(true);
  });
});
