import type { RandomStream } from '../../../src/base/random.ts';

/** Faults that end processes by `kill -9`. */
export const KILLS = ['kill -9 group', 'kill -9 parent', 'kill -9 worker'] as const;

const OTHERS = [
  'SIGTERM',
  'SIGTERM twice',
  'worker aborts',
  'worker out of memory',
  'file size limit',
  'full disk',
] as const;

export type FaultKind = (typeof KILLS)[number] | (typeof OTHERS)[number];

/**
 * So many kills, a third of them each way, and one of each other fault for 18 kills, in random order.
 *
 * @param mayFillDisk whether there is a small disk to fill.
 */
export function drawFaults(kills: number, random: RandomStream, mayFillDisk: boolean): FaultKind[] {
  const others: readonly FaultKind[] = OTHERS.filter((kind) => kind !== 'full disk' || mayFillDisk);
  const faults = [
    ...Array.from({ length: kills }, (_, index) => KILLS[index % KILLS.length] as FaultKind),
    ...others.flatMap((kind) => new Array<FaultKind>(Math.ceil(kills / 18)).fill(kind)),
  ];
  return [...random.permutation(faults.length)].map((index) => faults[index] as FaultKind);
}
