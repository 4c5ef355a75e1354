import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { mlflowClient, mlflowServer } from '../../../../../src/engine/views/metrics/mlflow/client.ts';

/** A server that gives one answer, and keeps the requests. */
async function answering(status: number, text: string) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    request.resume().on('end', () => response.writeHead(status).end(text));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { requests, at: (user = '') => `http://${user}127.0.0.1:${port}/base/` };
}

it('asks below the address, with what lets it in', async () => {
  const { requests, at } = await answering(200, '{"x": 1}');
  const basic = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
  const variables = { MLFLOW_TRACKING_USERNAME: 'me', MLFLOW_TRACKING_PASSWORD: 'p@ss' };
  for (const server of [
    mlflowServer(at('me:p%40ss@'), { MLFLOW_TRACKING_TOKEN: 't' }),
    mlflowServer(at(), variables),
    mlflowServer(at(), { MLFLOW_TRACKING_TOKEN: 't' }),
    mlflowServer(at(), {}),
  ]) {
    expect(server.url).not.toContain('@');
    expect(await mlflowClient(server)('GET', 'a/b', { name: 'ä b' })).toEqual({ x: 1 });
  }
  expect(requests.map(({ headers }) => headers.authorization)).toEqual([basic, basic, 'Bearer t', undefined]);
  expect(requests[0]?.url).toBe('/base/api/2.0/mlflow/a/b?name=%C3%A4+b');
});

it.each<[number, string, string]>([
  [401, 'no', '401: no'],
  [400, '{"error_code": "INVALID_PARAMETER_VALUE", "message": "too long"}', '400: too long'],
  [404, 'Not Found', '404: Not Found'],
  [200, '<html>', '200: <html>'],
  [200, '[]', '200: []'],
])('a refusal %i %s is a failure with what the server says', async (status, text, message) => {
  const { at } = await answering(status, text);
  await expect(mlflowClient(mlflowServer(at(), {}))('POST', 'a/b', {})).rejects.toThrow(message);
});

it('says that something does not exist', async () => {
  const { at } = await answering(404, '{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "none"}');
  expect(await mlflowClient(mlflowServer(at(), {}))('GET', 'a', {})).toBeUndefined();
});

it.each(['localhost:5000', 'ftp://x/', '', 'http://'])('refuses %j', (text) => {
  expect(() => mlflowServer(text, {})).toThrow('--mlflow is no address');
});
