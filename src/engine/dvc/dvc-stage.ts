import type { Place } from '../pipeline/yaml/source.ts';
import type { TextPart } from './read/interpolation.ts';

/** A stage of a DVC file with everything written out. Paths are relative to the folder of the file. */
export interface DvcStage {
  /** `train`, `train@us`. */
  readonly name: string;
  readonly place: Place;
  readonly description: string | undefined;
  /** What it runs one after the other, each in a shell of its own. */
  readonly commands: readonly (readonly TextPart[])[];
  /** `''` for the folder of the file. */
  readonly folder: string;
  readonly dependencies: readonly DvcPath[];
  readonly outputs: readonly DvcOutput[];
  readonly params: readonly DvcParam[];
  /** DVC takes what is there, and does not run it. */
  readonly isFrozen: boolean;
}

export interface DvcPath {
  readonly path: string;
  readonly place: Place;
}

export interface DvcOutput extends DvcPath {
  readonly kind: 'out' | 'metric' | 'plot';
  /** Ends with `/`, so it is a folder. */
  readonly isFolder: boolean;
}

export interface DvcParam {
  readonly file: string;
  /** Steps into the file; none for all of it. */
  readonly path: readonly string[];
  readonly place: Place;
}
