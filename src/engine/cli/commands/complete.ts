import type { Command } from 'commander';
import { offerFor } from '../completion/candidates.ts';
import { readLine } from '../completion/place.ts';
import { projectValues } from '../completion/project-values.ts';
import type { Shell } from '../completion/scripts.ts';
import { shellLines, wordsOf } from '../completion/shell-lines.ts';
import type { ProjectOptions } from '../options/project-options.ts';
import { line } from '../process/output.ts';

/**
 * `vmfdag complete -- WORDS…`, which the scripts of `vmfdag completion` call: prints what can complete the last word. Whatever goes wrong, somebody is
 * typing: then there is nothing to offer.
 */
export async function complete(program: Command, words: readonly string[], shell: Shell | undefined): Promise<number> {
  try {
    const read = readLine(program, wordsOf(words, shell));
    const offer = await offerFor(read, projectValues(optionsOf(read.values)));
    for (const text of shellLines(offer, words.at(-1) ?? '', shell)) line(text);
  } catch {
    line('list');
  }
  return 0;
}

function optionsOf(values: ReadonlyMap<string, readonly string[]>): ProjectOptions {
  const last = (name: string) => values.get(name)?.at(-1);
  const [cache, profile, set] = [last('cache'), last('profile'), values.get('set')];
  return {
    file: last('file') ?? 'pipeline.yaml',
    ...(cache === undefined ? {} : { cache }),
    ...(profile === undefined ? {} : { profile }),
    ...(set === undefined ? {} : { set }),
  };
}
