import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safetensors } from '../../../src/engine/stage/codecs/safetensors.ts';
import { type Format, type OwnFile, readOwnFiles } from '../../../src/sgd/datasets/own-files.ts';

interface Split {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

const CLASSES = 7;

/** Splits of a few images of any small shape. */
const splits: fc.Arbitrary<Split> = fc
  .record({
    examples: fc.integer({ min: 1, max: 5 }),
    height: fc.integer({ min: 1, max: 4 }),
    width: fc.integer({ min: 1, max: 4 }),
    channels: fc.integer({ min: 1, max: 3 }),
  })
  .chain(({ examples, height, width, channels }) =>
    fc.record({
      height: fc.constant(height),
      width: fc.constant(width),
      channels: fc.constant(channels),
      images: fc.uint8Array({
        minLength: examples * height * width * channels,
        maxLength: examples * height * width * channels,
      }),
      labels: fc.uint8Array({ minLength: examples, maxLength: examples, max: CLASSES - 1 }),
    }),
  );

function shapeOf({ height, width, channels, labels }: Split): number[] {
  return [labels.length, height, width, channels];
}

function idx(shape: readonly number[], data: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  shape.forEach((extent, i) => {
    header.writeUInt32BE(extent, 4 + 4 * i);
  });
  return Buffer.concat([header, data]);
}

function npy(type: string, shape: readonly number[], data: Uint8Array, order = 'False'): Buffer {
  const extents = shape.map((extent) => `${extent},`).join(' ');
  const header = `{'descr': '${type}', 'fortran_order': ${order}, 'shape': (${extents}), }\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, Buffer.from(header), data]);
}

/** Labels as NumPy and PyTorch have them by default. */
function int64(labels: Uint8Array): Uint8Array {
  return new Uint8Array(BigInt64Array.from(labels, BigInt).buffer);
}

/** Records of a label and then the image plane by plane, in two files. */
function cifar({ height, width, channels, images, labels }: Split): OwnFile[] {
  const pixels = height * width;
  const records = Array.from(labels, (label, example) => {
    const image = images.subarray(example * pixels * channels, (example + 1) * pixels * channels);
    const planes = Array.from({ length: channels }, (_, channel) => image.filter((_, i) => i % channels === channel));
    return Buffer.concat([Buffer.from([label]), ...planes]);
  });
  return [
    { name: 'batch_1.bin', bytes: Buffer.concat(records.slice(0, 1)) },
    { name: 'batch_2.bin', bytes: Buffer.concat(records.slice(1)) },
  ];
}

/** The same split in each format, and without a dimension for one channel where the format allows that. */
function filesOf(split: Split): readonly (readonly [Format, readonly OwnFile[]])[] {
  const { images, labels } = split;
  const shape = shapeOf(split);
  const short = split.channels === 1 ? shape.slice(0, 3) : shape;
  const pair = (a: Buffer, b: Buffer) => [
    { name: 'a', bytes: a },
    { name: 'b', bytes: b },
  ];
  const tensors = (data: Uint8Array | Int32Array) =>
    safetensors.encode({ images: { shape, data: images }, labels: { shape: [labels.length], data } });
  return [
    ['idx', pair(idx(short, images), idx([labels.length], labels))],
    ['idx', pair(idx([labels.length], labels), idx(shape, images))],
    ['npy', pair(npy('|u1', shape, images), npy('<i8', [labels.length], int64(labels)))],
    ['npy', pair(npy('|u1', [labels.length], labels), npy('|u1', short, images))],
    ['safetensors', [{ name: 'a', bytes: tensors(labels) }]],
    ['safetensors', [{ name: 'a', bytes: tensors(Int32Array.from(labels)) }]],
    ['cifar-binary', cifar(split)],
  ];
}

describe('files of one’s own', () => {
  it('give the same tensors in every format', () => {
    fc.assert(
      fc.property(splits, (split) => {
        const { height, width, channels, images, labels } = split;
        for (const [format, files] of filesOf(split)) {
          const read = readOwnFiles(format, files, { image: { height, width, channels }, classes: CLASSES });
          expect(read.images).toEqual({ shape: shapeOf(split), data: new Uint8Array(images) });
          expect(read.labels).toEqual({ shape: [labels.length], data: new Uint8Array(labels) });
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are refused in every format where a label has no class, or the images are of another shape', () => {
    fc.assert(
      fc.property(splits, (split) => {
        const image = { height: split.height, width: split.width, channels: split.channels };
        for (const [format, files] of filesOf(split)) {
          const highest = Math.max(...split.labels);
          const refused = expect(() => readOwnFiles(format, files, { image, classes: highest }));
          refused.toThrow(/example \d+: label \d+, expected 0 to -?\d+/);
          if (format === 'cifar-binary') continue; // Its files say no shape.
          const higher = { ...image, height: split.height + 1 };
          expect(() => readOwnFiles(format, files, { image: higher, classes: CLASSES })).toThrow(
            /the param "image" says/,
          );
        }
      }),
      { numRuns: 40 },
    );
  });

  it('are refused, and never read otherwise, where they are cut short', () => {
    fc.assert(
      fc.property(splits, fc.nat(), (split, cut) => {
        const image = { height: split.height, width: split.width, channels: split.channels };
        for (const [format, files] of filesOf(split)) {
          const [first, ...rest] = files;
          // A batch without records is one, as long as another has some.
          if (!first || (format === 'cifar-binary' && cut % first.bytes.length === 0)) continue;
          const short = { ...first, bytes: first.bytes.subarray(0, cut % first.bytes.length) };
          expect(() => readOwnFiles(format, [short, ...rest], { image, classes: CLASSES })).toThrow();
        }
      }),
      { numRuns: 60 },
    );
  });

  const image = { height: 2, width: 2, channels: 1 };
  const pixels = Uint8Array.of(1, 2, 3, 4);
  const images = { name: 'x', bytes: npy('|u1', [1, 2, 2], pixels) };
  const labels = { name: 'y', bytes: npy('|u1', [1], Uint8Array.of(3)) };
  const tensors = (named: Parameters<typeof safetensors.encode>[0]) => [
    { name: 'z', bytes: safetensors.encode(named) },
  ];
  it.each<[string, Format, readonly OwnFile[], RegExp, RegExp]>([
    ['no file', 'npy', [], /found: none/, /name these two files/],
    ['images alone', 'npy', [images], /found: x \(1 × 2 × 2\)/, /name these two files/],
    ['labels twice', 'npy', [images, labels, labels], /y \(1\), y \(1\)/, /name these two files/],
    [
      'another format',
      'npy',
      [{ name: 'x', bytes: idx([1, 2, 2], pixels) }, labels],
      /^x is no NPY file/,
      /numpy\.save/,
    ],
    ['floats', 'npy', [{ name: 'x', bytes: npy('<f4', [1], new Uint8Array(4)) }, labels], /type <f4/, /astype/],
    [
      'columns first',
      'npy',
      [{ name: 'x', bytes: npy('|u1', [1, 2, 2], pixels, 'True') }, labels],
      /column-major/,
      /ascontiguousarray/,
    ],
    [
      'images of wide numbers',
      'npy',
      [{ name: 'x', bytes: npy('<u2', [1, 2, 2], new Uint8Array(8)) }, labels],
      /x: pixels are no unsigned bytes/,
      /uint8/,
    ],
    [
      'a label too many',
      'npy',
      [images, { name: 'y', bytes: npy('|u1', [2], Uint8Array.of(3, 3)) }],
      /y has labels of shape 2, and x has 1 images/,
      /one label/,
    ],
    [
      'a negative label',
      'npy',
      [images, { name: 'y', bytes: npy('|i1', [1], Uint8Array.of(255)) }],
      /label -1/,
      /"classes"/,
    ],
    [
      'other names',
      'safetensors',
      tensors({ x: { shape: [1, 2, 2, 1], data: pixels } }),
      /z has no tensor "images"; found: x/,
      /save the tensors/,
    ],
    ['two files', 'safetensors', [images, labels], /found: x, y/, /one file/],
    ['no safetensors', 'safetensors', [images], /^x: /, /write it again/],
    [
      'a fraction',
      'safetensors',
      tensors({ images: { shape: [1, 2, 2, 1], data: pixels }, labels: { shape: [1], data: Float32Array.of(0.5) } }),
      /label 0\.5/,
      /"classes"/,
    ],
    [
      'half a record',
      'cifar-binary',
      [{ name: 'b', bytes: new Uint8Array(7) }],
      /b, byte 5: record 1 is cut short/,
      /image/,
    ],
  ])('are refused with file, fact and fix: %s', (_, format, files, fact, fix) => {
    try {
      readOwnFiles(format, files, { image, classes: CLASSES });
    } catch (error) {
      expect(error).toMatchObject({
        diagnostics: [{ fact: expect.stringMatching(fact), fix: expect.stringMatching(fix) }],
      });
      return;
    }
    expect.unreachable('nothing was refused');
  });

  it('are read as NumPy writes them', ({ skip }) => {
    const program = `import io, sys, numpy
array = numpy.arange(24, dtype="uint8").reshape(4, 3, 2)
file = io.BytesIO(); numpy.save(file, array); first = file.getvalue()
file = io.BytesIO(); numpy.save(file, numpy.array([3, 0, 6, 1])); second = file.getvalue()
print(first.hex()); print(second.hex())`;
    const python = process.env.VMFDAG_TEST_PYTHON ?? 'python3';
    const { status, stdout } = spawnSync(python, ['-c', program], { encoding: 'utf8' });
    if (status !== 0) return skip(`${python} has no NumPy`);
    const files = stdout
      .trim()
      .split('\n')
      .map((hex, i) => ({ name: `${i}`, bytes: Buffer.from(hex, 'hex') }));
    const read = readOwnFiles('npy', files, { image: { height: 3, width: 2, channels: 1 }, classes: CLASSES });
    expect(read.images).toEqual({ shape: [4, 3, 2, 1], data: Uint8Array.from({ length: 24 }, (_, i) => i) });
    expect([...read.labels.data]).toEqual([3, 0, 6, 1]);
  });
});
