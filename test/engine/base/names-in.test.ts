import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { namesIn } from '../../../src/engine/base/names-in.ts';
import { temporaryFolder } from '../store/fixtures.ts';

it('lists files and folders, and nothing where there is no folder', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'a'));
  writeFileSync(join(folder, 'b'), '');
  expect([...namesIn(folder)].sort()).toEqual(['a', 'b']);
  expect(namesIn(join(folder, 'a'))).toEqual([]);
  expect(namesIn(join(folder, 'missing'))).toEqual([]);
  expect(namesIn(join(folder, 'b'))).toEqual([]);
});
