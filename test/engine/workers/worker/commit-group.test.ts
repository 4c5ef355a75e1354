import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CommitGroup } from '../../../../src/engine/workers/worker/commit-group.ts';

let isBusy: boolean;
let begun: number[];
let group: CommitGroup;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  isBusy = false;
  begun = [];
  group = new CommitGroup(() => isBusy);
});
afterEach(() => {
  vi.useRealTimers();
});

function join(node: number): void {
  void group.join().then(() => begun.push(node));
}

describe('commits of short commands', () => {
  it('begin soon when nothing else is executed', async () => {
    join(1);
    expect(begun).toEqual([]);
    await vi.advanceTimersByTimeAsync(5);
    expect(begun).toEqual([1]);
  });

  it('wait for a node that is executed, and begin together', async () => {
    isBusy = true;
    for (const node of [1, 2, 3]) {
      join(node);
      await vi.advanceTimersByTimeAsync(5);
    }
    expect(begun).toEqual([]);
    isBusy = false;
    join(4);
    await vi.advanceTimersByTimeAsync(3);
    expect(begun).toEqual([1, 2, 3, 4]);
  });

  it('do not wait for a long one', async () => {
    isBusy = true;
    join(1);
    await vi.advanceTimersByTimeAsync(19);
    expect(begun).toEqual([]);
    await vi.advanceTimersByTimeAsync(2);
    expect(begun).toEqual([1]);
    join(2);
    await vi.advanceTimersByTimeAsync(30);
    expect(begun).toEqual([1, 2]);
  });

  it('begin when there are many', async () => {
    isBusy = true;
    for (let node = 0; node < 20; node++) join(node);
    await Promise.resolve();
    expect(begun).toHaveLength(16);
    await vi.advanceTimersByTimeAsync(30);
    expect(begun).toHaveLength(20);
  });
});
