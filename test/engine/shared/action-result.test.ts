import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeActionResult, encodeActionResult, type OutputFile } from '../../../src/engine/shared/action-result.ts';

const files: fc.Arbitrary<OutputFile> = fc.record(
  {
    path: fc.string({ unit: 'grapheme' }),
    hash: fc.stringMatching(/^[0-9a-f]{64}$/),
    bytes: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    contents: fc.uint8Array({ maxLength: 300 }),
  },
  { requiredKeys: ['path', 'hash', 'bytes'] },
);

const plain = (file: OutputFile) => ({ ...file, ...(file.contents ? { contents: [...file.contents] } : {}) });

describe('an ActionResult', () => {
  it('has the bytes of the Remote Execution API', () => {
    const file = { path: 'out', hash: 'ab'.repeat(32), bytes: 300, contents: new Uint8Array([1, 2]) };
    // Written out by hand from the wire format: fields 2 (path 1, digest 2 with hash 1 and size 2, contents 5) and 9 (worker 1).
    const digest = Buffer.concat([Buffer.from([0x0a, 64]), Buffer.from(file.hash), Buffer.from([0x10, 0xac, 0x02])]);
    const output = Buffer.concat([
      Buffer.from([0x0a, 3]),
      Buffer.from('out'),
      Buffer.from([0x12, digest.length]),
      digest,
      Buffer.from([0x2a, 2, 1, 2]),
    ]);
    const expected = Buffer.concat([
      Buffer.from([0x12, output.length]),
      output,
      Buffer.from([0x4a, 6, 0x0a, 4]),
      Buffer.from('host'),
    ]);
    expect(Buffer.from(encodeActionResult([file], 'host')).toString('hex')).toBe(expected.toString('hex'));
  });

  it('is read back', () => {
    fc.assert(
      fc.property(fc.array(files, { maxLength: 5 }), fc.string(), (made, host) => {
        const read = decodeActionResult(encodeActionResult(made, host));
        expect(read.map(plain)).toEqual(made.map(plain));
      }),
    );
  });

  it('is never read out of other bytes as something that ends too early', () => {
    const bytes = encodeActionResult([{ path: 'out', hash: 'ab'.repeat(32), bytes: 3 }], 'host');
    for (let length = 1; length < bytes.length; length++) {
      let found: readonly OutputFile[] = [];
      try {
        found = decodeActionResult(bytes.subarray(0, length));
      } catch {
        continue;
      }
      // A cut between two fields leaves a shorter message that is right in itself.
      for (const { hash } of found) expect(hash).toBe('ab'.repeat(32));
    }
  });

  it('is read with fields that this version does not know', () => {
    const bytes = encodeActionResult([{ path: 'out', hash: 'ab'.repeat(32), bytes: 3 }], 'host');
    const exitCode = Buffer.from([0x20, 7]);
    const stdout = Buffer.from([0x2a, 2, 0x68, 0x69]);
    const read = decodeActionResult(Buffer.concat([exitCode, bytes, stdout]));
    expect(read).toEqual([{ path: 'out', hash: 'ab'.repeat(32), bytes: 3 }]);
  });
});
