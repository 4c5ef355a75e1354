import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ticksOf } from '../../../ui/report/time-axis.ts';

it('has labels from the begin to the end, inside of the picture, as many as fit, none over another', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-3, max: 1e7, noNaN: true }), (seconds) => {
      const ticks = ticksOf(seconds);
      const places = ticks.map(({ at }) => Number(at.replace('%', '')));
      expect([places[0], ticks[0]?.anchor]).toEqual([0, 'start']);
      expect([places.at(-1), ticks.at(-1)?.anchor]).toEqual([100, 'end']);
      expect(ticks.length).toBeLessThanOrEqual(6);
      for (const [index, place] of places.entries())
        if (index > 0) expect(place - (places[index - 1] as number)).toBeGreaterThan(15);
    }),
    { seed: 1, numRuns: 500 },
  );
});

it('has one label for a run that took no time', () => {
  expect(ticksOf(0)).toHaveLength(1);
});
