/** Describes a value for messages: `undefined`, `a bigint`, `a Float32Array`. It calls none of the value's own methods. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value !== 'object') return withArticle(typeof value);
  const prototype: unknown = Object.getPrototypeOf(value);
  const named = prototype === null ? undefined : Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  const name: unknown = typeof named === 'function' ? Object.getOwnPropertyDescriptor(named, 'name')?.value : undefined;
  return typeof name === 'string' && name !== '' && name !== 'Object' ? withArticle(name) : 'an object';
}

function withArticle(noun: string): string {
  // After Uint8Array and URL.
  return `${/^[aeio]/i.test(noun) ? 'an' : 'a'} ${noun}`;
}
