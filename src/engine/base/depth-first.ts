/**
 * Visits everything that can be reached from some roots, each item after those that it leads to, otherwise in the given order.
 * It does not recurse: a chain of ten thousand would exhaust the stack.
 * @param onCircle called with the members of each circle, the first one again at the end
 */
export function depthFirst<T>(
  roots: Iterable<T>,
  leadsTo: (from: T) => readonly T[],
  onCircle: (members: readonly T[]) => void = () => {},
): T[] {
  const ordered: T[] = [];
  const done = new Set<T>();
  const open = new Map<T, number>();
  const path: { readonly at: T; readonly next: readonly T[]; position: number }[] = [];
  const enter = (at: T): void => {
    open.set(at, path.length);
    path.push({ at, next: leadsTo(at), position: 0 });
  };
  for (const root of roots) {
    if (done.has(root)) continue;
    enter(root);
    for (let top = path[path.length - 1]; top; top = path[path.length - 1]) {
      const next = top.next[top.position++];
      if (next === undefined) {
        path.pop();
        open.delete(top.at);
        done.add(top.at);
        ordered.push(top.at);
      } else {
        const since = open.get(next);
        if (since !== undefined) onCircle([...path.slice(since).map(({ at }) => at), next]);
        else if (!done.has(next)) enter(next);
      }
    }
  }
  return ordered;
}
