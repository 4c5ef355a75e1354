import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ArtefactDigest, digestBytes } from '../../../src/engine/base/digest.ts';
import { type CollectionInput, planCollection, secondsToMake } from '../../../src/engine/store/collection.ts';
import type { NodeRecord } from '../../../src/engine/store/store.ts';
import { recordOf } from './fixtures.ts';

const digestOf = (name: string) => digestBytes<ArtefactDigest>(name);

function made(node: string, seconds: number, outputs: readonly string[]): NodeRecord {
  const recorded = outputs.map((name) => [name, { type: 'bytes' as const, digest: digestOf(name), bytes: 0 }]);
  return recordOf(node, { seconds, outputs: Object.fromEntries(recorded) });
}

function input(
  records: readonly NodeRecord[],
  sizes: Readonly<Record<string, number>>,
  changes: Partial<CollectionInput> = {},
): CollectionInput {
  return {
    records,
    artefacts: new Map(Object.entries(sizes).map(([name, bytes]) => [digestOf(name), bytes])),
    reachable: new Set(records.map(({ key }) => key)),
    pinned: new Set(),
    temporary: new Set(),
    maxBytes: undefined,
    ...changes,
  };
}

describe('a collection', () => {
  it('takes records that nothing leads to, with artefacts that only they name, and artefacts of no record', () => {
    const [kept, gone] = [made('kept', 1, ['a', 'shared']), made('gone', 5, ['b', 'shared'])];
    const found = planCollection(
      input([kept, gone], { a: 10, b: 20, shared: 40, stray: 80 }, { reachable: new Set([kept.key]) }),
    );
    expect(found).toEqual({
      unreachable: { keys: [gone.key], artefacts: [digestOf('b'), digestOf('stray')], bytes: 100, seconds: 5 },
      temporary: [],
      evicted: [],
      bytesBefore: 150,
      bytesAfter: 50,
    });
  });

  it('then evicts what retain does not keep, then the cheapest per byte until the rest is within the limit', () => {
    const records = [
      made('slow', 1000, ['slow']),
      made('quick', 1, ['quick']),
      made('small', 1, ['small']),
      made('temporary', 9, ['temporary']),
    ];
    const sizes = { slow: 1000, quick: 1000, small: 10, temporary: 100 };
    const changes = { temporary: new Set([digestOf('temporary')]) };
    const names = (maxBytes: number) => {
      const { temporary, evicted, bytesAfter } = planCollection(input(records, sizes, { ...changes, maxBytes }));
      return { temporary: temporary.map(({ node }) => node), evicted: evicted.map(({ node }) => node), bytesAfter };
    };
    expect(names(2010)).toEqual({ temporary: ['temporary'], evicted: [], bytesAfter: 2010 });
    expect(names(2009)).toEqual({ temporary: ['temporary'], evicted: ['quick'], bytesAfter: 1010 });
    expect(names(1000)).toEqual({ temporary: ['temporary'], evicted: ['quick', 'small'], bytesAfter: 1000 });
    expect(names(0)).toEqual({ temporary: ['temporary'], evicted: ['quick', 'small', 'slow'], bytesAfter: 0 });
  });

  it('counts the time of a node once if several of its outputs are evicted', () => {
    const { evicted } = planCollection(input([made('n', 7, ['x', 'y'])], { x: 5, y: 5 }, { maxBytes: 0 }));
    expect(evicted).toHaveLength(2);
    expect(secondsToMake(evicted)).toBe(7);
  });

  it('property: what is pinned stays, the limit holds where it can, and no artefact is evicted before a cheaper one', () => {
    const entries = fc.uniqueArray(
      fc.record({
        name: fc.string({ minLength: 1 }),
        seconds: fc.nat(100),
        bytes: fc.nat(1000),
        reachable: fc.boolean(),
        pinned: fc.boolean(),
      }),
      { selector: ({ name }) => name, maxLength: 12 },
    );
    fc.assert(
      fc.property(entries, fc.nat(5000), (list, maxBytes) => {
        const records = list.map(({ name, seconds }) => made(name, seconds, [name]));
        const collected = planCollection(
          input(records, Object.fromEntries(list.map(({ name, bytes }) => [name, bytes])), {
            reachable: new Set(records.filter((_, index) => list[index]?.reachable).map(({ key }) => key)),
            pinned: new Set(list.filter(({ pinned }) => pinned).map(({ name }) => digestOf(name))),
            maxBytes,
          }),
        );
        const goes = new Set([...collected.unreachable.artefacts, ...collected.evicted.map(({ digest }) => digest)]);
        const stays = list.filter(({ name }) => !goes.has(digestOf(name)));
        expect(list.filter(({ pinned }) => pinned).every((entry) => stays.includes(entry))).toBe(true);
        expect(collected.bytesAfter).toBe(stays.reduce((sum, { bytes }) => sum + bytes, 0));
        const free = stays.filter(({ pinned, bytes }) => !pinned && bytes > 0);
        if (collected.bytesAfter > maxBytes) expect(free).toEqual([]);
        expect(free.every(({ reachable }) => reachable)).toBe(true);
        const dearest = Math.max(...collected.evicted.map(({ seconds, bytes }) => seconds / bytes), 0);
        for (const { seconds, bytes } of free) expect(seconds / bytes).toBeGreaterThanOrEqual(dearest);
        // Without the last of them, it would not have been enough.
        const last = collected.evicted.at(-1);
        if (last) expect(collected.bytesAfter + last.bytes).toBeGreaterThan(maxBytes);
      }),
    );
  });
});
