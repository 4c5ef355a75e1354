/** Keeps what waits in ascending priority: the next one is at the end. Equal priorities come out first in, first out. */
export function insertByPriority<T extends { readonly priority: number }>(waiting: T[], entry: T): void {
  let [low, high] = [0, waiting.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((waiting[middle] as T).priority < entry.priority) low = middle + 1;
    else high = middle;
  }
  waiting.splice(low, 0, entry);
}
