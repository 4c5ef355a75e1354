import { setImmediate as nextTurn } from 'node:timers/promises';

/** A function to call after each of a number of steps. It reports progress, and serves other events of the process. */
export function progressSteps(count: number, progress: (fraction: number) => void): () => Promise<void> {
  let done = 0;
  return async () => {
    done++;
    progress(done / count);
    await nextTurn();
  };
}
