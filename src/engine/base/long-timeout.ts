/** Node's timers count in 32 bits: a longer one ends at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** A timer of any length. */
export interface LongTimeout {
  clear(): void;
}

/** Calls back after any number of milliseconds, even a year. */
export function startLongTimeout(milliseconds: number, callback: () => void): LongTimeout {
  let timer: NodeJS.Timeout;
  const wait = (left: number) => {
    timer = setTimeout(() => (left > LONGEST_MS ? wait(left - LONGEST_MS) : callback()), Math.min(left, LONGEST_MS));
  };
  wait(milliseconds);
  return { clear: () => clearTimeout(timer) };
}
