import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

type Route = (request: IncomingMessage, response: ServerResponse) => void;

/** A web server on the loopback interface that ends with the test; unknown paths are answered 404. */
export async function serve(routes: Readonly<Record<string, Uint8Array | Route>>): Promise<string> {
  return listen((request, response) => {
    const route = routes[request.url ?? ''];
    if (typeof route === 'function') route(request, response);
    else if (route) response.end(route);
    else response.writeHead(404).end();
  });
}

export interface Registry {
  readonly url: string;
  /** The `authorization` header of each request so far. */
  readonly authorizations: (string | undefined)[];
}

/** An npm registry with one package. */
export async function serveRegistry(
  name: string,
  version: string,
  tarball: Buffer,
  integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
): Promise<Registry> {
  const authorizations: (string | undefined)[] = [];
  const url = await listen((request, response) => {
    authorizations.push(request.headers.authorization);
    if (request.url === `/${name}`) {
      const dist = { tarball: `http://${request.headers.host}/${name}/-/${name}-${version}.tgz`, integrity };
      const versions = { [version]: { name, version, dist } };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ name, 'dist-tags': { latest: version }, versions }));
    } else if (request.url === `/${name}/-/${name}-${version}.tgz`) {
      response.end(tarball);
    } else {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not found"}');
    }
  });
  return { url, authorizations };
}

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
