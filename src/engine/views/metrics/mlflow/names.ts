/** MLflow stores keys of at most so many characters. */
const LONGEST = 250;

/**
 * A function from names to keys that MLflow takes: letters, digits, `_ - . : /` and blanks, and no path that could be written shorter. Two names never get the same key; a name
 * keeps its key.
 */
export function mlflowKeys(): (name: string) => string {
  const keys = new Map<string, string>();
  const taken = new Set<string>();
  return (name) => {
    const known = keys.get(name);
    if (known !== undefined) return known;
    const plain = keyOf(name);
    let key = plain;
    for (let number = 2; taken.has(key); number++) key = `${plain.slice(0, LONGEST - 10)}_${number}`;
    keys.set(name, key);
    taken.add(key);
    return key;
  };
}

function keyOf(name: string): string {
  const parts = name
    .replace(/[^\p{L}\p{Nd}_.\-: /]/gu, '_')
    .split('/')
    .map((part) => (/^\.*$/.test(part) ? part.replaceAll('.', '_') || '_' : part));
  return [...parts.join('/')].slice(0, LONGEST).join('').replace(/\/$/, '_');
}
