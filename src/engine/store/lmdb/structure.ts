import { readSync } from 'node:fs';
import {
  BrokenStructure,
  decodeTree,
  KIND,
  META_PAGES,
  type Meta,
  PAGE,
  PAGE_HEADER_BYTES,
  readNumber,
  TREE_BYTES,
  type Tree,
} from './meta-pages.ts';

/** The header of a node: the size of its value (or the page below it), flags, the size of its key. */
const NODE = { low: 0, high: 2, flags: 4, keySize: 6, key: 8 } as const;

const OVERFLOWS = 1;
const HOLDS_TREE = 2;

/** Replaces a value that lies on pages of its own: the first page, the transaction, and the number of pages. */
const OVERFLOW_REFERENCE_BYTES = 24;
const OVERFLOW_REFERENCE = { page: 0, pages: 16 } as const;

const UNWRITTEN_BYTES = 2 ** 30;

/** LMDB's own limit. */
const DEEPEST = 32;

/** Integer keys, in the tree of free pages, are numbers of transactions. */
const INTEGER_BYTES = 8;

/** What the nodes of a tree hold. */
type Content = 'free pages' | 'trees' | 'values';

/** The keys of a page lie in this range. */
interface Bounds {
  readonly from: Buffer | undefined;
  readonly below: Buffer | undefined;
}

interface Counts {
  branches: number;
  leaves: number;
  overflows: number;
  entries: number;
}

/**
 * Follows every page that a snapshot reaches and compares it with what LMDB writes: numbers, kinds, bounds, sizes, the order of keys and counts. No page
 * may be used twice. LMDB relies on all of it, and reads and writes wherever a wrong number leads.
 *
 * @throws {BrokenStructure} with the fault and the page
 */
export function checkStructure(descriptor: number, meta: Meta, fileBytes: number): void {
  new StructureCheck(descriptor, meta, fileBytes).run();
}

class StructureCheck {
  private readonly descriptor: number;
  private readonly meta: Meta;
  private readonly fileBytes: number;
  private readonly reached: Uint8Array;
  /** One buffer for each level: a page stays in memory while those below it are read. */
  private readonly levels: Buffer[] = [];
  private readonly header = Buffer.alloc(PAGE_HEADER_BYTES);
  private readonly named: { readonly name: string; readonly tree: Tree }[] = [];
  private readonly freed: { readonly page: number; readonly pages: number }[] = [];

  constructor(descriptor: number, meta: Meta, fileBytes: number) {
    this.descriptor = descriptor;
    this.meta = meta;
    this.fileBytes = fileBytes;
    // Free pages at the end may never have been written, but there are few of them.
    if (meta.lastPage * meta.pageSize > 2 * fileBytes + UNWRITTEN_BYTES) throw this.cutOff(meta.lastPage);
    this.reached = new Uint8Array(meta.lastPage + 1).fill(1, 0, META_PAGES);
  }

  run(): void {
    this.walk(this.meta.main, 'trees', 'the main tree');
    for (const { name, tree } of this.named) this.walk(tree, 'values', `the table ${name}`);
    this.walk(this.meta.free, 'free pages', 'the tree of free pages');
    for (const { page, pages } of this.freed) {
      if (this.reached.subarray(page, page + pages).includes(1)) {
        throw new BrokenStructure(`page ${page} is in use and in the list of free pages`);
      }
    }
  }

  private walk(tree: Tree, content: Content, name: string): void {
    const counts: Counts = { branches: 0, leaves: 0, overflows: 0, entries: 0 };
    if (tree.root !== undefined) {
      if (tree.depth < 1 || tree.depth > DEEPEST) throw new BrokenStructure(`${name} is ${tree.depth} pages deep`);
      this.visit(tree.root, tree.depth, content, { from: undefined, below: undefined }, counts);
    } else if (tree.depth !== 0) throw new BrokenStructure(`${name} has no root`);
    for (const what of ['branches', 'leaves', 'overflows', 'entries'] as const) {
      if (counts[what] !== tree[what]) {
        throw new BrokenStructure(`${name} has ${counts[what]} ${what}, and says that it has ${tree[what]}`);
      }
    }
  }

  /** @param height 1 for a leaf. */
  private visit(number: number, height: number, content: Content, bounds: Bounds, counts: Counts): void {
    const page = this.read(number, height);
    const kind = page.readUInt16LE(PAGE.kind);
    if (kind !== (height === 1 ? KIND.leaf : KIND.branch)) throw broken(number, `is of kind ${kind}`);
    const nodes = this.nodesOf(page, number);
    if (height === 1) this.leaf(page, number, nodes, content, bounds, counts);
    else this.branch(page, number, height, nodes, content, bounds, counts);
  }

