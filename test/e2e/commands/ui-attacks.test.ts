import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogPart, NodePage, Overview, Preview, RunList } from '../../../src/engine/views/live/protocol.ts';
import { LivePage } from '../support/live-page.ts';
import { type Project, projectOf } from '../support/project.ts';

const CHROMIUM = '/usr/bin/chromium';

const HOSTILE = `import * as v from 'valibot';
import { defineStage, directory, json, markdown, svg } from 'vmfdag';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export default defineStage({
  params: v.any(),
  inputs: {},
  outputs: { svg, md: markdown, html: json<string>(), folder: directory },
  run: ({ scratch }) => {
    const folder = join(scratch, 'folder');
    mkdirSync(folder);
    writeFileSync(join(folder, 'page.html'), '<script>top.P1=1;parent.P1=1</script>');
    writeFileSync(join(folder, 'fake.png'), '<html><script>parent.P2=1</script>');
    writeFileSync(join(folder, 'inner.svg'), '<svg xmlns="http://www.w3.org/2000/svg" onload="parent.P3=1"><script>parent.P3=1;fetch("/api/runs")</script></svg>');
    return {
      svg: '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30" onload="parent.P4=1"><script>parent.P4=1;fetch("/api/actions",{method:"POST"})</script><image href="https://example.org/i.png" width="1" height="1"/><foreignObject width="9" height="9"><iframe xmlns="http://www.w3.org/1999/xhtml" src="/api/runs"/></foreignObject><rect width="9" height="9"/></svg>',
      md: '<script>parent.P5=1</script>\\n\\n[x](javascript:parent.P6=1) <img src=x onerror="parent.P7=1"> ![i](https://example.org/i.png)\\n\\n<form action="/api/actions" method="post"><button>go</button></form>\\n\\n[web](https://example.org/)',
      html: '<script>parent.P8=1</script>',
      folder,
    };
  },
});
`;

const LOUD = `import * as v from 'valibot';
import { writeSync } from 'node:fs';
import { defineStage, json } from 'vmfdag';

export default defineStage({
  params: v.any(),
  inputs: {},
  outputs: { done: json<number>() },
  async run() {
    const piece = Buffer.from(('x'.repeat(1000) + '\\n').repeat(1000));
    for (let megabytes = 0; megabytes < 1024; megabytes++) {
      for (let at = 0; at < piece.length; ) at += writeSync(1, piece, at);
      if (megabytes % 64 === 0) await new Promise((resolve) => setTimeout(resolve, 150));
    }
    return { done: 1 };
  },
});
`;

/** Requests that have reached a server elsewhere. */
const reached: string[] = [];
const elsewhere = createServer(({ url }, response) => {
  reached.push(url ?? '');
  response.end();
});

let project: Project;
let page: LivePage;
let before: RunList;

beforeAll(async () => {
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  const { port } = elsewhere.address() as AddressInfo;
  project = projectOf({
    'pipeline.yaml': `version: 1
name: hostile
description: "<img src=x onerror=parent.P0=1>"
stages:
  hostile: {run: stages/hostile.ts, outputs: {svg: svg, md: markdown, html: json, folder: directory}}
  loud: {run: stages/loud.ts, outputs: {done: json}}
targets: {hostile: {files: {"a.svg": hostile.svg}}, loud: {files: {"done.json": loud.done}}}
`,
    'stages/hostile.ts': HOSTILE.replaceAll('https://example.org', `http://127.0.0.1:${port}`),
    'stages/loud.ts': LOUD,
    'secret.txt': 'a secret of the project',
  });
  const ran = await project.run(['--target', 'hostile']);
  expect(ran.code, ran.stderr).toBe(0);
  page = await LivePage.open(project);
  before = await page.read<RunList>('/api/runs');
});

afterAll(async () => {
  // Nothing of what was tried has started or stopped anything.
  expect((await page.read<RunList>('/api/runs')).runs.at(-1)).toEqual(before.runs.at(-1));
  expect((await page.close()).stderr).toBe('');
  elsewhere.close();
});

const READ = [
  'overview',
  'matrix?stage=hostile',
  'node?node=hostile',
  'why?node=hostile',
  'log?node=hostile',
  'preview?digest=0',
  'raw?digest=0',
  'download?digest=0',
  'timeline',
  'runs',
  'experiments',
  'series?metric=m',
  'results',
  'events',
];

