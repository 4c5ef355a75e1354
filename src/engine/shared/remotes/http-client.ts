import { Agent, type IncomingMessage, type OutgoingHttpHeaders, request as requestPlain } from 'node:http';
import { request as requestSecure, Agent as SecureAgent } from 'node:https';
import { Readable } from 'node:stream';
import { RemoteProblem, type UploadBody } from './remote.ts';

/** Connections to one server. More of them bring nothing: one thread serves them all. */
const CONNECTIONS = 32;

/** Milliseconds without a byte after which a request has failed. */
export const STALL_MS = 10_000;

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT';
  readonly url: URL;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: UploadBody;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** Read it to its end, or destroy it. */
  readonly body: IncomingMessage;
}

/** Requests over connections that stay open. */
export class HttpClient {
  private readonly plain = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  private readonly secure = new SecureAgent({ keepAlive: true, maxSockets: CONNECTIONS });

  /** @throws {RemoteProblem} of kind `passing` where no answer comes */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    try {
      return await this.once(request);
    } catch (error) {
      // The server may close an idle connection at the moment in which it is used again.
      if (error instanceof ClosedWhileIdle) return this.once(request);
      throw error;
    }
  }

  close(): void {
    this.plain.destroy();
    this.secure.destroy();
  }

  private once({ method, url, headers, body }: HttpRequest): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const isSecure = url.protocol === 'https:';
      const ask = isSecure ? requestSecure : requestPlain;
      const length =
        body === undefined ? {} : { 'content-length': body instanceof Uint8Array ? body.length : body.bytes };
      const agent = isSecure ? this.secure : this.plain;
      // Node takes longer to make these of a URL, for each of thousands of requests.
      const { host, pathname, search, port } = url;
      const hostname = url.hostname.replace(/^\[|\]$/g, '');
      const place = { host: hostname, port: port || undefined, path: `${pathname}${search}` };
      const all = { ...headers, ...length, host };
      const request = ask({ ...place, method, headers: all, agent, timeout: STALL_MS });
      request.on('timeout', () => {
        request.destroy(new RemoteProblem('passing', `${url.host} sent nothing for ${STALL_MS / 1000} s`));
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        if (error instanceof RemoteProblem) reject(error);
        else if (request.reusedSocket && error.code === 'ECONNRESET') reject(new ClosedWhileIdle(error.message));
        else reject(new RemoteProblem('passing', `${url.host} cannot be reached (${error.code ?? error.message})`));
      });
      request.on('response', (answer) => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: answer });
      });
      if (body === undefined || body instanceof Uint8Array) request.end(body);
      else {
        const content = Readable.from(body.read());
        content.on('error', (error) => request.destroy(error));
        content.pipe(request);
      }
    });
  }
}

class ClosedWhileIdle extends Error {}

/** All bytes of an answer. @throws {RemoteProblem} where it ends too early */
export async function bodyOf({ body, headers }: HttpAnswer): Promise<Buffer> {
  const chunks: Buffer[] = [];
  // An iterator takes longer, for each of thousands of small answers.
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) =>
      reject(new RemoteProblem('passing', `an answer was not received to its end (${why})`));
    body.on('data', (chunk: Buffer) => chunks.push(chunk));
    body.on('end', resolve);
    body.on('error', (error) => fail(codeOf(error)));
    body.on('close', () => fail('closed'));
  });
  const bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
  const expected = Number(headers['content-length'] ?? bytes.length);
  if (bytes.length !== expected) throw new RemoteProblem('passing', 'an answer ended too early');
  return bytes;
}

/** The bytes of an answer as they come. @throws {RemoteProblem} where it ends too early */
export async function* piecesOf({ body, headers }: HttpAnswer): AsyncGenerator<Uint8Array> {
  let received = 0;
  try {
    for await (const chunk of body) {
      received += (chunk as Buffer).length;
      yield chunk as Buffer;
    }
  } catch (error) {
    throw new RemoteProblem('passing', `an answer was not received to its end (${codeOf(error)})`);
  }
  const expected = Number(headers['content-length'] ?? received);
  if (received !== expected) throw new RemoteProblem('passing', 'an answer ended too early');
}

/** Leaves the connection to the next request. */
export async function skipBody({ body }: HttpAnswer): Promise<void> {
  body.resume();
  await new Promise<void>((resolve) => {
    if (body.readableEnded || body.destroyed) resolve();
    else body.once('close', resolve);
  });
}

function codeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
