import { useEffect, useState } from 'preact/hooks';

const narrow = window.matchMedia('(max-width: 40rem)');

/** Whether the page is as narrow as that of a phone. */
export function useIsNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(narrow.matches);
  useEffect(() => {
    const change = () => setNarrow(narrow.matches);
    narrow.addEventListener('change', change);
    return () => narrow.removeEventListener('change', change);
  }, []);
  return isNarrow;
}
