import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GlobalState } from '../../../../src/engine/workers/worker/global-state.ts';

/** Some of what is compared after each node, rare objects among them. */
const OBJECTS: Readonly<Record<string, object>> = {
  globalThis,
  process,
  console,
  Math,
  JSON,
  Reflect,
  fs,
  Object,
  'Function.prototype': Function.prototype,
  'Array.prototype': Array.prototype,
  'String.prototype': String.prototype,
  'Date.prototype': Date.prototype,
  'TypedArray.prototype': Object.getPrototypeOf(Int8Array.prototype),
  Map,
  'Error.prototype': Error.prototype,
  'DataView.prototype': DataView.prototype,
  'Intl.NumberFormat.prototype': Intl.NumberFormat.prototype,
  os,
  path,
};

const isOpen = (name: string) => name === 'globalThis' || name === 'process';

const key = fc.oneof(
  fc.string({ minLength: 1 }).map((text) => `own ${text}`),
  fc.nat({ max: 99 }).map((index) => `${index}`),
  fc.string().map((text) => Symbol(text)),
);

/** A property that may be removed, or have another value, for a moment. */
function mayChange(name: string, object: object): PropertyKey[] {
  return Reflect.ownKeys(object).filter((each) => {
    const { configurable, value } = Object.getOwnPropertyDescriptor(object, each) ?? {};
    // The test itself is made of these.
    const isNeeded = ['Object', 'Reflect', 'Array', 'globalThis', 'process', 'Symbol', 'Proxy'].includes(String(each));
    return configurable === true && typeof value === 'function' && !isNeeded && !(name === 'Object' && each === 'is');
  });
}

/** Reports after a number of nodes that have changed nothing. */
function afterNodes(count: number): GlobalState {
  const state = new GlobalState();
  for (let i = 0; i < count; i++) expect(state.changes()).toEqual([]);
  return state;
}

const { defineProperty, deleteProperty, getOwnPropertyDescriptor, getPrototypeOf, preventExtensions, setPrototypeOf } =
  Reflect;

describe('the state of built-in objects', () => {
  it('shows any property that a node has added, whatever it is called, and whether or not it can be enumerated', () => {
    const names = fc.constantFrom(...Object.keys(OBJECTS));
    fc.assert(
      fc.property(names, key, fc.boolean(), fc.nat({ max: 40 }), (name, added, enumerable, nodes) => {
        const object = OBJECTS[name] as object;
        fc.pre(!Object.hasOwn(object, added));
        const state = afterNodes(nodes);
        // Writable: all arrays inherit an index of Object.prototype, and none could be filled otherwise.
        defineProperty(object, added, { value: 1, enumerable, configurable: true, writable: true });
        let found: ReturnType<typeof state.changes>;
        try {
          found = state.changes();
        } finally {
          deleteProperty(object, added);
          Array.prototype.length = 0;
        }
        const isIndexOfArray = name === 'Array.prototype' && typeof added === 'string' && /^\d+$/.test(added);
        expect(found).toEqual([
          {
            kind: isOpen(name) ? 'added' : 'changed',
            name: `${isOpen(name) ? '' : `${name}.`}${typeof added === 'symbol' ? added.description : added}`,
          },
          ...(isIndexOfArray ? [{ kind: 'changed', name: 'Array.prototype.length' }] : []),
        ]);
      }),
    );
  });

  it('shows any function that a node has removed or replaced, by value or by a getter', () => {
    const places = Object.entries(OBJECTS).flatMap(([name, object]) =>
      mayChange(name, object).map((property) => ({ name, object, property })),
    );
    const how = fc.constantFrom('removed', 'replaced', 'by a getter');
    fc.assert(
      fc.property(fc.constantFrom(...places), how, fc.nat({ max: 40 }), ({ name, object, property }, change, nodes) => {
        const state = afterNodes(nodes);
        const before = getOwnPropertyDescriptor(object, property) as PropertyDescriptor;
        if (change === 'removed') deleteProperty(object, property);
        else {
          const value = () => 'another';
          const { enumerable = false } = before;
          const after = change === 'replaced' ? { value } : { get: () => value };
          defineProperty(object, property, { ...after, enumerable, configurable: true });
        }
        let found: ReturnType<typeof state.changes>;
        try {
          found = state.changes();
        } finally {
          deleteProperty(object, property);
          defineProperty(object, property, before);
        }
        const shown = typeof property === 'symbol' ? (property.description ?? '') : String(property);
        expect(found).toContainEqual({ kind: 'changed', name: name === 'globalThis' ? shown : `${name}.${shown}` });
      }),
    );
  });

  it('shows any object that a node has given another prototype', () => {
    // Of these alone the language lets nobody change it.
    const names = Object.keys(OBJECTS).filter((name) => name !== 'globalThis');
    const prototypes = fc.constantFrom<object | null>(null, {}, Object.create(null));
    fc.assert(
      fc.property(fc.constantFrom(...names), prototypes, fc.nat({ max: 40 }), (name, prototype, nodes) => {
        const object = OBJECTS[name] as object;
        const before = getPrototypeOf(object);
        fc.pre(before !== prototype);
        const state = afterNodes(nodes);
        expect(setPrototypeOf(object, prototype)).toBe(true);
        let found: ReturnType<typeof state.changes>;
        try {
          found = state.changes();
        } finally {
          setPrototypeOf(object, before);
        }
        expect(found).toContainEqual({ kind: 'changed', name });
      }),
    );
  });

  it('shows any object to which nothing can be added any more', () => {
    // Nobody can take that back: these are objects to which nothing else in this process adds anything.
    const objects = { Atomics, WeakRef, DataView, 'BigInt.prototype': BigInt.prototype, Intl, os };
    for (const [name, object] of Object.entries(objects)) {
      const state = afterNodes(1);
      preventExtensions(object);
      expect(state.changes()).toEqual([{ kind: 'changed', name }]);
    }
  });
});
