import { useLayoutEffect, useState } from 'preact/hooks';

/** Something outside of the components that changes: a store, a media query, the address. */
export interface Watched<T> {
  readonly state: T;
  /** Returns what ends the watch. */
  watch(watcher: () => void): () => void;
}

/** The state of something; the component is drawn again when it changes. */
export function useWatched<T>(watched: Watched<T>): T {
  const [state, setState] = useState(() => watched.state);
  // Watched before the browser gets to anything else, and read once more: what changes right after the first drawing is not missed.
  useLayoutEffect(() => {
    const look = () => setState(() => watched.state);
    look();
    return watched.watch(look);
  }, [watched]);
  return state;
}

/** Whether a media query holds. */
export function mediaQuery(query: string): Watched<boolean> {
  const list = window.matchMedia(query);
  return {
    get state() {
      return list.matches;
    },
    watch: (watcher) => {
      list.addEventListener('change', watcher);
      return () => list.removeEventListener('change', watcher);
    },
  };
}