describe('without the cookie', () => {
  it.each(READ)('nothing is read: %s', async (path) => {
    const { status, text } = await page.ask(`/api/${path}`);
    expect(status).toBe(401);
    expect(text).not.toMatch(/hostile|P0/);
  });

  it('nothing is done', async () => {
    const body = '{"action":"run","targets":[]}';
    expect(await page.ask('/api/actions', { method: 'POST', body, headers: page.jsonHeaders() })).toMatchObject({
      status: 401,
    });
  });

  it('the page is the same for everybody, and holds nothing of the project', async () => {
    for (const path of ['/', '/stage/hostile', '/node']) {
      const { text, headers } = await page.ask(path);
      expect(text).not.toMatch(/P0|secret/);
      expect(headers['set-cookie']).toBeUndefined();
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });
});

describe('a wrong token', () => {
  const logIn = (body: string, headers: Record<string, string> = {}) =>
    page.ask('/api/session', { method: 'POST', body, headers: { ...page.jsonHeaders(), ...headers } });

  it.each([
    ['of another length', () => 'x'],
    ['of the same length', () => 'A'.repeat(page.token.length)],
    ['with another last character', () => page.token.slice(0, -1) + (page.token.endsWith('A') ? 'B' : 'A')],
    ['that is longer', () => `${page.token}A`],
    ['in another case', () => page.token.toUpperCase()],
    ['that is empty', () => ''],
  ])('%s is refused', async (_, token) => {
    const { status, headers } = await logIn(JSON.stringify({ token: token() }));
    expect(status).toBe(403);
    expect(headers['set-cookie']).toBeUndefined();
  });

  it.each(['{"token":["x"]}', '{"token":{"length":43}}', '[]', 'null', '', '{', '{"__proto__":{"token":"x"}}'])(
    'is not made right by its shape: %s',
    async (body) => {
      expect((await logIn(body)).status).toBeGreaterThanOrEqual(400);
    },
  );

  it.each(['vmfdag-1=x', 'vmfdag', '', 'vmfdag-PORT=', 'vmfdag-PORT=TOKEN', 'Vmfdag-PORT=x; other=1'])(
    'is no cookie: %s',
    async (cookie) => {
      const sent = cookie.replace('PORT', String(page.port)).replace('TOKEN', page.token);
      expect((await page.ask('/api/runs', { headers: { cookie: sent } })).status).toBe(401);
    },
  );

  it('is not taken out of an address, or of another header', async () => {
    expect((await page.ask(`/api/runs?token=${page.token}`)).status).toBe(401);
    expect((await page.ask('/api/runs', { headers: { authorization: `Bearer ${page.token}` } })).status).toBe(401);
  });

  it('the cookie is for this server alone, for no script, and for no other site', async () => {
    const { headers } = await logIn(JSON.stringify({ token: page.token }));
    expect(headers['set-cookie']?.[0]).toMatch(
      new RegExp(`^vmfdag-${page.port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`),
    );
  });
});

describe('DNS rebinding', () => {
  it.each([
    'evil.example',
    'evil.example:PORT',
    'localhost.evil.example:PORT',
    '127.0.0.1',
    '127.0.0.1:1',
    '127.0.0.1.nip.io:PORT',
    '0.0.0.0:PORT',
    'localhost:PORT@evil.example',
    '[::]:PORT',
    '2130706433:PORT',
  ])('a request for "%s" is refused, with the cookie too', async (name) => {
    const host = name.replace('PORT', String(page.port));
    for (const path of ['/', '/api/runs', '/assets/page.js']) {
      expect((await page.asPage(path, { headers: { host } })).status, path).toBeGreaterThanOrEqual(400);
    }
    const body = JSON.stringify({ token: page.token });
    const headers = { ...page.jsonHeaders(), host, origin: `http://${host}` };
    const { status, headers: answered } = await page.ask('/api/session', { method: 'POST', body, headers });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(answered['set-cookie']).toBeUndefined();
  });

  it('the names of this machine are right', async () => {
    expect((await page.asPage('/api/runs', { headers: { host: `localhost:${page.port}` } })).status).toBe(200);
    expect((await page.asPage('/api/runs', { headers: { host: `LOCALHOST:${page.port}` } })).status).toBe(200);
  });
});

describe('pages of other sites', () => {
  const origins = () => [
    'http://evil.example',
    'null',
    `https://127.0.0.1:${page.port}`,
    `http://127.0.0.1:${page.port + 1}`,
    `http://localhost:${page.port}`,
    `${page.origin}.evil.example`,
    'file://',
  ];
  const body = '{"action":"run","targets":[]}';

  it('start nothing by a form, even with the cookie', async () => {
    for (const origin of origins()) {
      for (const type of [
        'application/json',
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
      ]) {
        const { status } = await page.asPage('/api/actions', {
          method: 'POST',
          body,
          headers: { origin, 'content-type': type },
        });
        expect(status, `${origin} ${type}`).toBe(403);
      }
    }
  });

  it('start nothing without an origin, or as a form of the same one', async () => {
    expect(
      (await page.asPage('/api/actions', { method: 'POST', body, headers: { 'content-type': 'application/json' } }))
        .status,
    ).toBe(403);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'text/plain; application/json']) {
      const headers = { origin: page.origin, 'content-type': type };
      expect((await page.asPage('/api/actions', { method: 'POST', body, headers })).status).toBe(415);
    }
  });

  it('read nothing, even with the cookie', async () => {
    for (const origin of origins()) expect((await page.asPage('/api/runs', { headers: { origin } })).status).toBe(403);
    for (const site of ['cross-site', 'same-site']) {
      expect((await page.asPage('/api/runs', { headers: { 'sec-fetch-site': site } })).status).toBe(403);
    }
    const { headers } = await page.asPage('/api/runs');
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect(headers['cross-origin-resource-policy']).toBe('same-origin');
    expect(headers['x-frame-options']).toBe('DENY');
  });

  it('an action is no address to visit', async () => {
    expect((await page.asPage('/api/actions?action=run')).status).toBe(405);
    expect((await page.asPage('/api/session')).status).toBe(405);
    expect(
      (await page.asPage('/api/runs', { method: 'OPTIONS', headers: { origin: 'http://evil.example' } })).status,
    ).toBeGreaterThanOrEqual(400);
  });
});

