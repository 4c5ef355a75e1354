/** A property that was added to the global object or to `process`, or a built-in object that has changed. */
export type GlobalChange =
  | { readonly kind: 'added'; readonly name: string }
  | { readonly kind: 'changed'; readonly name: string };

interface Snapshot {
  readonly name: string;
  readonly object: object;
  /** Whether packages, and not only the stage, add properties to it to keep state there. */
  readonly isOpen: boolean;
  readonly prototype: unknown;
  readonly isExtensible: boolean;
  readonly keys: Set<PropertyKey>;
  readonly values: readonly (readonly [PropertyKey, unknown])[];
  readonly accessors: readonly (readonly [PropertyKey, PropertyDescriptor])[];
}

/** Modules of Node that libraries are known to patch. */
const PATCHED_MODULES = ['fs', 'fs/promises', 'path', 'os', 'child_process', 'crypto', 'events', 'timers', 'module'];

// Kept before a stage is loaded, which may replace them.
const { ownKeys, getOwnPropertyDescriptor, getPrototypeOf, isExtensible, apply } = Reflect;
const { is } = Object;
const { has, add: addTo } = Set.prototype;

/** The global object and everything that the language and Node offer through it, as it was before the first stage. */
export class GlobalState {
  private readonly snapshots: readonly Snapshot[] = builtInObjects().map(snapshotOf);

  /** What has changed. All objects are compared after every node, rare ones too: the next node begins as the first did. An addition is reported once. */
  changes(): readonly GlobalChange[] {
    const found: GlobalChange[] = [];
    // By index, here and below: iterators and methods of arrays may be what has changed.
    for (let i = 0; i < this.snapshots.length; i++) compare(this.snapshots[i] as Snapshot, found);
    return found;
  }
}

function compare(snapshot: Snapshot, found: GlobalChange[]): void {
  const { name, object, isOpen, keys, values, accessors } = snapshot;
  const present = ownKeys(object);
  const report = (change: GlobalChange) => {
    found[found.length] = change;
  };
  const changed = (key: PropertyKey) =>
    report({ kind: 'changed', name: object === globalThis ? nameOf(key) : `${name}.${nameOf(key)}` });
  if (present.length !== keys.size) {
    for (let i = 0; i < present.length; i++) {
      const key = present[i] as PropertyKey;
      if (apply(has, keys, [key])) continue;
      if (!isOpen) changed(key);
      else {
        apply(addTo, keys, [key]);
        report({ kind: 'added', name: nameOf(key) });
      }
    }
    if (present.length < keys.size) report({ kind: 'changed', name });
  }
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as Snapshot['values'][number];
    if ((object as Record<PropertyKey, unknown>)[value[0]] !== value[1]) changed(value[0]);
  }
  for (let i = 0; i < accessors.length; i++) {
    const accessor = accessors[i] as Snapshot['accessors'][number];
    const before = accessor[1];
    const now = getOwnPropertyDescriptor(object, accessor[0]);
    if (now?.get === before.get && now?.set === before.set) continue;
    if (!isLoaded(object, before, now)) changed(accessor[0]);
  }
  if (getPrototypeOf(object) !== snapshot.prototype || isExtensible(object) !== snapshot.isExtensible) {
    report({ kind: 'changed', name });
  }
}

/** Node loads some globals at their first use: a getter becomes the value that it gives. */
function isLoaded(object: object, before: PropertyDescriptor, now: PropertyDescriptor | undefined): boolean {
  if (!now || !('value' in now) || !before.get) return false;
  try {
    return is(apply(before.get, object, []), now.value);
  } catch {
    return false;
  }
}

function snapshotOf({ name, object, isOpen }: { name: string; object: object; isOpen: boolean }): Snapshot {
  const values: [PropertyKey, unknown][] = [];
  const accessors: [PropertyKey, PropertyDescriptor][] = [];
  for (const key of ownKeys(object)) {
    const descriptor = getOwnPropertyDescriptor(object, key);
    if (!descriptor) continue;
    if (!('value' in descriptor)) accessors.push([key, descriptor]);
    // Node keeps counters and lists of its own in properties of `process`; NaN would never equal itself.
    else if (is(descriptor.value, Number.NaN)) continue;
    else if (object !== process || typeof descriptor.value === 'function') values.push([key, descriptor.value]);
  }
  return {
    name,
    object,
    isOpen,
    prototype: getPrototypeOf(object),
    isExtensible: isExtensible(object),
    keys: new Set(ownKeys(object)),
    values,
    accessors,
  };
}

function builtInObjects(): { name: string; object: object; isOpen: boolean }[] {
  const found = new Map<object, { name: string; object: object; isOpen: boolean }>();
  const add = (name: string, object: unknown, isOpen = false) => {
    if ((typeof object !== 'object' || object === null) && typeof object !== 'function') return;
    if (!found.has(object)) found.set(object, { name, object, isOpen });
  };
  const addMembers = (prefix: string, owner: object) => {
    for (const key of ownKeys(owner)) {
      const value = getOwnPropertyDescriptor(owner, key)?.value;
      add(`${prefix}${nameOf(key)}`, value);
      if (typeof value === 'function') add(`${prefix}${nameOf(key)}.prototype`, value.prototype);
    }
  };
  add('globalThis', globalThis, true);
  add('process', process, true);
  addMembers('', globalThis);
  addMembers('Intl.', Intl);
  for (const [name, object] of Object.entries(hiddenObjects())) add(name, object);
  for (const name of PATCHED_MODULES) add(name, process.getBuiltinModule(`node:${name}`));
  return [...found.values()];
}

/** Built-in objects that no global names. */
function hiddenObjects(): Readonly<Record<string, unknown>> {
  const iterator = getPrototypeOf([][Symbol.iterator]());
  const generator = getPrototypeOf(function* () {});
  const asyncGenerator = getPrototypeOf(async function* () {});
  return {
    TypedArray: getPrototypeOf(Int8Array),
    'TypedArray.prototype': getPrototypeOf(Int8Array.prototype),
    'ArrayIterator.prototype': iterator,
    'Iterator.prototype': getPrototypeOf(iterator as object),
    'MapIterator.prototype': getPrototypeOf(new Map().entries()),
    'SetIterator.prototype': getPrototypeOf(new Set().values()),
    'StringIterator.prototype': getPrototypeOf(''[Symbol.iterator]()),
    'RegExpStringIterator.prototype': getPrototypeOf(''.matchAll(/a/g)),
    'GeneratorFunction.prototype': generator,
    'Generator.prototype': (generator as { prototype?: unknown }).prototype,
    'AsyncFunction.prototype': getPrototypeOf(async () => {}),
    'AsyncGeneratorFunction.prototype': asyncGenerator,
    'AsyncGenerator.prototype': (asyncGenerator as { prototype?: unknown }).prototype,
  };
}

/** Without `String`, which may be what has changed. */
function nameOf(key: PropertyKey): string {
  return typeof key === 'symbol' ? (key.description ?? '') : `${key}`;
}
