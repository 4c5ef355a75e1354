/** Numbers as the first and the last of each range of neighbours, in turn: `[1, 2, 3, 7]` is `[1, 3, 7, 7]`. */
export function rangesOf(numbers: readonly number[]): readonly number[] {
  const ranges: number[] = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    if (ranges.at(-1) === number - 1) ranges[ranges.length - 1] = number;
    else ranges.push(number, number);
  }
  return ranges;
}

/** Calls with each number of some ranges. */
export function eachOf(ranges: readonly number[], use: (number: number) => void): void {
  for (let at = 0; at + 1 < ranges.length; at += 2) {
    for (let number = ranges[at] as number; number <= (ranges[at + 1] as number); number++) use(number);
  }
}
