import { type Command, InvalidArgumentError } from 'commander';
import { parseSize } from '../spec/quantity.ts';

/** What the command line gives to those who register commands. */
export interface Registrar {
  readonly program: Command;
  readonly command: (parent: Command, name: string, description: string, examples: readonly string[]) => Command;
  readonly withProject: (target: Command) => Command;
  readonly action: <Arguments extends unknown[]>(
    handler: (...args: Arguments) => Promise<number>,
  ) => (...args: Arguments) => Promise<void>;
}

/** Registers `cache` and its subcommands. */
export function registerCacheCommands({ program, command, withProject, action }: Registrar): void {
  const cache = command(program, 'cache', 'Look into the cache, check it, and make room in it.', [
    'cache stat',
    'cache ls train/fnn',
    'cache verify',
    'cache gc --max-size 10GB --dry-run',
  ]);
  withProject(command(cache, 'ls', 'List the records of finished nodes.', ['cache ls', 'cache ls train/fnn/1']))
    .argument('[text]', 'only nodes whose name holds this text')
    .action(action(async (text, options) => (await import('./commands/cache/list.ts')).cacheList(text, options)));
  withProject(command(cache, 'show', 'Show the record of a node.', ['cache show train/fnn/1/3']))
    .argument('<node>', 'a node, or a pattern of nodes')
    .action(action(async (node, options) => (await import('./commands/cache/show.ts')).cacheShow(node, options)));
  withProject(
    command(cache, 'stat', 'Show how much the cache holds, by stage.', ['cache stat', 'cache stat --json']),
  ).action(action(async (options) => (await import('./commands/cache/stat.ts')).cacheStatistics(options)));
  withProject(
    command(cache, 'get', 'Write an artefact to a file.', [
      'cache get train/fnn/1/3.weights weights.safetensors',
      'cache get plot-concentration.png',
    ]),
  )
    .argument('<node.output>', 'a node and the name of its output')
    .argument('[file]', 'where to write it (default: named after the node, in this folder)')
    .action(
      action(async (source, file, options) =>
        (await import('./commands/cache/get.ts')).cacheGet(source, file, options),
      ),
    );
  withProject(
    command(
      cache,
      'verify',
      'Hash all that the cache holds; set aside what is damaged (exit code 1 if there is any).',
      ['cache verify', 'cache verify --json'],
    ),
  ).action(action(async (options) => (await import('./commands/cache/verify.ts')).cacheVerify(options)));
  withProject(
    command(
      cache,
      'gc',
      'Remove what no kept run and nothing in the pipeline leads to; then what is cheapest to make again.',
      ['cache gc --dry-run', 'cache gc --keep-runs 3', 'cache gc --max-size 10GB'],
    ),
  )
    .option('--max-size <size>', 'how much the artefacts may take, for example 10GB (default: no limit)', size)
    .option('--keep-runs <count>', 'the last runs, whose results stay', wholeNumber, 5)
    .option('-n, --dry-run', 'say what would be removed, and remove nothing')
    .action(action(async (options) => (await import('./commands/cache/gc.ts')).cacheGarbage(options)));
  withProject(
    command(cache, 'compact', 'Give the space that was freed in the cache back to the disk.', ['cache compact']),
  ).action(action(async (options) => (await import('./commands/cache/compact.ts')).cacheCompact(options)));
}

function size(text: string): number {
  const bytes = parseSize(text);
  if (bytes === undefined) throw new InvalidArgumentError('It has to be a size such as 500MB or 1.5GiB.');
  return bytes;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('It has to be 0 or more.');
  return value;
}
