type Listener = (...args: unknown[]) => unknown;

// Kept before a stage is loaded, which may replace them.
const textOf = Function.prototype.toString;
const { apply } = Reflect;
const { eventNames, listeners } = process;

/** Listeners of `process` from before the first stage. */
export class ProcessListeners {
  /** Those, and the ones that packages have added for themselves. */
  private readonly known = new Set(allListeners().map(([, listener]) => listener));
  private readonly original = [...this.known];

  /** Those that a stage has added or removed, in words. */
  added(text: () => string): readonly string[] {
    const found: string[] = [];
    const present = new Set<Listener>();
    for (const [event, listener] of allListeners()) {
      present.add(listener);
      if (this.known.has(listener)) continue;
      if (isWrittenIn(text(), listener)) found.push(`a listener of ${event}`);
      else this.known.add(listener);
    }
    if (this.original.some((listener) => !present.has(listener))) found.push('a removed listener');
    return found;
  }
}

function allListeners(): [string, Listener][] {
  const names: (string | symbol)[] = apply(eventNames, process, []);
  return names.flatMap((name) =>
    (apply(listeners as (name: string | symbol) => Listener[], process, [name]) as Listener[]).map(
      (listener): [string, Listener] => [String(name), listener],
    ),
  );
}

/** A bound function does not show its text. */
function isWrittenIn(text: string, listener: Listener): boolean {
  const source: string = apply(textOf, listener, []);
  return source.endsWith('{ [native code] }') || text.includes(source);
}
