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
import type { Store } from '../../../../src/engine/store/store.ts';
import { publishedFiles, publishFiles } from '../../../../src/engine/views/results/publish-files.ts';
import { commitOf, temporaryFolder, temporaryStore } from '../../store/fixtures.ts';

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
    const published = publish(targets, known, await storeWithFigure(), folder);
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
    const [file] = publish(targets, () => drawn, store, folder) as [string];
    const first = readFileSync(file, 'utf8');
    expect(first).toMatch(/^<svg><metadata id="vmfdag">\{"node":"plot","output":"svg",.*\}<\/metadata><g\/><\/svg>$/);
    utimesSync(file, 1000, 1000);
    publish(targets, () => drawn, store, folder);
    expect(statSync(file).mtimeMs).toBe(1_000_000);
    // The same bytes under another key, and a file without a mark, as earlier versions wrote it.
    publish(targets, () => ({ ...drawn, key: digestBytes<NodeKey>('another key') }), store, folder);
    expect(readFileSync(file, 'utf8')).not.toBe(first);
    writeFileSync(file, bytes);
    publish(targets, () => drawn, store, folder);
    expect(readFileSync(file, 'utf8')).toBe(first);
  });

  it('are kept if they have the right bytes, and replaced otherwise', async () => {
    const [folder, store] = [temporaryFolder(), await storeWithFigure()];
    const targets = [target('fig3', 'fig3.svg')];
    const [file] = publish(targets, known, store, folder) as [string];
    utimesSync(file, 1000, 1000);
    expect(publish(targets, known, store, folder)).toEqual([file]);
    expect(statSync(file).mtimeMs).toBe(1_000_000);
    writeFileSync(file, '<svg>edited</svg>');
    publish(targets, known, store, folder);
    expect(readFileSync(file, 'utf8')).toBe('<svg/>');
  });

  it('are left as they were where their node did not finish', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'old.svg'), 'old');
    const unfinished = ({ node }: OutputReference) => (node === 0 ? undefined : figure);
    const store = await storeWithFigure();
    expect(publish([target('fig3', 'old.svg', 'new.svg')], unfinished, store, folder)).toEqual([
      join(folder, 'new.svg'),
    ]);
    expect(readFileSync(join(folder, 'old.svg'), 'utf8')).toBe('old');
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
    const failure = failureOf(() => publish(targets, known, store, folder));
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
    publish([target('a', 'a.svg')], known, store, folder);
    expect(readFileSync(join(folder, 'a.svg'), 'utf8')).toBe('<svg/>');
  });

  it('is not left by the folder of a profile that is a link', async () => {
    const [root, outside, store] = [temporaryFolder(), temporaryFolder(), await storeWithFigure()];
    symlinkSync(outside, join(root, 'full'));
    const files = publishedFiles([target('a', 'a.svg')], known);
    expect(() => publishFiles(files, store, { root, directory: join(root, 'full') })).toThrow(
      'is a link that leads out of',
    );
    expect(readdirSync(outside)).toEqual([]);
  });
});

function failureOf(action: () => unknown): Failure {
  try {
    action();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
