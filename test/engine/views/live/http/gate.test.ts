import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostOf, hostsOf, isLoopback, refusedAtGate } from '../../../../../src/engine/views/live/http/gate.ts';

const hosts = hostsOf('127.0.0.1', 8417);
const ask = (method: string, target: string, headers: readonly string[]) =>
  refusedAtGate({ method, target, rawHeaders: headers }, hosts);

describe('the gate', () => {
  it('lets requests of the page pass', () => {
    expect(ask('GET', '/', ['Host', '127.0.0.1:8417'])).toBeUndefined();
    expect(ask('GET', '/api/runs', ['host', 'localhost:8417', 'Sec-Fetch-Site', 'same-origin'])).toBeUndefined();
    expect(
      ask('POST', '/api/actions', ['Host', '[::1]:8417', 'Origin', 'http://[::1]:8417', 'Content-Length', '4']),
    ).toBeUndefined();
    // A link on a page elsewhere.
    expect(ask('GET', '/', ['Host', '127.0.0.1:8417', 'Sec-Fetch-Site', 'cross-site'])).toBeUndefined();
  });

  it('refuses every other host', () => {
    fc.assert(
      fc.property(fc.oneof(fc.domain(), fc.ipV4(), fc.string()), (name) => {
        for (const host of [name, `${name}:8417`]) {
          if (hosts.has(host.toLowerCase())) continue;
          expect(ask('GET', '/api/runs', ['Host', host])?.status).toBe(403);
        }
      }),
    );
  });

  it('refuses every other origin, and a POST without one', () => {
    expect(ask('POST', '/api/actions', ['Host', '127.0.0.1:8417'])?.status).toBe(403);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.domain().map((name) => `http://${name}`),
          fc.constantFrom('null', 'http://127.0.0.1', 'http://localhost:8417', 'https://127.0.0.1:8417'),
        ),
        (origin) => {
          for (const method of ['GET', 'POST'])
            expect(ask(method, '/api/runs', ['Host', '127.0.0.1:8417', 'Origin', origin])?.status).toBe(403);
        },
      ),
    );
  });

  it.each(['Host', 'Origin', 'Content-Length', 'Content-Type', 'Transfer-Encoding'])(
    'refuses a second %s, in any spelling',
    (name) => {
      const headers = ['Host', '127.0.0.1:8417', 'Origin', 'http://127.0.0.1:8417'];
      const twice = [...headers, name, 'x', name.toUpperCase(), 'x'];
      expect(ask('POST', '/api/actions', twice)?.status).toBe(400);
    },
  );

  it.each(['http://127.0.0.1:8417/', '*', '', 'api/runs', '//evil.example/api/runs', `/${'x'.repeat(9000)}`])(
    'refuses a target that is no path: %s',
    (target) => {
      expect(ask('GET', target, ['Host', '127.0.0.1:8417'])?.status).toBeGreaterThanOrEqual(400);
    },
  );
});

describe('the names of a server', () => {
  it('are those of this machine, with its port', () => {
    expect([...hosts]).toEqual(['127.0.0.1:8417', 'localhost:8417', '[::1]:8417']);
    expect(hostsOf('127.0.0.1', 80).has('localhost')).toBe(true);
    expect([...hostsOf('192.168.1.5', 9)]).toEqual(['192.168.1.5:9']);
    expect([...hostsOf('fe80::1', 9)]).toEqual(['[fe80::1]:9']);
    expect(hostsOf('0.0.0.0', 9).has('127.0.0.1:9')).toBe(true);
    expect(hostsOf('0.0.0.0', 9).has('evil.example:9')).toBe(false);
  });

  it('have the one that is printed', () => {
    for (const address of ['127.0.0.1', '127.8.9.1', 'localhost', '::1', '::', '0.0.0.0', '10.0.0.1', 'fe80::1']) {
      expect([...hostsOf(address, 9)], address).toContain(`${hostOf(address)}:9`);
    }
    expect(['0.0.0.0', '::', '::1'].map(hostOf)).toEqual(['127.0.0.1', '[::1]', '[::1]']);
  });

  it('tell whether others reach it', () => {
    expect(['127.0.0.1', '127.8.9.1', 'localhost', '::1'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '10.0.0.1', '127.evil.example', 'localhost.evil.example'].some(isLoopback)).toBe(false);
  });
});