  /** Where the nodes of a page begin. */
  private nodesOf(page: Buffer, number: number): readonly number[] {
    const lower = page.readUInt16LE(PAGE.lower);
    const upper = page.readUInt16LE(PAGE.upper);
    if (lower % 2 !== 0 || lower > upper || upper > page.length - PAGE_HEADER_BYTES) {
      throw broken(number, `has its free space from ${lower} to ${upper}`);
    }
    const nodes: number[] = [];
    for (let at = PAGE_HEADER_BYTES; at < PAGE_HEADER_BYTES + lower; at += 2) {
      const offset = page.readUInt16LE(at);
      if (offset % 2 !== 0 || offset < upper || PAGE_HEADER_BYTES + offset + NODE.key > page.length) {
        throw broken(number, `has a node at ${offset}`);
      }
      nodes.push(PAGE_HEADER_BYTES + offset);
    }
    if (nodes.length === 0) throw broken(number, 'is empty');
    return nodes;
  }

  private branch(
    page: Buffer,
    number: number,
    height: number,
    nodes: readonly number[],
    content: Content,
    bounds: Bounds,
    counts: Counts,
  ): void {
    counts.branches++;
    let room = page.length - PAGE_HEADER_BYTES - page.readUInt16LE(PAGE.upper);
    const children = nodes.map((at) => {
      const size = page.readUInt16LE(at + NODE.keySize);
      if (at + NODE.key + size > page.length) throw broken(number, 'has a key that goes beyond its end');
      room -= even(NODE.key + size);
      const below =
        page.readUInt16LE(at + NODE.low) +
        page.readUInt16LE(at + NODE.high) * 2 ** 16 +
        page.readUInt16LE(at + NODE.flags) * 2 ** 32;
      return { below, key: page.subarray(at + NODE.key, at + NODE.key + size) };
    });
    if (room !== 0) throw broken(number, 'has nodes that do not fill it');
    // LMDB does not read the first key.
    const keys = children.slice(1).map(({ key }) => key);
    checkOrder(keys, number, content, bounds);
    for (const [index, { below }] of children.entries()) {
      const inner = { from: index === 0 ? bounds.from : keys[index - 1], below: keys[index] ?? bounds.below };
      this.visit(below, height - 1, content, inner, counts);
    }
  }

  private leaf(
    page: Buffer,
    number: number,
    nodes: readonly number[],
    content: Content,
    bounds: Bounds,
    counts: Counts,
  ): void {
    counts.leaves++;
    counts.entries += nodes.length;
    let room = page.length - PAGE_HEADER_BYTES - page.readUInt16LE(PAGE.upper);
    let before: Buffer | undefined;
    for (const at of nodes) {
      const flags = page.readUInt16LE(at + NODE.flags);
      const size = page.readUInt16LE(at + NODE.low) + page.readUInt16LE(at + NODE.high) * 2 ** 16;
      const begin = at + NODE.key + page.readUInt16LE(at + NODE.keySize);
      const end = begin + (flags === OVERFLOWS ? OVERFLOW_REFERENCE_BYTES : size);
      if (end > page.length) throw broken(number, 'has a node that goes beyond its end');
      room -= even(end - at);
      const key = page.subarray(at + NODE.key, begin);
      if (
        before === undefined
          ? bounds.from && compare(bounds.from, key, content) > 0
          : compare(before, key, content) >= 0
      ) {
        throw broken(number, 'has keys in no order');
      }
      before = key;
      this.node(page.subarray(begin, end), key, { flags, size, number, content, counts });
    }
    if (before && bounds.below && compare(before, bounds.below, content) >= 0)
      throw broken(number, 'has keys in no order');
    if (room !== 0) throw broken(number, 'has nodes that do not fill it');
  }

  private node(
    value: Buffer,
    key: Buffer,
    {
      flags,
      size,
      number,
      content,
      counts,
    }: { flags: number; size: number; number: number; content: Content; counts: Counts },
  ): void {
    if (content === 'trees') {
      if (flags !== HOLDS_TREE || size !== TREE_BYTES) throw broken(number, 'has a node that holds no table');
      const name = printable(key);
      const tree = decodeTree(value);
      if (tree.flags !== 0 || value.readUInt32LE(0) !== 0) throw broken(number, `has a table ${name} with flags`);
      this.named.push({ name, tree });
      return;
    }
    if (flags !== 0 && flags !== OVERFLOWS) throw broken(number, `has a node with flags ${flags}`);
    const overflow = flags === OVERFLOWS ? this.overflow(value, size, number, counts) : undefined;
    if (content === 'free pages') {
      if (key.length !== INTEGER_BYTES || readNumber(key, 0) > this.meta.transaction) {
        throw broken(number, 'has free pages of no transaction');
      }
      this.freePages(overflow === undefined ? value : this.contentOf(overflow, size), number);
    }
  }

