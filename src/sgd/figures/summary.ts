/** Mean and sample standard deviation (divisor n − 1); for one value the latter is undefined, and null. */
export function meanAndStd(values: readonly number[]): { readonly mean: number; readonly std: number | null } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return { mean, std: null };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, std: Math.sqrt(squares / (values.length - 1)) };
}

/** Groups items by a key, in the order in which keys first appear. */
export function groupBy<T, K>(items: Iterable<T>, key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

/** Whether a value is known and has a place on a logarithmic axis. */
export function isPositive(value: number | null): value is number {
  return value !== null && Number.isFinite(value) && value > 0;
}
