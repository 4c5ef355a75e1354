/** What a person has said about a run. It is kept next to the record of the run, may change at any time, and is in no key. */
export interface RunLabel {
  readonly name?: string;
  readonly note?: string;
  readonly tags?: readonly string[];
}

/** Whether it says nothing. */
export function isBlank({ name, note, tags = [] }: RunLabel): boolean {
  return name === undefined && note === undefined && tags.length === 0;
}
