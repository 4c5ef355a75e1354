import type { DeclaredCompute } from '../pipeline/pipeline.ts';
import type { Store } from '../store/store.ts';

/** How units of an executor are started. */
export interface ExecDeclaration {
  readonly name: string;
  /** The command line: the unit at its other end reads its standard input. */
  readonly exec: readonly string[];
  readonly slots: number;
}

/** The run that units work for. */
export interface UnitsOfRun {
  readonly run: string;
  /** Folder of the pipeline file. */
  readonly root: string;
  readonly compute: DeclaredCompute | null;
  readonly store: Store;
  /** Of vmfdag. */
  readonly version: string;
}
