import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { open } from 'lmdb';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../../src/engine/base/failure.ts';
import { checkDatabaseFile } from '../../../../src/engine/store/lmdb/file-check.ts';
import { openStore } from '../../../../src/engine/store/lmdb/lmdb-store.ts';
import { commitOf, content, temporaryFolder } from '../fixtures.ts';

const PAGE = 4096;

/** What is said about a file; nothing if it is sound. */
function said(file: string): string | undefined {
  try {
    checkDatabaseFile(file);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    const { fact, fix } = (error as Failure).diagnostics[0] ?? {};
    expect(fix).toMatch(/delete the cache folder/);
    return fact;
  }
}

/** A database as LMDB writes it after puts and removals in transactions of their own; `size` goes beyond a page. */
async function database(operations: readonly { key: number; size: number | undefined }[]): Promise<string> {
  const folder = temporaryFolder();
  const environment = open<Buffer, Buffer>({
    path: folder,
    keyEncoding: 'binary',
    encoding: 'binary',
    maxDbs: 8,
    overlappingSync: false,
  });
  const tables = ['one', 'two'].map((name) =>
    environment.openDB<Buffer, Buffer>(name, { keyEncoding: 'binary', encoding: 'binary' }),
  );
  for (const { key, size } of operations) {
    const table = tables[key % 2];
    const name = Buffer.from(`${key} ${'k'.repeat(key % 90)}`);
    if (size === undefined) await table?.remove(name);
    else await table?.put(name, Buffer.from(content(size, key)));
  }
  await environment.close();
  return join(folder, 'data.mdb');
}

const operation = fc.record({
  key: fc.nat(300),
  size: fc.option(fc.oneof(fc.nat(60), fc.nat(3000), fc.nat(40_000)), { nil: undefined, freq: 3 }),
});

/** Deep enough for branch pages, values of their own pages, and free pages. */
const many = Array.from({ length: 700 }, (_, index) => ({
  key: index % 350,
  size: index > 600 ? undefined : (index * 37) % 2500,
}));

function changed(file: string, change: (bytes: Buffer) => void): string | undefined {
  const sound = readFileSync(file);
  const bytes = Buffer.from(sound);
  change(bytes);
  writeFileSync(file, bytes);
  const found = said(file);
  writeFileSync(file, sound);
  return found;
}

describe('the check of a database file', () => {
  it('finds nothing in what LMDB writes', { timeout: 120_000 }, async () => {
    expect(said(await database([]))).toBeUndefined();
    expect(said(await database(many))).toBeUndefined();
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 150 }), async (operations) => {
        expect(said(await database(operations))).toBeUndefined();
      }),
      { numRuns: 12 },
    );
  });

  it('finds nothing while another process could be writing', async () => {
    const folder = temporaryFolder();
    const store = openStore(folder);
    const checks: (string | undefined)[] = [];
    for (let index = 0; index < 30; index++) {
      const written = store.commit(commitOf(`train/${index}`, { weights: content(30_000, index) }));
      checks.push(said(join(folder, 'data.mdb')));
      await written;
      if (index % 3 === 0) await store.dropArtefacts([...commitOf('', { a: content(30_000, index) }).artefacts.keys()]);
    }
    await store.close();
    expect(checks.filter((found) => found !== undefined)).toEqual([]);
  });

  it('says where a file was cut off', async () => {
    const file = await database(many);
    const { length } = readFileSync(file);
    expect(length).toBeGreaterThan(50 * PAGE);
    for (const part of [0.02, 0.2, 0.5, 0.8]) {
      const bytes = Math.floor(length * part);
      const copy = join(temporaryFolder(), 'data.mdb');
      writeFileSync(copy, readFileSync(file));
      truncateSync(copy, bytes);
      expect(said(copy)).toMatch(`${copy} is damaged: it was cut off after ${bytes} bytes`);
    }
  });

  it('names the page with a number that leads elsewhere', async () => {
    const file = await database(many);
    const bytes = readFileSync(file);
    const newest = bytes.readBigUInt64LE(24 + 128) > bytes.readBigUInt64LE(PAGE + 24 + 128) ? 0 : PAGE;
    const rootOf = (tree: number) => newest + 24 + tree + 40;
    const root = Number(bytes.readBigUInt64LE(rootOf(72)));
    const at = (page: number, offset: number) => page * PAGE + offset;
    expect(changed(file, (data) => data.writeUInt32LE(1, newest + 24))).toMatch(/the mark of meta page/);
    expect(changed(file, (data) => data.writeUInt8(0x21, newest + 24 + 25))).toMatch(/the page size of meta page/);
    expect(changed(file, (data) => data.writeUInt32LE(999_999, rootOf(72)))).toMatch(/a page 999999 that is not there/);
    expect(changed(file, (data) => data.writeUInt16LE(9, newest + 24 + 72 + 6))).toMatch(/is of kind 2/);
    expect(changed(file, (data) => data.writeUInt8(data.readUInt8(at(root, 0)) ^ 1, at(root, 0)))).toBe(
      `${file} is damaged: page ${root} has the number of another one`,
    );
    expect(changed(file, (data) => data.writeUInt8(0xff, at(root, 13)))).toMatch(/is of a transaction to come/);
    expect(changed(file, (data) => data.writeUInt16LE(4, at(root, 18)))).toMatch(/is of kind 4/);
    expect(changed(file, (data) => data.writeUInt16LE(60_000, at(root, 22)))).toMatch(/has its free space from/);
    expect(changed(file, (data) => data.writeUInt16LE(4090, at(root, 24)))).toMatch(/has a node at 4090/);
  });

  it('finds any of the numbers that LMDB follows on a page, or none where the page is free', {
    timeout: 120_000,
  }, async () => {
    const file = await database(many);
    const bytes = readFileSync(file);
    const leaves = [...Array(bytes.length / PAGE).keys()].filter(
      (page) => page > 1 && bytes.readUInt16LE(page * PAGE + 18) === 2 && bytes.readUInt32LE(page * PAGE) === page,
    );
    let inUse = 0;
    for (const page of leaves.slice(0, 15)) {
      const node = page * PAGE + 24 + bytes.readUInt16LE(page * PAGE + 24);
      // Number, kind, free space, and where the first node and its value begin. How long a value is on pages of its own, its digest tells.
      const offsets = [page * PAGE, page * PAGE + 18, page * PAGE + 20, page * PAGE + 22, page * PAGE + 24, node + 6];
      const found = offsets.filter((offset) =>
        changed(file, (data) => data.writeUInt8(data.readUInt8(offset) ^ 2, offset)),
      );
      expect([0, offsets.length]).toContain(found.length);
      if (found.length > 0) inUse++;
    }
    expect(inUse).toBeGreaterThan(3);
  });
});
