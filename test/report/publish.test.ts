import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ArtefactDigest, digestBytes } from '../../src/base/digest.ts';
import type { OutputReference, PlanTarget } from '../../src/plan/plan.ts';
import { publishedFiles, publishFiles, writeArtefact } from '../../src/report/publish.ts';
import type { Store } from '../../src/store/store.ts';
import { commitOf, temporaryFolder, temporaryStore } from '../store/fixtures.ts';

const svg = Buffer.from('<svg/>');
const digest = digestBytes<ArtefactDigest>(svg);

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
  digestOf: Parameters<typeof publishedFiles>[1],
  store: Store,
  folder: string,
) => publishFiles(publishedFiles(targets, digestOf), store, folder);

describe('the files of targets', () => {
  const known = () => digest;

  it('are written under a folder and named once', async () => {
    const folder = temporaryFolder();
    const targets = [target('fig3', 'figures/fig3.svg'), target('all', 'figures/fig3.svg', 'copy.svg')];
    const published = publish(targets, known, await storeWithFigure(), folder);
    expect(published).toEqual([join(folder, 'figures/fig3.svg'), join(folder, 'copy.svg')]);
    for (const file of published) expect(readFileSync(file, 'utf8')).toBe('<svg/>');
    expect(readdirSync(join(folder, 'figures'))).toEqual(['fig3.svg']);
  });

  it('are left alone where they have the right bytes, and replaced where not', async () => {
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
    const unfinished = ({ node }: OutputReference) => (node === 0 ? undefined : digest);
    const store = await storeWithFigure();
    expect(publish([target('fig3', 'old.svg', 'new.svg')], unfinished, store, folder)).toEqual([
      join(folder, 'new.svg'),
    ]);
    expect(readFileSync(join(folder, 'old.svg'), 'utf8')).toBe('old');
  });
});

describe('writeArtefact', () => {
  it('makes the folders and leaves nothing else behind', () => {
    const folder = temporaryFolder();
    writeArtefact(join(folder, 'a/b/c.bin'), svg);
    writeArtefact(join(folder, 'a/b/c.bin'), Buffer.from('second'));
    expect(readdirSync(join(folder, 'a/b'))).toEqual(['c.bin']);
    expect(readFileSync(join(folder, 'a/b/c.bin'), 'utf8')).toBe('second');
  });
});