describe('paths that lead out', () => {
  const paths = [
    '../package.json',
    '..%2fpackage.json',
    '%2e%2e/package.json',
    '....//package.json',
    '..\\package.json',
    '%00',
    'index.html%00.js',
    '/etc/passwd',
    '//etc/passwd',
    'a/../../command.cjs',
    'constructor',
    '__proto__',
  ];

  it.each(paths)('among the files of the page: %s', async (path) => {
    for (const target of [`/assets/${path}`, `/assets/./${path}`]) {
      const { status, text } = await page.asPage(target);
      // A path that is resolved to another one gives the page, as any other path does.
      expect([200, 400, 403, 404, 413]).toContain(status);
      expect(text).not.toMatch(/"dependencies"|root:|secret of|importMetaUrl/);
    }
  });

  it.each([...paths, 'secret.txt', '../secret.txt', '../../secret.txt'])(
    'in an artefact that is a directory: %s',
    async (path) => {
      const { outputs } = await page.read<NodePage>('/api/node?node=hostile');
      const folder = outputs.find(({ name }) => name === 'folder')?.digest;
      const query = `digest=${folder}&type=directory&path=${encodeURIComponent(path)}`;
      expect(await page.read<Preview>(`/api/preview?${query}`)).toMatchObject({ kind: 'missing' });
      expect((await page.asPage(`/api/raw?${query}`)).status).toBe(400);
      expect((await page.asPage(`/api/download?${query}`)).status).toBe(400);
    },
  );

  it.each([
    '../../secret.txt',
    'secret.txt',
    '/etc/passwd',
    '..',
    `${'0'.repeat(63)}/`,
    '0'.repeat(65),
    'G'.repeat(64),
  ])('in the place of a digest: %s', async (digest) => {
    for (const route of ['preview', 'raw', 'download'])
      expect((await page.asPage(`/api/${route}?digest=${encodeURIComponent(digest)}&type=json`)).status).toBe(400);
  });

  it.each(['../../..', '../../../etc/passwd', 'x\0', '.'])('in the place of a run: %s', async (run) => {
    for (const route of ['overview', 'log', 'timeline']) {
      expect((await page.asPage(`/api/${route}?node=hostile&run=${encodeURIComponent(run)}`)).status).toBe(400);
    }
  });

  it('through a name to save a file under', async () => {
    const { outputs } = await page.read<NodePage>('/api/node?node=hostile');
    const digest = outputs.find(({ name }) => name === 'html')?.digest;
    const name = encodeURIComponent('../../x"\r\nSet-Cookie: a=b; \u202egnp.exe');
    const { status, headers } = await page.asPage(`/api/download?digest=${digest}&type=json&name=${name}`);
    expect(status).toBe(200);
    expect(headers['set-cookie']).toBeUndefined();
    expect(headers['content-disposition']).toMatch(
      /^attachment; filename\*=UTF-8''\.\._\.\._x%22__Set-Cookie%3A%20a%3Db%3B%20_gnp\.exe$/,
    );
    expect(headers['content-type']).toBe('application/octet-stream');
  });
});

