import { availableParallelism, totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import { machineCapacity } from '../../../../src/engine/api/run/machine-capacity.ts';

describe('the capacity of a machine', () => {
  it('has a thread for each core, or for each job if there are more jobs', () => {
    expect(machineCapacity(1).threads).toBe(availableParallelism());
    expect(machineCapacity(availableParallelism() + 3).threads).toBe(availableParallelism() + 3);
  });

  it('has somewhat less than the whole memory, and a whole number of GPUs', () => {
    const { memoryBytes, gpus } = machineCapacity(1);
    expect(memoryBytes).toBeGreaterThan(totalmem() / 2);
    expect(memoryBytes).toBeLessThan(totalmem());
    expect(Number.isInteger(gpus)).toBe(true);
  });
});
