import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startLongTimeout } from '../../../src/engine/base/long-timeout.ts';

const DAY_MS = 24 * 3600 * 1000;

describe('startLongTimeout', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each([1, 20, 30, 400])('calls back after %i days, once, and not before', (days) => {
    const callback = vi.fn();
    startLongTimeout(days * DAY_MS, callback);
    vi.advanceTimersByTime(days * DAY_MS - 1);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('can be cleared, also when a part of it has passed', () => {
    const callback = vi.fn();
    const timeout = startLongTimeout(100 * DAY_MS, callback);
    vi.advanceTimersByTime(60 * DAY_MS);
    timeout.clear();
    expect(vi.getTimerCount()).toBe(0);
  });
});
