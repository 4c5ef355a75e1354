import { describe, expect, it, vi } from 'vitest';
import type { NodeId } from '../../../../src/engine/plan/plan.ts';
import { describeRemaining, RemainingTime } from '../../../../src/engine/views/terminal/remaining-time.ts';

const ids = (...names: string[]) => names as NodeId[];
const [first, second, other] = ids('train/fnn/1/1', 'train/fnn/2/1', 'train/cnn/1/1') as [NodeId, NodeId, NodeId];

describe('RemainingTime', () => {
  it('is the sum of earlier durations, shared by the jobs', () => {
    const remaining = new RemainingTime([first, second, other], () => ({ 'train/fnn': 2, 'train/cnn': 10 }), 2);
    expect(remaining.estimate()).toEqual({ kind: 'about', seconds: 7 });
    remaining.close(other);
    expect(remaining.estimate()).toEqual({ kind: 'about', seconds: 2 });
    remaining.close(first);
    remaining.close(second);
    expect(remaining.estimate()).toEqual({ kind: 'about', seconds: 0 });
  });

  it('is a lower bound while a kind of node without a known duration is still to run', () => {
    const remaining = new RemainingTime([first, second, other], () => ({ 'train/fnn': 2 }), 1);
    expect(remaining.estimate()).toEqual({ kind: 'at least', seconds: 4 });
    remaining.close(other);
    expect(remaining.estimate()).toEqual({ kind: 'about', seconds: 4 });
  });

  it('is not known if no remaining node has a known duration', () => {
    const remaining = new RemainingTime([first, other], () => ({ 'train/fnn': 2 }), 1);
    remaining.close(first);
    expect(remaining.estimate()).toEqual({ kind: 'not known' });
    remaining.measure(other, 5);
    expect(remaining.estimate()).toEqual({ kind: 'about', seconds: 5 });
  });

  it('learns from the nodes of this run', () => {
    const remaining = new RemainingTime([first, second], () => ({}), 1);
    remaining.measure(first, 4);
    remaining.close(first);
    expect(remaining.estimate()).toEqual({ kind: 'about', seconds: 4 });
    remaining.measure(second, 8);
    expect(remaining.estimate()).toEqual({ kind: 'about', seconds: 6 });
  });

  it('counts an earlier run as one measurement', () => {
    const remaining = new RemainingTime([first, second], () => ({ 'train/fnn': 2 }), 1);
    remaining.measure(first, 4);
    remaining.close(first);
    expect(remaining.estimate()).toEqual({ kind: 'about', seconds: 3 });
  });

  it('does not ask for earlier durations before they are needed', () => {
    const recall = vi.fn(() => ({ 'train/fnn': 2 }));
    const remaining = new RemainingTime([first, second], recall, 1);
    remaining.close(first);
    expect(recall).not.toHaveBeenCalled();
    remaining.estimate();
    remaining.estimate();
    expect(recall).toHaveBeenCalledOnce();
  });

  it('knows nodes without coordinates by their stage', () => {
    const remaining = new RemainingTime(ids('plot'), () => ({ plot: 3 }), 4);
    expect(remaining.estimate()).toEqual({ kind: 'about', seconds: 0.75 });
  });
});

describe('describeRemaining', () => {
  it('says whether the estimate is complete', () => {
    expect(describeRemaining({ kind: 'about', seconds: 12.34 })).toBe('about 12.3 s left');
    expect(describeRemaining({ kind: 'at least', seconds: 200 })).toBe('at least 3 min 20 s left');
    expect(describeRemaining({ kind: 'not known' })).toBe('time left not known yet');
  });
});
