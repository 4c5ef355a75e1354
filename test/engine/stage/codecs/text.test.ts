import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes } from '../../../../src/engine/stage/codecs/bytes.ts';
import { png } from '../../../../src/engine/stage/codecs/png.ts';
import { csv, markdown, svg } from '../../../../src/engine/stage/codecs/text.ts';

describe.each([
  ['svg', svg],
  ['csv', csv],
  ['markdown', markdown],
])('%s', (type, codec) => {
  it('is UTF-8 text without additions', () => {
    expect(codec.type).toBe(type);
    expect(codec.encode('κ̂\n')).toEqual(Uint8Array.of(0xce, 0xba, 0xcc, 0x82, 0x0a));
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(codec.decode(codec.encode(text))).toBe(text);
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  it('keeps a byte order mark', () => {
    expect(codec.decode(codec.encode('\ufeffa'))).toBe('\ufeffa');
  });

  it.each([
    [null, 'null'],
    [5, 'a number'],
    [['a', 'b'], 'an Array'],
    [Promise.resolve('a'), 'a Promise'],
    [new String('a'), 'a String'],
    [Buffer.from('a'), 'a Buffer'],
  ])('refuses %s', (value, named) => {
    expect(() => codec.encode(value as string)).toThrow(new TypeError(`${type} is text, and this is ${named}`));
  });

  it('refuses half of a surrogate pair, which UTF-8 would replace', () => {
    expect(() => codec.encode('a😀\udc00')).toThrow(
      new TypeError('character 3 is half of a surrogate pair: UTF-8 cannot hold it'),
    );
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(() => codec.decode(Uint8Array.of(0xc3))).toThrow(TypeError);
  });
});

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

describe.each([
  ['bytes', bytes],
  ['png', png],
])('%s', (type, codec) => {
  it('keeps bytes as they are, in a copy of their own', () => {
    expect(codec.type).toBe(type);
    for (const given of [Uint8Array.of(...SIGNATURE, 7), Buffer.from([...SIGNATURE, 7])]) {
      expect(codec.sizeOf?.(given)).toBe(9);
      const encoded = codec.encode(given);
      expect([...encoded]).toEqual([...SIGNATURE, 7]);
      given.fill(1);
      expect([...codec.decode(encoded)]).toEqual([...SIGNATURE, 7]);
    }
  });

  it.each([
    [5, 'a number'],
    ['abc', 'a string'],
    [[137, 80], 'an Array'],
    [new ArrayBuffer(8), 'an ArrayBuffer'],
    [Float32Array.of(1.5, 300), 'a Float32Array'],
    [new DataView(new ArrayBuffer(8)), 'a DataView'],
    [Uint8ClampedArray.of(137), 'a Uint8ClampedArray'],
  ])('refuses %s', (value, named) => {
    expect(() => codec.encode(value as unknown as Uint8Array)).toThrow(`it must be a Uint8Array, and is ${named}`);
  });

  it('refuses an array that has lost its buffer, and would read as empty', () => {
    const lost = 'a Uint8Array has lost its buffer, which was transferred or made smaller';
    const moved = Uint8Array.of(...SIGNATURE);
    structuredClone(moved, { transfer: [moved.buffer] });
    expect(() => codec.encode(moved)).toThrow(lost);
    // Of a newer edition of the language than the types here.
    const buffer = Reflect.construct(ArrayBuffer, [16, { maxByteLength: 16 }]) as ArrayBuffer & {
      resize(bytes: number): void;
    };
    const outside = new Uint8Array(buffer, 8, 8);
    buffer.resize(4);
    expect(() => codec.encode(outside)).toThrow(lost);
  });
});

describe('png', () => {
  it('refuses what is no PNG file', () => {
    for (const other of [Uint8Array.of(), Buffer.from('<svg/>'), Uint8Array.of(0xff, 0xd8, 0xff)]) {
      expect(() => png.encode(other)).toThrow('it does not begin as a PNG file does: encode the image as PNG');
    }
  });
});
