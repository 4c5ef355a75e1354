import { chmodSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chainsProject } from '../support/chains.ts';
import { mayMount, smallDisk } from '../support/privileges.ts';
import type { Project } from '../support/project.ts';

const READING = [
  'status',
  'explain total',
  'cache ls',
  'cache stat',
  'cache show total',
  'cache verify',
  'history',
  'history show last',
  'graph',
  'run --dry-run',
  'report',
];

/** A project that has run, and whose cache lies somewhere else; each command is given that. */
async function projectWithCacheIn(folder: string): Promise<{ project: Project; cache: string }> {
  const project = chainsProject(1, 2, 0);
  expect((await project.execute(['run'])).code).toBe(0);
  const cache = join(folder, 'cache');
  cpSync(project.path('cache'), cache, { recursive: true });
  rmSync(project.path('cache'), { recursive: true });
  return { project, cache };
}

function filesOf(folder: string): readonly string[] {
  // Readers write their names into the lock file, where they may.
  const files = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name !== 'lock.mdb',
  );
  return files.map(({ name }) => `${name}: ${readFileSync(join(folder, name)).toString('base64')}`);
}

/** All that reads does so, what writes says why it does not, and nothing is changed. */
async function readsOnly(project: Project, cache: string): Promise<void> {
  const before = filesOf(cache);
  for (const command of READING) {
    const { code, stderr } = await project.execute([...command.split(' '), '--cache', cache]);
    expect(`${command}: ${code} ${stderr}`).toBe(`${command}: 0 `);
  }
  const got = await project.execute(['cache', 'get', 'total.total', 'total.json', '--cache', cache]);
  expect(got.code).toBe(0);
  expect(project.read('total.json')).toBe(project.read('results/total.json'));
  // Code that is not in the cache is bundled, and kept in memory.
  project.edit('shared/arithmetic.ts', 'state * 48271', 'state * 48273');
  const explained = await project.execute(['explain', 'total', '--diff', '--cache', cache]);
  expect(explained.code).toBe(0);
  expect(explained.stdout).toMatch(/48273/);
  for (const command of ['run', 'cache gc', 'cache compact']) {
    const { code, stderr } = await project.execute([...command.split(' '), '--cache', cache]);
    expect(code, command).toBe(1);
    expect(stderr).toMatch(cache);
    expect(stderr).toMatch(/fix: .*writable.*--cache DIR/);
  }
  expect(filesOf(cache)).toEqual(before);
}

describe('a cache that cannot be written', () => {
  it.skipIf(!mayMount())('on a file system that is mounted read-only, is read', { timeout: 240_000 }, async () => {
    const disk = smallDisk('20m');
    const { project, cache } = await projectWithCacheIn(disk.folder);
    disk.writeProtect();
    await readsOnly(project, cache);
  });

  it.skipIf(!mayMount())('as a copy without lock file and mark, is read', { timeout: 240_000 }, async () => {
    const disk = smallDisk('20m');
    const { project, cache } = await projectWithCacheIn(disk.folder);
    for (const name of readdirSync(cache)) if (name !== 'data.mdb') rmSync(join(cache, name), { recursive: true });
    disk.writeProtect();
    expect((await project.execute(['status', '--cache', cache])).code).toBe(0);
    expect(readdirSync(cache)).toEqual(['data.mdb']);
  });

  it.skipIf(!mayMount())('says what is damaged, and leaves it where it is', { timeout: 240_000 }, async () => {
    const disk = smallDisk('20m');
    const { project, cache } = await projectWithCacheIn(disk.folder);
    const file = join(cache, 'data.mdb');
    const bytes = readFileSync(file);
    const at = bytes.indexOf('"attempt":1');
    bytes.write('"attempt":7', at);
    writeFileSync(file, bytes);
    disk.writeProtect();
    const { code, stdout } = await project.execute(['cache', 'verify', '--cache', cache]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/1 damaged; the cache cannot be written/);
  });

  it.skipIf(process.getuid?.() === 0)('of a folder without the permission, is read', { timeout: 240_000 }, async () => {
    const { project, cache } = await projectWithCacheIn(chainsProject(1, 1, 0).directory);
    chmodSync(cache, 0o555);
    try {
      await readsOnly(project, cache);
    } finally {
      chmodSync(cache, 0o755);
    }
  });
});
