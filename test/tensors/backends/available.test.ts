import { createRequire } from 'node:module';
import { parse } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { listBackends, resolveCompute } from '../../../src/tensors/backends/available.ts';

const here = process.cwd();
/** A folder with no node_modules in it or above it. */
const nowhere = parse(here).root;
const version = (name: string) => createRequire(import.meta.url)(`${name}/package.json`).version as string;

function identityOf(backend: string, threads: number) {
  const found = resolveCompute({ backend, threads }, here);
  if (found.kind === 'refused') throw new Error(found.problems[0]?.fact);
  return found.identity;
}

describe('resolveCompute', () => {
  it('holds all that can change a bit of a wasm result, and no thread that it will not use', () => {
    expect(identityOf('wasm', 8)).toEqual({
      backend: 'wasm',
      version: `tfjs ${version('@tensorflow/tfjs-core')}, wasm ${version('@tensorflow/tfjs-backend-wasm')}, simd`,
      threads: 1,
    });
  });

  it('holds V8 for the cpu backend, whose exp and log are V8’s', () => {
    const [major, minor] = process.versions.v8.split('.');
    expect(identityOf('cpu', 2)).toEqual({
      backend: 'cpu',
      version: `tfjs ${version('@tensorflow/tfjs-core')}, v8 ${major}.${minor}`,
      threads: 1,
    });
  });

  it('takes the first available backend for "auto"', () => {
    const first = listBackends(here).find(({ kind }) => kind === 'available');
    expect(identityOf('auto', 1).backend).toBe(first?.name);
  });

  it('tells an unknown name from a known one', () => {
    expect(resolveCompute({ backend: 'wsam', threads: 1 }, here)).toEqual({
      kind: 'refused',
      failure: 'usage',
      problems: [{ fact: 'there is no backend named "wsam"', fix: expect.stringContaining('auto, ') }],
    });
  });

  it('says what to install where nothing is', () => {
    const refused = resolveCompute({ backend: 'auto', threads: 1 }, nowhere);
    expect(refused).toMatchObject({ kind: 'refused', failure: 'environment' });
    expect(JSON.stringify(refused)).toMatch(/wasm.*npm install.*cpu.*npm install/);
  });
});

describe('listBackends', () => {
  it('lists each backend with its version, or a reason and a fix', () => {
    expect(listBackends(here).map(({ name, kind }) => `${name} ${kind}`)).toEqual(
      expect.arrayContaining(['wasm available', 'cpu available']),
    );
    for (const backend of listBackends(nowhere)) {
      if (backend.kind === 'available') continue;
      expect(backend.reason).not.toBe('');
      expect(backend.fix).not.toBe('');
    }
  });
});

async function bundleOf(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    write: false,
  });
  return outputFiles.map(({ text }) => text).join('');
}

describe('the two sides of a backend', () => {
  it('are apart: finding out loads no TensorFlow.js, and a stage’s fingerprint holds no advice', async () => {
    expect(await bundleOf('src/tensors/backends/available.ts')).not.toMatch(/(import|from)\s*\(?["']@tensorflow/);
    expect(await bundleOf('src/tensors/backends/load.ts')).not.toContain('npm install');
  });
});
