import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { FileStates } from '../../../src/engine/keys/file-states.ts';
import { PackageContents } from '../../../src/engine/keys/package-content.ts';
import { packageGraph, packageName } from '../../../src/engine/keys/package-graph.ts';
import own from '../../../src/engine/package.json' with { type: 'json' };
import { type Files, installed, temporaryProject } from './project.ts';

const manifest = (name: string) => `node_modules/${name}/package.json`;

function graph(names: readonly string[], root: string, from = root) {
  return packageGraph(names, from, new PackageContents(() => undefined), new FileStates());
}

/** The list without contents: `a@1.0.0`, `b@absent`. */
function listed(names: readonly string[], root: string, from = root): readonly string[] {
  return graph(names, root, from).packages.map(
    ({ name, version, content }) => `${name}@${content === null ? 'absent' : version}`,
  );
}

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
      entryPoints: ['src/engine/stage/index.ts'],
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

describe('packageGraph', () => {
  it('follows dependencies of all kinds, circles included', () => {
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
    expect(listed(['a'], root)).toEqual(['a@1.0.0', '@scope/b@2.0.0', 'c@3.0.0', 'd@4.0.0']);
    expect(graph(['a'], root).packages[1]?.dependencies).toEqual({ a: 0 });
  });

  it('follows only what a package says that stages reach of it, and counts only those files', () => {
    const files: Files = {
      [manifest('a')]: JSON.stringify({
        name: 'a',
        version: '1.0.0',
        dependencies: { b: '*', c: '*' },
        vmfdag: { stageDependencies: ['c'], stageFiles: ['dist/contract.js', 'dist/chunks/part-*'] },
      }),
      'node_modules/a/dist/contract.js': 'import "b"; export const a = 1;',
      'node_modules/a/dist/chunks/part-1.js': '1',
      'node_modules/a/dist/command.js': '1',
      [manifest('b')]: installed('b', '2.0.0'),
      [manifest('c')]: installed('c', '3.0.0'),
    };
    const contentWith = (changed: Files) =>
      graph(['a'], temporaryProject({ ...files, ...changed })).packages[0]?.content;
    expect(listed(['a'], temporaryProject(files))).toEqual(['a@null', 'c@3.0.0']);
    expect(contentWith({ 'node_modules/a/dist/command.js': '2' })).toBe(contentWith({}));
    expect(contentWith({ 'node_modules/a/dist/contract.js': '2' })).not.toBe(contentWith({}));
    expect(contentWith({ 'node_modules/a/dist/chunks/part-1.js': '2' })).not.toBe(contentWith({}));
    expect(contentWith({ 'node_modules/a/dist/chunks/part-2.js': '2' })).not.toBe(contentWith({}));
  });

  it('finds nested packages first, and those of folders above', () => {
    const root = temporaryProject({
      [manifest('a')]: installed('a', '1.0.0', { b: '*' }),
      [manifest('b')]: installed('b', '1.0.0'),
      'node_modules/a/node_modules/b/package.json': installed('b', '2.0.0'),
      'projects/mine/node_modules/c/package.json': installed('c', '1.0.0', { b: '*' }),
    });
    expect(listed(['a', 'c'], root, join(root, 'projects/mine'))).toEqual(['a@1.0.0', 'b@2.0.0', 'c@1.0.0', 'b@1.0.0']);
  });

  it('records which importer gets which of two versions', () => {
    const twice = (top: string, nested: string): Files => ({
      [manifest('a')]: installed('a', '1.0.0', { b: '*' }),
      [manifest('b')]: installed('b', top),
      'node_modules/a/node_modules/b/package.json': installed('b', nested),
    });
    const [one, other] = [twice('1.0.0', '2.0.0'), twice('2.0.0', '1.0.0')].map((files) =>
      graph(['a', 'b'], temporaryProject(files)),
    );
    const contents = (of: typeof one) => of?.packages.map(({ content }) => content).sort();
    expect(contents(one)).toEqual(contents(other));
    expect(one).not.toEqual(other);
  });

  it('reports what is declared and absent', () => {
    const root = temporaryProject({ [manifest('a')]: installed('a', '1.0.0', { missing: '*' }) });
    expect(listed(['a', 'gone'], root)).toEqual(['a@1.0.0', 'missing@absent', 'gone@absent']);
  });

  it('follows what a package imports without declaring it, where it is installed and no tool of its developers', () => {
    const root = temporaryProject({
      [manifest('a')]: JSON.stringify({ name: 'a', version: '1.0.0', devDependencies: { tool: '*' } }),
      'node_modules/a/index.js':
        'export*from"b";const c=require("@c/c/x"); import("nowhere"); import "tool"; import fs from "node:fs";',
      [manifest('b')]: installed('b', '1.0.0'),
      [manifest('@c/c')]: installed('@c/c', '1.0.0'),
      [manifest('tool')]: installed('tool', '1.0.0'),
      [manifest('node')]: installed('node', '1.0.0'),
    });
    expect(listed(['a'], root)).toEqual(['a@1.0.0', '@c/c@1.0.0', 'b@1.0.0']);
  });

  it('follows links to where the packages of a package are', () => {
    const root = temporaryProject({
      'node_modules/.store/a@1/node_modules/a/package.json': installed('a', '1.0.0', { b: '*' }),
      'node_modules/.store/a@1/node_modules/b/package.json': installed('b', '7.0.0'),
    });
    symlinkSync(join(root, 'node_modules/.store/a@1/node_modules/a'), join(root, 'node_modules/a'));
    expect(listed(['a'], root)).toEqual(['a@1.0.0', 'b@7.0.0']);
  });

  it('identifies a package without name and version by its content', () => {
    const of = (text: string) =>
      graph(['a'], temporaryProject({ [manifest('a')]: '{}', 'node_modules/a/index.js': text }));
    expect(of('1').packages[0]).toMatchObject({ name: 'a', version: null });
    expect(of('1')).toEqual(of('1'));
    expect(of('1')).not.toEqual(of('2'));
  });

  it.each([
    ['a module', 'lib/deep/part.mjs', true],
    ['data', 'data/table.txt', true],
    ['a built addon', 'build/Release/addon.node', true],
    ['what else a build leaves', 'build/Makefile', false],
    ['a module in build', 'build/index.js', true],
    ['data in build', 'build/table.csv', true],
    ['a module that is called like a text for people', 'lib/license.js', true],
    ['data that are called so', 'licenses.json', true],
    ['a source map', 'lib/index.js.map', false],
    ['declarations of types', 'lib/index.d.ts', false],
    ['a document', 'README.md', false],
    ['a text for people', 'LICENSE-MIT.txt', false],
    ['a text without extension', 'CHANGELOG', false],
    ['a package of its own', 'node_modules/b/index.js', false],
    ['the files of a tool', '.git/HEAD', false],
  ])('counts %s of a package: %s (%s)', (_, path, counts) => {
    const of = (text: string) =>
      graph(['a'], temporaryProject({ [manifest('a')]: installed('a', '1.0.0'), [`node_modules/a/${path}`]: text }));
    expect(of('1').packages[0]?.content !== of('2').packages[0]?.content).toBe(counts);
  });

  it.each([
    ['an addon', 'build/Release/addon.node', true],
    ['a library of it', 'build/Release/libsum.so.1', true],
    ['a module', 'build/index.js', true],
    ['data of a module', 'build/table.json', true],
    ['an object of the compiler', 'build/Release/obj.target/addon/sum.o', false],
    ['the calls of the compiler', 'build/compile_commands.json', false],
  ])('of the build of a package with an addon, %s (%s) counts: %s', (_, path, counts) => {
    const of = (text: string) =>
      graph(
        ['a'],
        temporaryProject({
          [manifest('a')]: installed('a', '1.0.0'),
          'node_modules/a/binding.gyp': '{}',
          [`node_modules/a/${path}`]: text,
        }),
      );
    expect(of('1').packages[0]?.content !== of('2').packages[0]?.content).toBe(counts);
  });

  it('ends where links form a circle', () => {
    const root = temporaryProject({ [manifest('a')]: installed('a', '1.0.0'), 'node_modules/a/lib/x.js': '1' });
    symlinkSync('..', join(root, 'node_modules/a/lib/up'));
    mkdirSync(join(root, 'node_modules/a/other'));
    symlinkSync('../lib', join(root, 'node_modules/a/other/lib'));
    expect(listed(['a'], root)).toEqual(['a@1.0.0']);
  });
});
