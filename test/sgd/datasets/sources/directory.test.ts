import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { obtainFiles } from '../../../../src/sgd/datasets/obtain.ts';
import { directorySource } from '../../../../src/sgd/datasets/sources/directory.ts';
import { altered, temporaryFolder, tinyCifar, tinyIdx } from '../tiny-datasets.ts';

const listener = { progress: () => {} };

describe('directorySource', () => {
  it('takes raw files and .gz files', async () => {
    const { dataset, content } = tinyIdx();
    const files = new Map(
      [...content].map(([name, bytes], i) => (i % 2 ? [name, bytes] : [`${name}.gz`, gzipSync(bytes)])),
    );
    const folder = await temporaryFolder(files as Map<string, Buffer>);
    const obtained = await obtainFiles(dataset, [directorySource(folder)], listener);
    expect(obtained).toEqual({ content, source: `directory ${folder}`, passedOver: [] });
  });

  it('takes the folder that the archive unpacks to, and the archive itself', async () => {
    const { dataset, content, archive } = await tinyCifar();
    const unpacked = await temporaryFolder(new Map([...content].map(([name, bytes]) => [`batches/${name}`, bytes])));
    expect((await obtainFiles(dataset, [directorySource(unpacked)], listener)).content).toEqual(content);
    const packed = await temporaryFolder(new Map([['tiny.tar.gz', archive]]));
    expect((await obtainFiles(dataset, [directorySource(packed)], listener)).content).toEqual(content);
  });

  it('passes on quietly when the folder has nothing of the data set', async () => {
    const { dataset } = tinyIdx();
    const folder = await temporaryFolder(new Map([['README', 'nothing here']]));
    const read = directorySource(folder).read(dataset, listener);
    await expect(read).resolves.toEqual({
      kind: 'absent',
      reason: 'it has no file of Tiny digits (train-images, train-labels, test-images, test-labels)',
    });
  });

  it('refuses an altered file at once, with its place and both digests', async () => {
    const { dataset, content } = tinyIdx();
    const folder = await temporaryFolder(
      new Map(content).set('test-labels', altered(content.get('test-labels') as Buffer, 8)),
    );
    const next = { name: 'next', fault: 'next' as const, read: () => Promise.reject(new Error('must not be reached')) };
    const refusal = obtainFiles(dataset, [directorySource(folder), next], listener);
    await expect(refusal).rejects.toMatchObject({ name: 'Failure', kind: 'environment' });
    await expect(refusal).rejects.toThrow(
      new RegExp(
        `^test-labels from ${join(folder, 'test-labels')} is not the official file: SHA-256 [0-9a-f]{64}, expected ${
          dataset.test.format === 'idx' ? dataset.test.labels.sha256 : ''
        }\n  fix: get it again`,
      ),
    );
  });

  it('refuses truncated files, raw and packed, and says so', async () => {
    const { dataset, content } = tinyIdx();
    const images = content.get('train-images') as Buffer;
    const raw = await temporaryFolder(new Map(content).set('train-images', images.subarray(0, 20)));
    await expect(obtainFiles(dataset, [directorySource(raw)], listener)).rejects.toThrow(
      '20 bytes, expected 34 (it is cut short)',
    );
    const packed = new Map<string, Buffer>(content).set('train-images.gz', gzipSync(images).subarray(0, 25));
    packed.delete('train-images');
    const folder = await temporaryFolder(packed);
    await expect(obtainFiles(dataset, [directorySource(folder)], listener)).rejects.toThrow(
      `${join(folder, 'train-images.gz')} (25 bytes) is cut short`,
    );
  });

  it('refuses an archive that is not the official one, even if it can be read', async () => {
    const { dataset, archive } = await tinyCifar();
    for (const [bytes, message] of [
      [archive.subarray(0, 100), `100 bytes, expected ${archive.length} (it is cut short)`],
      [gzipSync(gunzipSync(archive), { level: 1 }), 'tiny.tar.gz from'],
      [Buffer.from('<html>log in first</html>'), '25 bytes, expected'],
    ] as const) {
      const folder = await temporaryFolder(new Map([['tiny.tar.gz', bytes]]));
      await expect(obtainFiles(dataset, [directorySource(folder)], listener)).rejects.toThrow(message);
    }
  });

  it('refuses a folder with some of the files only, or none such', async () => {
    const { dataset, content } = tinyIdx();
    const some = new Map(content);
    some.delete('test-images');
    const folder = await temporaryFolder(some);
    await expect(obtainFiles(dataset, [directorySource(folder)], listener)).rejects.toThrow('but lacks test-images');
    for (const path of [join(folder, 'nowhere'), join(folder, 'train-labels')]) {
      await expect(obtainFiles(dataset, [directorySource(path)], listener)).rejects.toThrow(
        `there is no folder ${path}`,
      );
    }
  });
});
