import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ArtefactDigest, digestBytes, digestToBytes } from '../../../src/engine/base/digest.ts';
import type { TakenArtefact } from '../../../src/engine/store/artefact-files.ts';
import type { InspectableStore } from '../../../src/engine/store/inspection.ts';
import { openStore } from '../../../src/engine/store/lmdb/lmdb-store.ts';
import type { NodeCommit } from '../../../src/engine/store/store.ts';
import { verifyStore } from '../../../src/engine/store/verify.ts';
import { commitOf, content, recordOf, temporaryFolder, temporaryStore } from './fixtures.ts';
import { tamper } from './tamper.ts';
import { described, file, type Leaf, makeTree, type Tree, treeAt } from './trees.ts';

const LARGE = 5 * 1024 * 1024;

/** The commit of a node with one output. */
function commitOfTaken(node: string, taken: TakenArtefact): NodeCommit {
  const { kind: type, digest, bytes } = taken;
  return {
    record: recordOf(node, { outputs: { out: { type: type === 'file' ? 'bytes' : 'json', digest, bytes } } }),
    artefacts: new Map([[digest, taken]]),
  };
}

async function keep(store: InspectableStore, node: string, path: string, type: 'file' | 'directory', isOwn = false) {
  const taken = await store.files.take(path, type, isOwn);
  await store.commit(commitOfTaken(node, taken));
  return taken;
}

/** Everything that the store has under a digest of its own. */
function stored(store: InspectableStore): readonly string[] {
  return [...store.inspection.bytes()].map(({ digest }) => digest).sort();
}

function digestsOf(tree: Tree): readonly string[] {
  const digests = [...tree.values()].flatMap((leaf) => (leaf.kind === 'file' ? [digestBytes(leaf.bytes)] : []));
  return [...new Set(digests)].sort();
}

