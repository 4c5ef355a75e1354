import {
  closeSync,
  mkdirSync,
  openSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ModuleCode } from '../../../src/engine/keys/bundle-cache.ts';
import { CodeStates, stageFingerprint } from '../../../src/engine/keys/stage-fingerprint.ts';
import {
  codeIn,
  type Files,
  installed,
  MemoryBundleCache,
  stageFiles,
  stageModule,
  temporaryProject,
  writeFiles,
} from './project.ts';

/** Files written a moment ago prove nothing: this waits until their stamps count. */
const settle = () => sleep(60);

async function bundledOnce(files: Files, prepare: (root: string) => void = () => {}) {
  const root = temporaryProject(files);
  prepare(root);
  await settle();
  const cache = new MemoryBundleCache();
  const again = () => stageFingerprint(stageModule, new CodeStates(root, cache));
  const fingerprint = await again();
  expect(cache.puts).toBe(1);
  return { root, cache, fingerprint, again };
}

describe('stageFingerprint', () => {
  it('is that of the bundle, which is put into the cache', async () => {
    const { root, cache, fingerprint } = await bundledOnce(stageFiles);
    const code = await codeIn(root);
    expect(fingerprint).toBe(code.fingerprint);
    expect(cache.code(fingerprint)).toEqual(code);
  });

  it('bundles nothing as long as no file changes', async () => {
    const { root, cache, fingerprint, again } = await bundledOnce(stageFiles);
    writeFiles(root, { 'src/new.ts': 'export const other = 1;\n', 'src/stepping.ts': '', 'src/other/step.ts': '' });
    expect(await again()).toBe(fingerprint);
    utimesSync(join(root, 'src/rate.ts'), new Date(), new Date(Date.now() - 3_600_000));
    expect(await again()).toBe(fingerprint);
    expect(cache.puts).toBe(1);
  });

  it('bundles again after an edit of the same size with the old time of modification', async () => {
    const { root, cache, fingerprint, again } = await bundledOnce(stageFiles);
    const file = join(root, 'src/rate.ts');
    const { atime, mtime, size } = statSync(file);
    writeFiles(root, { 'src/rate.ts': (stageFiles['src/rate.ts'] as string).replace('0.1', '0.2') });
    utimesSync(file, atime, mtime);
    expect(statSync(file)).toMatchObject({ size, mtime });
    expect(await again()).not.toBe(fingerprint);
    expect(cache.puts).toBe(2);
  });

  it('does not trust files that were written at the time of bundling', async () => {
    const root = temporaryProject(stageFiles);
    const cache = new MemoryBundleCache();
    const look = () => stageFingerprint(stageModule, new CodeStates(root, cache));
    // Changed at this very moment, whatever its time of modification says.
    const file = join(root, 'src/rate.ts');
    unlinkSync(file);
    const bundling = look().catch(() => undefined);
    writeFileSync(file, stageFiles['src/rate.ts'] as string);
    utimesSync(file, new Date(0), new Date(0));
    await bundling;
    expect(cache.stamps.size).toBe(0);
    await settle();
    await look();
    expect(cache.stamps.size).toBe(1);
  });

  it('bundles again after a file was deleted, and says what is missing', async () => {
    const { root, again } = await bundledOnce(stageFiles);
    renameSync(join(root, 'src/rate.ts'), join(root, 'src/rates.ts'));
    await expect(again()).rejects.toThrow('Could not resolve "./rate.ts"');
  });

  it('keeps exports of one module apart', async () => {
    const root = temporaryProject({ 'stages/train.ts': 'export const a = { a: 1 };\nexport const b = { b: 1 };\n' });
    await settle();
    const cache = new MemoryBundleCache();
    const of = (exportName: string) => stageFingerprint({ ...stageModule, exportName }, new CodeStates(root, cache));
    const [a, b] = [await of('a'), await of('b')];
    expect(a).not.toBe(b);
    expect([await of('a'), await of('b')]).toEqual([a, b]);
    expect(cache.puts).toBe(2);
  });
});

