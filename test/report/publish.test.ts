import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ArtefactDigest, digestBytes } from '../../src/base/digest.ts';
import type { OutputReference, PlanTarget } from '../../src/plan/plan.ts';
import { publishTargets, writeArtefact } from '../../src/report/publish.ts';
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

describe('publishTargets', () => {
  const known = () => digest;

  it('writes files under a folder and names them once', async () => {
    const folder = temporaryFolder();
    const targets = [target('fig3', 'figures/fig3.svg'), target('all', 'figures/fig3.svg', 'copy.svg')];
    const published = publishTargets(targets, known, await storeWithFigure(), folder);
    expect(published).toEqual([join(folder, 'figures/fig3.svg'), join(folder, 'copy.svg')]);
    for (const file of published) expect(readFileSync(file, 'utf8')).toBe('<svg/>');
    expect(readdirSync(join(folder, 'figures'))).toEqual(['fig3.svg']);
  });

  it('leaves a file alone that has the right bytes, and replaces another', async () => {
    const [folder, store] = [temporaryFolder(), await storeWithFigure()];
    const targets = [target('fig3', 'fig3.svg')];
    const [file] = publishTargets(targets, known, store, folder) as [string];
    utimesSync(file, 1000, 1000);
    expect(publishTargets(targets, known, store, folder)).toEqual([file]);
    expect(statSync(file).mtimeMs).toBe(1_000_000);
    writeFileSync(file, '<svg>edited</svg>');
    publishTargets(targets, known, store, folder);
    expect(readFileSync(file, 'utf8')).toBe('<svg/>');
  });

  it('leaves a file as it was whose node did not finish', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'old.svg'), 'old');
    const unfinished = ({ node }: OutputReference) => (node === 0 ? undefined : digest);
    const store = await storeWithFigure();
    expect(publishTargets([target('fig3', 'old.svg', 'new.svg')], unfinished, store, folder)).toEqual([
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
