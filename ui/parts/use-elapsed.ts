import { useEffect, useRef, useState } from 'preact/hooks';
import type { RunHead } from '../../src/engine/views/live/protocol.ts';
import { isActive } from './states.tsx';

/** Seconds since a run began: what the server said last, and what has passed since, second by second. */
export function useElapsed(head: RunHead | undefined): number {
  const heard = useRef({ head, at: performance.now() });
  if (heard.current.head !== head) heard.current = { head, at: performance.now() };
  const isRunning = isActive(head);
  const [, tick] = useState(0);
  useEffect(() => {
    if (!isRunning) return;
    const timer = window.setInterval(() => tick((round) => round + 1), 1000);
    return () => window.clearInterval(timer);
  }, [isRunning]);
  const since = isRunning ? (performance.now() - heard.current.at) / 1000 : 0;
  return (head?.seconds ?? 0) + since;
}
