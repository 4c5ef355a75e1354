import { type CodeFingerprint, digestValue } from '../base/digest.ts';

/** Raised when the way bundles are made changes in a way that changes their text. */
const BUNDLE_SCHEMA = 1;

/** A file as it was when a stage was bundled. Times in nanoseconds, or `absent` for one that was not there. */
export interface FileStamp {
  readonly path: string;
  readonly size: number;
  readonly modified: string;
  readonly changed: string;
}

/** A stage's code, ready to run. */
export interface StageCode {
  readonly fingerprint: CodeFingerprint;
  /** JavaScript of the stage and the local modules it reaches: this very text is hashed and executed. */
  readonly text: string;
  readonly sourceMap: string;
  /** `name@version` of every package it reaches, sorted; `name@absent` for one that is not installed. */
  readonly packages: readonly string[];
}

/** The digest of a bundle's text and of the packages that it reaches, `name@version` and sorted. */
export function codeFingerprint(text: string, packages: readonly string[]): CodeFingerprint {
  return digestValue<CodeFingerprint>(['stage code', BUNDLE_SCHEMA, text, packages]);
}

/** Where fingerprints and code are kept between runs; the store implements it. */
export interface BundleCache {
  /** The fingerprint last computed for a stage, good for as long as none of the files has changed; nothing if the code is gone. */
  stamp(name: string): { readonly fingerprint: CodeFingerprint; readonly files: readonly FileStamp[] } | undefined;
  /** Nothing for code that is not there, or is not what the fingerprint was made from. */
  code(fingerprint: CodeFingerprint): StageCode | undefined;
  /** Keeps the code for ever, and the stamp (if any) until the next one of that name. */
  put(
    code: StageCode,
    stamp: { readonly name: string; readonly files: readonly FileStamp[] } | undefined,
  ): Promise<void>;
}