interface Edit {
  readonly files: Files;
  readonly prepare?: (root: string) => void;
  readonly edit: (root: string) => void;
}

const stage = (source: string): Files => ({ 'stages/train.ts': source });
const relink = (root: string, path: string, target: string) => {
  unlinkSync(join(root, path));
  symlinkSync(target, join(root, path));
};

/** Edits that change what an import leads to, or how it is read, without a change of any file that was read. */
const edits: Readonly<Record<string, Edit>> = {
  'a file that comes before a folder of the same name': {
    files: { ...stage("export { x as default } from './util';"), 'stages/util/index.ts': 'export const x = 1;' },
    edit: (root) => writeFiles(root, { 'stages/util.ts': 'export const x = 2;' }),
  },
  'a file with an extension that is tried first': {
    files: { ...stage("export { x as default } from '../src/x';"), 'src/x.js': 'export const x = 1;' },
    edit: (root) => writeFiles(root, { 'src/x.tsx': 'export const x = 2;' }),
  },
  'a file with the very name, where another one stood in for it': {
    files: { ...stage("export { x as default } from './x.mjs';"), 'stages/x.mts': 'export const x = 1;' },
    edit: (root) => writeFiles(root, { 'stages/x.mjs': 'export const x = 2;' }),
  },
  'a package.json with a main file in a folder that is imported': {
    files: {
      ...stage("export { x as default } from './util';"),
      'stages/util/index.ts': 'export const x = 1;',
      'stages/util/other.ts': 'export const x = 2;',
    },
    edit: (root) => writeFiles(root, { 'stages/util/package.json': '{"main":"./other.ts"}' }),
  },
  'a module next to the folder that is the main file': {
    files: {
      ...stage("export { x as default } from './util';"),
      'stages/util/package.json': '{"main":"./lib/deep"}',
      'stages/util/lib/deep/index.ts': 'export const x = 1;',
    },
    edit: (root) => writeFiles(root, { 'stages/util/lib/deep.ts': 'export const x = 2;' }),
  },
  'a main file that was missing, so that a second field counted': {
    files: {
      ...stage("export { x as default } from './util';"),
      'stages/util/package.json': '{"main":"./lib/main","module":"./other.js"}',
      'stages/util/other.js': 'export const x = 1;',
    },
    edit: (root) => writeFiles(root, { 'stages/util/lib/main.js': 'export const x = 2;' }),
  },
  'the imports of a package.json above': {
    files: {
      ...stage("export { x as default } from '#x';"),
      'package.json': '{"imports":{"#x":"./one.ts"}}',
      'one.ts': 'export const x = 1;',
      'two.ts': 'export const x = 2;',
    },
    edit: (root) => writeFiles(root, { 'package.json': '{"imports":{"#x":"./two.ts"}}' }),
  },
  'a package.json nearer to the stage': {
    files: {
      ...stage("export { x as default } from '#x';"),
      'package.json': '{"imports":{"#x":"./stages/one.ts"}}',
      'stages/one.ts': 'export const x = 1;',
      'stages/two.ts': 'export const x = 2;',
    },
    edit: (root) => writeFiles(root, { 'stages/package.json': '{"imports":{"#x":"./two.ts"}}' }),
  },
  'a package.json that says a module has no effects': {
    files: {
      ...stage("import '../src/effect.ts'; export default globalThis.x;"),
      'src/effect.ts': 'globalThis.x = 1;',
    },
    edit: (root) => writeFiles(root, { 'src/package.json': '{"sideEffects":false}' }),
  },
  'a link to a module that leads elsewhere': {
    files: {
      ...stage("export { x as default } from './x.ts';"),
      'one.ts': 'export const x = 1;',
      'two.ts': 'export const x = 2;',
    },
    prepare: (root) => symlinkSync('../one.ts', join(root, 'stages/x.ts')),
    edit: (root) => relink(root, 'stages/x.ts', '../two.ts'),
  },
  'a link to a folder that leads elsewhere': {
    files: {
      ...stage("export { x as default } from './lib/deep/x.ts';"),
      'one/deep/x.ts': 'export const x = 1;',
      'two/deep/x.ts': 'export const x = 2;',
    },
    prepare: (root) => symlinkSync('../one', join(root, 'stages/lib')),
    edit: (root) => relink(root, 'stages/lib', '../two'),
  },
  'a folder that becomes a link to one with the same file, from where its imports lead elsewhere': {
    files: {
      ...stage("export { x as default } from './lib/x.ts';"),
      'stages/lib/x.ts': "export { y as x } from '../y.ts';",
      'stages/y.ts': 'export const y = 1;',
      'other/lib/x.ts': "export { y as x } from '../y.ts';",
      'other/y.ts': 'export const y = 2;',
    },
    edit: (root) => {
      rmSync(join(root, 'stages/lib'), { recursive: true });
      symlinkSync('../other/lib', join(root, 'stages/lib'));
    },
  },
  'a module of the stage itself that is a link': {
    files: { 'one.ts': 'export default 1;', 'two.ts': 'export default 2;' },
    prepare: (root) => {
      mkdirSync(join(root, 'stages'));
      symlinkSync('../one.ts', join(root, 'stages/train.ts'));
    },
    edit: (root) => relink(root, 'stages/train.ts', '../two.ts'),
  },
  'a file that a template in an import finds': {
    files: {
      ...stage(['export default (n) => import(`./impl/', '{n}.ts`);'].join('$')),
      'stages/impl/a.ts': 'export const x = 1;',
    },
    edit: (root) => writeFiles(root, { 'stages/impl/deep/b.ts': 'export const x = 2;' }),
  },
  'the first file that a template finds': {
    files: { ...stage("export default (n) => import('./impl/' + n + '.ts');"), 'stages/impl/notes.txt': '' },
    edit: (root) => writeFiles(root, { 'stages/impl/b.ts': 'export const x = 2;' }),
  },
};

