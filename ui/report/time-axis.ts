import { formatSeconds, timeStep, timeTick } from '../format/time.ts';

/** At most so many labels fit on a narrow page. */
const TICKS = 4;

/** Further right, a label would touch the one at the end, on a narrow page. */
const LAST = 0.8;

/** A label of the axis of a run. */
export interface Tick {
  /** In percent of the width. */
  readonly at: string;
  readonly label: string;
  /** Labels at the ends stay inside the picture. */
  readonly anchor: 'start' | 'middle' | 'end';
}

/** From the begin of a run to its end, which has a label of its own. */
export function ticksOf(seconds: number): readonly Tick[] {
  const step = timeStep(seconds, TICKS);
  const ticks: Tick[] = [{ at: '0%', label: timeTick(0, step), anchor: 'start' }];
  for (let tick = step; tick <= LAST * seconds; tick += step)
    ticks.push({ at: percent(tick, seconds), label: timeTick(tick, step), anchor: 'middle' });
  if (seconds > 0) ticks.push({ at: '100%', label: formatSeconds(seconds), anchor: 'end' });
  return ticks;
}

/** A share of a width. */
export function percent(part: number, whole: number): string {
  return `${whole > 0 ? ((100 * part) / whole).toFixed(3) : 0}%`;
}
