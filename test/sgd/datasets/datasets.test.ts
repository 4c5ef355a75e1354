import { describe, expect, it } from 'vitest';
import { canonicalFiles } from '../../../src/sgd/datasets/dataset.ts';
import { DATASETS, isDatasetName } from '../../../src/sgd/datasets/datasets.ts';

describe('DATASETS', () => {
  it.each(Object.entries(DATASETS))('%s pins each of its files once', (_, dataset) => {
    const files = canonicalFiles(dataset);
    expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
    expect(new Set(files.map(({ sha256 }) => sha256)).size).toBe(files.length);
    for (const { sha256 } of files) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('has the sizes that the authors publish', () => {
    const sizes = (name: keyof typeof DATASETS) => canonicalFiles(DATASETS[name]).map(({ bytes }) => bytes);
    expect(sizes('mnist')).toEqual([47_040_016, 60_008, 7_840_016, 10_008]);
    expect(sizes('cifar10')).toEqual(Array(6).fill(30_730_000));
  });

  it('describes a sheet for each file of a package that has sheets', () => {
    const { content } = DATASETS.cifar10.package;
    const sheets = content.kind === 'png sheets' ? content.sheets.map(({ canonical }) => canonical) : [];
    expect(sheets).toEqual(canonicalFiles(DATASETS.cifar10).map(({ name }) => name));
  });

  it('knows its names', () => {
    expect(['mnist', 'cifar10', 'toString', 'MNIST', 3, undefined].filter(isDatasetName)).toEqual(['mnist', 'cifar10']);
  });
});
