import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { digestBytes } from '../../../src/engine/base/digest.ts';

/** What a path of a tree holds. */
export type Leaf =
  | { readonly kind: 'file'; readonly bytes: Uint8Array; readonly isExecutable: boolean }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'folder' };

export type Tree = ReadonlyMap<string, Leaf>;

export function file(bytes: Uint8Array | string, isExecutable = false): Leaf {
  return { kind: 'file', bytes: Buffer.from(bytes), isExecutable };
}

/** Makes the tree in the given order. */
export function makeTree(top: string, tree: Iterable<readonly [string, Leaf]>): void {
  mkdirSync(top, { recursive: true });
  for (const [path, leaf] of tree) {
    const place = join(top, path);
    mkdirSync(dirname(place), { recursive: true });
    if (leaf.kind === 'folder') mkdirSync(place, { recursive: true });
    else if (leaf.kind === 'link') symlinkSync(leaf.target, place);
    else {
      writeFileSync(place, leaf.bytes);
      chmodSync(place, leaf.isExecutable ? 0o755 : 0o644);
    }
  }
}

/** A tree in a form that is quick to compare: a line for each leaf. */
export function described(tree: Iterable<readonly [string, Leaf]>): ReadonlyMap<string, string> {
  return new Map([...tree].map(([path, leaf]) => [path, textOf(leaf)] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function textOf(leaf: Leaf): string {
  if (leaf.kind === 'folder') return 'folder';
  if (leaf.kind === 'link') return `link ${leaf.target}`;
  return `file ${leaf.bytes.length} ${digestBytes(leaf.bytes)}${leaf.isExecutable ? ' executable' : ''}`;
}

/** What the disk has, in the same form; folders are listed where they are empty. */
export function treeAt(top: string): ReadonlyMap<string, string> {
  return described(leavesAt(top, ''));
}

function* leavesAt(top: string, below: string): Iterable<readonly [string, Leaf]> {
  const names = readdirSync(join(top, below));
  if (names.length === 0 && below !== '') yield [below, { kind: 'folder' }];
  for (const name of names) {
    const path = below === '' ? name : `${below}/${name}`;
    const place = join(top, path);
    const stats = lstatSync(place);
    if (stats.isSymbolicLink()) yield [path, { kind: 'link', target: readlinkSync(place) }];
    else if (stats.isDirectory()) yield* leavesAt(top, path);
    else yield [path, file(readFileSync(place), (stats.mode & 0o100) !== 0)];
  }
}
