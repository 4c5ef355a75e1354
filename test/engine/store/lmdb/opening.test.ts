import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../../src/engine/base/failure.ts';
import { compactStore } from '../../../../src/engine/store/lmdb/compact.ts';
import { openStore } from '../../../../src/engine/store/lmdb/lmdb-store.ts';
import { commitOf, content, recordOf, temporaryFolder } from '../fixtures.ts';
import { tamper } from '../tamper.ts';

async function cache(): Promise<string> {
  const folder = temporaryFolder();
  const store = openStore(folder);
  for (const epoch of [1, 2, 3]) await store.commit(commitOf(`train/${epoch}`, { weights: content(9000, epoch) }));
  await store.close();
  return folder;
}

async function compacted(): Promise<string> {
  const folder = await cache();
  const store = openStore(folder);
  await compactStore(store, folder);
  await store.close();
  return folder;
}

/** What is said when a cache is opened; nothing if it can be. */
async function said(folder: string): Promise<string | undefined> {
  try {
    const store = openStore(folder);
    await store.close();
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    expect((error as Failure).diagnostics[0]?.fix).toBeTruthy();
    return (error as Failure).diagnostics[0]?.fact;
  }
}

describe('a database file', () => {
  it('that was cut off is refused, whatever is left of it', async () => {
    const folder = await cache();
    const file = join(folder, 'data.mdb');
    const whole = readFileSync(file);
    for (const bytes of [0, 1, 100, 4095, 4096, 6000, 8192, 20_000, Math.floor(whole.length / 2)]) {
      truncateSync(file, bytes);
      expect(await said(folder), `${bytes} bytes`).toMatch(file);
      writeFileSync(file, whole);
    }
    expect(await said(folder)).toBeUndefined();
  });

  it('that is missing from its folder is not replaced by an empty one', async () => {
    const folder = await cache();
    rmSync(join(folder, 'data.mdb'));
    expect(await said(folder)).toBe(`${join(folder, 'data.mdb')} is damaged: it is missing`);
    expect(existsSync(join(folder, 'data.mdb'))).toBe(false);
  });

  it('is read through after a process that did not close it, and after any change from outside; not otherwise', async () => {
    const folder = await cache();
    const file = join(folder, 'data.mdb');
    const mark = () => readFileSync(join(folder, 'closed'), 'utf8');
    expect(mark()).not.toBe('');
    const store = openStore(folder);
    expect(mark()).toBe('');
    await store.close();
    const closed = mark();

    // A page that is only looked at when the file is read through.
    const bytes = readFileSync(file);
    const page = [...Array(bytes.length / 4096).keys()].findLast(
      (at) => bytes.readUInt16LE(at * 4096 + 18) === 2 && bytes.readUInt32LE(at * 4096) === at,
    ) as number;
    bytes.writeUInt16LE(60_000, page * 4096 + 22);
    const sound = readFileSync(file);
    writeFileSync(file, bytes);
    expect(await said(folder)).toMatch(/is damaged: page \d+ has its free space/);
    expect(mark()).toBe(closed);
    writeFileSync(file, sound);
    utimesSync(file, 1, 1);
    expect(await said(folder)).toBeUndefined();
    expect(mark()).not.toBe(closed);
  });

  it('that lacks a table which it had is refused', async () => {
    const folder = await cache();
    await tamper(folder, 'traces', (table) => void table.dropSync());
    expect(await said(folder)).toBe(`${join(folder, 'data.mdb')} is damaged: its table traces is missing`);
  });

  it('that was cut off while it is open is seen before it is read', async () => {
    const folder = await cache();
    const store = openStore(folder);
    const file = join(folder, 'data.mdb');
    const whole = readFileSync(file);
    truncateSync(file, 8192);
    expect(() => store.checkPresence()).toThrow(/is damaged: it was cut off after 8192 bytes/);
    expect(() => store.checkFile()).toThrow(/is damaged: it was cut off after 8192 bytes/);
    await store.close();
    // Nobody relies on how such a file was closed.
    expect(readFileSync(join(folder, 'closed'), 'utf8')).toBe('');
    expect(await said(folder)).toMatch(/is damaged/);
    writeFileSync(file, whole);
    expect(await said(folder)).toBeUndefined();
  });
});

describe('something else under the name of', () => {
  const kinds: readonly (readonly [string, (path: string) => void, string])[] = [
    ['a folder', (path) => mkdirSync(path), 'a folder'],
    ['a pipe', (path) => void execFileSync('mkfifo', [path]), 'a pipe'],
    ['a link to nowhere', (path) => symlinkSync('/nowhere/at/all', path), 'a link to nowhere'],
    ['a link to a device', (path) => symlinkSync('/dev/null', path), 'a device or socket'],
  ];
  for (const name of ['data.mdb', 'lock.mdb']) {
    it.skipIf(process.platform === 'win32').each(kinds)(`${name}: %s`, async (_, make, what) => {
      const folder = await cache();
      rmSync(join(folder, name));
      make(join(folder, name));
      expect(await said(folder)).toBe(`${join(folder, name)} is ${what}, and not a file`);
    });
  }

  it('data.mdb: a link to a cache is a cache', async () => {
    const folder = await cache();
    const linked = temporaryFolder();
    symlinkSync(join(folder, 'data.mdb'), join(linked, 'data.mdb'));
    expect(await said(linked)).toBeUndefined();
  });

  it('lock.mdb: noise is replaced', async () => {
    const folder = await cache();
    for (const noise of [Buffer.from('abc'), Buffer.from(content(40_000))]) {
      writeFileSync(join(folder, 'lock.mdb'), noise);
      expect(await said(folder)).toBeUndefined();
    }
  });
});

describe('the file that names the generation', () => {
  it.each(['', '\n', 'abc', '-1', '0', '1e9', '1.0', '7', '999999999999', '1\n2'])(
    'that holds %j is refused',
    async (text) => {
      const folder = await compacted();
      const file = join(folder, 'generation');
      writeFileSync(file, text);
      const before = readdirSync(folder).sort();
      expect(await said(folder)).toBe(
        `${file} holds ${JSON.stringify(text.trim())}, and should hold the number of the folder "generation-N" that the cache lies in`,
      );
      expect(readdirSync(folder).sort()).toEqual(before);
      // As the fix says.
      writeFileSync(file, '1');
      expect(await said(folder)).toBeUndefined();
    },
  );

  it('that is missing is not taken for that of a cache that was never compacted', async () => {
    const folder = await compacted();
    rmSync(join(folder, 'generation'));
    expect(await said(folder)).toMatch(/generation is missing/);
  });

  it('counts where a killed compaction left another folder', async () => {
    const folder = await compacted();
    mkdirSync(join(folder, 'generation-2'));
    copyFileSync(join(folder, 'generation-1', 'data.mdb'), join(folder, 'generation-2', 'data.mdb'));
    writeFileSync(join(folder, 'generation.77.part'), '2');
    const store = openStore(folder);
    expect(store.record(recordOf('train/2').key)?.node).toBe('train/2');
    await compactStore(store, folder).catch(() => {});
    await store.close();
    expect(await said(folder)).toBeUndefined();
  });

  it('names them all where there are several', async () => {
    const folder = await compacted();
    mkdirSync(join(folder, 'generation-2'));
    copyFileSync(join(folder, 'generation-1', 'data.mdb'), join(folder, 'generation-2', 'data.mdb'));
    writeFileSync(join(folder, 'generation'), '');
    expect(() => openStore(folder)).toThrow(/write one of the numbers 1, 2 into it/);
  });
});
