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
  /** Whether all of `values` are unchanged: generated code, ten times as fast as a loop over the keys. */
  readonly hasSameValues: () => boolean;
}

/** Modules of Node that libraries are known to patch. */
const PATCHED_MODULES = ['fs', 'fs/promises', 'path', 'os', 'child_process', 'crypto', 'events', 'timers', 'module'];

const CLASSES = 'Object Function Array String Number Boolean BigInt Symbol Date RegExp Promise Map Set Error'.split(
  ' ',
);

/** What stages and libraries are likely to change: it is compared after every node. */
const COMMON = new Set([
  ...['globalThis', 'process', 'console', 'Math', 'JSON', 'Reflect', 'TypedArray.prototype', 'fs'],
  ...CLASSES.flatMap((name) => [name, `${name}.prototype`]),
]);

/** How many nodes a worker has executed before code is generated for it. */
const GENERATED_AFTER = 30;

/** The share of the processor's time that the thorough comparison may take. */
const THOROUGH_PART = 1 / 50;

// Kept before a stage is loaded, which may replace them.
const { ownKeys, getOwnPropertyDescriptor, getPrototypeOf, isExtensible, apply } = Reflect;
const { is, getOwnPropertyNames, getOwnPropertySymbols, create } = Object;
const { cpuUsage } = process;
const { has, add: addTo } = Set.prototype;

/** The global object and everything that the language and Node offer through it, as it was before the first stage. */
export class GlobalState {
  private readonly snapshots: readonly Snapshot[] = builtInObjects().map(snapshotOf);
  private readonly common = this.snapshots.filter(({ name }) => COMMON.has(name));
  private nextThorough = 0;

  constructor() {
    // V8 keeps objects that others inherit from in a form in which it counts properties ten times as fast, from the second look-up on.
    const heirs: { readonly none?: unknown }[] = this.common.map(({ object }) => create(object));
    for (const heir of [...heirs, ...heirs]) lookUp(heir);
  }

  /**
   * What has changed. An addition is reported once.
   *
   * Common changes are found at once. The rest, and replaced getters, may be found some milliseconds of computing later.
   */
  changes(): readonly GlobalChange[] {
    const found: GlobalChange[] = [];
    const started = usedMicroseconds();
    const isThorough = started >= this.nextThorough;
    const snapshots = isThorough ? this.snapshots : this.common;
    // By index, here and below: iterators and methods of arrays may be what has changed.
    for (let i = 0; i < snapshots.length; i++) {
      const snapshot = snapshots[i] as Snapshot;
      if (isThorough || !isSame(snapshot)) compare(snapshot, found);
    }
    if (isThorough) {
      const ended = usedMicroseconds();
      this.nextThorough = ended + (ended - started) / THOROUGH_PART;
    }
    return found;
  }
}

function isSame({ object, keys, hasSameValues, isExtensible: wasExtensible }: Snapshot): boolean {
  return hasSameValues() && countKeys(object) === keys.size && isExtensible(object) === wasExtensible;
}

function lookUp(heir: { readonly none?: unknown }): unknown {
  return heir.none;
}

/** `ownKeys` collects names and symbols together, ten times as slowly. */
function countKeys(object: object): number {
  return getOwnPropertyNames(object).length + getOwnPropertySymbols(object).length;
}

/** While the process waits, its state does not change. */
function usedMicroseconds(): number {
  const { user, system } = apply(cpuUsage, process, []);
  return user + system;
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
    hasSameValues: comparison(object, values),
  };
}

/** A loop, until it has been called so often that generating code pays. */
function comparison(object: object, values: Snapshot['values']): () => boolean {
  let calls = 0;
  let generated: (() => boolean) | undefined;
  return () => {
    if (generated) return generated();
    if (++calls > GENERATED_AFTER) generated = generatedComparison(object, values);
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as Snapshot['values'][number];
      if ((object as Record<PropertyKey, unknown>)[value[0]] !== value[1]) return false;
    }
    return true;
  };
}

function generatedComparison(object: object, values: Snapshot['values']): () => boolean {
  const tests = values.map(([key], index) => {
    const property = typeof key === 'symbol' ? `k${index}` : JSON.stringify(String(key));
    return `o[${property}] === v${index}`;
  });
  const parameters = values.flatMap(([key], index) =>
    typeof key === 'symbol' ? [`v${index}`, `k${index}`] : [`v${index}`],
  );
  const constants = values.flatMap(([key, value]) => (typeof key === 'symbol' ? [value, key] : [value]));
  const body = `return () => ${tests.join(' && ') || 'true'};`;
  return new Function('o', ...parameters, body)(object, ...constants) as () => boolean;
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
