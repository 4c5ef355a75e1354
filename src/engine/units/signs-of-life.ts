import type { Connection } from './connection.ts';

const SIGN_MS = 10_000;

/** So many signs in a row that do not come: the other side, or the way to it, is gone. */
const MOST_MISSED = 9;

/** Seconds without a sign after which a side is given up. */
export const SILENCE_SECONDS = (SIGN_MS * MOST_MISSED) / 1000;

/**
 * Shows signs of life on a connection and waits for those of the other side. A network that is gone says nothing: without them, each side would wait
 * for the other one for good.
 *
 * @param onSilence called once. Signs are counted, and not seconds: who has stood still has missed one
 * @returns ends it
 */
export function showSignsOfLife(connection: Connection, onSilence: () => void): () => void {
  let heard = connection.heard;
  let missed = 0;
  const timer = setInterval(() => {
    connection.signOfLife();
    missed = connection.heard === heard ? missed + 1 : 0;
    heard = connection.heard;
    if (missed < MOST_MISSED) return;
    clearInterval(timer);
    onSilence();
  }, SIGN_MS).unref();
  return () => clearInterval(timer);
}
