import { readdirSync } from 'node:fs';
import type { Environment } from './worker-environment.ts';

/**
 * The GPUs that a process may use, as CUDA names them: those of `CUDA_VISIBLE_DEVICES`, which a scheduler may have set, or all. NVIDIA's driver makes
 * one device file for each.
 */
export function visibleGpus({ CUDA_VISIBLE_DEVICES: visible }: Environment): readonly string[] {
  if (visible !== undefined) return visible.split(',').filter((name) => name !== '' && name !== '-1');
  try {
    const found = readdirSync('/dev').flatMap((name) => /^nvidia(\d+)$/.exec(name)?.[1] ?? []);
    return found.sort((a, b) => Number(a) - Number(b));
  } catch {
    return [];
  }
}

/** Which GPUs are in use. Two nodes never get the same one, unless a node asks for more than there are. */
export class Gpus {
  private readonly all: readonly string[];
  private readonly taken = new Set<string>();

  constructor(all: readonly string[]) {
    this.all = all;
  }

  /** So many of those that are free, the first ones first; undefined where there are none to assign. */
  take(count: number): readonly string[] | undefined {
    if (count === 0 || this.all.length === 0) return undefined;
    const free = this.all.filter((name) => !this.taken.has(name));
    const given = (free.length >= count ? free : this.all).slice(0, count);
    for (const name of given) this.taken.add(name);
    return given;
  }

  giveBack(names: readonly string[]): void {
    for (const name of names) this.taken.delete(name);
  }
}
