import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../src/plan/plan.ts';
import { RemainingTime } from '../../src/ui/remaining-time.ts';

const ids = (...names: string[]) => names as NodeId[];
const [first, second, other] = ids('train/fnn/1/1', 'train/fnn/2/1', 'train/cnn/1/1') as [NodeId, NodeId, NodeId];

describe('RemainingTime', () => {
  it('is the sum of earlier durations, shared by the jobs', () => {
    const remaining = new RemainingTime([first, second, other], { 'train/fnn': 2, 'train/cnn': 10 }, 2);
    expect(remaining.estimate()).toBe(7);
    remaining.close(other);
    expect(remaining.estimate()).toBe(2);
    remaining.close(first);
    remaining.close(second);
    expect(remaining.estimate()).toBe(0);
  });

  it('is not known as long as a kind that is still to come was never measured', () => {
    const remaining = new RemainingTime([first, second, other], { 'train/fnn': 2 }, 1);
    expect(remaining.estimate()).toBeUndefined();
    remaining.close(other);
    expect(remaining.estimate()).toBe(4);
  });

  it('learns from the nodes of this run', () => {
    const remaining = new RemainingTime([first, second], {}, 1);
    remaining.measure(first, 4);
    remaining.close(first);
    expect(remaining.estimate()).toBe(4);
    remaining.measure(second, 8);
    expect(remaining.estimate()).toBe(6);
  });

  it('counts an earlier run as one measurement', () => {
    const remaining = new RemainingTime([first, second], { 'train/fnn': 2 }, 1);
    remaining.measure(first, 4);
    remaining.close(first);
    expect(remaining.estimate()).toBe(3);
  });

  it('knows nodes without coordinates by their stage', () => {
    const remaining = new RemainingTime(ids('plot'), { plot: 3 }, 4);
    expect(remaining.estimate()).toBe(0.75);
  });
});
