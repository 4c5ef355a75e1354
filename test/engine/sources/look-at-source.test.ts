import { hash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lookAtSource } from '../../../src/engine/sources/look-at-source.ts';
import { takeSource } from '../../../src/engine/sources/take-source.ts';
import { openStore } from '../../../src/engine/store/lmdb/lmdb-store.ts';
import { type SourceProject, sourceOf, sourceProject } from './projects.ts';

const CORPUS = sourceOf({ kind: 'files', globs: ['data/**'] });

/** Longer than the clock of a file system lags behind. */
const SETTLED_MS = 60;

async function digestOf(project: SourceProject, source = CORPUS): Promise<string> {
  return (await lookAtSource(source, project, project.cacheDirectory)).digest;
}

/** As a cache that has never seen a file would say it. */
async function hashingAll(project: SourceProject, source = CORPUS): Promise<string> {
  return (await lookAtSource(source, project, join(project.root, 'no cache here'))).digest;
}

describe('the digest of a source', () => {
  it('of one file is that of its bytes, also for a large one', async () => {
    const large = 'x'.repeat(5 * 1024 * 1024);
    const project = sourceProject({ 'data/one.bin': 'bytes', 'data/large.bin': large });
    expect(await digestOf(project, sourceOf({ kind: 'file', path: 'data/one.bin' }))).toBe(hash('sha256', 'bytes'));
    expect(await digestOf(project, sourceOf({ kind: 'file', path: 'data/large.bin' }))).toBe(hash('sha256', large));
  });

  it('is that of the artefact which taking it gives', async () => {
    const project = sourceProject({ 'data/a b': '1', 'data/deep/run.sh': 'echo', 'data/large': 'y'.repeat(5e6) });
    chmodSync(join(project.root, 'data/deep/run.sh'), 0o755);
    const store = openStore(project.cacheDirectory);
    const told = { log: () => {}, progress: () => {} };
    for (const source of [CORPUS, sourceOf({ kind: 'file', path: 'data/large' })]) {
      const taken = await takeSource(source, project, store.files, told);
      expect(taken.digest).toBe(await digestOf(project, source));
      await store.files.release(taken);
    }
    await store.close();
  });

  it('does not depend on times, and does on names, bytes and the executable bit', async () => {
    const project = sourceProject({ 'data/a': '1', 'data/b': '2' });
    const first = await digestOf(project);
    utimesSync(join(project.root, 'data/a'), 1, 1);
    expect(await digestOf(project)).toBe(first);
    chmodSync(join(project.root, 'data/a'), 0o755);
    const executable = await digestOf(project);
    renameSync(join(project.root, 'data/b'), join(project.root, 'data/c'));
    expect(new Set([first, executable, await digestOf(project)]).size).toBe(3);
  });

  it.each([
    ['is missing', () => {}, /^pipeline\.yaml:4:3 source "data": there is no data\/x\n[\s\S]*fix: put it there/],
    ['is a folder', (path: string) => mkdirSync(path), /data\/x is a folder[\s\S]*write \{files: "data\/x\/\*\*"\}/],
  ])('of a file that %s is refused', async (_, make, message) => {
    const project = sourceProject({ 'data/a': '1' });
    make(join(project.root, 'data/x'));
    await expect(digestOf(project, sourceOf({ kind: 'file', path: 'data/x' }))).rejects.toThrow(message);
  });
});

describe('the stat cache', () => {
  it('is used for files that have settled: their bytes are not read', async () => {
    const project = sourceProject({ 'data/a': 'first' });
    mkdirSync(project.cacheDirectory);
    await wait(SETTLED_MS);
    const first = await digestOf(project);
    // The kept digest is replaced, with a sound checksum: it comes back only if it is trusted.
    const [name] = readdirSync(join(project.cacheDirectory, 'sources')) as [string];
    const file = join(project.cacheDirectory, 'sources', name);
    const [version, , text = ''] = readFileSync(file, 'utf8').split('\n');
    const other = text.replace(hash('sha256', 'first'), hash('sha256', 'other'));
    expect(other).not.toBe(text);
    writeFileSync(file, `${version}\n${hash('sha256', other)}\n${other}`);
    expect(await digestOf(project)).not.toBe(first);
    // A damaged one is not.
    writeFileSync(file, `${version}\n${hash('sha256', text)}\n${other}`);
    expect(await digestOf(project)).toBe(first);
  });

  it('keeps no entry for a file that was written just now', async () => {
    const project = sourceProject();
    mkdirSync(project.cacheDirectory);
    project.write('data/a', 'first');
    await digestOf(project);
    const folder = join(project.cacheDirectory, 'sources');
    const [name] = readdirSync(folder) as [string];
    expect(readFileSync(join(folder, name), 'utf8').split('\n')[2]).toBe('[]');
    await wait(SETTLED_MS);
    await digestOf(project);
    expect(readFileSync(join(folder, name), 'utf8')).toContain(hash('sha256', 'first'));
  });

  it('property: never says other than hashing everything does, whatever is written, moved, removed or touched', async () => {
    const name = fc.constantFrom('a', 'b', 'c d', 'deep/e');
    const edit = fc.oneof(
      fc.record({ kind: fc.constant('write' as const), name, text: fc.constantFrom('1', '2', '33') }),
      fc.record({ kind: fc.constant('touch' as const), name }),
      fc.record({ kind: fc.constant('remove' as const), name }),
      fc.record({ kind: fc.constant('move' as const), name, to: name }),
      fc.record({ kind: fc.constant('backdate' as const), name, text: fc.constantFrom('1', '2') }),
      fc.record({ kind: fc.constant('wait' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { maxLength: 12 }), async (edits) => {
        const project = sourceProject({ 'data/always': '0' });
        mkdirSync(project.cacheDirectory);
        const at = (path: string) => join(project.root, 'data', path);
        const ifThere = (work: () => void) => {
          try {
            work();
          } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
          }
        };
        for (const each of edits) {
          if (each.kind === 'write') project.write(`data/${each.name}`, each.text);
          if (each.kind === 'touch') ifThere(() => utimesSync(at(each.name), new Date(), new Date()));
          if (each.kind === 'remove') rmSync(at(each.name), { force: true });
          if (each.kind === 'move') ifThere(() => renameSync(at(each.name), at(each.to)));
          if (each.kind === 'backdate') {
            project.write(`data/${each.name}`, each.text);
            utimesSync(at(each.name), 1, 1);
          }
          if (each.kind === 'wait') await wait(SETTLED_MS / 2);
          expect(await digestOf(project)).toBe(await hashingAll(project));
        }
      }),
      { numRuns: 25 },
    );
  });
});
