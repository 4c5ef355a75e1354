import { hash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Project, projectOf } from '../support/project.ts';

const BODY = Buffer.alloc(6_000_000, 'weights');
const SHA256 = hash('sha256', BODY);

/** A server of one file that knows ranges. It sends at most `limit` bytes of an answer, and then nothing more. */
async function fileServer() {
  const state = { limit: Number.POSITIVE_INFINITY, ranges: [] as (string | undefined)[], url: '' };
  const server = createServer(({ headers }, response) => {
    state.ranges.push(headers.range);
    const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, { 'content-length': BODY.length - start });
    const part = BODY.subarray(start, start + state.limit);
    if (start + part.length === BODY.length) response.end(part);
    else response.write(part);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.bin`;
  return state;
}

function downloadProject(url: string, sha256 = SHA256): Project {
  return projectOf({
    'pipeline.yaml': `version: 1
name: downloads
params: {salt: 0}
sources:
  weights: {url: "${url}", sha256: ${sha256}}
stages:
  size: {run: stages/size.ts, params: {salt: "\${salt}"}, inputs: {weights: weights}, outputs: {size: json}}
`,
    'stages/size.ts': `import { statSync } from 'node:fs';
import * as v from 'valibot';
import { defineStage, file, json, one } from 'vmfdag';

export default defineStage({
  params: v.object({ salt: v.number() }),
  inputs: { weights: one(file) },
  outputs: { size: json<number>() },
  run: ({ inputs }) => ({ size: statSync(inputs.weights).size }),
});
`,
  });
}

/** How much of a download is on the disk. */
function receivedBytes(project: Project): number {
  const folder = project.path('cache/sources');
  const parts = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.part')) : [];
  return parts.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

describe('a source at an address', () => {
  it('is downloaded when a node needs it, and once', async () => {
    const server = await fileServer();
    const project = downloadProject(server.url);
    expect((await project.execute(['status'])).stdout).toContain('to take into the cache: weights\n');
    expect(server.ranges).toEqual([]);
    expect(await project.run()).toMatchObject({ code: 0, stderr: '', started: ['size', 'weights'] });
    expect(await project.run(['--set', 'salt=1'])).toMatchObject({ code: 0, started: ['size'] });
    expect(server.ranges).toEqual([undefined]);
  });

  it('is resumed by the next run after kill -9', async () => {
    const server = await fileServer();
    server.limit = 4_000_000;
    const project = downloadProject(server.url);
    const killed = project.start(['run', '--json']);
    await vi.waitFor(() => expect(receivedBytes(project)).toBeGreaterThan(0), { timeout: 30_000, interval: 20 });
    killed.signal('SIGKILL');
    await killed.ended;
    server.limit = Number.POSITIVE_INFINITY;
    expect(await project.run()).toMatchObject({ code: 0, summary: { executed: 1 } });
    const resumed = Number(/^bytes=(\d+)-$/.exec(server.ranges.at(-1) ?? '')?.[1]);
    expect(resumed).toBeGreaterThan(0);
    expect(resumed).toBeLessThanOrEqual(4_000_000);
  });

  it('with other bytes fails with both digests and its place, and nothing that reads it runs', async () => {
    const server = await fileServer();
    const other = hash('sha256', 'other');
    const project = downloadProject(server.url, other);
    const { code, stdout } = await project.execute(['run']);
    expect(code).not.toBe(0);
    expect(stdout).toContain(`source "weights": its SHA-256 is ${SHA256}, and ${other} is declared`);
    expect(stdout).toMatch(/pipeline\.yaml:5:3 source "weights"/);
    expect(await project.recorded()).toEqual([]);
  });
});
