import type { ArtefactDigest } from '../base/digest.ts';
import { inputDigests } from '../keys/input-digests.ts';
import type { Coordinates } from '../stage/stage.ts';
import type { RecordedInput, Store } from '../store/store.ts';
import type { DirectoryChanges, FileChanges } from './directory-changes.ts';

/** An input as far as it is known: null for a digest that is known only once the upstream node has run. */
export type PresentInput = { readonly name: string } & (
  | { readonly kind: 'one'; readonly digest: ArtefactDigest | null }
  | {
      readonly kind: 'many';
      readonly items: readonly { readonly coordinates: Coordinates; readonly digest: ArtefactDigest | null }[];
    }
);

export interface InputChange {
  readonly input: string;
  readonly old: readonly ArtefactDigest[];
  readonly new: readonly (ArtefactDigest | null)[];
  /** Of directories, what differs in them. */
  readonly files?: FileChanges;
  /** Only for the same bytes: the coordinates of the gathered items; null for an input that is the output of one node. */
  readonly coordinates?: { readonly old: readonly Coordinates[] | null; readonly new: readonly Coordinates[] | null };
}

/** The inputs that differ from the recorded ones. An unknown digest counts as the same where there was one in its place. */
export function inputChanges(
  old: Readonly<Record<string, RecordedInput>>,
  current: readonly PresentInput[],
): readonly InputChange[] {
  const now = new Map(current.map((input) => [input.name, input]));
  const names = [...new Set([...Object.keys(old), ...now.keys()])];
  return names.flatMap((input) => {
    const [before, after] = [Object.hasOwn(old, input) ? old[input] : undefined, now.get(input)];
    const [was, is] = [digestsOf(before), digestsOf(after)] as const;
    const sameBytes = was.length === is.length && is.every((digest, index) => digest === null || digest === was[index]);
    if (!sameBytes || !before || !after) return [{ input, old: was as readonly ArtefactDigest[], new: is }];
    const [then, present] = [coordinatesOf(before), coordinatesOf(after)];
    return sameCoordinates(then, present)
      ? []
      : [{ input, old: was as readonly ArtefactDigest[], new: is, coordinates: { old: then, new: present } }];
  });
}

/** The same changes, with what differs in directories. */
export function withFiles(
  changes: readonly InputChange[],
  directories: DirectoryChanges,
  store: Store,
): readonly InputChange[] {
  return changes.map((change) => {
    const [[old, ...olds], [now, ...news]] = [change.old, change.new];
    if (!old || !now || olds.length + news.length > 0) return change;
    const files = directories.between(old, now, store);
    return files ? { ...change, files } : change;
  });
}

type AnyInput = RecordedInput | PresentInput | undefined;

function digestsOf(input: AnyInput): readonly (ArtefactDigest | null)[] {
  return input ? inputDigests<ArtefactDigest | null>(input) : [];
}

function coordinatesOf(input: Exclude<AnyInput, undefined>): readonly Coordinates[] | null {
  return input.kind === 'one' ? null : input.items.map(({ coordinates }) => coordinates);
}

function sameCoordinates(a: readonly Coordinates[] | null, b: readonly Coordinates[] | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((each, index) => isSame(each, b[index] as Coordinates));
}

function isSame(a: Coordinates, b: Coordinates): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && a[name] === b[name]);
}