describe('a file', () => {
  it.each([
    ['small', 1000, false],
    ['large', LARGE, false],
    ['large and the store may have it', LARGE, true],
  ])('that is %s comes back at another path, and cannot be written', async (_, size, isOwn) => {
    const folder = temporaryFolder();
    const store = temporaryStore(join(folder, 'cache'));
    const bytes = content(size);
    writeFileSync(join(folder, 'made'), bytes);
    const { digest } = await keep(store, 'make', join(folder, 'made'), 'file', isOwn);
    expect(digest).toBe(digestBytes(bytes));
    expect(store.artefactBytes(digest)).toBe(size);
    expect(existsSync(join(folder, 'made'))).toBe(!isOwn);
    const given = await store.files.give(digest, join(folder, 'given'), 'read');
    expect(Buffer.compare(readFileSync(join(folder, 'given')), bytes)).toBe(0);
    expect(statSync(join(folder, 'given')).mode & 0o777).toBe(0o444);
    expect(given.isUnchanged()).toBe(true);
    expect(Buffer.compare(store.artefact(digest), bytes)).toBe(0);
    expect(verifyStore(store).damage).toEqual([]);
    expect(store.inspection.leftovers()).toEqual({ files: 0, bytes: 0 });
  });

  it.each([
    ['of ELF', Buffer.from('\x7fELF\x02\x01', 'latin1'), 0o111],
    ['of Mach-O', Buffer.from('cffaedfe07', 'hex'), 0o111],
    ['that names its interpreter', Buffer.from('#!/bin/sh\necho\n'), 0o111],
    ['that does so too late', Buffer.from('\n#!/bin/sh\n'), 0],
    ['of one byte', Buffer.from('#'), 0],
    ['without bytes', Buffer.alloc(0), 0],
  ])('%s can be executed, if it is a program, whatever its size and whoever made it', async (_, head, bits) => {
    for (const length of [0, LARGE]) {
      const folder = temporaryFolder();
      const store = temporaryStore(join(folder, 'cache'));
      writeFileSync(join(folder, 'made'), Buffer.concat([head, Buffer.alloc(length)]), { mode: 0o644 });
      const { digest } = await keep(store, 'make', join(folder, 'made'), 'file');
      for (const [use, mode] of [['read', 0o444] as const, ['own', 0o644] as const]) {
        await store.files.give(digest, join(folder, use), use);
        expect(statSync(join(folder, use)).mode & 0o777).toBe(mode | bits);
      }
    }
  });

  it('that other names lead to is copied, not moved: they could change it later', async () => {
    const folder = temporaryFolder();
    const store = temporaryStore(join(folder, 'cache'));
    writeFileSync(join(folder, 'made'), content(LARGE));
    linkSync(join(folder, 'made'), join(folder, 'other'));
    const { digest } = await keep(store, 'make', join(folder, 'made'), 'file', true);
    writeFileSync(join(folder, 'other'), 'changed');
    expect(digestBytes(store.artefact(digest))).toBe(digest);
  });

  it('that was given as a link and is written all the same is noticed, and counts as damaged', async () => {
    const folder = temporaryFolder();
    const store = temporaryStore(join(folder, 'cache'));
    writeFileSync(join(folder, 'made'), content(LARGE));
    const { digest } = await keep(store, 'make', join(folder, 'made'), 'file');
    const given = await store.files.give(digest, join(folder, 'given'), 'read');
    const isLink = statSync(join(folder, 'given')).nlink === 2;
    chmodSync(join(folder, 'given'), 0o644);
    writeFileSync(join(folder, 'given'), 'changed');
    expect(given.isUnchanged()).toBe(!isLink);
    const again = store.files.give(digest, join(folder, 'again'), 'read');
    if (isLink)
      await expect(again).rejects.toThrow(`the artefact ${digest.slice(0, 12)} in ${folder}/cache is damaged`);
    else await again;
  });

  it('that is not committed leaves nothing once it is released', async () => {
    const folder = temporaryFolder();
    const store = temporaryStore(join(folder, 'cache'));
    writeFileSync(join(folder, 'made'), content(LARGE));
    const taken = await store.files.take(join(folder, 'made'), 'file', false);
    expect(store.inspection.leftovers().files).toBe(1);
    await store.files.release(taken);
    expect(store.inspection.leftovers().files).toBe(0);
    expect(stored(store)).toEqual([]);
    // Also where the folder went in between.
    await store.inspection.removeLeftovers();
    await keep(store, 'make', join(folder, 'made'), 'file');
    expect(stored(store)).toEqual([digestBytes(content(LARGE))]);
  });

  it('that an earlier version has put into LMDB is read, given and evicted like any other', async () => {
    const folder = temporaryFolder();
    const bytes = content(LARGE);
    const digest = digestBytes<ArtefactDigest>(bytes);
    await openStore(join(folder, 'cache')).close();
    await tamper(join(folder, 'cache'), 'artefacts', (table) => {
      table.putSync(digestToBytes(digest), Buffer.from(bytes));
    });
    const store = temporaryStore(join(folder, 'cache'));
    await store.commit(commitOf('train', { weights: bytes }));
    expect(store.statistics()).toMatchObject({ artefacts: 1, blobBytes: 0 });
    expect(Buffer.compare(store.artefact(digest), bytes)).toBe(0);
    await store.files.give(digest, join(folder, 'given'), 'read');
    expect(digestBytes(readFileSync(join(folder, 'given')))).toBe(digest);
    expect(verifyStore(store)).toMatchObject({ checked: { artefacts: 1, bytes: LARGE }, damage: [] });
    await store.dropArtefacts([digest]);
    expect(stored(store)).toEqual([]);
  });

  it('is not overwritten', async () => {
    const folder = temporaryFolder();
    const store = temporaryStore(join(folder, 'cache'));
    for (const size of [10, LARGE]) {
      writeFileSync(join(folder, 'made'), content(size));
      const { digest } = await keep(store, `make/${size}`, join(folder, 'made'), 'file');
      await expect(store.files.give(digest, join(folder, 'made'), 'read')).rejects.toThrow(
        `cannot write ${folder}/made (EEXIST`,
      );
      expect(statSync(join(folder, 'made')).size).toBe(size);
    }
  });
});

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((text) => {
  return !/[/\0\ud800-\udfff]/u.test(text) && text !== '.' && text !== '..';
});
const paths = fc.uniqueArray(fc.array(name, { minLength: 1, maxLength: 3 }), {
  selector: (parts) => parts.join('/'),
  maxLength: 10,
});
const leaf: fc.Arbitrary<Leaf> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.nat(40), fc.nat(3), fc.boolean())
      .map(([size, filling, isExecutable]) => file(content(size, filling), isExecutable)),
  },
  { weight: 1, arbitrary: fc.constant<Leaf>({ kind: 'folder' }) },
);

