/** Node's timers count in 32 bits: one of more milliseconds than this ends at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** A timer of any length. */
export interface LongTimeout {
  clear(): void;
}

/** Calls back after so many milliseconds, be it in a year. */
export function startLongTimeout(milliseconds: number, callback: () => void): LongTimeout {
  let timer: NodeJS.Timeout;
  const wait = (left: number) => {
    timer = setTimeout(() => (left > LONGEST_MS ? wait(left - LONGEST_MS) : callback()), Math.min(left, LONGEST_MS));
  };
  wait(milliseconds);
  return { clear: () => clearTimeout(timer) };
}
