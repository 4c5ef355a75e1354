/** A file of a stage's code, for reading. */
export interface ReadableFile {
  /** While it is the same, the file counts as the same. */
  readonly counted: string;
  /** As it is shown. */
  readonly text: string;
  /** Whether its parts are what it declares, or all of it under one name. */
  readonly kind: 'declarations' | 'whole';
  /** What each part counts by, by its name. */
  readonly parts: ReadonlyMap<string, string>;
}

/** The name of the only part of a file whose text was not taken apart. */
export const WHOLE_TEXT = 'its text';
