import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ArtefactDigest, digestBytes } from '../../../../src/engine/base/digest.ts';
import {
  type DirectoryEntry,
  decodeManifest,
  encodeManifest,
  staysInside,
} from '../../../../src/engine/store/directories/manifest.ts';

const digest = digestBytes<ArtefactDigest>('abc');

const name = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 12 })
  .filter((text) => !/[/\0\ud800-\udfff]/u.test(text) && text !== '.' && text !== '..');
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const entry: fc.Arbitrary<DirectoryEntry> = fc.oneof(
  fc.record({
    kind: fc.constant('file' as const),
    path,
    digest: fc.constant(digest),
    bytes: fc.nat(),
    isExecutable: fc.boolean(),
  }),
  path.map((each) => ({ kind: 'link' as const, path: each, target: 'beyond' })),
  path.map((each) => ({ kind: 'folder' as const, path: each })),
);
const entries = fc.uniqueArray(entry, { selector: (each) => each.path, maxLength: 12 });

describe('a manifest', () => {
  it('is the same whatever the order of its entries, and gives them back', () => {
    fc.assert(
      fc.property(
        entries.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          const bytes = encodeManifest(all);
          expect(encodeManifest(shuffled)).toEqual(bytes);
          expect(new Set(decodeManifest(bytes))).toEqual(new Set(all));
        },
      ),
    );
  });

  it('has this form, which keys of downstream nodes rely on', () => {
    const bytes = encodeManifest([
      { kind: 'link', path: 'latest', target: 'runs/2' },
      { kind: 'folder', path: 'empty' },
      { kind: 'file', path: 'a "b"\n', digest, bytes: 3, isExecutable: false },
      { kind: 'file', path: 'bin/é', digest, bytes: 3, isExecutable: true },
    ]);
    expect(new TextDecoder().decode(bytes)).toBe(
      [
        'vmfdag directory 1',
        `{"path":"a \\"b\\"\\n","digest":"${digest}","bytes":3}`,
        `{"path":"bin/é","digest":"${digest}","bytes":3,"executable":true}`,
        '{"path":"empty","folder":true}',
        '{"path":"latest","link":"runs/2"}',
        '',
      ].join('\n'),
    );
    expect(digestBytes(bytes)).toBe('2d4d8f9affaca839df1a60c9d15ca1b57bf8030dfa27e50abc767257ee21f51d');
  });

  it.each([
    ['something else', '{}\n'],
    ['a manifest that is cut off', 'vmfdag directory 1\n{"path":"a","folder":true}'],
    ['a path that leads out', 'vmfdag directory 1\n{"path":"../a","folder":true}\n'],
    ['an absolute path', 'vmfdag directory 1\n{"path":"/a","folder":true}\n'],
    ['a link that leads out', 'vmfdag directory 1\n{"path":"a/b","link":"../../c"}\n'],
    ['a line that is no entry', 'vmfdag directory 1\n{"path":"a"}\n'],
  ])('is not %s', (_, text) => {
    expect(() => decodeManifest(Buffer.from(text))).toThrow(TypeError);
  });
});

describe('a link', () => {
  it.each([
    ['a', 'b', true],
    ['a/b', '../c', true],
    ['a/b', '..', true],
    ['a/b', './../c/d', true],
    ['a', '..', false],
    ['a', '../b', false],
    ['a/b', '../../c', false],
    ['a', '/etc', false],
    ['a', '', false],
    // `x` may be a link to somewhere else.
    ['a', 'x/../b', false],
  ])('from %s to %s stays inside: %s', (from, to, stays) => {
    expect(staysInside(from, to)).toBe(stays);
  });
});
