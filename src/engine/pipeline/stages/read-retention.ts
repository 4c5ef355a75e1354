import { suggestName } from '../../base/diagnostic.ts';
import type { DeclaredScan, Retention } from '../pipeline.ts';
import type { Problems } from '../problems.ts';
import { type Place, problemAt } from '../yaml/source.ts';
import { type TreeEntry, textOf } from '../yaml/tree.ts';

const WORDS: readonly Retention[] = ['all', 'checkpoints', 'none'];

/** Reads the retention of each output that is not kept anyway; the schema has checked the shape. */
export function readRetention(
  entry: TreeEntry | undefined,
  outputs: readonly string[],
  scan: DeclaredScan | undefined,
  problems: Problems,
): Readonly<Record<string, Retention>> {
  const retained: Record<string, Retention> = {};
  const known = new Set(outputs);
  const take = (output: string, text: string, place: Place): void => {
    const word = WORDS.find((candidate) => candidate === text);
    if (!word) problems.add(problemAt(place, `"${text}" is no way to retain an output`, suggestName(text, WORDS)));
    else if (word === 'checkpoints' && !scan?.checkpoints) problems.add(problemAt(place, ...noCheckpoints(scan)));
    else if (word !== 'all') retained[output] = word;
  };
  const tree = entry?.value;
  const word = textOf(tree);
  if (tree && word !== undefined) for (const output of outputs) take(output, word, tree.place);
  if (tree?.kind !== 'mapping') return retained;
  for (const [output, { key, value }] of tree.entries) {
    if (known.has(output)) take(output, textOf(value) ?? '', value.place);
    else problems.add(problemAt(key, `the stage has no output "${output}"`, suggestName(output, outputs)));
  }
  return retained;
}

function noCheckpoints(scan: DeclaredScan | undefined): [fact: string, fix: string] {
  return scan
    ? [
        `"${scan.name}" declares no checkpoints`,
        `say which: scan: {${scan.name}: {to: …, checkpoints: [0, 1, 10]}, carry: …}`,
      ]
    : ['a stage without "scan" has no checkpoints', 'use all or none'];
}
