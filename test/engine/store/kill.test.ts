import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it, onTestFinished } from 'vitest';
import type { ArtefactDigest } from '../../../src/engine/base/digest.ts';
import { openStore } from '../../../src/engine/store/lmdb/lmdb-store.ts';
import { verifyStore } from '../../../src/engine/store/verify.ts';
import { content, recordOf, temporaryFolder } from './fixtures.ts';
import { described, file, makeTree, treeAt } from './trees.ts';

const LARGE = 5 * 1024 * 1024;

/** The program, where it finds its packages. */
async function writer(): Promise<string> {
  const source = fileURLToPath(new URL('killed-writer.ts', import.meta.url));
  const outfile = join(dirname(source), `../../../node_modules/.cache/killed-writer-${process.pid}.mjs`);
  onTestFinished(() => rmSync(outfile, { force: true }));
  await build({ entryPoints: [source], outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external' });
  return outfile;
}

it('kill -9 at any moment leaves artefacts that are whole or not there, and nothing that a collection does not remove', {
  timeout: 180_000,
}, async () => {
  const program = await writer();
  const folder = temporaryFolder();
  const tree = new Map([
    ['directory/large', file(content(LARGE, 1))],
    ['directory/small', file('small')],
    // Enough for a pack.
    ['directory/packed 1', file(content(50_000, 4))],
    ['directory/packed 2', file(content(50_000, 5))],
    ['directory/inner/other', file(content(LARGE, 2))],
    ['file', file(content(LARGE, 3))],
  ]);
  makeTree(join(folder, 'made'), tree);
  const inDirectory = described(
    [...tree].flatMap(([path, leaf]) => (path === 'file' ? [] : [[path.slice('directory/'.length), leaf] as const])),
  );
  const seen = { leftovers: 0, kept: 0, evicted: 0 };
  for (let moment = 1; ; moment++) {
    const cache = join(folder, `cache-${moment}`);
    const { signal, status, stderr } = spawnSync(process.execPath, [program, cache, join(folder, 'made'), `${moment}`]);
    expect([signal, status, String(stderr)]).toContainEqual(signal === 'SIGKILL' ? 'SIGKILL' : 0);
    const store = openStore(cache);
    expect(verifyStore(store).damage).toEqual([]);
    if (store.inspection.leftovers().files > 0) seen.leftovers++;
    await store.inspection.removeLeftovers();
    expect(store.inspection.leftovers()).toEqual({ files: 0, bytes: 0 });
    const known = new Set<string>();
    for (const node of ['file', 'directory']) {
      const digest = store.record(recordOf(node).key)?.outputs.out?.digest as ArtefactDigest | undefined;
      if (!digest) continue;
      known.add(digest);
      if (!store.hasArtefact(digest)) {
        seen.evicted++;
        continue;
      }
      seen.kept++;
      await store.files.give(digest, join(cache, node), 'read');
      if (node === 'directory') expect(treeAt(join(cache, node))).toEqual(inDirectory);
    }
    // Nothing is there that no record names.
    expect([...store.inspection.artefacts()].filter(({ digest }) => !known.has(digest))).toEqual([]);
    // The next run does the same again.
    mkdirSync(join(cache, 'again'));
    const again = await store.files.take(join(folder, 'made/directory'), 'directory', false);
    await store.commit({ record: recordOf('again'), artefacts: new Map([[again.digest, again]]) });
    await store.files.give(again.digest, join(cache, 'again/directory'), 'read');
    expect(treeAt(join(cache, 'again/directory'))).toEqual(inDirectory);
    await store.close();
    rmSync(cache, { recursive: true });
    if (signal === null) break;
  }
  // The moments were those that matter.
  expect(Math.min(seen.leftovers, seen.kept, seen.evicted)).toBeGreaterThan(1);
});
