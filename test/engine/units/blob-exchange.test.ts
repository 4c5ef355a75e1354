import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { deferred } from '../../../src/engine/base/deferred.ts';
import { type ArtefactDigest, digestBytes } from '../../../src/engine/base/digest.ts';
import { openStore } from '../../../src/engine/store/lmdb/lmdb-store.ts';
import type { Store } from '../../../src/engine/store/store.ts';
import { BlobExchange, type BlobMessage, Disconnected } from '../../../src/engine/units/blob-exchange.ts';
import { Connection } from '../../../src/engine/units/connection.ts';
import { temporaryFolder } from '../store/fixtures.ts';
import { flipBit } from '../store/tamper.ts';

/** Two stores with a connection between them. @param onPiece is called before a part of a blob is taken here */
function pair(onPiece = () => {}) {
  const places = [temporaryFolder(), temporaryFolder()] as const;
  const [here, there] = [openStore(places[0]), openStore(places[1])];
  for (const store of [here, there]) store.writeAmongOthers('test');
  const [there2here, here2there] = [new PassThrough(), new PassThrough()];
  const asked: string[] = [];
  const mine: BlobExchange = new BlobExchange(here, () => connections[0] as Connection);
  const theirs: BlobExchange = new BlobExchange(there, () => connections[1] as Connection);
  const connections: readonly Connection[] = [
    new Connection(there2here, here2there, ({ message, body }) => {
      if (message.type === 'piece') onPiece();
      return mine.handle(message as never, body);
    }),
    new Connection(here2there, there2here, ({ message, body }) => {
      if (message.type === 'want') asked.push(`${message.as} ${String(message.digest).slice(0, 6)}`);
      return theirs.handle(message as unknown as BlobMessage, body);
    }),
  ];
  return { here, there, mine, asked, connections, hereFolder: places[0], thereFolder: places[1] };
}

/** What is left of bytes on their way. */
function workOf(cache: string): readonly string[] {
  const folder = join(cache, 'work/test');
  return existsSync(folder) ? readdirSync(folder) : [];
}

async function put(store: Store, bytes: Uint8Array): Promise<ArtefactDigest> {
  const digest = digestBytes<ArtefactDigest>(bytes);
  await store.receive(new Map([[digest, bytes]]));
  return digest;
}

async function putFolder(store: Store, files: Readonly<Record<string, string | Uint8Array>>): Promise<ArtefactDigest> {
  const folder = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const taken = await store.files.take(folder, 'directory', false);
  await store.receive(new Map([[taken.digest, taken]]));
  return taken.digest;
}

describe('bytes from the other side', () => {
  it.each([
    ['none', 0],
    ['a few', 10],
    ['more than a piece', 300_000],
    ['more than memory should hold', 9_000_001],
  ])('%s', async (_, length) => {
    const { here, there, mine } = pair();
    const bytes = new Uint8Array(length).map((_value, index) => index * 7);
    const digest = await put(there, bytes);
    await mine.ensure([digest, digest]);
    expect(Buffer.compare(here.artefact(digest), bytes)).toBe(0);
  });

  it('are asked for once, however many need them, and not when they are here', async () => {
    const { here, there, mine, asked } = pair();
    const digest = await put(there, new Uint8Array(1000));
    await Promise.all([mine.ensure([digest]), mine.ensure([digest])]);
    await mine.ensure([digest]);
    expect(asked).toHaveLength(1);
    expect(here.hasArtefact(digest)).toBe(true);
  });

  it('of directories come file by file, without those that are here', async () => {
    const { here, there, mine, asked } = pair();
    const large = new Uint8Array(5_000_000).fill(3);
    const files = { 'a/one.txt': 'one', 'a/b/same.txt': 'same', 'c.txt': 'same', 'large.bin': large };
    const digest = await putFolder(there, files);
    await put(here, Buffer.from('one'));
    await mine.ensure([digest]);
    expect(here.files.isDirectory(digest)).toBe(true);
    const place = join(temporaryFolder(), 'given');
    await here.files.give(digest, place, 'own');
    expect(here.files.entries(digest)?.map(({ path }) => path)).toEqual([
      'a/b/same.txt',
      'a/one.txt',
      'c.txt',
      'large.bin',
    ]);
    // The manifest, "same" once, and the large one.
    expect(asked).toHaveLength(3);
  });

  it.each([
    ['small', 1000],
    ['larger than memory should hold', 4_500_000],
  ])('of directories that have a %s file in common come whole, also at the same time', async (_, length) => {
    const { here, there, mine, hereFolder } = pair();
    const common = new Uint8Array(length).fill(7);
    const digests = await Promise.all(
      ['a', 'b', 'c'].map((name) => putFolder(there, { 'common.bin': common, [`${name}.txt`]: name })),
    );
    await Promise.all([mine.ensure(digests), mine.ensure([...digests].reverse())]);
    for (const digest of digests) {
      const place = join(temporaryFolder(), 'given');
      await here.files.give(digest, place, 'own');
      expect(Buffer.compare(readFileSync(join(place, 'common.bin')), common)).toBe(0);
    }
    expect(workOf(hereFolder)).toEqual([]);
  });

  it('begin with their own answer: the rest of an earlier one, which was given up, is left out', async () => {
    const { here, there, mine } = pair();
    for (const length of [0, 1000, 4_500_000]) {
      const digest = await put(there, new Uint8Array(length));
      const brought = mine.ensure([digest]);
      const rest = { type: 'piece', digest, as: 'artefact' } as const;
      mine.handle({ ...rest, isLast: false }, Buffer.from('a rest'));
      mine.handle({ ...rest, isLast: true }, Buffer.from('a rest'));
      await brought;
      expect(here.artefact(digest)).toHaveLength(length);
    }
  });

  it('that are missing or damaged there are named as that side names them', async () => {
    const { there, mine, thereFolder } = pair();
    const missing = digestBytes<ArtefactDigest>(Buffer.from('nobody has this'));
    await expect(mine.ensure([missing])).rejects.toMatchObject({ name: 'Lacking', digest: missing, state: 'missing' });
    const damaged = await put(there, new Uint8Array(100));
    await flipBit(thereFolder, 'artefacts', damaged, 5);
    there.refresh();
    await expect(mine.ensure([damaged])).rejects.toMatchObject({ state: 'damaged' });
  });

  it('that do not come, since the other side has ended, are not waited for', async () => {
    // The first piece is the list of the folder's files, the second one of the file's 35.
    let pieces = 0;
    const half = deferred<void>();
    const { mine, connections, there, hereFolder } = pair(() => (++pieces === 2 ? half.resolve() : undefined));
    const large = mine.ensure([await putFolder(there, { 'large.bin': new Uint8Array(9_000_000) })]);
    await half.promise;
    expect(workOf(hereFolder)).toHaveLength(1);
    const asked = mine.ensure([digestBytes<ArtefactDigest>(Buffer.from('late'))]);
    asked.catch(() => {});
    large.catch(() => {});
    mine.end();
    await expect(large).rejects.toBeInstanceOf(Disconnected);
    expect(workOf(hereFolder)).toEqual([]);
    await expect(asked).rejects.toBeInstanceOf(Disconnected);
    await expect(mine.ensure([digestBytes<ArtefactDigest>(Buffer.from('later'))])).rejects.toBeInstanceOf(Disconnected);
    for (const connection of connections) connection.end();
  });
});
