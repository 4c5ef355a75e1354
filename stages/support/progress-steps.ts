import { setImmediate as nextTurn } from 'node:timers/promises';

/** What is called after each of so many steps: it tells the progress, and lets other events of the process be served. */
export function progressSteps(count: number, progress: (fraction: number) => void): () => Promise<void> {
  let done = 0;
  return async () => {
    done++;
    progress(done / count);
    await nextTurn();
  };
}
