/** A span of time that is shown, in seconds since the run began. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Zooms around a place; factors below 1 show less. The span stays within the run, and above a millisecond. */
export function zoom(span: Span, all: Span, factor: number, around: number): Span {
  const length = Math.min(all.to - all.from, Math.max(0.001, (span.to - span.from) * factor));
  const share = span.to > span.from ? (around - span.from) / (span.to - span.from) : 0.5;
  return within({ from: around - share * length, to: around + (1 - share) * length }, all);
}

/** Moves by a share of what is shown. */
export function pan(span: Span, all: Span, share: number): Span {
  const by = share * (span.to - span.from);
  return within({ from: span.from + by, to: span.to + by }, all);
}

function within({ from, to }: Span, all: Span): Span {
  const length = Math.min(to - from, all.to - all.from);
  const start = Math.min(Math.max(from, all.from), all.to - length);
  return { from: start, to: start + length };
}

/** Attempts of one lane, by start; they do not overlap. */
export interface LaneBars {
  /** Positions in the columns of the timeline. */
  readonly at: Int32Array;
}

/** The attempts of each lane, by their start. */
export function barsByLane(lane: readonly number[], start: readonly number[], lanes: number): readonly LaneBars[] {
  const lists: number[][] = Array.from({ length: lanes }, () => []);
  for (const [at, each] of lane.entries()) lists[each]?.push(at);
  return lists.map((list) => ({
    at: Int32Array.from(list.sort((a, b) => (start[a] as number) - (start[b] as number))),
  }));
}

/** The first attempt of a lane that may be seen after a time: a binary search, since there may be 100,000. */
export function firstAfter({ at }: LaneBars, end: readonly number[], time: number): number {
  let [low, high] = [0, at.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((end[at[middle] as number] as number) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