/** What a server answers to bytes that no library would send. */
function raw(text: string, port = page.port): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.setTimeout(15_000, () => socket.destroy());
    socket.on('data', (piece) => {
      answer += piece;
    });
    socket.on('error', () => resolve(answer));
    socket.on('close', () => resolve(answer));
  });
}

const statusesOf = (answer: string) => [...answer.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status));

describe('tricks with headers', () => {
  const host = () => `127.0.0.1:${page.port}`;
  const refusedOnce = async (text: string) => {
    const statuses = statusesOf(await raw(text));
    expect(statuses.length).toBeLessThanOrEqual(1);
    for (const status of statuses) expect(status).toBeGreaterThanOrEqual(400);
  };

  it.each([
    ['two Hosts, the right one first', () => `Host: ${host()}\r\nHost: evil.example\r\n`],
    ['two Hosts, the right one last', () => `Host: evil.example\r\nHost: ${host()}\r\n`],
    ['no Host', () => ''],
    ['a folded Host', () => `Host: evil.example\r\n ${host()}\r\n`],
    ['a Host with a space before the colon', () => `Host : ${host()}\r\n`],
    ['two Origins', () => `Host: ${host()}\r\nOrigin: http://${host()}\r\nOrigin: http://evil.example\r\n`],
    ['a header without a name', () => `Host: ${host()}\r\n: x\r\n`],
    ['a zero in a header', () => `Host: ${host()}\r\nX: a\0b\r\n`],
    ['headers of 32 kB', () => `Host: ${host()}\r\nX: ${'x'.repeat(32_768)}\r\n`],
    ['4000 headers', () => `Host: ${host()}\r\n${'X: y\r\n'.repeat(4000)}`],
    ['a GET with a body', () => `Host: ${host()}\r\nContent-Length: 5\r\n`],
  ])('%s', async (_, headers) => {
    await refusedOnce(`GET /api/runs HTTP/1.1\r\n${headers()}Cookie: ${page.cookie}\r\nConnection: close\r\n\r\nhello`);
  });

  it.each([
    ['an absolute address', () => `GET http://evil.example/api/runs HTTP/1.1\r\nHost: ${host()}\r\n`],
    ['a target of a proxy', () => `CONNECT evil.example:80 HTTP/1.1\r\nHost: ${host()}\r\n`],
    ['a method that does not exist', () => `BREW /api/runs HTTP/1.1\r\nHost: ${host()}\r\n`],
    ['DELETE', () => `DELETE /api/runs HTTP/1.1\r\nHost: ${host()}\r\n`],
    ['TRACE', () => `TRACE / HTTP/1.1\r\nHost: ${host()}\r\n`],
    ['an address of 12 kB', () => `GET /api/runs?${'x'.repeat(12_000)} HTTP/1.1\r\nHost: ${host()}\r\n`],
    ['a version of the future', () => `GET /api/runs HTTP/9.9\r\nHost: ${host()}\r\n`],
    ['an upgrade', () => `BREW / HTTP/1.1\r\nHost: ${host()}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`],
  ])('%s', async (_, request) => {
    await refusedOnce(`${request()}Cookie: ${page.cookie}\r\nConnection: close\r\n\r\n`);
  });

  it.each([
    ['both lengths', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n'],
    ['two lengths', 'Content-Length: 4\r\nContent-Length: 90\r\n'],
    ['a length with a sign', 'Content-Length: +4\r\n'],
    ['an encoding that is none', 'Transfer-Encoding: xchunked\r\n'],
    ['chunked, and not last', 'Transfer-Encoding: chunked, identity\r\n'],
  ])('a request in a request (smuggling): %s', async (_, length) => {
    const inner = `GET /api/runs HTTP/1.1\r\nHost: ${host()}\r\nCookie: ${page.cookie}\r\n\r\n`;
    const answer = await raw(
      `POST /api/session HTTP/1.1\r\nHost: ${host()}\r\nOrigin: http://${host()}\r\nContent-Type: application/json\r\n${length}\r\n0\r\n\r\n${inner}`,
    );
    expect(statusesOf(answer).filter((status) => status === 200)).toEqual([]);
  });

  it('a body without end', async () => {
    const head = `POST /api/session HTTP/1.1\r\nHost: ${host()}\r\nOrigin: http://${host()}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    expect(statusesOf(await raw(head + chunk.repeat(64)))[0] ?? 413).toBe(413);
    expect(
      (await page.ask('/api/session', { method: 'POST', body: 'x'.repeat(100_000), headers: page.jsonHeaders() }))
        .status,
    ).toBe(413);
  });

  it.each([
    'matrix?stage=constructor',
    'node?node=__proto__',
    'constructor',
    'toString',
    '__proto__',
    'overview/../runs/x',
    'timeline?from=-1',
    'timeline?from=1e9999',
    'timeline?from=x',
    'runs?limit=-5',
    'log?node=hostile&limit=x',
    'preview',
  ])('names and numbers that are none: %s', async (path) => {
    const { status, text } = await page.asPage(`/api/${path}`);
    expect([400, 404]).toContain(status);
    expect(text).not.toContain('bug');
  });
});

describe('much', () => {
  it('a log of 1 GB: each answer is small, the end is there, and the server stays small', async () => {
    const run = project.start(['run', '--target', 'loud']);
    let part: LogPart | undefined;
    for (let attempt = 0; attempt < 400 && !part?.first; attempt++) {
      const { head } = await page.read<Overview>('/api/overview');
      if (head.targets[0] === 'loud' && head.state === 'running')
        part = await page.read<LogPart>('/api/log?node=loud&offset=0&limit=1000000000');
      else await new Promise((resolve) => setTimeout(resolve, 50));
      if (head.targets[0] === 'loud' && head.state !== 'running') break;
    }
    expect((await run.ended).code).toBe(0);
    if (part) expect(part.text.length).toBeLessThanOrEqual(256 * 1024);
    // The page's process hears of the end a moment after the run.
    await page.until(({ head }) => head.targets[0] === 'loud' && head.state !== 'running');
    const log = await page.read<LogPart>('/api/log?node=loud&offset=0&limit=1000000000');
    expect(log.text.length).toBeLessThanOrEqual(64 * 1024);
    expect(log.text.endsWith('x\n')).toBe(true);
    if (existsSync(`/proc/${page.running.pid}/status`)) {
      const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${page.running.pid}/status`, 'utf8'));
      expect(Number(peak?.[1]) / 1024).toBeLessThan(600);
    }
  });

  it('pages that never read, and connections that never ask', async () => {
    const sockets = Array.from({ length: 60 }, () => connect(page.port, '127.0.0.1'));
    for (const socket of sockets) {
      socket.on('error', () => {});
      socket.write('GET /api/runs HTTP/1.1\r\nHost:');
    }
    expect((await page.asPage('/api/runs')).status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });
});

