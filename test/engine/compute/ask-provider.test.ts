import { describe, expect, it } from 'vitest';
import { parseAnswer } from '../../../src/engine/compute/answer.ts';
import { askProvider } from '../../../src/engine/compute/ask-provider.ts';
import { findProvider } from '../../../src/engine/compute/provider.ts';
import { temporaryProject } from '../keys/project.ts';

const MANIFEST = JSON.stringify({
  name: 'acme-compute',
  version: '1.0.0',
  type: 'module',
  exports: { './compute-provider': './provider.js', './package.json': './package.json' },
});

/** A project whose provider runs this. */
function projectWith(provider: string): string {
  return temporaryProject({
    'package.json': '{}',
    'node_modules/acme-compute/package.json': MANIFEST,
    'node_modules/acme-compute/provider.js': provider,
  });
}

function ask(provider: string, request: string | null = null) {
  const root = projectWith(provider);
  const found = findProvider('acme-compute', root);
  if (!found) throw new Error('not found');
  return askProvider(found, ['identify', request], root);
}

describe('findProvider', () => {
  it('finds installed packages that are providers, and nothing else', () => {
    const root = projectWith('');
    expect(findProvider('acme-compute', root)).toEqual({
      name: 'acme-compute',
      directory: `${root}/node_modules/acme-compute`,
      module: `${root}/node_modules/acme-compute/provider.js`,
    });
    expect(findProvider('other', root)).toBeUndefined();
    const without = temporaryProject({ 'node_modules/acme-compute/package.json': '{"name":"acme-compute"}' });
    expect(findProvider('acme-compute', without)).toBeUndefined();
  });
});

describe('askProvider', () => {
  it('gives the request and the folder, and takes the answer, whatever is printed', () => {
    const answer = ask(
      `console.log('hello');
       export const identify = async (request, folder) => { console.log('noise'); return [request, typeof folder, process.cwd() === folder]; };`,
      'fast',
    );
    expect(answer).toEqual(['fast', 'string', true]);
  });

  it('takes an answer that is larger than a pipe', () => {
    expect(ask(`export const identify = () => 'x'.repeat(1e6);`)).toHaveLength(1e6);
  });

  it('gives it the environment of workers', () => {
    process.env.OMP_NUM_THREADS = '7';
    expect(ask('export const identify = () => [process.env.OMP_NUM_THREADS ?? null, process.env.TZ];')).toEqual([
      null,
      'UTC',
    ]);
    delete process.env.OMP_NUM_THREADS;
  });

  it.each([
    ['throws', `export const identify = () => { throw new TypeError('no such thing'); };`, 'TypeError: no such thing'],
    ['crashes', `export const identify = () => process.kill(process.pid, 'SIGSEGV');`, 'it ended by SIGSEGV'],
    ['ends its process', 'export const identify = () => process.exit(3);', 'exit code 3'],
    ['gives nothing', 'export const identify = () => undefined;', 'does not answer'],
    ['is no module', 'export const identify = (', 'SyntaxError'],
  ])('says what is wrong where the provider %s', (_, provider, told) => {
    expect(() => ask(provider)).toThrow(told);
    expect(() => ask(provider)).toThrow('npm install acme-compute');
  });
});

describe('parseAnswer', () => {
  it.each([
    ['nothing', undefined],
    ['text', 'onednn'],
    ['an identity without threads', { kind: 'identified', identity: { backend: 'a', version: '1' }, files: [] }],
    [
      'files that are numbers',
      { kind: 'identified', identity: { backend: 'a', version: '1', threads: 1 }, files: [1] },
    ],
    ['a refusal without a reason', { kind: 'refused', failure: 'usage', problems: [] }],
    ['a refusal of another kind', { kind: 'refused', failure: 'stage', problems: [{ fact: 'x' }] }],
  ])('takes %s for no answer', (_, value) => {
    expect(parseAnswer(value)).toBeUndefined();
  });
});
