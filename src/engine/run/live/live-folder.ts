import { join } from 'node:path';

/** The folder in which active runs tell what happens, for whoever looks. Nothing in it outlives its run, and no result depends on it. */
export function liveFolders(cacheDirectory: string): string {
  return join(cacheDirectory, 'live');
}

/** The folder of one run. */
export function liveFolder(cacheDirectory: string, run: string): string {
  return join(liveFolders(cacheDirectory), run);
}

export const JOURNAL = 'journal.jsonl';

/** The pulse is in two files in turn. */
export const PULSES = ['pulse-0.jsonl', 'pulse-1.jsonl'] as const;

/** The end of the log of a running node. Its first line says how many bytes were left out. */
export function logName(node: number): string {
  return `${node}.log`;
}
