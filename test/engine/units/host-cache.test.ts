import { chmodSync, existsSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { enterHostCache } from '../../../src/engine/units/host-cache.ts';
import { temporaryFolder } from '../store/fixtures.ts';

it('the cache of units is emptied above its limit, and never while a unit uses it', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'data.mdb');
  writeFileSync(file, new Uint8Array(100_000));
  const first = await enterHostCache(folder, 1_000_000);
  const second = await enterHostCache(folder, 1000);
  expect(existsSync(file)).toBe(true);
  first.leave();
  const third = await enterHostCache(folder, 1000);
  expect(existsSync(file)).toBe(true);
  second.leave();
  third.leave();
  (await enterHostCache(folder, 1_000_000)).leave();
  expect(existsSync(file)).toBe(true);
  (await enterHostCache(folder, 1000)).leave();
  expect(existsSync(file)).toBe(false);
});

describe('a cache in a folder where all may write', () => {
  const shared = () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o1777);
    return folder;
  };

  it('is made there, and is used again', async () => {
    const folder = join(shared(), 'vmfdag-units');
    (await enterHostCache(folder, 1000)).leave();
    (await enterHostCache(folder, 1000)).leave();
  });

  it('is refused if all may write in it', async () => {
    const folder = join(shared(), 'vmfdag-units');
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    await expect(enterHostCache(folder, 1000)).rejects.toThrow(/can be written by all users/);
  });

  it.skipIf(process.getuid?.() !== 0)('is refused if it, or a link to it, is of another user', async () => {
    const place = shared();
    const theirs = join(place, 'theirs');
    mkdirSync(theirs);
    lchownSync(theirs, 65534, 65534);
    await expect(enterHostCache(theirs, 1000)).rejects.toThrow(/belongs to user 65534, and this unit to user 0/);
    const link = join(place, 'link');
    symlinkSync(temporaryFolder(), link);
    lchownSync(link, 65534, 65534);
    await expect(enterHostCache(link, 1000)).rejects.toThrow(/belongs to user 65534/);
    lchownSync(link, 0, 0);
    (await enterHostCache(link, 1000)).leave();
  });
});
