import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ArtefactDigest, digestBytes, type NodeKey } from '../../../../src/engine/base/digest.ts';
import { Failure } from '../../../../src/engine/base/failure.ts';
import type { NodeId, OutputReference, PlanTarget } from '../../../../src/engine/plan/plan.ts';
import type { InspectableStore } from '../../../../src/engine/store/inspection.ts';
import type { Store } from '../../../../src/engine/store/store.ts';
import { publishedFiles, publishFiles } from '../../../../src/engine/views/results/publish-files.ts';
import { commitOf, recordOf, temporaryFolder, temporaryStore } from '../../store/fixtures.ts';

const svg = Buffer.from('<svg/>');
const figure = {
  digest: digestBytes<ArtefactDigest>(svg),
  node: 'plot' as NodeId,
  output: 'svg',
  key: digestBytes<NodeKey>('key'),
};

const target = (name: string, ...paths: string[]): PlanTarget => ({
  name,
  nodes: [0],
  files: paths.map((path, node) => ({ path, source: { node, output: 'svg' } })),
});

async function storeWithFigure(): Promise<Store> {
  const store = temporaryStore();
  await store.commit(commitOf('plot', { svg }));
  return store;
}

const publish = (
  targets: readonly PlanTarget[],
  artefactOf: Parameters<typeof publishedFiles>[1],
  store: Store,
  folder: string,
) => publishFiles(publishedFiles(targets, artefactOf), store, { root: folder, directory: folder });

describe('the files of targets', () => {
  const known = () => figure;

  it('are written under a folder and named once', async () => {
    const folder = temporaryFolder();
    const targets = [target('fig3', 'figures/fig3.svg'), target('all', 'figures/fig3.svg', 'copy.svg')];
    const published = await publish(targets, known, await storeWithFigure(), folder);
    expect(published).toEqual([join(folder, 'figures/fig3.svg'), join(folder, 'copy.svg')]);
    for (const file of published) expect(readFileSync(file, 'utf8')).toBe('<svg/>');
    expect(readdirSync(join(folder, 'figures'))).toEqual(['fig3.svg']);
  });

  it('are marked with their origin if they are figures, and are written again if the mark differs', async () => {
    const [folder, store] = [temporaryFolder(), temporaryStore()];
    const bytes = Buffer.from('<svg><g/></svg>');
    await store.commit(commitOf('plot', { svg: bytes }));
    const drawn = { ...figure, digest: digestBytes<ArtefactDigest>(bytes) };
    const targets = [target('fig3', 'fig3.svg')];
    const [file] = (await publish(targets, () => drawn, store, folder)) as [string];
    const first = readFileSync(file, 'utf8');
    expect(first).toMatch(/^<svg><metadata id="vmfdag">\{"node":"plot","output":"svg",.*\}<\/metadata><g\/><\/svg>$/);
    utimesSync(file, 1000, 1000);
    await publish(targets, () => drawn, store, folder);
    expect(statSync(file).mtimeMs).toBe(1_000_000);
    // The same bytes under another key, and a file without a mark, as earlier versions wrote it.
    await publish(targets, () => ({ ...drawn, key: digestBytes<NodeKey>('another key') }), store, folder);
    expect(readFileSync(file, 'utf8')).not.toBe(first);
    writeFileSync(file, bytes);
    await publish(targets, () => drawn, store, folder);
    expect(readFileSync(file, 'utf8')).toBe(first);
  });

  it('are kept if they have the right bytes, and replaced otherwise', async () => {
    const [folder, store] = [temporaryFolder(), await storeWithFigure()];
    const targets = [target('fig3', 'fig3.svg')];
    const [file] = (await publish(targets, known, store, folder)) as [string];
    utimesSync(file, 1000, 1000);
    expect(await publish(targets, known, store, folder)).toEqual([file]);
    expect(statSync(file).mtimeMs).toBe(1_000_000);
    writeFileSync(file, '<svg>edited</svg>');
    await publish(targets, known, store, folder);
    expect(readFileSync(file, 'utf8')).toBe('<svg/>');
  });

  it('are left as they were where their node did not finish', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'old.svg'), 'old');
    const unfinished = ({ node }: OutputReference) => (node === 0 ? undefined : figure);
    const store = await storeWithFigure();
    expect(await publish([target('fig3', 'old.svg', 'new.svg')], unfinished, store, folder)).toEqual([
      join(folder, 'new.svg'),
    ]);
    expect(readFileSync(join(folder, 'old.svg'), 'utf8')).toBe('old');
  });
});

