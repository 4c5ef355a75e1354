import { createContext } from 'preact';
import { useContext, useLayoutEffect, useRef } from 'preact/hooks';
import type { Delta } from '../../src/engine/views/live/protocol.ts';
import { type LiveState, LiveStore } from '../data/live-store.ts';
import { useWatched } from './use-watched.ts';

/** The run that the page shows. */
export const LiveContext = createContext(new LiveStore());

/** The shared state; the component is drawn again when it changes. */
export function useLive(): LiveState {
  return useWatched(useContext(LiveContext));
}

/** Hears of everything that changes in the run. */
export function useDelta(listener: (delta: Delta) => void): void {
  const store = useContext(LiveContext);
  const newest = useRef(listener);
  newest.current = listener;
  useLayoutEffect(() => store.onDelta((delta) => newest.current(delta)), [store]);
}
