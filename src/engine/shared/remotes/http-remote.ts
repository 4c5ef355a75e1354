import type { OutgoingHttpHeaders } from 'node:http';
import { bodyOf, type HttpAnswer, HttpClient, type HttpRequest, piecesOf, STALL_MS, skipBody } from './http-client.ts';
import { plainDownload } from './plain-download.ts';
import { type Remote, type RemoteName, RemoteProblem, type UploadBody } from './remote.ts';

/** What differs between web servers. */
export interface HttpDialect {
  readonly description: string;
  readonly mayCompress: boolean;
  urlOf(name: RemoteName): URL;
  /** The headers of a request, with those that say who asks. */
  headers(request: Omit<HttpRequest, 'body'>, body: UploadBody | undefined): Promise<OutgoingHttpHeaders>;
}

/** A server that answers GET, HEAD and PUT: nginx with its dav module, bazel-remote, an S3 bucket. */
export function httpRemote(dialect: HttpDialect, client = new HttpClient()): Remote {
  const { description, mayCompress } = dialect;

  async function send(
    method: HttpRequest['method'],
    name: RemoteName,
    extra: OutgoingHttpHeaders = {},
    body?: UploadBody,
  ): Promise<HttpAnswer> {
    const url = dialect.urlOf(name);
    const headers = await dialect.headers({ method, url, headers: extra }, body);
    return client.send({ method, url, headers, ...(body === undefined ? {} : { body }) });
  }

  /** The answer, if its status is one of the expected ones; otherwise what went wrong. */
  async function expect(answer: HttpAnswer, expected: readonly number[], what: string): Promise<HttpAnswer> {
    if (expected.includes(answer.status)) return answer;
    const said = await bodyOf(answer).catch(() => Buffer.alloc(0));
    throw problemOf(answer.status, `${description} answers ${answer.status} to ${what}`, said.toString('latin1'));
  }

  /** Undefined where the usual client has to ask: for connections that are encrypted, and answers that are not simply bytes. */
  async function largePieces(name: RemoteName, from: number, extra: OutgoingHttpHeaders) {
    const url = dialect.urlOf(name);
    if (url.protocol !== 'http:') return undefined;
    const headers = await dialect.headers({ method: 'GET', url, headers: extra }, undefined);
    return plainDownload(url, headers, from > 0 ? 206 : 200, STALL_MS);
  }

  return {
    description,
    mayCompress,

    async get(name) {
      const answer = await expect(await send('GET', name, IDENTITY), [200, 404], `GET ${name}`);
      if (answer.status === 200) return bodyOf(answer);
      await skipBody(answer);
      return undefined;
    },

    async read(name, from) {
      const range = from > 0 ? { range: `bytes=${from}-` } : {};
      const pieces = await largePieces(name, from, { ...IDENTITY, ...range });
      if (pieces) return pieces;
      const answer = await expect(
        await send('GET', name, { ...IDENTITY, ...range }),
        from > 0 ? [206, 404] : [200, 404],
        `GET ${name}`,
      );
      if (answer.status !== 404) return piecesOf(answer);
      await skipBody(answer);
      return undefined;
    },

    async has(name) {
      const answer = await send('HEAD', name);
      await skipBody(answer);
      if (answer.status === 200) return true;
      if (answer.status === 404) return false;
      throw problemOf(answer.status, `${description} answers ${answer.status} to HEAD ${name}`, '');
    },

    async put(name, body) {
      // Blobs of one name are equal. An action that is there stays, where the server knows how.
      const once = name.startsWith('ac/') ? { 'if-none-match': '*' } : {};
      const answer = await send('PUT', name, { 'content-type': 'application/octet-stream', ...once }, body);
      await skipBody(await expect(answer, [200, 201, 202, 204, 409, 412], `PUT ${name}`));
    },

    close: () => client.close(),
  };
}

/** The digest is that of the bytes, not of what a server made of them for the way. */
const IDENTITY: OutgoingHttpHeaders = { 'accept-encoding': 'identity' };

/** What a server has refused, or could not do. */
export function problemOf(status: number, fact: string, said: string): RemoteProblem {
  const isPassing = status >= 500 || status === 408 || status === 425 || status === 429;
  const [, code] = /<Code>([A-Za-z0-9]+)<\/Code>/.exec(said) ?? [];
  return new RemoteProblem(isPassing ? 'passing' : 'refused', code === undefined ? fact : `${fact} (${code})`);
}

/** @param url with the path under which `ac/` and `cas/` are; a user and a password in it are sent as Basic authorisation */
export function webRemote(url: URL, token: string | undefined): Remote {
  const base = new URL(url);
  const { username, password } = base;
  base.username = '';
  base.password = '';
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  const authorization =
    token !== undefined ? { authorization: `Bearer ${token}` } : username ? { authorization: `Basic ${basic}` } : {};
  return httpRemote({
    description: base.href,
    mayCompress: false,
    urlOf: (name) => new URL(name, base),
    headers: async ({ headers }) => ({ ...headers, ...authorization }),
  });
}
