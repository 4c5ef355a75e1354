import { lineClass } from './line-class.ts';
import { mediaQuery, useWatched } from './use-watched.ts';

const dark = mediaQuery('(prefers-color-scheme: dark)');
const known = new Map<string, string>();
let probe: HTMLElement | undefined;

dark.watch(() => known.clear());

/** A colour of the style sheet, as a canvas understands it: of `light-dark()` the one that is in use. */
export function colour(name: string): string {
  const found = known.get(name);
  if (found !== undefined) return found;
  if (!probe) {
    probe = document.createElement('span');
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = `var(--${name})`;
  const value = getComputedStyle(probe).color;
  known.set(name, value);
  return value;
}

/** `light` or `dark`; what is drawn on a canvas is drawn again when it changes. */
export function useColourScheme(): string {
  return useWatched(dark) ? 'dark' : 'light';
}

/** The colour of a line, or of the bars of a stage, by its position. */
export function lineColour(at: number): string {
  return colour(lineClass(at));
}