/** Trees in which no path leads through another one's file. */
const tree = paths.chain((all) => {
  const texts = all.map((parts) => parts.join('/'));
  const free = texts.filter((path) => !texts.some((other) => other !== path && other.startsWith(`${path}/`)));
  return fc.tuple(...free.map((path) => leaf.map((each) => [path, each] as const)));
});

describe('a directory', () => {
  it('comes back as it was, and has the same digest whatever the order in which it was made', async () => {
    const folder = temporaryFolder();
    const store = temporaryStore(join(folder, 'cache'));
    let count = 0;
    await fc.assert(
      fc.asyncProperty(
        tree.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray([...all], { minLength: all.length }))),
        async ([all, shuffled]) => {
          const at = (which: string) => join(folder, `${which}-${count}`);
          count++;
          makeTree(at('one'), all);
          makeTree(at('other'), shuffled);
          const { digest } = await keep(store, `make/${count}`, at('one'), 'directory');
          const other = await store.files.take(at('other'), 'directory', true);
          expect(other.digest).toBe(digest);
          await store.files.release(other);
          expect(store.files.isDirectory(digest)).toBe(true);
          await store.files.give(digest, at('given'), 'read');
          expect(treeAt(at('given'))).toEqual(treeAt(at('one')));
        },
      ),
      { numRuns: 30 },
    );
    expect(verifyStore(store).damage).toEqual([]);
  });

  it('has each file once, whatever its size, and links', async () => {
    const folder = temporaryFolder();
    const store = temporaryStore(join(folder, 'cache'));
    const tree: Tree = new Map([
      ['a/large', file(content(LARGE))],
      ['b/the same', file(content(LARGE))],
      ['b/program', file(content(LARGE, 1), true)],
      ['b/small', file('small')],
      ['latest', { kind: 'link', target: 'b' }],
      ['a/up', { kind: 'link', target: '../b/small' }],
      ['z', { kind: 'link', target: 'a/large' }],
      ['none', { kind: 'folder' }],
    ]);
    makeTree(join(folder, 'made'), tree);
    const { digest, bytes } = await keep(store, 'make', join(folder, 'made'), 'directory');
    expect(bytes).toBe(3 * LARGE + 5);
    expect(stored(store)).toEqual([digest, ...digestsOf(tree)].sort());
    expect(store.statistics()).toMatchObject({ artefacts: 4, blobBytes: 2 * LARGE });
    await store.files.give(digest, join(folder, 'given'), 'read');
    expect(treeAt(join(folder, 'given'))).toEqual(described(tree));
    // Also where its large files are moved away: a link to one of them comes later.
    makeTree(join(folder, 'moved'), tree);
    const moved = await store.files.take(join(folder, 'moved'), 'directory', true);
    expect(moved.digest).toBe(digest);
    await store.files.release(moved);
    expect([...store.inspection.artefacts()]).toEqual([
      { digest, bytes: (store.artefactBytes(digest) as number) + 2 * LARGE + 5 },
    ]);
  });

  it('is evicted with the files that nothing else has', async () => {
    const folder = temporaryFolder();
    const store = temporaryStore(join(folder, 'cache'));
    const [shared, own] = [content(LARGE, 1), content(LARGE, 2)];
    makeTree(join(folder, 'one'), [
      ['shared', file(shared)],
      ['own', file(own)],
      ['output', file('also an output')],
      ['later', file('an output later')],
    ]);
    makeTree(join(folder, 'two'), [
      ['shared', file(shared)],
      ['other', file('other')],
    ]);
    const output = commitOf('output', { out: Buffer.from('also an output') });
    await store.commit(output);
    const one = await keep(store, 'one', join(folder, 'one'), 'directory');
    const two = await keep(store, 'two', join(folder, 'two'), 'directory');
    const later = commitOf('later', { out: Buffer.from('an output later') });
    await store.commit(later);
    const outputs = [...output.artefacts.keys(), ...later.artefacts.keys()];

    await store.dropArtefacts([one.digest]);
    expect(store.hasArtefact(one.digest)).toBe(false);
    expect(stored(store)).toEqual([two.digest, digestBytes(shared), digestBytes('other'), ...outputs].sort());
    expect(store.statistics().blobBytes).toBe(LARGE);
    await store.dropArtefacts(outputs);
    await store.dropArtefacts([two.digest]);
    expect(stored(store)).toEqual([]);
    expect(store.statistics().blobBytes).toBe(0);
    expect(store.inspection.leftovers().files).toBe(0);
  });

  it('keeps a file that was an output too when the output is evicted first', async () => {
    const folder = temporaryFolder();
    const store = temporaryStore(join(folder, 'cache'));
    makeTree(join(folder, 'made'), [['a', file('both')]]);
    const output = commitOf('output', { out: Buffer.from('both') });
    await store.commit(output);
    const { digest } = await keep(store, 'make', join(folder, 'made'), 'directory');
    await store.dropArtefacts([...output.artefacts.keys()]);
    await store.files.give(digest, join(folder, 'given'), 'read');
    expect(readFileSync(join(folder, 'given/a'), 'utf8')).toBe('both');
  });

  it('that is there already is stored once, and goes at once', async () => {
    const folder = temporaryFolder();
    const store = temporaryStore(join(folder, 'cache'));
    makeTree(join(folder, 'made'), [['a', file('x')]]);
    const { digest } = await keep(store, 'one', join(folder, 'made'), 'directory');
    await keep(store, 'two', join(folder, 'made'), 'directory');
    await store.dropArtefacts([digest]);
    expect(stored(store)).toEqual([]);
  });
});

