import { createContext } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import type { Delta } from '../../src/engine/views/live/protocol.ts';
import { type LiveState, LiveStore } from '../data/live-store.ts';

/** The run that the page shows. */
export const LiveContext = createContext(new LiveStore());

/** The shared state; the component is drawn again when it changes. */
export function useLive(): LiveState {
  const store = useContext(LiveContext);
  const [state, setState] = useState(store.state);
  useEffect(() => {
    setState(store.state);
    return store.watch(() => setState(store.state));
  }, [store]);
  return state;
}

/** Hears of everything that changes in the run. */
export function useDelta(listener: (delta: Delta) => void): void {
  const store = useContext(LiveContext);
  const newest = useRef(listener);
  newest.current = listener;
  useEffect(() => store.onDelta((delta) => newest.current(delta)), [store]);
}
