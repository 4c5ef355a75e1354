/** Names of stages, inputs, outputs and sources: made of paths, and each given once. */
export class Names {
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken);
  }

  /** A name like a text, that none has yet. */
  give(text: string): string {
    const plain = nameLike(text);
    let name = plain;
    for (let count = 2; this.#taken.has(name); count++) name = `${plain}-${count}`;
    this.#taken.add(name);
    return name;
  }
}

const LONGEST = 80;

function nameLike(text: string): string {
  const name = text.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^-+|-+$/g, '');
  return (/^[A-Za-z]/.test(name) ? name : `n${name === '' ? '' : `-${name}`}`).slice(0, LONGEST);
}

/** The last name of a path, without its extension: `data/raw.csv` is `raw`. */
export function stemOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.indexOf('.', 1);
  return dot < 0 ? name : name.slice(0, dot);
}
