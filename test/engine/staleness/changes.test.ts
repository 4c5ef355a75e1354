import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../src/engine/base/json.ts';
import { type Change, changes } from '../../../src/engine/staleness/changes.ts';

describe('changes', () => {
  it.each<[string, JsonValue | undefined, JsonValue | undefined, Change[]]>([
    ['nothing', { a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 }, []],
    ['two absent values', undefined, undefined, []],
    [
      'leaves, by path',
      { z: 1, a: { y: 1, x: 1 } },
      { z: 2, a: { y: 2, x: 1 } },
      [
        { path: 'a.y', old: 1, new: 2 },
        { path: 'z', old: 1, new: 2 },
      ],
    ],
    [
      'what was added and removed',
      { a: 1 },
      { b: null },
      [
        { path: 'a', old: 1, new: undefined },
        { path: 'b', old: undefined, new: null },
      ],
    ],
    [
      'types',
      { a: 1, b: null },
      { a: '1', b: false },
      [
        { path: 'a', old: 1, new: '1' },
        { path: 'b', old: null, new: false },
      ],
    ],
    ['lists as a whole', { hidden: [800, 800] }, { hidden: [800] }, [{ path: 'hidden', old: [800, 800], new: [800] }]],
    [
      'lists by what is inside',
      { a: [{ b: 1 }] },
      { a: [{ b: 2 }] },
      [{ path: 'a', old: [{ b: 1 }], new: [{ b: 2 }] }],
    ],
    ['a tree that became a leaf', { a: { b: 1 } }, { a: false }, [{ path: 'a', old: { b: 1 }, new: false }]],
    ['an empty tree that came', {}, { a: {} }, [{ path: 'a', old: undefined, new: {} }]],
    ['a list that became a tree', { a: [] }, { a: {} }, [{ path: 'a', old: [], new: {} }]],
    ['the whole', 1, 2, [{ path: '', old: 1, new: 2 }]],
  ])('tells %s', (_, old, current, expected) => {
    expect(changes(old, current)).toEqual(expected);
  });

  it('finds nothing exactly where two values are equal', () => {
    const value = fc.jsonValue({ maxDepth: 3 }).map((given) => JSON.parse(JSON.stringify(given)) as JsonValue);
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(changes(a, structuredClone(a))).toEqual([]);
        let equal = true;
        try {
          expect(a).toEqual(b);
        } catch {
          equal = false;
        }
        expect(changes(a, b).length === 0).toBe(equal);
      }),
      { numRuns: 200, seed: 1 },
    );
  });
});
