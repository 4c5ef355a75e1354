import type { Running } from '../../support/command-line.ts';
import { clusterFaults } from './cluster-faults.ts';
import { networkFaults } from './network-faults.ts';
import { processFaults } from './process-faults.ts';
import type { Scene } from './scene.ts';
import { storageFaults } from './storage-faults.ts';

/** Ends what a fault has done; undefined where there was nothing for it to befall. */
export type Undo = (() => void) | undefined;

export interface Fault {
  readonly name: string;
  /** How a run may end that it befalls: as if nothing were, or … */
  readonly ends: 'as ever' | 'killed' | 'terminated' | 'with a lost node' | 'without room';
  fits(scene: Scene): boolean;
  strike(scene: Scene, run: Running): Undo | Promise<Undo>;
}

export const FAULTS: readonly Fault[] = [...processFaults, ...clusterFaults, ...networkFaults, ...storageFaults];
