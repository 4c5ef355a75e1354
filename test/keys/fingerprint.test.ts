import { renameSync, statSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { CodeFingerprint } from '../../src/base/digest.ts';
import { bundleStage } from '../../src/keys/bundle.ts';
import type { BundleCache, FileStamp, StageCode } from '../../src/keys/bundle-cache.ts';
import { stageFingerprint } from '../../src/keys/fingerprint.ts';
import { type Files, installed, stageFiles, stageModule, temporaryProject, writeFiles } from './project.ts';

class MemoryCache implements BundleCache {
  puts = 0;
  readonly stamps = new Map<string, { fingerprint: CodeFingerprint; files: readonly FileStamp[] }>();
  private readonly kept = new Map<CodeFingerprint, StageCode>();

  stamp(name: string) {
    return this.stamps.get(name);
  }

  code(fingerprint: CodeFingerprint) {
    return this.kept.get(fingerprint);
  }

  async put(code: StageCode, stamp: { name: string; files: readonly FileStamp[] } | undefined) {
    this.puts++;
    this.kept.set(code.fingerprint, code);
    if (stamp) this.stamps.set(stamp.name, { fingerprint: code.fingerprint, files: stamp.files });
  }
}

/** Files written a moment ago prove nothing: this waits until their stamps count. */
const settle = () => sleep(60);

async function bundledOnce(files: Files) {
  const root = temporaryProject(files);
  await settle();
  const cache = new MemoryCache();
  const fingerprint = await stageFingerprint(root, stageModule, cache);
  expect(cache.puts).toBe(1);
  return { root, cache, fingerprint, again: () => stageFingerprint(root, stageModule, cache) };
}

describe('stageFingerprint', () => {
  it('is that of the bundle, which is put into the cache', async () => {
    const { root, cache, fingerprint } = await bundledOnce(stageFiles);
    const { code } = await bundleStage(root, stageModule);
    expect(fingerprint).toBe(code.fingerprint);
    expect(cache.code(fingerprint)).toEqual(code);
  });

  it('bundles nothing as long as no file changes', async () => {
    const { root, cache, fingerprint, again } = await bundledOnce(stageFiles);
    writeFiles(root, { 'src/new.ts': 'export const other = 1;\n' });
    expect(await again()).toBe(fingerprint);
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

  it('bundles again after a file was touched, and finds the same', async () => {
    const { root, cache, fingerprint, again } = await bundledOnce(stageFiles);
    utimesSync(join(root, 'src/rate.ts'), new Date(), new Date(Date.now() - 3_600_000));
    expect(await again()).toBe(fingerprint);
    expect(cache.puts).toBe(2);
    await settle();
    expect(await again()).toBe(fingerprint);
    const puts = cache.puts;
    expect(await again()).toBe(fingerprint);
    expect(cache.puts).toBe(puts);
  });

  it('does not trust files that were written at the time of bundling', async () => {
    const root = temporaryProject(stageFiles);
    const cache = new MemoryCache();
    // Changed at this very moment, whatever its time of modification says.
    const file = join(root, 'src/rate.ts');
    unlinkSync(file);
    const bundling = stageFingerprint(root, stageModule, cache).catch(() => undefined);
    writeFileSync(file, stageFiles['src/rate.ts'] as string);
    utimesSync(file, new Date(0), new Date(0));
    await bundling;
    expect(cache.stamps.size).toBe(0);
    await settle();
    await stageFingerprint(root, stageModule, cache);
    expect(cache.stamps.size).toBe(1);
  });

  it('bundles again after a file was deleted, and says what is missing', async () => {
    const { root, again } = await bundledOnce(stageFiles);
    renameSync(join(root, 'src/rate.ts'), join(root, 'src/rates.ts'));
    await expect(again()).rejects.toThrow('Could not resolve "./rate.ts"');
  });

  const withPackage: Files = {
    ...stageFiles,
    'src/rate.ts': "import { rate } from 'rates';\nexport { rate };\n",
    'node_modules/rates/package.json': installed('rates', '1.0.0', { tables: '*' }),
  };

  it('bundles again after another version of a package was installed', async () => {
    const { root, cache, fingerprint, again } = await bundledOnce(withPackage);
    writeFiles(root, { 'node_modules/rates/package.json': installed('rates', '1.0.1', { tables: '*' }) });
    expect(await again()).not.toBe(fingerprint);
    expect(cache.puts).toBe(2);
  });

  it('bundles again after a package that was absent was installed', async () => {
    const { root, cache, fingerprint, again } = await bundledOnce(withPackage);
    expect(cache.code(fingerprint)?.packages).toEqual(['rates@1.0.0', 'tables@absent']);
    writeFiles(root, { 'node_modules/tables/package.json': installed('tables', '3.0.0') });
    const installedNow = await again();
    expect(installedNow).not.toBe(fingerprint);
    expect(cache.code(installedNow)?.packages).toEqual(['rates@1.0.0', 'tables@3.0.0']);
  });

  it('bundles again after a link to a package was set to another version', async () => {
    const store = 'node_modules/.store';
    const { 'node_modules/rates/package.json': _, ...others } = withPackage;
    const root = temporaryProject({
      ...others,
      [`${store}/1/rates/package.json`]: installed('rates', '1.0.0'),
      [`${store}/2/rates/package.json`]: installed('rates', '2.0.10'),
    });
    const link = join(root, 'node_modules/rates');
    symlinkSync(join(root, store, '1/rates'), link);
    await settle();
    const cache = new MemoryCache();
    await stageFingerprint(root, stageModule, cache);
    unlinkSync(link);
    symlinkSync(join(root, store, '2/rates'), link);
    const { packages } = cache.code(await stageFingerprint(root, stageModule, cache)) as StageCode;
    expect(packages).toEqual(['rates@2.0.10']);
  });

  it('keeps exports of one module apart', async () => {
    const root = temporaryProject({ 'stages/train.ts': 'export const a = { a: 1 };\nexport const b = { b: 1 };\n' });
    await settle();
    const cache = new MemoryCache();
    const of = (exportName: string) => stageFingerprint(root, { ...stageModule, exportName }, cache);
    const [a, b] = [await of('a'), await of('b')];
    expect(a).not.toBe(b);
    expect([await of('a'), await of('b')]).toEqual([a, b]);
    expect(cache.puts).toBe(2);
  });
});
