import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes } from '../../../src/contract/codecs/bytes.ts';
import { png } from '../../../src/contract/codecs/png.ts';
import { csv, markdown, svg } from '../../../src/contract/codecs/text.ts';

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

  it('refuses bytes that are not UTF-8', () => {
    expect(() => codec.decode(Uint8Array.of(0xc3))).toThrow(TypeError);
  });
});

describe.each([
  ['bytes', bytes],
  ['png', png],
])('%s', (type, codec) => {
  it('keeps bytes as they are, in a copy of their own', () => {
    expect(codec.type).toBe(type);
    for (const given of [Uint8Array.of(0, 137, 80), Buffer.from([0, 137, 80])]) {
      const encoded = codec.encode(given);
      expect([...encoded]).toEqual([0, 137, 80]);
      given.fill(1);
      expect([...codec.decode(encoded)]).toEqual([0, 137, 80]);
    }
  });
});
