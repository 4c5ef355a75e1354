import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Failure, isFailure } from '../../base/failure.ts';
import { Access } from '../../views/live/http/access.ts';
import { hostOf, hostsOf, refusedAtGate } from '../../views/live/http/gate.ts';
import { type PageFile, readPageFiles } from '../../views/live/http/page-files.ts';
import { readBody } from '../../views/live/http/read-body.ts';
import { pageHeaders, RequestRefused, refuse, replyJson } from '../../views/live/http/replies.ts';
import type { Refusal } from '../../views/live/protocol.ts';
import { builtStyle, type PageStyle } from '../../views/report/page-style.ts';
import { replyArtefact, replyDownload } from './artefact-replies.ts';
import type { LiveActions } from './live-actions.ts';
import { LiveEvents } from './live-events.ts';
import type { LiveProject } from './live-project.ts';
import { artefactIn, prepareFirstView, ROUTES } from './routes.ts';

/** Limits of a request and of the server, whoever sends. */
const HEADER_BYTES = 16 * 1024;
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
const MOST_CONNECTIONS = 400;

/** The port where nothing else is asked for, and how many after it are tried. */
const USUAL_PORT = 8417;
const PORTS_TRIED = 20;

/** The built page, and the fonts that reports have too. */
const FOLDERS = ['./ui', './fonts'];

export interface LiveServerOptions {
  /** An address of this machine. */
  readonly host: string;
  /** Without it, the first free one of a few. */
  readonly port?: number | undefined;
  /** Called with errors that are a bug of the server. */
  readonly onBug: (error: unknown) => void;
}

/** The server of the live page. */
export class LiveServer {
  readonly port: number;
  /** Without a token. */
  readonly address: string;
  private readonly server: Server;
  private readonly access: Access;
  private readonly hosts: ReadonlySet<string>;
  private readonly project: LiveProject;
  private readonly actions: LiveActions;
  private readonly events: LiveEvents;
  private readonly onBug: (error: unknown) => void;
  private readonly files: ReadonlyMap<string, PageFile>;
  /** Read when the first artefact is shown. */
  private style: PageStyle | undefined;

  private constructor(server: Server, project: LiveProject, actions: LiveActions, { host, onBug }: LiveServerOptions) {
    const { port } = server.address() as AddressInfo;
    this.server = server;
    this.port = port;
    this.address = `http://${hostOf(host)}:${port}/`;
    this.access = new Access(port);
    this.hosts = hostsOf(host, port);
    this.project = project;
    this.actions = actions;
    this.events = new LiveEvents(project);
    this.onBug = onBug;
    this.files = readPageFiles(FOLDERS.map((each) => fileURLToPath(new URL(each, import.meta.url))));
    server.on('request', (request, response) => void this.answer(request, response));
    // Whatever is wrong is told to the first page that asks.
    prepareFirstView(project).catch(() => {});
  }

  /** @throws {Failure} kind `environment` where it cannot listen there */
  static async start(project: LiveProject, actions: LiveActions, options: LiveServerOptions): Promise<LiveServer> {
    const server = createServer({
      maxHeaderSize: HEADER_BYTES,
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      insecureHTTPParser: false,
    });
    server.maxConnections = MOST_CONNECTIONS;
    await listen(server, options);
    return new LiveServer(server, project, actions, options);
  }

  /** The address with the token. Whoever has it can use the page. */
  get secretAddress(): string {
    return `${this.address}#token=${this.access.token}`;
  }

