import { isAsWritten, type ResultEntry, type ResultSettings, sameSettings } from './results-manifest.ts';

/** A file in the folder of results that does not belong to this run, and why it may mislead readers. */
export interface Leftover {
  readonly entry: ResultEntry;
  /**
   * - `no target`: no target of the pipeline has this file any more.
   * - `not made`: this run should have made it, but its node failed or was not run.
   * - `other settings`: it was not asked for now, and was made under another profile or `--set`.
   */
  readonly why: 'no target' | 'not made' | 'other settings';
}

/** Paths that a run has published, those that it was asked for, and those of all targets. */
export interface ResultsOfRun {
  readonly published: ReadonlySet<string>;
  readonly asked: ReadonlySet<string>;
  readonly declared: ReadonlySet<string>;
  readonly settings: ResultSettings;
}

/**
 * Divides the entries of a manifest that do not belong to what a run has published: those whose file is still as it was written, and those without
 * such a file. The files are named, and never removed: nobody asked for that, and the cache may no longer have their content.
 */
export function leftoversIn(
  directory: string,
  entries: readonly ResultEntry[],
  run: ResultsOfRun,
): { readonly leftovers: readonly Leftover[]; readonly gone: ReadonlySet<ResultEntry> } {
  const leftovers: Leftover[] = [];
  const gone = new Set<ResultEntry>();
  for (const entry of entries) {
    const why = reasonOf(entry, run);
    if (!why) continue;
    if (isAsWritten(directory, entry)) leftovers.push({ entry, why });
    else gone.add(entry);
  }
  return { leftovers, gone };
}

function reasonOf(
  entry: ResultEntry,
  { published, asked, declared, settings }: ResultsOfRun,
): Leftover['why'] | undefined {
  if (published.has(entry.path)) return undefined;
  if (!declared.has(entry.path)) return 'no target';
  if (asked.has(entry.path)) return 'not made';
  return sameSettings(entry, settings) ? undefined : 'other settings';
}

/** What to say about a file of an earlier run. */
export function describeLeftover({ entry, why }: Leftover): string {
  const { node, run } = entry;
  switch (why) {
    case 'no target':
      return `of run ${run}: no target has this file any more`;
    case 'not made':
      return `of run ${run}: this run did not finish ${node}`;
    case 'other settings':
      return `of run ${run}, under other settings: ${describeSettings(entry)}`;
  }
}

export function describeSettings({ profile, set }: ResultSettings): string {
  const parts = [...(profile === null ? [] : [`--profile ${profile}`]), ...set.map((text) => `--set ${text}`)];
  return parts.length > 0 ? parts.join(' ') : 'those of the pipeline file';
}