describe.skipIf(!existsSync(CHROMIUM))('hostile artefacts in a real browser', () => {
  it('run no script, send nothing anywhere, and cannot reach the page that shows them', async () => {
    const { outputs } = await page.read<NodePage>(`/api/node?node=hostile&run=${before.runs[0]?.run}`);
    const digestOf = (name: string) => outputs.find((each) => each.name === name)?.digest;
    const addresses = [
      `/api/raw?digest=${digestOf('svg')}&type=svg`,
      `/api/raw?digest=${digestOf('md')}&type=markdown`,
      `/api/raw?digest=${digestOf('folder')}&type=directory&path=inner.svg`,
      `/api/raw?digest=${digestOf('folder')}&type=directory&path=page.html`,
      `/api/raw?digest=${digestOf('folder')}&type=directory&path=fake.png`,
      `/api/raw?digest=${digestOf('html')}&type=json`,
      `/api/preview?digest=${digestOf('html')}&type=json`,
      `/api/download?digest=${digestOf('html')}&type=json`,
    ];
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    try {
      const context = await browser.newContext();
      const [name = '', value = ''] = page.cookie.split('=');
      await context.addCookies([{ name, value, url: page.origin, httpOnly: true, sameSite: 'Strict' }]);
      const tab = await context.newPage();
      const actions: string[] = [];
      tab.on('request', (request) => {
        if (request.method() === 'POST') actions.push(request.url());
      });
      // As documents of their own, in the tab.
      for (const address of addresses.filter((each) => !each.includes('download'))) {
        const response = await tab.goto(page.origin + address);
        const policy = response?.headers()['content-security-policy'] ?? '';
        expect(policy, address).toContain('sandbox');
        expect(policy, address).toContain("default-src 'none'");
        expect(await tab.evaluate(() => Object.keys(globalThis).filter((each) => /^P\d$/.test(each))), address).toEqual(
          [],
        );
      }
      // In frames and as images, as the page shows them, and in frames without a sandbox of their own.
      await tab.goto(`${page.origin}/`);
      const seen = await tab.evaluate(`(async (all) => {
        const opened = [];
        for (const address of all) {
          for (const tag of ['iframe', 'img', 'object', 'embed']) {
            const element = document.createElement(tag);
            element.setAttribute(tag === 'object' ? 'data' : 'src', address);
            document.documentElement.append(element);
            if (tag === 'iframe') await new Promise((resolve) => setTimeout(resolve, 150));
            try {
              if (tag === 'iframe' && element.contentDocument?.body?.textContent)
                opened.push(address);
            } catch {
              // It has an origin of its own.
            }
          }
        }
        await new Promise((resolve) => setTimeout(resolve, 500));
        return { opened, marks: Object.keys(globalThis).filter((each) => /^P[0-9]$/.test(each)) };
      })(${JSON.stringify(addresses)})`);
      expect(seen).toEqual({ opened: [], marks: [] });
      expect(reached).toEqual([]);
      expect(actions).toEqual([]);
      // The figure is drawn all the same.
      const width = await tab.evaluate(`(async (address) => {
        const image = new Image();
        image.src = address;
        await image.decode();
        return image.naturalWidth;
      })(${JSON.stringify(addresses[0])})`);
      expect(width).toBe(40);
    } finally {
      await browser.close();
    }
  });

  it('a page of another site reads and starts nothing', async () => {
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--host-resolver-rules=MAP evil.example 127.0.0.1'],
    });
    try {
      const context = await browser.newContext();
      const [name = '', value = ''] = page.cookie.split('=');
      await context.addCookies([{ name, value, url: page.origin, httpOnly: true, sameSite: 'Strict' }]);
      const tab = await context.newPage();
      await context.route('http://evil.example/', (route) =>
        route.fulfill({ contentType: 'text/html', body: '<h1>evil</h1>' }),
      );
      await tab.goto('http://evil.example/');
      const got = (await tab.evaluate(`(async (origin) => {
        const outcome = (promise) =>
          promise.then(
            (response) => (response.type === 'opaque' ? 'opaque' : String(response.status)),
            () => 'blocked',
          );
        const read = await outcome(fetch(origin + '/api/runs', { credentials: 'include' }));
        const written = await outcome(
          fetch(origin + '/api/actions', {
            method: 'POST',
            mode: 'no-cors',
            credentials: 'include',
            body: '{"action":"run","targets":[]}',
          }),
        );
        const image = await new Promise((resolve) => {
          const element = new Image();
          element.onload = () => resolve('loaded');
          element.onerror = () => resolve('blocked');
          element.src = origin + '/api/runs';
        });
        return { read, written, image };
      })('${page.origin}')`)) as { read: string; written: string; image: string };
      expect(got.read).toBe('blocked');
      expect(['opaque', 'blocked']).toContain(got.written);
      expect(got.image).toBe('blocked');
      // A name of others that leads here (DNS rebinding).
      const rebound = await tab.goto(`http://evil.example:${page.port}/api/runs`).then(
        (response) => response?.status(),
        () => 'blocked',
      );
      expect([403, 'blocked']).toContain(rebound);
      // A link leads to the page, without the cookie.
      await tab.evaluate(`location.href = '${page.origin}/api/runs'`);
      await tab.waitForURL(`${page.origin}/api/runs`);
      expect(await tab.textContent('body')).not.toContain('startedAt');
    } finally {
      await browser.close();
    }
  });
});

describe('other machines', () => {
  it('do not reach the server, unless told otherwise', () => {
    const listening = readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .filter((line) => line.includes(`:${page.port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A`));
    expect(listening.map((line) => line.trim().split(/\s+/)[1]?.split(':')[0])).toEqual(['0100007F']);
  });

  it('are warned about', async () => {
    const open = await LivePage.open(project, {}, ['--host', '0.0.0.0']);
    const { stderr } = await open.close();
    expect(stderr).toContain('other machines reach the page, without encryption');
  });
});
