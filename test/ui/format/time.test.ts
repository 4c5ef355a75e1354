import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatClock, formatRemaining, formatSeconds, timeStep, timeTick } from '../../../ui/format/time.ts';

describe('formatSeconds', () => {
  it.each([
    [0, '0 s'],
    [0.0001, '< 1 ms'],
    [0.0444, '44 ms'],
    [0.9996, '1.00 s'],
    [9.996, '10.0 s'],
    [59.96, '1 min 00 s'],
    [245, '4 min 05 s'],
    [3599.6, '1 h 00 min'],
    [7380, '2 h 03 min'],
    [100 * 3600, '4 d 4 h'],
    [null, '–'],
    [Number.NaN, '–'],
  ])('writes %s as %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });

  it('never writes 60 seconds or 60 minutes', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (seconds) => {
        expect(formatSeconds(seconds)).not.toMatch(/\b60(\.0+)? (s|min)/);
        expect(formatRemaining(seconds)).not.toMatch(/\b60 min/);
      }),
    );
  });
});

it('leaves the date out of today', () => {
  const now = new Date(2026, 10, 29, 20, 0, 0).getTime();
  expect(formatClock(new Date(2026, 10, 29, 4, 5, 6).toISOString(), now)).toBe('04:05:06');
  expect(formatClock(new Date(2026, 10, 28, 4, 5, 6).toISOString(), now)).toBe('2026-11-28 04:05');
  expect(formatClock('no time', now)).toBe('–');
});

it('chooses steps of a time axis that give at most about the wanted ticks, with labels that differ', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 1e6, noNaN: true }), fc.integer({ min: 2, max: 20 }), (span, ticks) => {
      const step = timeStep(span, ticks);
      expect(span / step).toBeLessThanOrEqual(ticks + 1e-6);
      const labels = Array.from({ length: 6 }, (_, tick) => timeTick(tick * step, step));
      expect(new Set(labels).size).toBe(6);
    }),
  );
});
