import { hash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import { Failure } from '../../base/failure.ts';
import { bodyOf, HttpClient } from './http-client.ts';
import { type HttpDialect, httpRemote, problemOf } from './http-remote.ts';
import type { Remote, UploadBody } from './remote.ts';

/** The variables that the tools of AWS read too. */
export type S3Environment = Readonly<
  Partial<
    Record<
      | 'AWS_ACCESS_KEY_ID'
      | 'AWS_SECRET_ACCESS_KEY'
      | 'AWS_SESSION_TOKEN'
      | 'AWS_REGION'
      | 'AWS_DEFAULT_REGION'
      | 'AWS_ENDPOINT_URL'
      | 'AWS_ENDPOINT_URL_S3',
      string
    >
  >
>;

const EMPTY = hash('sha256', '');

/**
 * A bucket, `s3://BUCKET/PREFIX`. Requests are signed by version 4. Without an endpoint it is AWS's own of the region.
 * @throws {Failure} kind `usage` where there are no credentials
 */
export function s3Remote(url: URL, environment: S3Environment): Remote {
  const accessKeyId = environment.AWS_ACCESS_KEY_ID;
  const secretAccessKey = environment.AWS_SECRET_ACCESS_KEY;
  if (!accessKeyId || !secretAccessKey) {
    throw new Failure('usage', {
      fact: `the shared cache ${url.href} needs credentials, and AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set`,
      fix: 'set both; "aws configure export-credentials --format env" prints those of a profile',
    });
  }
  const region = environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION ?? 'us-east-1';
  const endpoint = environment.AWS_ENDPOINT_URL_S3 ?? environment.AWS_ENDPOINT_URL;
  const bucket = url.host;
  const base = new URL(
    endpoint ? `${endpoint.replace(/\/$/, '')}/${bucket}/` : `https://${bucket}.s3.${region}.amazonaws.com/`,
  );
  const prefix = url.pathname.replace(/^\/|\/$/g, '');
  const sessionToken = environment.AWS_SESSION_TOKEN;
  const identity = { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}), region, service: 's3' };
  /** Keys of a day, which are derived by four hashes. */
  const cache = new Map<string, ArrayBuffer>();
  const description = `s3://${bucket}/${prefix}`;
  const dialect: HttpDialect = {
    description,
    mayCompress: true,
    urlOf: (name) => new URL(prefix ? `${prefix}/${name}` : name, base),
    async headers({ method, url: target, headers: extra }, body) {
      const headers = { ...extra, 'x-amz-content-sha256': digestOf(body) } as Record<string, string>;
      const signed = await new AwsV4Signer({ ...identity, cache, method, url: target.href, headers }).sign();
      return Object.fromEntries(signed.headers as Headers);
    },
  };
  const client = new HttpClient();

  async function* list(folder: 'ac' | 'cas'): AsyncGenerator<readonly string[]> {
    const before = prefix ? `${prefix}/${folder}/` : `${folder}/`;
    let token: string | undefined;
    do {
      const target = new URL(base);
      target.search = new URLSearchParams({
        'list-type': '2',
        prefix: before,
        ...(token === undefined ? {} : { 'continuation-token': token }),
      }).toString();
      const request = { method: 'GET', url: target, headers: {} } as const;
      const answer = await client.send({ ...request, headers: await dialect.headers(request, undefined) });
      const text = (await bodyOf(answer)).toString('utf8');
      if (answer.status !== 200) {
        throw problemOf(answer.status, `${description} answers ${answer.status} to a question for its names`, text);
      }
      yield [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key.slice(before.length));
      token = /<NextContinuationToken>([^<]*)</.exec(text)?.[1]?.replaceAll('&amp;', '&');
    } while (token !== undefined);
  }

  return { ...httpRemote(dialect, client), list };
}

/** The server refuses a body with another digest. */
function digestOf(body: UploadBody | undefined): string {
  if (body === undefined) return EMPTY;
  return body instanceof Uint8Array ? hash('sha256', body) : (body.digest ?? 'UNSIGNED-PAYLOAD');
}
