import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { clip } from '../../views/terminal/format.ts';
import type { Candidate } from './candidates.ts';

const LONGEST = 40;

/** Paths of params that begin with a word, one name further than the word: `train.` or, for a value, `train.rate=`. */
export function paramAssignments(params: JsonObject, word: string): readonly Candidate[] {
  const path = word.split('.').slice(0, -1);
  let within: JsonObject = params;
  for (const name of path) {
    const next = within[name];
    if (!isJsonObject(next)) return [];
    within = next;
  }
  const before = path.map((name) => `${name}.`).join('');
  return Object.entries(within).map(([name, value]) =>
    isJsonObject(value)
      ? { value: `${before}${name}.`, description: 'params' }
      : { value: `${before}${name}=`, description: `now ${clip(JSON.stringify(value), LONGEST)}` },
  );
}
