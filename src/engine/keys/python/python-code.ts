import type { BundleSources } from '../bundle-sources.ts';

/** A file that a Python program consists of, relative to the project. */
export interface PythonModule {
  readonly path: string;
  /** `syntax`: the digest is that of the syntax tree. */
  readonly kind: 'syntax' | 'bytes';
  readonly digest: string;
  /** SHA-256 of the bytes that were read. */
  readonly source: string;
  /** Digests by function. */
  readonly functions?: Readonly<Record<string, string>>;
  /** Why it counts by its bytes. */
  readonly problem?: string;
}

/** What only an execution could tell. */
export interface UnresolvedImport {
  readonly path: string;
  readonly line: number;
  readonly fact: string;
}

/** Entries of a Python program, and the modules of the project that they import. */
export interface PythonCode {
  readonly modules: readonly PythonModule[];
  readonly unresolved: readonly UnresolvedImport[];
}

/** Code with what it was found from. While all of that is the same, so is the code. */
export interface KeptPythonCode {
  readonly python: string;
  readonly sources: BundleSources;
  readonly code: PythonCode;
}

/** Where it is kept between runs. */
export interface PythonCodeCache {
  pythonCode(name: string): KeptPythonCode | undefined;
  /** Keeps it until the next one of the same name. */
  putPythonCode(name: string, kept: KeptPythonCode): Promise<void>;
}

/** What decides which modules are found. */
export interface PythonEntries {
  /** Paths in the project. */
  readonly entries: readonly string[];
  /** Folders of the project that the program has in PYTHONPATH. */
  readonly paths: readonly string[];
}

export const NO_PYTHON_CODE: PythonCode = { modules: [], unresolved: [] };
