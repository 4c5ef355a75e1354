import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import own from '../../package.json' with { type: 'json' };
import { packageClosure, packageName } from '../../src/keys/packages.ts';
import { installed, temporaryProject } from './project.ts';

const manifest = (name: string) => `node_modules/${name}/package.json`;

describe('packageName', () => {
  it.each([
    ['vega', 'vega'],
    ['vega-lite/build/vega-lite.js', 'vega-lite'],
    ['@tensorflow/tfjs', '@tensorflow/tfjs'],
    ['@tensorflow/tfjs/dist/index.js', '@tensorflow/tfjs'],
  ])('of %s is %s', (specifier, name) => {
    expect(packageName(specifier)).toBe(name);
  });
});

describe("this package's own manifest", () => {
  it('names the packages that its contract with stages imports', async () => {
    const { metafile } = await build({
      entryPoints: ['src/contract/index.ts'],
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      write: false,
      metafile: true,
    });
    const imported = Object.values(metafile.outputs)
      .flatMap(({ imports }) => imports)
      .filter(({ path }) => !path.startsWith('node:'))
      .map(({ path }) => packageName(path));
    expect(own.vmfdag.stageDependencies).toEqual([...new Set(imported)].sort());
  });
});

describe('packageClosure', () => {
  it('follows dependencies of all kinds, circles included', async () => {
    const root = temporaryProject({
      [manifest('a')]: JSON.stringify({
        name: 'a',
        version: '1.0.0',
        dependencies: { '@scope/b': '*' },
        optionalDependencies: { c: '*' },
        peerDependencies: { d: '*' },
        devDependencies: { e: '*' },
      }),
      [manifest('@scope/b')]: installed('@scope/b', '2.0.0', { a: '*' }),
      [manifest('c')]: installed('c', '3.0.0'),
      [manifest('d')]: installed('d', '4.0.0'),
      [manifest('e')]: installed('e', '5.0.0'),
    });
    const { packages, manifests } = await packageClosure(['a'], root);
    expect(packages).toEqual(['@scope/b@2.0.0', 'a@1.0.0', 'c@3.0.0', 'd@4.0.0']);
    expect(manifests).toEqual(['@scope/b', 'a', 'c', 'd'].map((name) => join(root, manifest(name))));
  });

  it('follows only what a package says that stages reach of it', async () => {
    const root = temporaryProject({
      [manifest('a')]: JSON.stringify({
        name: 'a',
        version: '1.0.0',
        dependencies: { b: '*', c: '*' },
        vmfdag: { stageDependencies: ['c'] },
      }),
      [manifest('b')]: installed('b', '2.0.0'),
      [manifest('c')]: installed('c', '3.0.0'),
    });
    const { packages, manifests } = await packageClosure(['a'], root);
    expect(packages).toEqual(['a@1.0.0', 'c@3.0.0']);
    expect(manifests).toEqual(['a', 'c'].map((name) => join(root, manifest(name))));
  });

  it('finds nested packages first, and those of folders above', async () => {
    const root = temporaryProject({
      [manifest('a')]: installed('a', '1.0.0', { b: '*' }),
      [manifest('b')]: installed('b', '1.0.0'),
      'node_modules/a/node_modules/b/package.json': installed('b', '2.0.0'),
      'projects/mine/node_modules/c/package.json': installed('c', '1.0.0', { b: '*' }),
    });
    const { packages } = await packageClosure(['a', 'c'], join(root, 'projects/mine'));
    expect(packages).toEqual(['a@1.0.0', 'b@1.0.0', 'b@2.0.0', 'c@1.0.0']);
  });

  it('reports what is absent, and where it would be', async () => {
    const root = temporaryProject({ [manifest('a')]: installed('a', '1.0.0', { missing: '*' }) });
    const { packages, manifests } = await packageClosure(['a', 'gone'], root);
    expect(packages).toEqual(['a@1.0.0', 'gone@absent', 'missing@absent']);
    expect(manifests).toContain(join(root, manifest('missing')));
    expect(manifests).toContain(join(root, 'node_modules/a/node_modules/missing/package.json'));
    expect(manifests).toContain(join(root, manifest('gone')));
    expect(manifests).not.toContain(join(root, 'node_modules/a/node_modules/gone/package.json'));
  });

  it('follows links to where the packages of a package are', async () => {
    const root = temporaryProject({
      'node_modules/.store/a@1/node_modules/a/package.json': installed('a', '1.0.0', { b: '*' }),
      'node_modules/.store/a@1/node_modules/b/package.json': installed('b', '7.0.0'),
    });
    symlinkSync(join(root, 'node_modules/.store/a@1/node_modules/a'), join(root, 'node_modules/a'));
    const { packages, manifests } = await packageClosure(['a'], root);
    expect(packages).toEqual(['a@1.0.0', 'b@7.0.0']);
    expect(manifests).toContain(join(root, manifest('a')));
  });

  it('takes a package without a version for what it is', async () => {
    const root = temporaryProject({ [manifest('a')]: '{}' });
    expect((await packageClosure(['a'], root)).packages).toEqual(['a@unversioned']);
  });
});
