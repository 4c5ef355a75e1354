import { describe, expect, it } from 'vitest';
import {
  type ArtefactDigest,
  digestBytes,
  digestFromBytes,
  digestToBytes,
  digestValue,
  shortDigest,
} from '../../../src/engine/base/digest.ts';

// FIPS 180-2, appendix B.1.
const SHA256_OF_ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

describe('digests', () => {
  it('are SHA-256 in lower-case hexadecimal', () => {
    expect(digestBytes('abc')).toBe(SHA256_OF_ABC);
    expect(digestBytes(Uint8Array.of(97, 98, 99))).toBe(SHA256_OF_ABC);
    expect(digestBytes('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('of values are those of their canonical bytes', () => {
    expect(digestValue('abc')).toBe(digestBytes(Buffer.from('7300000003616263', 'hex')));
  });

  it('are the same after conversion to bytes and back', () => {
    const digest = digestBytes<ArtefactDigest>('abc');
    const bytes = digestToBytes(digest);
    expect(bytes.length).toBe(32);
    expect(digestFromBytes(bytes)).toBe(digest);
    const inside = new Uint8Array(40);
    inside.set(bytes, 5);
    expect(digestFromBytes(inside.subarray(5, 37))).toBe(digest);
  });

  it('are read from 32 bytes only', () => {
    expect(() => digestFromBytes(new Uint8Array(31))).toThrow('a digest has 32 bytes, not 31');
  });

  it('have a short form of twelve characters', () => {
    expect(shortDigest(digestBytes<ArtefactDigest>('abc'))).toBe('ba7816bf8f01');
  });
});
