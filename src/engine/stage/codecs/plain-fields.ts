import { describeValue } from './describe-value.ts';

/**
 * The fields of a plain object, each read once, in their own order.
 *
 * @param pathOf names the object in a message; it is called for nothing else.
 * @param format names what cannot hold it.
 * @throws {TypeError} for any other value, and for what a copy of the fields would lose: accessors, symbols, hidden fields.
 */
export function plainFields(value: unknown, pathOf: () => string, format: string): (readonly [string, unknown])[] {
  if (!isPlainObject(value)) throw new TypeError(`${pathOf()} is ${describeValue(value)}: ${format} cannot hold it`);
  return Reflect.ownKeys(value).map((key) => {
    const { value: field, get, set, enumerable } = Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
    if (typeof key === 'symbol')
      throw new TypeError(`${pathOf()} has the key ${String(key)}: ${format} cannot hold it`);
    const kind = (get ?? set) ? 'an accessor' : enumerable === true ? undefined : 'not enumerable';
    if (kind) throw new TypeError(`${fieldPath(pathOf(), key)} is ${kind}: ${format} cannot hold it`);
    return [key, field] as const;
  });
}

/** `$.loss`; `$["a b"]` where the name would not stand out. */
export function fieldPath(path: string, key: string): string {
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
