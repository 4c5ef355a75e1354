import type { JsonObject } from '../../base/json.ts';
import { parseDuration } from '../../base/quantity.ts';
import type { Problems } from '../problems.ts';
import { type Place, problemAt } from '../yaml/source.ts';
import { entryOf, type Tree, textOf, treeToJson } from '../yaml/tree.ts';

/** Where nodes are executed, other than by the workers of this machine. */
export interface DeclaredExecutor {
  readonly name: string;
  readonly way: ExecutorWay;
  /** How many units run at the same time. */
  readonly slots: number;
  /** So much work is on its way to a slot. */
  readonly targetSeconds: number;
}

/** How an executor gets to its units. */
export type ExecutorWay =
  /** A program and its arguments, with a unit at the other end. */
  { readonly kind: 'exec'; readonly command: readonly string[] } | SlurmWay | FuturesWay;

/** Jobs of a SLURM cluster. */
export interface SlurmWay {
  readonly kind: 'slurm';
  readonly partition: string | undefined;
  readonly account: string | undefined;
  readonly timeSeconds: number | undefined;
  /** Of sbatch. */
  readonly arguments: readonly string[];
  /** A folder that all nodes of the cluster see. */
  readonly spool: string | undefined;
  /** What starts vmfdag on a node; without it, what runs here. */
  readonly command: readonly string[] | undefined;
  readonly idleSeconds: number;
  /** Between two questions to the scheduler. */
  readonly pollSeconds: number;
}

/** What a Python function gives: an engine that takes functions and gives futures. */
export interface FuturesWay {
  readonly kind: 'futures';
  /** `module:function`. */
  readonly factory: string;
  /** Keyword arguments of the function. */
  readonly options: JsonObject;
  readonly python: readonly string[];
  /** What starts a unit; without it, what runs here. */
  readonly command: readonly string[] | undefined;
  /** `host` or `host:port`, by which units reach this machine; without it, what the engine says. */
  readonly listen: string | undefined;
}

/** The workers of this machine. */
export const LOCAL = 'local';

/** Enough to hide the way: to another continent, or through files that are looked for twice a second. More would be lost with a slot. */
const TARGET_SECONDS = { exec: 2, futures: 2, slurm: 20 } as const;

/** A cluster is not held for long without work; a new job may wait for longer. */
const IDLE_SECONDS = 60;

/** Controllers of large clusters suffer from more. What jobs do is seen in the spool folder meanwhile. */
const POLL_SECONDS = 60;

/** Reads the executors of a file, whose shape the schema has checked. */
export function readExecutors(tree: Tree | undefined, problems: Problems): ReadonlyMap<string, DeclaredExecutor> {
  const executors = new Map<string, DeclaredExecutor>();
  if (tree?.kind !== 'mapping') return executors;
  for (const [name, { key, value }] of tree.entries) {
    if (name === LOCAL) {
      const fix = 'give it another name';
      problems.add(problemAt(key, `"${LOCAL}" stands for the workers of this machine`, fix));
    }
    checkWay(name, key, value, problems);
    const slots = entryOf(value, 'slots')?.value;
    const way = readWay(value, problems);
    const target = entryOf(entryOf(value, 'units')?.value, 'target')?.value;
    executors.set(name, {
      name,
      way,
      slots: slots?.kind === 'scalar' ? Number(slots.value) : 1,
      targetSeconds: readSeconds(target, problems) ?? TARGET_SECONDS[way.kind],
    });
  }
  return executors;
}

const WAYS = ['exec', 'slurm', 'futures'] as const;

/** Keys that only one way has. */
const OF_FUTURES = ['options', 'python', 'command', 'listen'];

function checkWay(name: string, place: Place, tree: Tree, problems: Problems): void {
  const found = WAYS.filter((way) => entryOf(tree, way));
  const [way, second] = found;
  if (way === undefined) {
    const fix = 'write exec, slurm or futures: docs/cluster.md has examples';
    problems.add(problemAt(place, `executor "${name}" does not say how to get to its units`, fix));
  }
  const extra = second === undefined ? undefined : entryOf(tree, second);
  if (extra) problems.add(problemAt(extra.key, `executor "${name}" has "${way}" already`, `remove "${second}"`));
  if (way === 'futures' || way === undefined) return;
  for (const key of OF_FUTURES) {
    const entry = entryOf(tree, key);
    if (entry) problems.add(problemAt(entry.key, `"${key}" is for executors with "futures"`, 'remove it'));
  }
}

function readWay(tree: Tree, problems: Problems): ExecutorWay {
  const slurm = entryOf(tree, 'slurm')?.value;
  if (slurm) return readSlurm(slurm, problems);
  const factory = textOf(entryOf(tree, 'futures')?.value);
  if (factory === undefined) return { kind: 'exec', command: wordsOf(entryOf(tree, 'exec')?.value) };
  const options = entryOf(tree, 'options')?.value;
  const python = entryOf(tree, 'python')?.value;
  const command = entryOf(tree, 'command')?.value;
  return {
    kind: 'futures',
    factory,
    options: options ? (treeToJson(options) as JsonObject) : {},
    python: python ? wordsOf(python) : ['python3'],
    command: command ? wordsOf(command) : undefined,
    listen: textOf(entryOf(tree, 'listen')?.value),
  };
}

function readSlurm(tree: Tree, problems: Problems): SlurmWay {
  const at = (name: string) => entryOf(tree, name)?.value;
  const command = at('command');
  return {
    kind: 'slurm',
    partition: textOf(at('partition')),
    account: textOf(at('account')),
    timeSeconds: readSeconds(at('time'), problems),
    arguments: wordsOf(at('arguments')),
    spool: textOf(at('spool')),
    command: command ? wordsOf(command) : undefined,
    idleSeconds: readSeconds(at('idle'), problems) ?? IDLE_SECONDS,
    pollSeconds: readSeconds(at('poll'), problems) ?? POLL_SECONDS,
  };
}

function wordsOf(list: Tree | undefined): readonly string[] {
  return list?.kind === 'list' ? list.items.map((item) => textOf(item) ?? '') : [];
}

function readSeconds(tree: Tree | undefined, problems: Problems): number | undefined {
  if (!tree) return undefined;
  const seconds = parseDuration(textOf(tree) ?? '');
  if (seconds !== undefined && seconds > 0) return seconds;
  problems.add(problemAt(tree.place, `this is ${textOf(tree)}`, 'use a duration such as 2s, 30m or 1h30m'));
  return undefined;
}
