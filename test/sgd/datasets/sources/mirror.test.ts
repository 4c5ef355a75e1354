import type { ServerResponse } from 'node:http';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Mirror } from '../../../../src/sgd/datasets/dataset.ts';
import { obtainFiles } from '../../../../src/sgd/datasets/obtain.ts';
import { mirrorSource } from '../../../../src/sgd/datasets/sources/mirror.ts';
import { serve } from '../loopback.ts';
import { altered, tinyCifar, tinyIdx } from '../tiny-datasets.ts';

const listener = { progress: () => {} };
const source = (mirror: Mirror, stallMilliseconds = 10_000) => mirrorSource(mirror, { stallMilliseconds });
const { dataset, content } = tinyIdx();
const gzipRoutes = Object.fromEntries([...content].map(([name, bytes]) => [`/${name}.gz`, gzipSync(bytes)]));

describe('a mirror of .gz files', () => {
  it('serves the canonical files and reports progress', async () => {
    const base = await serve(gzipRoutes);
    const fractions: number[] = [];
    const obtained = await obtainFiles(dataset, [source({ kind: 'gzip files', base })], {
      progress: (fraction) => fractions.push(fraction),
    });
    expect(obtained).toEqual({ content, source: `mirror ${base}`, passedOver: [] });
    expect(fractions).toEqual([0.25, 0.5, 0.75, 1]);
  });

  it('is followed where it redirects to, and may label its files as gzip-encoded', async () => {
    const elsewhere = await serve({
      ...gzipRoutes,
      '/test-labels.gz': (_, response) => {
        response.setHeader('content-encoding', 'gzip');
        response.end(gzipRoutes['/test-labels.gz']);
      },
    });
    const redirects = Object.keys(gzipRoutes).map((path) => [
      path,
      (_: unknown, response: ServerResponse) => {
        response.writeHead(302, { location: elsewhere + path.slice(1) }).end();
      },
    ]);
    const base = await serve(Object.fromEntries(redirects));
    expect((await obtainFiles(dataset, [source({ kind: 'gzip files', base })], listener)).content).toEqual(content);
  });

  const images = gzipRoutes['/train-images.gz'] as Buffer;
  it.each([
    ['is missing', undefined, 'the server answered 404 Not Found'],
    ['is altered', gzipSync(altered(content.get('train-images') as Buffer, 20)), 'is not the official file: SHA-256'],
    ['is a shortened file', images.subarray(0, 30), '(30 bytes) is cut short'],
    ['unpacks to too much', gzipSync(Buffer.alloc(5000)), 'unpacks to more than 34 bytes'],
    ['is far too long', Buffer.alloc(3 << 20), 'the server sends more than the 1048610 bytes'],
  ])('is passed over with the reason when a file %s', async (_, bytes, reason) => {
    const { '/train-images.gz': _replaced, ...others } = gzipRoutes;
    const bad = await serve(bytes ? { ...others, '/train-images.gz': bytes } : others);
    const good = await serve(gzipRoutes);
    const sources = [bad, good].map((base) => source({ kind: 'gzip files', base }));
    const obtained = await obtainFiles(dataset, sources, listener);
    expect(obtained.source).toBe(`mirror ${good}`);
    expect(obtained.content).toEqual(content);
    expect(obtained.passedOver).toEqual([expect.stringContaining(reason)]);
    expect(obtained.passedOver[0]).toContain(`mirror ${bad}`);
  });

  it('is given up when the connection breaks or goes silent, before or within a file', async () => {
    const routes = {
      breaks: (_: unknown, response: ServerResponse) => {
        response.writeHead(200, { 'content-length': images.length });
        response.write(images.subarray(0, 20), () => response.destroy());
      },
      'never answers': () => {},
      stalls: (_: unknown, response: ServerResponse) => {
        response.writeHead(200, { 'content-length': images.length });
        response.write(images.subarray(0, 20));
      },
    };
    const bases = await Promise.all(
      Object.values(routes).map((route) => serve({ ...gzipRoutes, '/train-images.gz': route })),
    );
    const unused = await serve({});
    const sources = [...bases, unused].map((base) => source({ kind: 'gzip files', base }, 1000));
    const refusal = await obtainFiles(dataset, sources, listener).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ name: 'Failure', kind: 'environment' });
    const lines = String((refusal as Error).message).split('\n');
    expect(lines).toEqual([
      'no source has the official files of Tiny digits; tried:',
      expect.stringMatching(/^ {2}- mirror http:\S+: terminated: other side closed$/),
      expect.stringMatching(/^ {2}- mirror http:\S+: nothing arrived for 1 s$/),
      expect.stringMatching(/^ {2}- mirror http:\S+: nothing arrived for 1 s$/),
      expect.stringMatching(/^ {2}- mirror http:\S+: the server answered 404 Not Found$/),
      '  fix: get them on another machine and pass `--set data.directory=PATH`: a folder should hold train-images, ' +
        'train-labels, test-images, test-labels (each raw or as .gz)',
    ]);
  });

  it('may be slow as long as something arrives', async () => {
    const slow = (_: unknown, response: ServerResponse) => {
      response.writeHead(200, { 'content-length': images.length });
      const pieces = [0, 1, 2, 3, 4].map((i) => images.subarray(i * 10, i === 4 ? undefined : i * 10 + 10));
      const next = () => {
        const piece = pieces.shift();
        if (piece) response.write(piece, () => setTimeout(next, 300));
        else response.end();
      };
      next();
    };
    const base = await serve({ ...gzipRoutes, '/train-images.gz': slow });
    expect((await obtainFiles(dataset, [source({ kind: 'gzip files', base }, 1000)], listener)).content).toEqual(
      content,
    );
  });

  it('names the address when nobody listens there', async () => {
    const refusal = obtainFiles(dataset, [source({ kind: 'gzip files', base: 'http://127.0.0.1:1/' })], listener);
    await expect(refusal).rejects.toThrow(/fetch failed: (bad port|connect ECONNREFUSED 127.0.0.1:1)/);
  });
});

describe('a mirror of the archive', () => {
  it('serves the canonical files, also when the server labels it as gzip-encoded', async () => {
    const tiny = await tinyCifar();
    const base = await serve({
      '/plain': tiny.archive,
      '/labelled': (_, response) => {
        response.setHeader('content-encoding', 'gzip');
        response.end(tiny.archive);
      },
    });
    for (const path of ['plain', 'labelled']) {
      const sources = [source({ kind: 'archive', url: base + path })];
      expect((await obtainFiles(tiny.dataset, sources, listener)).content).toEqual(tiny.content);
    }
  });

  it('is passed over when it is altered or cut short, whole archive or file in it', async () => {
    const tiny = await tinyCifar();
    const tar = gunzipSync(tiny.archive);
    const inFile = tar.indexOf(tiny.content.get('test.bin') as Buffer);
    const base = await serve({
      '/altered': altered(tiny.archive, 60),
      '/short': tiny.archive.subarray(0, 60),
      '/tar': altered(tar, inFile),
    });
    const sources = ['altered', 'short', 'tar'].map((path) => source({ kind: 'archive', url: base + path }));
    const refusal = obtainFiles(tiny.dataset, sources, listener);
    await expect(refusal).rejects.toThrow(`tiny.tar.gz from ${base}altered is not the official file: SHA-256`);
    await expect(refusal).rejects.toThrow(`60 bytes, expected ${tiny.archive.length} (it is cut short)`);
    await expect(refusal).rejects.toThrow(`test.bin from ${base}tar (test.bin) is not the official file: SHA-256`);
  });
});