describe('the fingerprint is computed again', () => {
  it.each(Object.entries(edits))('after %s', async (_, { files, prepare, edit }) => {
    const { root, fingerprint, again } = await bundledOnce(files, prepare);
    expect(await again()).toBe(fingerprint);
    await settle();
    edit(root);
    const now = await again();
    expect(now).not.toBe(fingerprint);
    expect(now).toBe((await codeIn(root)).fingerprint);
  });
});

describe('packages', () => {
  const withPackage: Files = {
    ...stageFiles,
    'src/rate.ts': "import { rate } from 'rates';\nexport { rate };\n",
    'node_modules/rates/package.json': installed('rates', '1.0.0', { tables: '*' }),
    'node_modules/rates/index.js': 'exports.rate = () => 1;',
  };
  const versions = ({ packages }: ModuleCode) => packages.packages.map(({ name, version }) => `${name}@${version}`);

  it('are read once, and looked at by size and time from then on', async () => {
    const { root, cache, fingerprint } = await bundledOnce(withPackage);
    const directory = join(root, 'node_modules/rates');
    const facts = cache.packageFacts(directory);
    expect(facts).toMatchObject({ name: 'rates', version: '1.0.0', dependencies: ['tables'] });
    // Kept facts that are wrong show whether they are taken without a look at the files.
    cache.packages.set(directory, { ...(facts as NonNullable<typeof facts>), content: 'believed' });
    const other = new CodeStates(root, cache);
    expect(await stageFingerprint(stageModule, other)).not.toBe(fingerprint);
  });

  it('are read again after a reinstallation, and only once if nothing else has changed', async () => {
    const { root, cache, fingerprint, again } = await bundledOnce(withPackage);
    const directory = join(root, 'node_modules/rates');
    const facts = cache.packageFacts(directory);
    renameSync(directory, join(root, 'old'));
    writeFiles(root, withPackage);
    await settle();
    expect(await again()).toBe(fingerprint);
    expect(cache.packageFacts(directory)?.stamp).not.toBe(facts?.stamp);
    expect(cache.puts).toBe(1);
  });

  const changes: Readonly<Record<string, (root: string) => void>> = {
    'another version': (root) =>
      writeFiles(root, { 'node_modules/rates/package.json': installed('rates', '1.0.1', { tables: '*' }) }),
    'an edit of a file': (root) => writeFiles(root, { 'node_modules/rates/index.js': 'exports.rate = () => 2;' }),
    'an edit of the same size with the old time of modification': (root) => {
      const file = join(root, 'node_modules/rates/index.js');
      const { atime, mtime } = statSync(file);
      writeFiles(root, { 'node_modules/rates/index.js': 'exports.rate = () => 3;' });
      utimesSync(file, atime, mtime);
    },
    'a file more': (root) => writeFiles(root, { 'node_modules/rates/lib/more.js': '' }),
    'the installation of a dependency that was absent': (root) =>
      writeFiles(root, { 'node_modules/tables/package.json': installed('tables', '3.0.0') }),
    'a nested dependency': (root) =>
      writeFiles(root, { 'node_modules/rates/node_modules/tables/package.json': installed('tables', '3.0.0') }),
  };
  it.each(Object.entries(changes))('count: %s', async (_, change) => {
    const { root, fingerprint, again } = await bundledOnce(withPackage);
    await settle();
    change(root);
    const now = await again();
    expect(now).not.toBe(fingerprint);
    expect(now).toBe((await codeIn(root)).fingerprint);
  });

  it('count: a byte of a file that is too large to be read at once', { timeout: 600_000 }, async () => {
    const weights = 'node_modules/rates/weights.bin';
    const { root, fingerprint, again } = await bundledOnce({ ...withPackage, [weights]: '' }, (at) =>
      truncateSync(join(at, weights), 2 ** 31),
    );
    const descriptor = openSync(join(root, weights), 'r+');
    writeSync(descriptor, Buffer.from([1]), 0, 1, 2 ** 31 - 1);
    closeSync(descriptor);
    expect(await again()).not.toBe(fingerprint);
  });

  it('count when a nearer one is installed', async () => {
    const above = temporaryProject({
      'node_modules/rates/package.json': installed('rates', '1.0.0'),
      'project/stages/train.ts': "export { rate as default } from 'rates';",
    });
    const root = join(above, 'project');
    await settle();
    const cache = new MemoryBundleCache();
    const fingerprint = await stageFingerprint(stageModule, new CodeStates(root, cache));
    writeFiles(root, { 'node_modules/rates/package.json': installed('rates', '2.0.0') });
    const now = await stageFingerprint(stageModule, new CodeStates(root, cache));
    expect(now).not.toBe(fingerprint);
    expect(versions(cache.code(now) as ModuleCode)).toEqual(['rates@2.0.0']);
  });

  it('count by content where they are linked: a workspace, npm link', async () => {
    const { 'node_modules/rates/package.json': _, 'node_modules/rates/index.js': __, ...others } = withPackage;
    const { root, fingerprint, again } = await bundledOnce(
      { ...others, 'packages/rates/package.json': installed('rates', '1.0.0'), 'packages/rates/index.js': '1' },
      (at) => {
        mkdirSync(join(at, 'node_modules'));
        symlinkSync('../packages/rates', join(at, 'node_modules/rates'));
      },
    );
    writeFiles(root, { 'packages/rates/index.js': '2' });
    const edited = await again();
    expect(edited).not.toBe(fingerprint);
    writeFiles(root, { 'other/rates/package.json': installed('rates', '1.0.0'), 'other/rates/index.js': '3' });
    expect(readlinkSync(join(root, 'node_modules/rates'))).toBe('../packages/rates');
    relink(root, 'node_modules/rates', '../other/rates');
    expect(await again()).not.toBe(edited);
  });

  it('of the same name and version have one fingerprint only where their files are the same', async () => {
    const of = (text: string) => {
      const files = { ...withPackage, 'node_modules/rates/package.json': '{"name":"rates"}' };
      return codeIn(temporaryProject({ ...files, 'node_modules/rates/index.js': text }));
    };
    expect((await of('1')).fingerprint).toBe((await of('1')).fingerprint);
    expect((await of('1')).fingerprint).not.toBe((await of('2')).fingerprint);
  });
});