describe('a published directory', () => {
  /** Publishes a folder of two files as `plots`, over what earlier runs have written there. */
  async function published(
    text: string,
    earlier: ReadonlyMap<string, ArtefactDigest>,
    store: InspectableStore,
    root: string,
  ) {
    const made = join(temporaryFolder(), 'made');
    mkdirSync(join(made, 'inner'), { recursive: true });
    writeFileSync(join(made, 'a.txt'), text);
    writeFileSync(join(made, 'inner/b.bin'), Buffer.alloc(5 * 1024 * 1024, text));
    const taken = await store.files.take(made, 'directory', false);
    await store.commit({ record: recordOf(text), artefacts: new Map([[taken.digest, taken]]) });
    const files = [{ ...figure, path: 'plots', digest: taken.digest }];
    return { digest: taken.digest, publish: () => publishFiles(files, store, { root, directory: root }, earlier) };
  }

  it('is a folder of its own, which replaces the one that an earlier run has written', async () => {
    const [root, store] = [temporaryFolder(), temporaryStore()];
    const first = await published('first', new Map(), store, root);
    expect(await first.publish()).toEqual([join(root, 'plots')]);
    const before = lstatSync(join(root, 'plots/a.txt'));
    // They belong to the user: nothing that is done to them reaches the cache.
    expect([before.mode & 0o777, lstatSync(join(root, 'plots/inner/b.bin')).nlink]).toEqual([0o644, 1]);
    await first.publish();
    expect(lstatSync(join(root, 'plots/a.txt')).ino).toBe(before.ino);
    const second = await published('second', new Map([['plots', first.digest]]), store, root);
    await second.publish();
    expect(readFileSync(join(root, 'plots/a.txt'), 'utf8')).toBe('second');
    expect(readdirSync(root)).toEqual(['plots']);
  });

  it('leaves a folder that holds anything else', async () => {
    const [root, store] = [temporaryFolder(), temporaryStore()];
    const first = await published('first', new Map(), store, root);
    await first.publish();
    writeFileSync(join(root, 'plots/mine.txt'), 'mine');
    const second = await published('second', new Map([['plots', first.digest]]), store, root);
    await expect(second.publish()).rejects.toThrow(
      `${root}/plots holds something else than what a run has written there\n  fix: move it away or remove it, and run again`,
    );
    expect(readFileSync(join(root, 'plots/mine.txt'), 'utf8')).toBe('mine');
    expect(readdirSync(root)).toEqual(['plots']);
  });
});

describe('a folder of results with something in it', () => {
  const known = () => figure;

  it('keeps what is in the way of a file: the other files are written, and every obstacle is reported', async () => {
    const [folder, store] = [temporaryFolder(), await storeWithFigure()];
    mkdirSync(join(folder, 'a.svg'));
    execFileSync('mkfifo', [join(folder, 'b.svg')]);
    symlinkSync('c-target', join(folder, 'c.svg'));
    symlinkSync('/dev/zero', join(folder, 'd.svg'));
    writeFileSync(join(folder, 'e'), 'mine');
    const targets = [target('all', 'a.svg', 'b.svg', 'c.svg', 'd.svg', 'e/e.svg', 'f.svg')];
    const failure = await failureOf(() => publish(targets, known, store, folder));
    expect(failure.kind).toBe('environment');
    expect(failure.diagnostics.map(({ fact }) => fact.replace(folder, '.'))).toEqual([
      './a.svg is a folder, where a file is to be written',
      './b.svg is a pipe, where a file is to be written',
      './c.svg is a link, where a file is to be written',
      './d.svg is a link, where a file is to be written',
      './e is a file, where a folder is to be',
    ]);
    expect(readdirSync(folder).sort()).toEqual(['a.svg', 'b.svg', 'c.svg', 'd.svg', 'e', 'f.svg']);
    expect(lstatSync(join(folder, 'c.svg')).isSymbolicLink()).toBe(true);
  });

  it('writes over a file that nobody can read', async () => {
    const [folder, store] = [temporaryFolder(), await storeWithFigure()];
    writeFileSync(join(folder, 'a.svg'), 'old', { mode: 0o000 });
    await publish([target('a', 'a.svg')], known, store, folder);
    expect(readFileSync(join(folder, 'a.svg'), 'utf8')).toBe('<svg/>');
  });

  it('is not left by the folder of a profile that is a link', async () => {
    const [root, outside, store] = [temporaryFolder(), temporaryFolder(), await storeWithFigure()];
    symlinkSync(outside, join(root, 'full'));
    const files = publishedFiles([target('a', 'a.svg')], known);
    await expect(publishFiles(files, store, { root, directory: join(root, 'full') })).rejects.toThrow(
      'is a link that leads out of',
    );
    expect(readdirSync(outside)).toEqual([]);
  });
});

async function failureOf(action: () => Promise<unknown>): Promise<Failure> {
  try {
    await action();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