  /** @param tellsEnd whether viewers are told first how the run ended */
  async close(tellsEnd = false): Promise<void> {
    if (tellsEnd) await this.events.tellLast();
    this.events.close();
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
    await this.project.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.route(request, response);
    } catch (error) {
      if (response.destroyed) return;
      if (error instanceof RequestRefused) {
        refuse(response, error.status, refusalOf(error.refusal));
        return;
      }
      if (!isFailure(error)) {
        this.onBug(error);
        refuse(response, 500, { fact: 'this is a bug in vmfdag: its terminal says more' });
        return;
      }
      const [diagnostic] = error.diagnostics;
      refuse(response, error.kind === 'usage' ? 400 : 503, refusalOf(diagnostic ?? { fact: error.message }));
    }
  }

  private async route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: target = '', rawHeaders } = request;
    const refused = refusedAtGate({ method, target, rawHeaders }, this.hosts);
    if (refused) throw new RequestRefused(refused.status, refused);
    const { pathname, searchParams } = new URL(target, this.address);
    if (!pathname.startsWith('/api/')) return this.replyFile(request, pathname, response);
    if (pathname === '/api/session') return this.logIn(request, response);
    if (!this.access.isLoggedIn(request.headers.cookie)) {
      throw new RequestRefused(401, {
        fact: 'this browser is not logged in',
        fix: 'open the address that "vmfdag ui" prints',
      });
    }
    if (pathname === '/api/actions') return this.act(request, response);
    if (method !== 'GET') throw new RequestRefused(405, { fact: 'this is only read' });
    switch (pathname) {
      case '/api/events':
        return this.stream(searchParams, request, response);
      case '/api/raw':
        this.style ??= builtStyle();
        return replyArtefact(this.project, artefactIn(searchParams), this.style, response);
      case '/api/download':
        return replyDownload(this.project, artefactIn(searchParams), searchParams.get('name') ?? 'artefact', response);
      default: {
        const name = pathname.slice('/api/'.length);
        const route = Object.hasOwn(ROUTES, name) ? ROUTES[name] : undefined;
        if (!route) throw new RequestRefused(404, { fact: `there is no ${pathname}` });
        return replyJson(response, await route(this.project, searchParams));
      }
    }
  }

  /** The page itself holds nothing of the project: it is the same for everybody. */
  private replyFile({ method, headers }: IncomingMessage, pathname: string, response: ServerResponse): void {
    if (method === 'POST') throw new RequestRefused(405, { fact: 'this is only read' });
    const isAsset = pathname.startsWith('/assets/');
    const file = this.files.get(isAsset ? pathname.slice('/assets/'.length) : 'index.html');
    if (!file) throw new RequestRefused(404, { fact: isAsset ? `there is no ${pathname}` : 'this build has no page' });
    const gzipped = /\bgzip\b/.test(String(headers['accept-encoding'] ?? '')) ? file.gzipped : undefined;
    const body = gzipped ?? file.bytes;
    response.writeHead(200, {
      ...pageHeaders(file.type),
      'Content-Length': body.length,
      Vary: 'Accept-Encoding',
      ...(gzipped ? { 'Content-Encoding': 'gzip' } : {}),
    });
    response.end(body);
  }

  private async logIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') throw new RequestRefused(405, { fact: 'a token is sent by POST' });
    const body = await readBody(request);
    if (body.kind === 'refused') throw new RequestRefused(body.status, body);
    const { token } = body.value;
    const cookie = typeof token === 'string' ? this.access.logIn(token) : undefined;
    if (cookie === undefined) {
      throw new RequestRefused(403, {
        fact: 'this is not the token of this server',
        fix: 'open the address that "vmfdag ui" prints',
      });
    }
    response.writeHead(204, { 'Set-Cookie': cookie, 'Cache-Control': 'no-store' });
    response.end();
  }

  private async act(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') throw new RequestRefused(405, { fact: 'an action is sent by POST' });
    const body = await readBody(request);
    if (body.kind === 'refused') throw new RequestRefused(body.status, body);
    replyJson(response, await this.actions.act(body.value));
  }

  private async stream(query: URLSearchParams, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.events.isFull) throw new RequestRefused(503, { fact: 'too many pages look at once' });
    const last = request.headers['last-event-id'];
    const since = (typeof last === 'string' && last !== '' ? last : query.get('since')) ?? undefined;
    // An open connection is no slow request.
    request.socket.setTimeout(0);
    await this.events.add({ run: query.get('run') ?? 'last', node: query.get('node') ?? undefined, since }, response);
  }
}

function refusalOf({ fact, fix }: Refusal): Refusal {
  return { fact, ...(fix === undefined ? {} : { fix }) };
}

async function listen(server: Server, { host, port }: LiveServerOptions): Promise<void> {
  const ports = port === undefined ? [...Array(PORTS_TRIED).keys()].map((each) => USUAL_PORT + each) : [port];
  for (const [attempt, each] of ports.entries()) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(each, host, () => {
          server.off('error', reject);
          resolve();
        });
      });
      return;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE' && attempt < ports.length - 1) continue;
      throw new Failure('environment', {
        fact: `cannot listen on port ${each} of ${host} (${message})`,
        fix: 'choose another one with --port, or an address of this machine with --host',
      });
    }
  }
}
