// A process of its own, which a damaged database may end: it opens one after the other, reads all of each, and writes to it.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFailure } from '../../../../src/engine/base/failure.ts';
import { checkDatabaseFile } from '../../../../src/engine/store/lmdb/file-check.ts';
import { openStore } from '../../../../src/engine/store/lmdb/lmdb-store.ts';
import { quarantineDamage, verifyStore } from '../../../../src/engine/store/verify.ts';
import { commitOf, content } from '../../../engine/store/commits.ts';
import type { Change, Verdict } from './change.ts';
import { COMMITS, inventory } from './lived-in-cache.ts';

const [pristineFolder = '', folder = ''] = process.argv.slice(2);
const pristine = readFileSync(join(pristineFolder, 'data.mdb'));
const expected = await expectedInventory();

process.on('message', (change: Change) => {
  void meet(change).then((verdict) => process.send?.({ change, verdict }));
});
process.send?.('ready');

async function expectedInventory() {
  const store = openStore(pristineFolder);
  const found = inventory(store);
  await store.close();
  return found;
}

async function meet(change: Change): Promise<Verdict> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const bytes = Buffer.from(pristine);
  for (const { offset, value } of change.bytes) bytes.writeUInt8(value, offset);
  writeFileSync(join(folder, 'data.mdb'), bytes.subarray(0, change.length));
  try {
    return await use();
  } catch (error) {
    if (!isFailure(error)) return { kind: 'wrong', what: (error as Error).stack ?? String(error) };
    const [first] = error.diagnostics;
    if (!first?.fact.includes(folder) || !first.fix) return { kind: 'wrong', what: error.message };
    return { kind: 'refused', what: first.fact };
  }
}

async function use(): Promise<Verdict> {
  const store = openStore(folder);
  const { damage } = verifyStore(store);
  const found = inventory(store);
  for (const [name, value] of found) {
    if (expected.get(name) !== value) return { kind: 'wrong', what: `${name} is ${value}, not ${expected.get(name)}` };
  }
  await quarantineDamage(store, damage);
  // Pages are taken from the list of free ones, nodes are added and removed on all pages.
  await Promise.all(COMMITS.map((commit) => store.restore(commit)));
  const fresh = Array.from({ length: 10 }, (_, index) =>
    commitOf(`new/${index}`, { out: content(4000 * index, index) }),
  );
  for (const commit of fresh) await store.commit(commit);
  await store.dropArtefacts(COMMITS.flatMap(({ artefacts }) => [...artefacts.keys()]));
  await Promise.all(COMMITS.map((commit) => store.commit(commit)));
  await store.close();
  checkDatabaseFile(join(folder, 'data.mdb'));
  const again = openStore(folder);
  const left = verifyStore(again).damage;
  const later = inventory(again);
  await again.close();
  if (left.length > 0) return { kind: 'wrong', what: `still damaged: ${JSON.stringify(left)}` };
  for (const { record, artefacts } of COMMITS) {
    for (const name of [`trace of ${record.node}`, ...[...artefacts.keys()].map((digest) => `artefact ${digest}`)]) {
      if (later.get(name) !== expected.get(name)) return { kind: 'wrong', what: `${name} is not what was written` };
    }
  }
  const isMissed = [...expected.keys()].some((name) => !found.has(name));
  return damage.length > 0 || isMissed ? { kind: 'detected' } : { kind: 'harmless' };
}
