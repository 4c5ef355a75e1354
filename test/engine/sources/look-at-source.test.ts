import { hash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ArtefactDigest } from '../../../src/engine/base/digest.ts';
import { FileStamps } from '../../../src/engine/sources/file-stamps.ts';
import { lookAtSource } from '../../../src/engine/sources/look-at-source.ts';
import { StatCache } from '../../../src/engine/sources/stat-cache.ts';
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
    const [version, , count, ...rest] = readFileSync(file, 'latin1').split('\n');
    const content = rest.join('\n');
    const other = content.replace(first, hash('sha256', 'other'));
    expect(other).not.toBe(content);
    const sealed = (text: string) => hash('sha256', Buffer.from(text, 'latin1'));
    writeFileSync(file, `${version}\n${sealed(other)}\n${count}\n${other}`, 'latin1');
    expect(await digestOf(project)).toBe(hash('sha256', 'other'));
    // A damaged one is not.
    writeFileSync(file, `${version}\n${sealed(content)}\n${count}\n${other}`, 'latin1');
    expect(await digestOf(project)).toBe(first);
  });

  it('keeps no entry for a file that was hashed right after it was written', () => {
    const project = sourceProject({ 'data/a': 'first' });
    mkdirSync(project.cacheDirectory);
    const place = join(project.root, 'data/a');
    const stamps = new FileStamps();
    stamps.add(statSync(place));
    const digest = hash('sha256', 'first') as ArtefactDigest;
    const keptAfter = (milliseconds: number) => {
      const cache = new StatCache(project.cacheDirectory, 'data');
      cache.known(place, stamps, 0);
      cache.keep(place, stamps, 0, digest, Math.floor(stamps.ctimeMs(0)) + milliseconds);
      cache.write(project.cacheDirectory, digest);
      return new StatCache(project.cacheDirectory, 'data').known(place, stamps, 0);
    };
    expect(keptAfter(5)).toBeUndefined();
    // A whole second says less, where a file system keeps no more.
    expect(keptAfter(3000)).toBe(digest);
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