  /** Follows a value to its own pages, and returns the first of them. */
  private overflow(reference: Buffer, size: number, from: number, counts: Counts): number {
    const first = readNumber(reference, OVERFLOW_REFERENCE.page);
    const pages = readNumber(reference, OVERFLOW_REFERENCE.pages);
    const { pageSize, lastPage } = this.meta;
    if (first < META_PAGES || first + pages > lastPage + 1 || pages * pageSize < PAGE_HEADER_BYTES + size) {
      throw broken(from, `has a value of ${size} bytes on pages ${first} to ${first + pages - 1}`);
    }
    this.readInto(this.header, first);
    this.checkHeader(this.header, first);
    if (this.header.readUInt16LE(PAGE.kind) !== KIND.overflow || this.header.readUInt32LE(PAGE.pages) !== pages) {
      throw broken(first, 'is not that of a large value');
    }
    if ((first + pages) * pageSize > this.fileBytes) throw this.cutOff(first);
    if (this.reached.subarray(first, first + pages).includes(1)) throw broken(first, 'is used twice');
    this.reached.fill(1, first, first + pages);
    counts.overflows += pages;
    return first;
  }

  private contentOf(page: number, size: number): Buffer {
    const bytes = Buffer.alloc(size);
    readSync(this.descriptor, bytes, 0, size, page * this.meta.pageSize + PAGE_HEADER_BYTES);
    return bytes;
  }

  /** A count, then pages. A negative number gives the length of a range that starts with the next one. */
  private freePages(list: Buffer, number: number): void {
    const count = list.length < INTEGER_BYTES ? -1 : readNumber(list, 0);
    if (count < 0 || (count + 1) * INTEGER_BYTES > list.length)
      throw broken(number, 'has a list of free pages that does not fit');
    for (let index = 1; index <= count; index++) {
      const entry = Number(list.readBigInt64LE(index * INTEGER_BYTES));
      if (entry === 0) continue;
      const page = entry > 0 ? entry : ++index <= count ? readNumber(list, index * INTEGER_BYTES) : 0;
      const pages = entry > 0 ? 1 : -entry;
      if (page < META_PAGES || page + pages > this.meta.lastPage + 1)
        throw broken(number, `lists free pages that are not there`);
      this.freed.push({ page, pages });
    }
  }

  private read(number: number, height: number): Buffer {
    const { pageSize, lastPage } = this.meta;
    if (number < META_PAGES || number > lastPage)
      throw new BrokenStructure(`it refers to a page ${number} that is not there`);
    if (this.reached[number]) throw broken(number, 'is used twice');
    this.reached[number] = 1;
    const page = this.levels[height] ?? Buffer.alloc(pageSize);
    this.levels[height] = page;
    this.readInto(page, number);
    this.checkHeader(page, number);
    return page;
  }

  private readInto(bytes: Buffer, number: number): void {
    const read = readSync(this.descriptor, bytes, 0, bytes.length, number * this.meta.pageSize);
    if (read < bytes.length) throw this.cutOff(number);
  }

  private checkHeader(page: Buffer, number: number): void {
    if (readNumber(page, PAGE.number) !== number) throw broken(number, 'has the number of another one');
    // LMDB would take a page of a later transaction for its own, and write to it in place.
    if (readNumber(page, PAGE.transaction) > this.meta.transaction) throw broken(number, 'is of a transaction to come');
  }

  private cutOff(page: number): BrokenStructure {
    return new BrokenStructure(`it was cut off after ${this.fileBytes} bytes, before page ${page} or within it`);
  }
}

function checkOrder(keys: readonly Buffer[], number: number, content: Content, { from, below }: Bounds): void {
  const all = [...(from ? [from] : []), ...keys];
  for (const [index, key] of all.entries()) {
    const next = all[index + 1] ?? below;
    if (next && compare(key, next, content) >= 0) throw broken(number, 'has keys in no order');
  }
}

function compare(a: Buffer, b: Buffer, content: Content): number {
  if (content !== 'free pages') return a.compare(b);
  return a.length === INTEGER_BYTES && b.length === INTEGER_BYTES ? readNumber(a, 0) - readNumber(b, 0) : 1;
}

function broken(page: number, what: string): BrokenStructure {
  return new BrokenStructure(`page ${page} ${what}`);
}

function even(size: number): number {
  return size + (size % 2);
}

/** The name of a table, for a message. */
function printable(key: Buffer): string {
  return JSON.stringify(key.toString('latin1').replace(/\0$/, ''));
}