describe('small files of a directory', () => {
  const tree = (count: number, filling = 0): Tree =>
    new Map(Array.from({ length: count }, (_, index) => [`f${index}`, file(content(1000, filling + index))]));

  it('lie in packs, which go when nothing in them is needed', async () => {
    const folder = temporaryFolder();
    const store = temporaryStore(join(folder, 'cache'));
    makeTree(join(folder, 'one'), tree(100));
    // Half of its files are those of the first.
    makeTree(join(folder, 'two'), tree(200, 50));
    const one = await keep(store, 'one', join(folder, 'one'), 'directory');
    expect(readdirSync(join(folder, 'cache/packs'))).toHaveLength(1);
    expect(store.statistics()).toMatchObject({ artefacts: 101, blobBytes: 100_000 });
    const two = await keep(store, 'two', join(folder, 'two'), 'directory');
    expect(store.statistics()).toMatchObject({ artefacts: 252, blobBytes: 250_000 });
    for (const [name, { digest }] of Object.entries({ one, two })) {
      mkdirSync(join(folder, 'given'), { recursive: true });
      await store.files.give(digest, join(folder, 'given', name), 'read');
      expect(treeAt(join(folder, 'given', name))).toEqual(treeAt(join(folder, name)));
    }
    expect(verifyStore(store)).toMatchObject({ checked: { artefacts: 252 }, damage: [] });
    await store.dropArtefacts([one.digest]);
    await store.files.give(two.digest, join(folder, 'again'), 'read');
    expect(readdirSync(join(folder, 'cache/packs'))).toHaveLength(2);
    await store.dropArtefacts([two.digest]);
    expect(readdirSync(join(folder, 'cache/packs'))).toEqual([]);
    expect(stored(store)).toEqual([]);
  });

  it.each(['missing', 'cut off', 'changed'])('are damaged where their pack is %s', async (how) => {
    const folder = temporaryFolder();
    const store = temporaryStore(join(folder, 'cache'));
    makeTree(join(folder, 'one'), tree(100));
    makeTree(join(folder, 'two'), tree(100, 1000));
    const one = await keep(store, 'one', join(folder, 'one'), 'directory');
    const [name] = readdirSync(join(folder, 'cache/packs')) as [string];
    const two = await keep(store, 'two', join(folder, 'two'), 'directory');
    const pack = join(folder, 'cache/packs', name);
    chmodSync(pack, 0o644);
    const bytes = readFileSync(pack);
    bytes.writeUInt8(bytes.readUInt8(99_999) ^ 1, 99_999);
    if (how === 'missing') rmSync(pack);
    else writeFileSync(pack, how === 'changed' ? bytes : bytes.subarray(0, 99_999));
    await expect(store.files.give(one.digest, join(folder, 'given'), 'read')).rejects.toMatchObject({
      state: 'damaged',
    });
    expect(verifyStore(store).damage).toHaveLength(how === 'missing' ? 100 : 1);
    expect(await store.quarantine(one.digest)).toEqual(['one']);
    expect(verifyStore(store).damage).toEqual([]);
    await store.files.give(two.digest, join(folder, 'sound'), 'read');
    await keep(store, 'one', join(folder, 'one'), 'directory');
    await store.files.give(one.digest, join(folder, 'again'), 'read');
    expect(treeAt(join(folder, 'again'))).toEqual(treeAt(join(folder, 'one')));
  });
});

