import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Project, projectOf } from '../support/project.ts';

let server: Server;
let url: string;
const received: { readonly path: string | undefined; readonly body: string }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      received.push({ path: request.url, body });
      response.statusCode = request.url === '/refuses' ? 500 : 200;
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

function failing(): Project {
  return projectOf({
    'pipeline.yaml': `version: 1
name: notices
params: {code: 0}
stages:
  good: {command: "echo 1 > {outputs.o}", outputs: {o: json}}
  ends: {command: "echo 1 > {outputs.o}; exit \${code}", outputs: {o: json}}
  last: {command: "cat {inputs.o} > {outputs.o}", inputs: {o: ends.o}, outputs: {o: json}}
`,
  });
}

it('a webhook, a command and a step summary get the same notice', async () => {
  const project = failing();
  const [summary, file] = [project.path('summary.md'), project.path('notice.json')];
  const ways = [`${url}/hook`, `cat > '${file}'; echo "$VMFDAG_OUTCOME: $VMFDAG_NOTICE" >> '${file}'`, 'github'];
  const args = ['run', '--keep-going', '--set', 'code=3', ...ways.flatMap((way) => ['--notify', way])];
  const env = { GITHUB_STEP_SUMMARY: summary };
  expect(await project.execute(args, { env })).toMatchObject({ code: 1, stderr: '' });
  const posted = JSON.parse(received.at(-1)?.body ?? '') as Record<string, unknown>;
  expect(posted).toMatchObject({
    text: expect.stringMatching(/^notices: failed after .*, 1 node executed, 1 failed$/),
    pipeline: 'notices',
    outcome: 'failed',
    executed: 1,
    failed: [{ node: 'ends', fact: expect.stringContaining('3') }],
    skipped: 1,
  });
  const [json = '', told] = readFileSync(file, 'utf8').split('\n');
  const { text, ...rest } = posted;
  expect(JSON.parse(json)).toEqual(rest);
  expect(told).toBe(`failed: ${text}`);
  const markdown = readFileSync(summary, 'utf8');
  expect(markdown).toMatch(/^### notices: failed after /);
  expect(markdown).toContain('| 1 | 0 | 1 | 1 |');
  expect(markdown).toContain('| ends | ');
  // Also where nothing has to run; and one is added to the other.
  expect(await project.execute(['run', '--notify', 'github'], { env })).toMatchObject({ code: 0 });
  expect(await project.execute(['run', '--notify', 'github'], { env })).toMatchObject({ code: 0 });
  expect(readFileSync(summary, 'utf8').match(/^### notices: done/gm)).toHaveLength(2);
});

it('one that cannot be sent is a warning, and changes no exit code', async () => {
  const project = failing();
  const ways = [`${url}/refuses`, 'http://127.0.0.1:1/secret', 'echo broken >&2; exit 7', 'github', 'desktop'];
  const args = ['run', ...ways.flatMap((way) => ['--notify', way])];
  const { code, stderr } = await project.execute(args, {
    env: { GITHUB_STEP_SUMMARY: '', PATH: '/bin:/usr/bin', DISPLAY: '' },
  });
  expect(code).toBe(0);
  const lines = stderr.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^warning: a notice could not be sent \(http:.*\): it was answered with 500$/);
  expect(lines[1]).toMatch(/^warning: .*\(http:\/\/127\.0\.0\.1:1\/…\): /);
  expect(lines[2]).toContain('the command ended with 7: broken');
  expect(lines[3]).toContain('this is no step of GitHub Actions');
  expect(stderr).not.toContain('secret');
});

it('nothing is told of a dry run', async () => {
  const project = failing();
  const before = received.length;
  await project.execute(['run', '--dry-run', '--notify', `${url}/dry`]);
  expect(received.length).toBe(before);
});
