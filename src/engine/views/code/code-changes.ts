import { createTwoFilesPatch } from 'diff';
import type { CodeFingerprint } from '../../base/digest.ts';
import type { BundleCache, StageCode } from '../../keys/bundle-cache.ts';
import type { ReachedPackage } from '../../keys/package-graph.ts';
import { commandFiles } from './command-files.ts';
import { type Declaration, declarationsOf } from './readable-code.ts';
import { type ReadableFile, WHOLE_TEXT } from './readable-file.ts';

export interface DeclarationChange {
  readonly file: string;
  readonly name: string;
  readonly change: 'changed' | 'added' | 'removed';
}

export interface PackageChange {
  readonly name: string;
  /** Versions; undefined where it is not reached. */
  readonly old: string | undefined;
  readonly new: string | undefined;
}

/** How the code of a stage differs between two fingerprints. */
export type CodeChanges =
  | {
      readonly kind: 'known';
      readonly declarations: readonly DeclarationChange[];
      readonly packages: readonly PackageChange[];
      /** The old and the new code of each changed file, laid out for reading. */
      readonly files: readonly { readonly file: string; readonly old: string; readonly new: string }[];
    }
  /** One of the two is not in the cache any more. */
  | { readonly kind: 'not kept' };

/** Compares the stored code of two fingerprints. */
export async function codeChanges(
  bundles: BundleCache,
  old: CodeFingerprint,
  current: CodeFingerprint,
): Promise<CodeChanges> {
  const [before, now] = [bundles.code(old), bundles.code(current)];
  if (!before || !now) return { kind: 'not kept' };
  const [oldFiles, newFiles] = [await filesOf(before), await filesOf(now)];
  const names = [...new Set([...newFiles.keys(), ...oldFiles.keys()])].sort();
  const changed = names
    .map((file) => ({ file, old: oldFiles.get(file), new: newFiles.get(file) }))
    .filter((each) => each.old?.counted !== each.new?.counted);
  return {
    kind: 'known',
    declarations: changed.flatMap((each) => declarationChanges(each.file, each.old, each.new)),
    packages: packageChanges(before, now),
    files: changed.map((each) => ({ file: each.file, old: each.old?.text ?? '', new: each.new?.text ?? '' })),
  };
}

async function filesOf(code: StageCode): Promise<ReadonlyMap<string, ReadableFile>> {
  return code.kind === 'command' ? commandFiles(code) : byFile(await declarationsOf(code));
}

/** One line that says what changed: `src/models/training.ts › trainEpoch, packages vega 6.4.0 → 6.4.1`. */
export function describeCodeChanges(changes: CodeChanges): string {
  if (changes.kind === 'not kept') return 'the earlier code is not in the cache any more';
  const files = [...new Set(changes.declarations.map(({ file }) => file))];
  const parts = files.map((file) => {
    const names = changes.declarations.filter((each) => each.file === file).map(describeDeclaration);
    return `${file} › ${shortList(names)}`;
  });
  const packages = changes.packages.map(({ name, old, new: now }) => `${name} ${old ?? '(none)'} → ${now ?? '(none)'}`);
  if (packages.length > 0) parts.push(`${packages.length === 1 ? 'package' : 'packages'} ${shortList(packages)}`);
  return parts.length > 0 ? shortList(parts, '; ') : 'the order of its statements';
}

/** The changes as a unified diff, file by file; empty where only packages differ. */
export function unifiedDiff(changes: CodeChanges): string {
  if (changes.kind === 'not kept') return '';
  return changes.files
    .map(({ file, old, new: now }) => createTwoFilesPatch(`a/${file}`, `b/${file}`, old, now, '', '', { context: 3 }))
    .map((patch) => patch.replace(/^=+\n/, '').trimEnd())
    .join('\n');
}

const LISTED = 3;

function shortList(parts: readonly string[], separator = ', '): string {
  const rest = parts.length - LISTED;
  return rest > 0 ? `${parts.slice(0, LISTED).join(separator)} and ${rest} more` : parts.join(separator);
}

function describeDeclaration({ name, change }: DeclarationChange): string {
  return change === 'changed' ? name : `${name} (${change === 'added' ? 'new' : 'gone'})`;
}

function byFile(declarations: readonly Declaration[]): ReadonlyMap<string, ReadableFile> {
  const files = new Map<string, Declaration[]>();
  for (const declaration of declarations) {
    const file = files.get(declaration.file);
    if (file) file.push(declaration);
    else files.set(declaration.file, [declaration]);
  }
  return new Map(
    [...files].map(([file, each]) => {
      const text = each.map((declaration) => `${declaration.text}\n`).join('');
      return [file, { counted: text, text, kind: 'declarations', parts: textsByName(each) }];
    }),
  );
}

function declarationChanges(
  file: string,
  old: ReadableFile | undefined,
  current: ReadableFile | undefined,
): readonly DeclarationChange[] {
  // Python that did not parse, and does now.
  if (old && current && old.kind !== current.kind) return [{ file, name: WHOLE_TEXT, change: 'changed' }];
  const [before, now] = [old?.parts ?? NO_PARTS, current?.parts ?? NO_PARTS];
  return [...new Set([...now.keys(), ...before.keys()])].flatMap((name): DeclarationChange[] => {
    const [was, is] = [before.get(name), now.get(name)];
    if (was === is) return [];
    return [{ file, name, change: was === undefined ? 'added' : is === undefined ? 'removed' : 'changed' }];
  });
}

const NO_PARTS: ReadonlyMap<string, string> = new Map();

/** Statements with the same beginning count as one. */
function textsByName(declarations: readonly Declaration[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { name, text } of declarations) texts.set(name, `${texts.get(name) ?? ''}${text}\n`);
  return texts;
}

function packageChanges(old: StageCode, current: StageCode): readonly PackageChange[] {
  const [before, now] = [byName(old), byName(current)];
  return [...new Set([...before.keys(), ...now.keys()])].sort().flatMap((name) => {
    const [was, is] = [before.get(name), now.get(name)];
    const [oldContent, newContent] = [was, is].map((reached) => reached?.map(({ content }) => content).join());
    if (oldContent === newContent) return [];
    const hasSameVersions = describeVersions(was, false) === describeVersions(is, false);
    return [{ name, old: describeVersions(was, hasSameVersions), new: describeVersions(is, hasSameVersions) }];
  });
}

/** A package may be there in several versions. */
function byName(code: StageCode): ReadonlyMap<string, readonly ReachedPackage[]> {
  const found = new Map<string, ReachedPackage[]>();
  for (const each of code.packages?.packages ?? []) {
    const known = found.get(each.name);
    if (known) known.push(each);
    else found.set(each.name, [each]);
  }
  return found;
}

function describeVersions(reached: readonly ReachedPackage[] | undefined, withContent: boolean): string | undefined {
  return reached
    ?.map(({ version, content }) => {
      if (content === null) return 'absent';
      return withContent ? `${version ?? 'unversioned'} (content ${content.slice(0, 12)})` : (version ?? 'unversioned');
    })
    .join(', ');
}
