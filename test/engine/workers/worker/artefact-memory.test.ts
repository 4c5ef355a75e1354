import { describe, expect, it } from 'vitest';
import { type ArtefactDigest, digestBytes } from '../../../../src/engine/base/digest.ts';
import { ArtefactMemory } from '../../../../src/engine/workers/worker/artefact-memory.ts';
import { MemoryStore } from '../../run/memory-store.ts';
import { commitOf } from '../../store/fixtures.ts';

/** A store of artefacts of ten bytes each that counts how often each is read. */
async function storeOf(names: readonly string[]) {
  const store = new MemoryStore();
  const reads: string[] = [];
  const digests = new Map(
    names.map((name) => [name, digestBytes<ArtefactDigest>(Buffer.from(name.padEnd(10)))] as const),
  );
  for (const name of names) await store.commit(commitOf(name, { out: Buffer.from(name.padEnd(10)) }));
  const artefact = store.artefact.bind(store);
  store.artefact = (digest) => {
    reads.push([...digests].find(([, of]) => of === digest)?.[0] as string);
    return artefact(digest);
  };
  return { store, reads, digest: (name: string) => digests.get(name) as ArtefactDigest };
}

describe('ArtefactMemory', () => {
  it('reads an artefact once', async () => {
    const { store, reads, digest } = await storeOf(['a']);
    const memory = new ArtefactMemory(store, 100);
    expect(Buffer.from(memory.read(digest('a'))).toString()).toBe('a         ');
    expect(memory.read(digest('a'))).toEqual(memory.read(digest('a')));
    expect(reads).toEqual(['a']);
  });

  it('gives copies, aligned for typed arrays, whatever the bytes it keeps lie in', async () => {
    const memory = new ArtefactMemory(new MemoryStore(), 100);
    const made = Buffer.from('--made').subarray(2);
    const digest = digestBytes<ArtefactDigest>(made);
    memory.keep(digest, made);
    const read = memory.read(digest);
    expect(read.byteOffset % 8).toBe(0);
    read.fill(0);
    expect(Buffer.from(memory.read(digest)).toString()).toBe('made');
  });

  it('evicts what was not used for longest when there is no room', async () => {
    const { store, reads, digest } = await storeOf(['a', 'b', 'c']);
    const memory = new ArtefactMemory(store, 20);
    for (const name of ['a', 'b', 'a', 'c']) memory.read(digest(name));
    expect(reads).toEqual(['a', 'b', 'c']);
    memory.read(digest('a'));
    memory.read(digest('c'));
    expect(reads).toEqual(['a', 'b', 'c']);
    memory.read(digest('b'));
    expect(reads).toEqual(['a', 'b', 'c', 'b']);
  });

  it('keeps an artefact that was just made, but none larger than its limit', async () => {
    const { store, reads, digest } = await storeOf(['a', 'b']);
    const memory = new ArtefactMemory(store, 15);
    const made = Buffer.from('made');
    memory.keep(digestBytes<ArtefactDigest>(made), made);
    expect(Buffer.from(memory.read(digestBytes<ArtefactDigest>(made))).toString()).toBe('made');
    memory.keep(digest('a'), Buffer.alloc(16));
    memory.read(digest('a'));
    expect(reads).toEqual(['a']);
    expect(Buffer.from(memory.read(digestBytes<ArtefactDigest>(made))).toString()).toBe('made');
  });
});
