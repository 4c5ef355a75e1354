import { describe, expect, it } from 'vitest';
import { deepFreeze, isJsonObject, parseJsonObject } from '../../../src/engine/base/json.ts';

describe('isJsonObject', () => {
  it.each([
    [{}, true],
    [Object.create(null), true],
    [[], false],
    [null, false],
    ['text', false],
    [undefined, false],
    [new Float32Array(1), false],
  ])('of %j is %j', (value, expected) => {
    expect(isJsonObject(value)).toBe(expected);
  });
});

describe('parseJsonObject', () => {
  it.each(['', '{', '[1]', 'null', '"text"', '1', '{"a": 1} {}'])('finds no object in %j', (text) => {
    expect(parseJsonObject(text)).toBeUndefined();
  });

  it('reads an object', () => {
    expect(parseJsonObject(' {"a": [1]}\n')).toEqual({ a: [1] });
  });
});

describe('deepFreeze', () => {
  it('freezes every level in place', () => {
    const tree = { a: { b: [{ c: 1 }] }, d: null };
    expect(deepFreeze(tree)).toBe(tree);
    expect(() => {
      (tree.a.b[0] as { c: number }).c = 2;
    }).toThrow(TypeError);
    expect(() => tree.a.b.push({ c: 3 })).toThrow(TypeError);
    expect(tree.a.b).toEqual([{ c: 1 }]);
  });
});