describe('what cannot be kept', () => {
  const inFolder = (make: (top: string) => void) => {
    const folder = temporaryFolder();
    const top = join(folder, 'made');
    mkdirSync(top);
    writeFileSync(join(top, 'first'), 'x');
    make(top);
    return { top, store: temporaryStore(join(folder, 'cache')) };
  };
  const CASES: readonly (readonly [string, (top: string) => void, RegExp])[] = [
    ['a pipe', (top) => execFileSync('mkfifo', [join(top, 'p')]), /made\/p is a pipe, and cannot be kept$/],
    [
      'a device',
      (top) => symlinkSync('/dev/null', join(top, 'd')),
      /made\/d is a link to "\/dev\/null", which leads out/,
    ],
    [
      'a link to a file outside',
      (top) => symlinkSync('../cache', join(top, 'l')),
      /made\/l is a link to "\.\.\/cache", which/,
    ],
    [
      'a link to nowhere',
      (top) => symlinkSync('none', join(top, 'l')),
      /made\/l is a link to "none", which leads out .* or nowhere/,
    ],
    [
      'a link out by another link',
      (top) => {
        symlinkSync('up/first', join(top, 'l'));
        symlinkSync('..', join(top, 'up'));
      },
      /is a link to/,
    ],
    [
      'a name that is not UTF-8',
      (top) => writeFileSync(Buffer.concat([Buffer.from(`${top}/caf`), Buffer.of(0xe9)]), 'x'),
      /made has a file whose name "caf\\xe9" is not UTF-8$/,
    ],
  ];
  it.each(CASES)('%s in a directory is named', async (_, make, message) => {
    const { top, store } = inFolder(make);
    const failure = await store.files.take(top, 'directory', false).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'stage', diagnostics: [{ fact: expect.stringMatching(message) }] });
    expect(stored(store)).toEqual([]);
    expect(store.inspection.leftovers().files).toBe(0);
  });

  it('a socket in a directory is named', async () => {
    const { top, store } = inFolder(() => {});
    const server = createServer().listen(join(top, 's'));
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    await expect(store.files.take(top, 'directory', false)).rejects.toThrow('made/s is a socket, and cannot be kept');
  });

  it.skipIf(process.getuid?.() === 0)('a file and a folder that cannot be read are named', async () => {
    for (const path of ['f', 'd']) {
      const { top, store } = inFolder((inner) => {
        if (path === 'd') mkdirSync(join(inner, path));
        else writeFileSync(join(inner, path), 'x');
        chmodSync(join(inner, path), 0);
      });
      await expect(store.files.take(top, 'directory', false)).rejects.toThrow(`made/${path} cannot be read (EACCES`);
    }
  });

  it.each([
    ['a folder as a file', 'file', '.', /made is a folder, and cannot be kept$/m],
    ['a file as a folder', 'directory', 'first', /made\/first is no folder$/m],
    ['a missing file', 'file', 'none', /made\/none cannot be read \(ENOENT/],
    ['a missing folder', 'directory', 'none', /made\/none cannot be read \(ENOENT/],
    ['a link as a file', 'file', 'link', /made\/link is a link, and cannot be kept/],
  ] as const)('%s is named', async (_, type, path, message) => {
    const { top, store } = inFolder((inner) => symlinkSync('first', join(inner, 'link')));
    await expect(store.files.take(join(top, path), type, false)).rejects.toThrow(message);
  });
});

