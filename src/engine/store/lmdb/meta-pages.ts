import { readSync } from 'node:fs';

/** The layout of LMDB's files (mdb.c of lmdb-js) on 64-bit processors with little-endian numbers. */
export const PAGE_HEADER_BYTES = 24;

/** The header of a page: its number, the transaction that wrote it, and its kind. */
export const PAGE = { number: 0, transaction: 8, kind: 18, lower: 20, upper: 22, pages: 20 } as const;

/** The kind of a page. */
export const KIND = { branch: 1, leaf: 2, overflow: 4, meta: 8 } as const;

/** Pages 0 and 1, which transactions write in turn. */
export const META_PAGES = 2;

const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;
const META_BYTES = 144;
const META = { magic: 0, version: 4, free: 24, main: 72, lastPage: 120, transaction: 128 } as const;

/** A tree's description: 48 bytes, in a meta page or in a node of the main tree. */
export const TREE_BYTES = 48;
const TREE = {
  pageSize: 0,
  flags: 4,
  depth: 6,
  branches: 8,
  leaves: 16,
  overflows: 24,
  entries: 32,
  root: 40,
} as const;

/** Keys of the tree of free pages are integers. With the other flag, commits may overlap, as those of earlier versions did. */
const INTEGER_KEYS = 8;
const OVERLAPPING_SYNC = 0x1000;

const SMALLEST_PAGE = 512;
export const LARGEST_PAGE = 65536;

/** The file is not as LMDB writes it. */
export class BrokenStructure extends Error {}

/** A tree of pages. One without a root is empty. */
export interface Tree {
  readonly root: number | undefined;
  readonly depth: number;
  readonly branches: number;
  readonly leaves: number;
  readonly overflows: number;
  readonly entries: number;
  readonly flags: number;
}

/** The state that a transaction left. */
export interface Meta {
  readonly transaction: number;
  readonly pageSize: number;
  readonly lastPage: number;
  readonly free: Tree;
  readonly main: Tree;
}

/**
 * The newest meta page of a file.
 * @throws {BrokenStructure}
 */
export function readMeta(descriptor: number, fileBytes: number): Meta {
  const bytes = Buffer.alloc(PAGE_HEADER_BYTES + META_BYTES);
  const at = (page: number, pageSize: number): Meta => {
    if (readSync(descriptor, bytes, 0, bytes.length, page * pageSize) < bytes.length) {
      throw new BrokenStructure(`it was cut off after ${fileBytes} bytes`);
    }
    return decodeMeta(bytes, page);
  };
  const first = at(0, 0);
  const second = at(1, first.pageSize);
  if (first.pageSize !== second.pageSize) throw new BrokenStructure('its two meta pages name different page sizes');
  return first.transaction >= second.transaction ? first : second;
}

function decodeMeta(bytes: Buffer, page: number): Meta {
  const broken = (what: string) => new BrokenStructure(`${what} of meta page ${page} is not what LMDB writes`);
  if (readNumber(bytes, PAGE.number) !== page) throw broken('the number');
  if (bytes.readUInt16LE(PAGE.kind) !== KIND.meta) throw broken('the kind');
  const meta = bytes.subarray(PAGE_HEADER_BYTES);
  if (meta.readUInt32LE(META.magic) !== MAGIC) throw broken('the mark');
  if (meta.readUInt32LE(META.version) !== DATA_VERSION) throw broken('the version');
  const pageSize = meta.readUInt32LE(META.free + TREE.pageSize);
  if (pageSize < SMALLEST_PAGE || pageSize > LARGEST_PAGE || (pageSize & (pageSize - 1)) !== 0) {
    throw broken('the page size');
  }
  const transaction = readNumber(meta, META.transaction);
  // Transaction n writes page n mod 2; both begin with 0.
  if (!Number.isSafeInteger(transaction) || (transaction !== 0 && transaction % META_PAGES !== page)) {
    throw broken('the transaction');
  }
  const lastPage = readNumber(meta, META.lastPage);
  if (!Number.isSafeInteger(lastPage * pageSize) || lastPage < META_PAGES - 1) throw broken('the last page');
  const free = decodeTree(meta.subarray(META.free));
  const main = decodeTree(meta.subarray(META.main));
  if ((free.flags & ~OVERLAPPING_SYNC) !== INTEGER_KEYS || main.flags !== 0) throw broken('the flags');
  return { transaction, pageSize, lastPage, free, main };
}

/** The description of a tree. */
export function decodeTree(bytes: Buffer): Tree {
  const root = readNumber(bytes, TREE.root);
  return {
    root: root === NO_PAGE ? undefined : root,
    depth: bytes.readUInt16LE(TREE.depth),
    branches: readNumber(bytes, TREE.branches),
    leaves: readNumber(bytes, TREE.leaves),
    overflows: readNumber(bytes, TREE.overflows),
    entries: readNumber(bytes, TREE.entries),
    flags: bytes.readUInt16LE(TREE.flags),
  };
}

const NO_PAGE = Number(0xffff_ffff_ffff_ffffn);

/** 64 bits, unsigned. Inexact above 2^53, where no number of a sound file is. */
export function readNumber(bytes: Buffer, offset: number): number {
  return bytes.readUInt32LE(offset + 4) * 2 ** 32 + bytes.readUInt32LE(offset);
}
