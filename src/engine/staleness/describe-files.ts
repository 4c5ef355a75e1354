import { printableName } from '../base/printable.ts';
import type { FileChanges } from './directory-changes.ts';

const SHOWN = 4;

/** `a.csv changed, b.csv added, c.csv removed`. */
export function describeFiles({ changed, added, removed, more }: FileChanges): string {
  const all = [
    ...changed.map((path) => `${printableName(path)} changed`),
    ...added.map((path) => `${printableName(path)} added`),
    ...removed.map((path) => `${printableName(path)} removed`),
  ];
  const rest = Math.max(0, all.length - SHOWN) + more;
  return `${all.slice(0, SHOWN).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