describe('damage', () => {
  /** A store with a directory, whose file `a` is a blob and whose file `b` is not, and one that shares `b`. */
  async function directories() {
    const folder = temporaryFolder();
    const store = openStore(join(folder, 'cache'));
    makeTree(join(folder, 'one'), [
      ['a', file(content(LARGE))],
      ['b', file('small')],
    ]);
    makeTree(join(folder, 'two'), [['b', file('small')]]);
    const [one, two] = [
      await keep(store, 'one', join(folder, 'one'), 'directory'),
      await keep(store, 'two', join(folder, 'two'), 'directory'),
    ];
    const [a, b] = [digestBytes<ArtefactDigest>(content(LARGE)), digestBytes<ArtefactDigest>('small')];
    const blob = join(folder, 'cache/blobs', a.slice(0, 2), a);
    onTestFinished(() => store.close());
    return { folder, store, one, two, a, b, blob };
  }

  it('of a large artefact is found when it is read and when it is verified, and the bytes are kept apart', async () => {
    const folder = temporaryFolder();
    const store = temporaryStore(folder);
    const commit = commitOf('train', { weights: content(LARGE) });
    await store.commit(commit);
    const [digest] = [...commit.artefacts.keys()] as [ArtefactDigest];
    const blob = join(folder, 'blobs', digest.slice(0, 2), digest);
    expect(lstatSync(blob).size).toBe(LARGE);
    expect(statSync(join(folder, 'data.mdb')).size).toBeLessThan(LARGE);
    chmodSync(blob, 0o644);
    writeFileSync(blob, content(LARGE, 1));
    expect(() => store.artefact(digest)).toThrow('is damaged: its bytes now have digest');
    const { damage } = verifyStore(store);
    expect(damage).toEqual([{ kind: 'artefact', digest, bytes: LARGE, nodes: ['train'] }]);
    expect(await store.quarantine(digest)).toEqual(['train']);
    expect(store.hasArtefact(digest)).toBe(false);
    expect(existsSync(blob)).toBe(false);
    expect([...store.inspection.quarantined()]).toEqual([{ digest, bytes: LARGE }]);
    expect(store.trace(commit.record.key)).toBeUndefined();
    await store.inspection.clearQuarantine();
    expect([...store.inspection.quarantined()]).toEqual([]);
    await store.commit(commit);
    expect(digestBytes(store.artefact(digest))).toBe(digest);
  });

  it.each(['missing', 'cut off', 'changed'])(
    'of a directory, whose large file is %s, leaves the other one alone',
    async (how) => {
      const { folder, store, one, two, a, blob } = await directories();
      chmodSync(blob, 0o644);
      if (how === 'missing') execFileSync('rm', [blob]);
      else writeFileSync(blob, content(how === 'changed' ? LARGE : 100, 7));
      const failure = await store.files
        .give(one.digest, join(folder, 'given'), 'read')
        .catch((error: unknown) => error);
      expect(failure).toMatchObject({ state: 'damaged', digest: one.digest });
      expect((failure as Error).message).toContain('is damaged: of its file a, the artefact');
      expect(verifyStore(store).damage).toEqual([{ kind: 'artefact', digest: a, bytes: LARGE, nodes: ['one'] }]);
      expect(await store.quarantine(one.digest)).toEqual(['one']);
      expect([store.hasArtefact(one.digest), store.hasArtefact(a), store.hasArtefact(two.digest)]).toEqual([
        false,
        false,
        true,
      ]);
      expect(verifyStore(store).damage).toEqual([]);
      await keep(store, 'one', join(folder, 'one'), 'directory');
      await store.files.give(one.digest, join(folder, 'again'), 'read');
      expect(treeAt(join(folder, 'again'))).toEqual(treeAt(join(folder, 'one')));
    },
  );

  it('of a file that two directories share makes both of them damaged', async () => {
    const { store, one, two, a, b } = await directories();
    expect(new Set(await store.quarantine(b))).toEqual(new Set(['one', 'two']));
    expect([one.digest, two.digest, a].map((digest) => store.hasArtefact(digest))).toEqual([false, false, false]);
    expect(store.statistics().blobBytes).toBe(0);
    expect(verifyStore(store).damage).toEqual([]);
  });
});
