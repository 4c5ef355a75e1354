import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
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
