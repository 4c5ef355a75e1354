import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ArtefactDigest, digestBytes, type NodeKey } from '../../../../src/engine/base/digest.ts';
import { s3Remote } from '../../../../src/engine/shared/remotes/s3-remote.ts';
import { SharedCache } from '../../../../src/engine/shared/shared-cache.ts';
import { SharedResults } from '../../../../src/engine/shared/shared-results.ts';
import { signatures } from '../../../../src/engine/shared/signatures.ts';
import { commitOf, content, temporaryStore } from '../../store/fixtures.ts';

/** A bucket in memory that gives few names at a time, and what it was asked for. */
async function bucket(pageSize: number, mayList = true) {
  const objects = new Map<string, Buffer>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://host');
    const name = url.pathname.slice('/bucket/'.length);
    const kind = url.searchParams.has('list-type') ? 'LIST' : request.method;
    asked.push(kind === 'LIST' ? `LIST ${url.searchParams.get('prefix')}` : `${kind} ${name}`);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (kind === 'LIST' && !mayList) {
        response.statusCode = 403;
        response.end('<Error><Code>AccessDenied</Code></Error>');
      } else if (kind === 'LIST') {
        const prefix = url.searchParams.get('prefix') ?? '';
        const names = [...objects.keys()].filter((each) => each.startsWith(prefix)).sort();
        const from = Number(url.searchParams.get('continuation-token')?.split('&')[1] ?? 0);
        const next =
          from + pageSize < names.length
            ? `<NextContinuationToken>t&amp;${from + pageSize}</NextContinuationToken>`
            : '';
        const keys = names.slice(from, from + pageSize).map((each) => `<Contents><Key>${each}</Key></Contents>`);
        response.end(`<?xml version="1.0"?><ListBucketResult>${next}${keys.join('')}</ListBucketResult>`);
      } else if (request.method === 'PUT') {
        objects.set(name, Buffer.concat(chunks));
        response.end();
      } else {
        const found = objects.get(name);
        response.statusCode = found ? 200 : 404;
        response.end(request.method === 'HEAD' ? undefined : found);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const remote = () =>
    s3Remote(new URL('s3://bucket/some/prefix'), {
      AWS_ACCESS_KEY_ID: 'name',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    });
  const of = (kind: string) => asked.filter((each) => each.startsWith(kind));
  return { objects, asked, of, remote };
}

function cacheOf(remote: ReturnType<typeof s3Remote>): SharedCache {
  return new SharedCache(remote, { signatures: signatures([]), compress: false, isPatient: true, warn: () => {} });
}

describe('a bucket', () => {
  it('tells all names of a folder, page by page', async () => {
    const { objects, remote } = await bucket(3);
    const names = Array.from({ length: 7 }, (_, n) => `name${n}`);
    for (const name of names) objects.set(`some/prefix/cas/${name}`, Buffer.from('bytes'));
    objects.set('some/prefix/ac/other', Buffer.from('bytes'));
    const opened = remote();
    const pages: (readonly string[])[] = [];
    for await (const page of opened.list?.('cas') ?? []) pages.push(page);
    opened.close();
    expect(pages.map(({ length }) => length)).toEqual([3, 3, 1]);
    expect(pages.flat()).toEqual(names);
  });

  it('is asked once for what is there, and then for nothing that is not, and is sent nothing that is', async () => {
    const { asked, of, remote } = await bucket(1000);
    const store = temporaryStore();
    const commits = Array.from({ length: 40 }, (_, n) => commitOf(`n${n}`, { out: content(100, n) }));
    for (const commit of commits) await store.commit(commit);
    const publish = async () => {
      asked.length = 0;
      const results = new SharedResults(cacheOf(remote()), store, true);
      await results.cache.survey(commits.length, ['ac', 'cas']);
      for (const { record } of commits) void results.publishSoon(record.key);
      const { counts } = await results.finish();
      results.close();
      return counts;
    };
    expect(await publish()).toMatchObject({ published: 40 });
    expect([of('LIST').length, of('GET').length]).toEqual([2, 0]);
    expect(await publish()).toMatchObject({ there: 40 });
    expect([of('LIST').length, of('GET').length, of('PUT').length]).toEqual([2, 40, 0]);
  });

  it('works as well for who may not ask for names', async () => {
    const { of, remote } = await bucket(1000, false);
    const store = temporaryStore();
    const commit = commitOf('a', { out: content(100) });
    await store.commit(commit);
    const results = new SharedResults(cacheOf(remote()), store, true);
    await results.cache.survey(1000, ['ac', 'cas']);
    expect(of('LIST')).toHaveLength(2);
    expect(await results.publishSoon(commit.record.key)).toBe('published');
    results.close();
  });

  it('is not asked for all names where that takes longer than asking for some', async () => {
    const { objects, of, remote } = await bucket(10);
    for (let n = 0; n < 500; n++) objects.set(`some/prefix/ac/${n}`, Buffer.from('bytes'));
    const cache = cacheOf(remote());
    await cache.survey(5, ['ac', 'cas']);
    expect(of('LIST')).toEqual([]);
    await cache.survey(100, ['ac', 'cas']);
    // It has given up, and asks for each node.
    expect(of('LIST some/prefix/ac').length).toBeLessThanOrEqual(11);
    await cache.lookUp(digestBytes<NodeKey>('key'));
    expect(of('GET')).toEqual([`GET some/prefix/ac/${digestBytes<ArtefactDigest>('key')}`]);
    cache.close();
  });
});
