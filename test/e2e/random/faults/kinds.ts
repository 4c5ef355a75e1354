import type { RandomStream } from '../../../../src/engine/base/random.ts';

/** Faults that end processes by `kill -9`. */
export const KILLS = ['kill -9 group', 'kill -9 parent', 'kill -9 worker'] as const;

const ENDS = ['SIGTERM', 'SIGTERM twice', 'worker aborts', 'worker out of memory'] as const;

/** Faults of the disk: now and then lmdb itself answers them with a crash, or with a message that hides ours. */
const DISK_FAULTS = ['file size limit', 'full disk'] as const;

const OTHERS = [...ENDS, ...DISK_FAULTS] as const;

export type FaultKind = (typeof KILLS)[number] | (typeof OTHERS)[number];

/**
 * So many kills, a third of them each way, and one of each other fault for 18 kills, in random order.
 *
 * @param disk which faults of the disk there can be: a full one needs a small disk to fill.
 */
export function drawFaults(kills: number, random: RandomStream, disk: 'none' | 'limits' | 'all'): FaultKind[] {
  const others: readonly FaultKind[] =
    disk === 'none' ? ENDS : OTHERS.filter((kind) => kind !== 'full disk' || disk === 'all');
  const faults = [
    ...Array.from({ length: kills }, (_, index) => KILLS[index % KILLS.length] as FaultKind),
    ...others.flatMap((kind) => new Array<FaultKind>(Math.ceil(kills / 18)).fill(kind)),
  ];
  return [...random.permutation(faults.length)].map((index) => faults[index] as FaultKind);
}
