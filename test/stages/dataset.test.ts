import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { loadPipeline } from '../../src/engine/pipeline/load-pipeline.ts';
import { buildPlan } from '../../src/engine/plan/build-plan.ts';
import dataset from '../../stages/dataset.ts';
import { contextOf } from './context.ts';
import { withOwnData } from './own-data.ts';
import { planDigests } from './plan/plan-digests.ts';

const folder = mkdtempSync(join(tmpdir(), 'vmfdag-dataset-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function idx(shape: readonly number[], data: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  shape.forEach((extent, i) => {
    header.writeUInt32BE(extent, 4 + 4 * i);
  });
  return Buffer.concat([header, data]);
}

/** Writes the files of a split, and runs the stage with them for training and for testing. */
async function runWith(name: string, format: 'idx' | 'cifar-binary', files: Readonly<Record<string, Uint8Array>>) {
  const split = join(folder, name);
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(join(split, path, '..'), { recursive: true });
    writeFileSync(join(split, path), bytes);
  }
  const params = { format, image: [1, 2, 1] as [number, number, number], classes: 12 };
  return dataset.run(contextOf(params, { dataset: 'mnist' }, { train: split, test: split }));
}

describe('dataset', () => {
  it('reads files in folders, packed by gzip or not', async () => {
    const pixels = Uint8Array.of(1, 2, 3, 4);
    const { train, test } = await runWith('packed', 'idx', {
      'deep/images.gz': gzipSync(idx([2, 1, 2], pixels)),
      labels: idx([2], Uint8Array.of(11, 0)),
    });
    expect(train.images).toEqual({ shape: [2, 1, 2, 1], data: pixels });
    expect(train.labels).toEqual({ shape: [2], data: Uint8Array.of(11, 0) });
    expect(test).toEqual(train);
  });

  it('takes batches in the order of their numbers', async () => {
    const names = Array.from({ length: 12 }, (_, i) => [`batch_${i}.bin`, Uint8Array.of(i, 0, 0)] as const);
    const { train } = await runWith('batches', 'cifar-binary', Object.fromEntries(names.toReversed()));
    expect([...(train.labels?.data ?? [])]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('names the split and the file of what it refuses', async () => {
    const files = { images: idx([1, 1, 2], Uint8Array.of(1, 2)), labels: idx([1], Uint8Array.of(12)) };
    await expect(runWith('wrong', 'idx', files)).rejects.toThrow(
      'train: labels, example 0: label 12, expected 0 to 11',
    );
  });
});

describe('docs/own-data.md', () => {
  const official = readFileSync(new URL('../../pipeline.yaml', import.meta.url), 'utf8');
  const planned = (text: string, profile: string) => loadPipeline({ file: 'pipeline.yaml', text, profile });

  it('puts a data set next to the others, with params that the stage takes', () => {
    const { nodes } = buildPlan(planned(withOwnData(official), 'quick'), { targets: ['statistics', 'fig5'] });
    const idOf = (id: string, input: string) => {
      const found = nodes.find((node) => node.id === id)?.inputs.find(({ name }) => name === input);
      return found?.kind === 'one' ? nodes[found.source.node]?.id : undefined;
    };
    expect(idOf('train/fnn-photos/1/1', 'train')).toBe('own-data/photos');
    expect(idOf('train/fnn/1/1', 'train')).toBe('download/mnist');
    expect(idOf('own-data/photos', 'test')).toBe('photos-test');
    const read = nodes.find(({ id }) => id === 'own-data/photos');
    expect(dataset.params['~standard'].validate(read?.params)).toMatchObject({
      value: { format: 'npy', image: [28, 28, 1], classes: 10 },
    });
    expect(nodes.find(({ id }) => id === 'plot-concentration')?.params.captions).toMatchObject({
      'fnn-photos': 'Photos of our own.',
    });
  });

  it('changes no other node', () => {
    const [before, after] = [official, withOwnData(official)].map((text) => planDigests(planned(text, 'smoke')));
    const { 'plot-concentration': _, ...stages } = before?.stages ?? {};
    expect(after?.stages).toMatchObject(stages);
  });
});
