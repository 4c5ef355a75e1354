import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MetricValue } from '../../../../src/engine/store/metric-series.ts';
import { LiveProgress } from '../../../../src/engine/workers/metrics/live-progress.ts';
import { LiveValues } from '../../../../src/engine/workers/metrics/live-values.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => vi.useRealTimers());

describe('live values', () => {
  it('tell the last value before a long computation at a tick, once', () => {
    const told: MetricValue[] = [];
    const live = new LiveValues((values) => told.push(...values));
    live.offer({ name: 'loss', step: 0, value: 3 });
    live.offer({ name: 'loss', step: 1, value: 2 });
    live.offer({ name: 'loss', step: 2, value: 1 });
    live.tick();
    expect(told.map(({ step }) => step)).toEqual([0]);
    vi.advanceTimersByTime(300);
    live.tick();
    live.tick();
    vi.advanceTimersByTime(300);
    live.tick();
    expect(told.map(({ step }) => step)).toEqual([0, 2]);
  });
});

describe('live progress', () => {
  it('tells the last fraction before a long computation at a tick, once', () => {
    const told: number[] = [];
    const live = new LiveProgress((fraction) => told.push(fraction));
    live.offer(0.1);
    live.offer(0.2);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(300);
    live.tick();
    live.tick();
    live.offer(0.3);
    vi.advanceTimersByTime(300);
    live.offer(0.4);
    vi.advanceTimersByTime(300);
    live.tick();
    expect(told).toEqual([0.2, 0.4]);
  });
});
