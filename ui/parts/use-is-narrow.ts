import { mediaQuery, useWatched } from './use-watched.ts';

const narrow = mediaQuery('(max-width: 40rem)');

/** Whether the page is as narrow as that of a phone. */
export function useIsNarrow(): boolean {
  return useWatched(narrow);
}
