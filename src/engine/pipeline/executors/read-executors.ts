import { parseDuration } from '../../base/quantity.ts';
import type { Problems } from '../problems.ts';
import { problemAt } from '../yaml/source.ts';
import { entryOf, type Tree, textOf } from '../yaml/tree.ts';

/** Where nodes are executed, other than by the workers of this machine: a command line with a unit at its other end. */
export interface DeclaredExecutor {
  readonly name: string;
  /** The program and its arguments. */
  readonly exec: readonly string[];
  /** How many of these command lines run at the same time. */
  readonly slots: number;
  /** So much work is on its way to a slot. */
  readonly targetSeconds: number;
}

/** The workers of this machine. */
export const LOCAL = 'local';

/** Enough to hide the way to another continent; little enough that no slot has much left when the others are idle. */
const TARGET_SECONDS = 2;

/** Reads the executors of a file, whose shape the schema has checked. */
export function readExecutors(tree: Tree | undefined, problems: Problems): ReadonlyMap<string, DeclaredExecutor> {
  const executors = new Map<string, DeclaredExecutor>();
  if (tree?.kind !== 'mapping') return executors;
  for (const [name, { key, value }] of tree.entries) {
    if (name === LOCAL) {
      const fix = 'give it another name';
      problems.add(problemAt(key, `"${LOCAL}" stands for the workers of this machine`, fix));
    }
    const slots = entryOf(value, 'slots')?.value;
    executors.set(name, {
      name,
      exec: wordsOf(entryOf(value, 'exec')?.value),
      slots: slots?.kind === 'scalar' ? Number(slots.value) : 1,
      targetSeconds: readTarget(entryOf(entryOf(value, 'units')?.value, 'target')?.value, problems),
    });
  }
  return executors;
}

function wordsOf(list: Tree | undefined): readonly string[] {
  return list?.kind === 'list' ? list.items.map((item) => textOf(item) ?? '') : [];
}

function readTarget(tree: Tree | undefined, problems: Problems): number {
  if (!tree) return TARGET_SECONDS;
  const seconds = parseDuration(textOf(tree) ?? '');
  if (seconds !== undefined && seconds > 0) return seconds;
  problems.add(problemAt(tree.place, `this is ${textOf(tree)}`, 'use a duration such as 2s, 30m or 1h30m'));
  return TARGET_SECONDS;
}
