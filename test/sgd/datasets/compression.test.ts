import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { piecesOf, readArchive, unpackGzip } from '../../../src/sgd/datasets/compression.ts';
import { altered, tarGz } from './tiny-datasets.ts';

describe('unpackGzip', () => {
  const packed = gzipSync(Buffer.alloc(1000, 'a'));

  it('unpacks a whole file up to the limit', async () => {
    expect(await unpackGzip(packed, 1000, 'a.gz')).toEqual(Buffer.alloc(1000, 'a'));
    await expect(unpackGzip(packed, 999, 'a.gz')).rejects.toThrow('unpacks to more than 999 bytes');
  });

  it('refuses a file that is cut short or damaged, and names it', async () => {
    await expect(unpackGzip(packed.subarray(0, 20), 1000, 'a.gz')).rejects.toThrow('a.gz (20 bytes) is cut short');
    await expect(unpackGzip(altered(packed, packed.length - 6), 1000, 'a.gz')).rejects.toThrow(
      'is no valid gzip file (incorrect data check)',
    );
  });
});

describe('readArchive', () => {
  // Larger than the pieces, so that files lie across their borders.
  const content = new Map([
    ['data/one', Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * i) % 251))],
    ['data/two', Buffer.from('2')],
    ['other', Buffer.from('not wanted')],
    ['data/empty', Buffer.alloc(0)],
  ]);
  const wanted = (path: string) => path.startsWith('data/');

  it('picks the wanted files, without their first folder', async () => {
    const archive = await tarGz('package', content);
    for (const bytes of [archive, gunzipSync(archive)]) {
      const found = await readArchive(piecesOf(bytes, 700), wanted, 1 << 20);
      expect([...found.keys()].filter((path) => !path.endsWith('/')).sort()).toEqual([
        'data/empty',
        'data/one',
        'data/two',
      ]);
      expect(found.get('data/one')).toEqual(content.get('data/one'));
      expect(found.get('data/empty')).toHaveLength(0);
    }
  });

  it('refuses an archive that is cut short, damaged or none', async () => {
    const archive = await tarGz('package', content);
    await expect(readArchive(piecesOf(archive.subarray(0, archive.length - 9)), wanted, 1 << 20)).rejects.toThrow(
      'end of file',
    );
    await expect(readArchive([altered(archive, archive.length - 6)], wanted, 1 << 20)).rejects.toThrow(
      'incorrect data check',
    );
    await expect(readArchive([gunzipSync(archive).subarray(0, 2000)], wanted, 1 << 20)).rejects.toThrow();
    await expect(readArchive([Buffer.alloc(2000, 'x')], wanted, 1 << 20)).rejects.toThrow();
    await expect(readArchive([], wanted, 1 << 20)).rejects.toThrow();
  });
});
