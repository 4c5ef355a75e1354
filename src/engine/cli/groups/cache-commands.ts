import type { Command } from 'commander';
import { type Registrar, targetOption } from '../options/registrar.ts';
import { positiveInteger, size, wholeNumber } from '../options/value-parsers.ts';
import { SourcedArgument } from '../options/value-source.ts';

const READS_CACHE = 'cache/ next to the pipeline file (--cache): reads it.';
const SETTINGS = 'vmfdag.settings.yaml next to the pipeline file, and vmfdag/settings.yaml in ~/.config: reads them.';
const NO_SHARED_CACHE =
  'the command line, the pipeline file or the settings are wrong, or the settings name no shared cache';
const NOT_UP_TO_DATE = 'the command line or the pipeline file is wrong, or the node is not up to date';

/** Registers `cache` and its subcommands. */
export function registerCacheCommands(registrar: Registrar, workerFile: string): void {
  const cache = registrar.command(registrar.program, 'cache', {
    summary: 'Look into the cache, check it, and make room in it.',
    description: [
      'Looks into the cache, checks it, and makes room in it. The cache holds artefacts by the digest of their bytes, records of how they were made, and the history of runs; docs/cache.md tells more.',
    ],
    files: ['cache/ next to the pipeline file (--cache).'],
    examples: ['cache stat', 'cache ls train/fnn', 'cache verify', 'cache gc --max-size 10GB --dry-run'],
  });

  registerLs(registrar, cache);
  registerShow(registrar, cache);
  registerStat(registrar, cache);
  registerGet(registrar, cache);
  registerVerify(registrar, cache);
  registerGc(registrar, cache);
  registerPin(registrar, cache);
  registerAdopt(registrar, cache, workerFile);
  registerPush(registrar, cache);
  registerPull(registrar, cache);
  registerUnpin(registrar, cache);
  registerPins(registrar, cache);
  registerCompact(registrar, cache);
}

function registerLs(registrar: Registrar, cache: Command): void {
  registrar
    .projectCommand(cache, 'ls', {
      summary: 'List the records of finished nodes.',
      description: [
        'Lists the records of finished nodes, newest last: when each was made, its key, how long it took and how large its artefacts are. A node that was made under several keys has several records.',
      ],
      files: [READS_CACHE],
      schema: 'cache-ls',
      examples: ['cache ls', 'cache ls train/fnn/1'],
    })
    .addArgument(new SourcedArgument('[text]', 'only nodes whose name holds this text', 'nodes'))
    .action(
      registrar.action(async (text, options) => (await import('../commands/cache/list.ts')).cacheList(text, options)),
    );
}

function registerShow(registrar: Registrar, cache: Command): void {
  registrar
    .projectCommand(cache, 'show', {
      summary: 'Show the record of a node.',
      description: [
        'Shows the record of a node, as JSON: params, inputs, what it computed with, outputs with their digests, when and where it ran, and its log. The node has to be up to date.',
      ],
      files: [READS_CACHE],
      exitCodes: { 2: NOT_UP_TO_DATE },
      schema: 'cache-show',
      examples: ['cache show train/fnn/1/3'],
    })
    .addArgument(new SourcedArgument('<node>', 'a node, or a pattern of nodes', 'nodes'))
    .action(
      registrar.action(async (node, options) => (await import('../commands/cache/show.ts')).cacheShow(node, options)),
    );
}

function registerStat(registrar: Registrar, cache: Command): void {
  registrar
    .projectCommand(cache, 'stat', {
      summary: 'Show how much the cache holds, by stage.',
      description: [
        'Shows by stage how many records and artefacts the cache holds, how many artefacts were evicted, how large the rest is, and how long it took to make all of it.',
      ],
      files: [READS_CACHE],
      schema: 'cache-stat',
      examples: ['cache stat', 'cache stat --json'],
    })
    .action(registrar.action(async (options) => (await import('../commands/cache/stat.ts')).cacheStatistics(options)));
}

function registerGet(registrar: Registrar, cache: Command): void {
  registrar
    .projectCommand(cache, 'get', {
      summary: 'Write an artefact to a file.',
      description: [
        'Writes an artefact of a node to a file, after a check of its digest. The node has to be up to date, and its bytes in the cache; for a pattern, it writes one file for each node to the named folder.',
        'FILE may be - for standard output, a pipe or a device. A link is followed: the file that it leads to is replaced.',
      ],
      files: [READS_CACHE, 'FILE: writes it, in one step.'],
      exitCodes: { 1: 'the bytes are not in the cache or damaged, or the file cannot be written', 2: NOT_UP_TO_DATE },
      schema: 'cache-get',
      examples: [
        'cache get train/fnn/1/3.weights weights.safetensors',
        'cache get plot-concentration.png',
        'cache get table.table - | head',
      ],
    })
    .addArgument(new SourcedArgument('<node.output>', 'a node and the name of its output', 'node outputs'))
    .addArgument(
      new SourcedArgument('[file]', 'where to write it (default: named after the node, in this folder)', 'files'),
    )
    .action(
      registrar.action(async (source, file, options) =>
        (await import('../commands/cache/get.ts')).cacheGet(source, file, options),
      ),
    );
}

function registerVerify(registrar: Registrar, cache: Command): void {
  registrar
    .projectCommand(cache, 'verify', {
      summary: 'Hash everything in the cache; quarantine what is damaged.',
      description: [
        'Hashes every artefact and the code of every stage, and compares every trace with its record. What is damaged is quarantined, and the next run repairs it.',
      ],
      files: ['cache/ next to the pipeline file (--cache): reads all of it, and takes what is damaged out of use.'],
      exitCodes: { 0: 'all is sound', 1: 'something was damaged and is quarantined; a second verify is clean' },
      schema: 'cache-verify',
      examples: ['cache verify', 'cache verify --json'],
    })
    .action(registrar.action(async (options) => (await import('../commands/cache/verify.ts')).cacheVerify(options)));
}

function registerGc(registrar: Registrar, cache: Command): void {
  registrar
    .projectCommand(cache, 'gc', {
      summary: 'Remove what no kept run and nothing in the pipeline refers to; then what is cheapest to restore.',
      description: [
        'Removes records that nothing kept resolved to, and bytes that "retain" does not keep. It keeps the present pipeline, the last runs, pins ("cache pin"), and of each other profile, --set, choice of targets and pipeline file that shares the cache the last complete run and the last one (not with --no-keep-others). With --max-size it then evicts bytes until the rest fits. Those that take the fewest seconds per byte to restore go first. What targets publish and what is pinned is never removed.',
        'Asks before it removes results that took more than an hour to compute; without a terminal it removes none of them unless --yes is given.',
        'Waits until no run uses the cache. The database keeps its size: "cache compact" gives the room back to the disk.',
      ],
      files: ['cache/ next to the pipeline file (--cache): removes from it; with --dry-run, nothing.'],
      exitCodes: {
        1: 'the cache cannot be used, or the question was answered with no',
        2: 'the command line or the pipeline file is wrong, or --yes is missing where nobody can be asked',
      },
      schema: 'cache-gc',
      examples: ['cache gc --dry-run', 'cache gc --keep-runs 3', 'cache gc --max-size 10GB'],
    })
    .option('--max-size <size>', 'how much the artefacts may take, for example 10GB (default: no limit)', size)
    .option('--keep-runs <count>', 'the last runs, whose results stay', wholeNumber, 5)
    .option('--no-keep-others', 'keep nothing for other profiles, --set, targets and pipeline files')
    .option('-y, --yes', 'remove more than an hour of work without a question')
    .option('-n, --dry-run', 'say what would be removed, and remove nothing')
    .action(registrar.action(async (options) => (await import('../commands/cache/gc.ts')).cacheGarbage(options)));
}

function registerPin(registrar: Registrar, cache: Command): void {
  registrar
    .projectCommand(cache, 'pin', {
      summary: 'Keep the results of a run or of a target from being collected.',
      description: [
        'Keeps what a run resolved to, or a target as it is now, with all that it was made from: "cache gc" removes none of these records, and none of the bytes that the run or the target publishes, whatever --max-size says. The target has to be up to date. A pin of the same name is replaced.',
      ],
      files: ['cache/ next to the pipeline file (--cache): writes the pin.'],
      exitCodes: { 2: NOT_UP_TO_DATE },
      schema: 'cache-pins',
      examples: ['cache pin last --name submitted', 'cache pin fig5'],
    })
    .addArgument(
      new SourcedArgument('<run-or-target>', 'a run of the history, or a target, stage or node', 'runs and targets'),
    )
    .option('--name <name>', 'what the pin is called (default: the run or the target)')
    .action(
      registrar.action(async (what, options) => (await import('../commands/cache/pin.ts')).cachePin(what, options)),
    );
}

function registerAdopt(registrar: Registrar, cache: Command, workerFile: string): void {
  registrar
    .projectCommand(cache, 'adopt', {
      summary: 'Adopt results of an earlier JavaScript engine or instruction set, after an audit.',
      description: [
        'Another release of Node, or another processor, makes nodes stale although most of them give the same bytes. This looks at the nodes that are stale for that alone and have a result under an earlier identity, executes some of them at random (one of each stage before two of any), and compares the bytes. If all are the same, it adopts all of these results, and each record says so. If one differs, it is named and nothing is adopted.',
        'Waits until no run uses the cache.',
      ],
      files: ['cache/ next to the pipeline file (--cache): reads it, and writes the adopted records.'],
      exitCodes: {
        0: 'all were adopted, or there was nothing to adopt',
        1: 'a node gave other bytes or failed; nothing was adopted',
      },
      schema: 'cache-adopt',
      examples: ['cache adopt --audit 10', 'cache adopt --audit 10 --seed 1 --target fig5'],
    })
    .requiredOption('--audit <count>', 'how many nodes to execute', positiveInteger)
    .option('--seed <seed>', 'which nodes are picked (default: random, and printed)', positiveInteger)
    .addOption(targetOption())
    .option('-j, --jobs <count>', 'nodes that may run at the same time (default: one per core)', positiveInteger)
    .action(
      registrar.action(async (options) =>
        (await import('../commands/cache/adopt.ts')).cacheAdopt({ ...options, workerFile }),
      ),
    );
}

function registerPush(registrar: Registrar, cache: Command): void {
  registrar
    .projectCommand(cache, 'push', {
      summary: 'Publish results to the shared cache.',
      description: [
        'Publishes every node of the targets that is up to date, and what it was made from, to the shared cache of the settings: bytes first, then the record that names them. What is there already stays. A run publishes what it executes; this is for results that were made before, or while the shared cache was out of reach.',
        'Of a node whose bytes were evicted, the record alone is published: others need not execute it either.',
      ],
      files: [READS_CACHE, SETTINGS],
      exitCodes: { 1: 'some nodes could not be published', 2: NO_SHARED_CACHE },
      schema: 'cache-push',
      examples: ['cache push', 'cache push fig5', 'cache push --json'],
    })
    .addArgument(new SourcedArgument('[targets...]', 'targets, stages or nodes (default: as for run)', 'targets'))
    .action(
      registrar.action(async (targets, options) =>
        (await import('../commands/cache/share.ts')).cachePush(targets, options),
      ),
    );
}

function registerPull(registrar: Registrar, cache: Command): void {
  registrar
    .projectCommand(cache, 'pull', {
      summary: 'Fetch results from the shared cache, and execute nothing.',
      description: [
        'Fetches the results of the targets, and of what they are made from, as far as the shared cache of the settings has them, with the bytes of all outputs that "retain" keeps. A run fetches what it needs; this is for working without a connection later.',
      ],
      files: ['cache/ next to the pipeline file (--cache): reads and writes it.', SETTINGS],
      exitCodes: { 1: 'the shared cache cannot be reached', 2: NO_SHARED_CACHE },
      schema: 'cache-pull',
      examples: ['cache pull', 'cache pull fig5'],
    })
    .addArgument(new SourcedArgument('[targets...]', 'targets, stages or nodes (default: as for run)', 'targets'))
    .action(
      registrar.action(async (targets, options) =>
        (await import('../commands/cache/share.ts')).cachePull(targets, options),
      ),
    );
}

function registerUnpin(registrar: Registrar, cache: Command): void {
  registrar
    .projectCommand(cache, 'unpin', {
      summary: 'Remove a pin.',
      description: ['Removes a pin. Its results stay until "cache gc" finds that nothing else needs them.'],
      files: ['cache/ next to the pipeline file (--cache): removes the pin.'],
      exitCodes: { 2: 'the command line is wrong, or there is no such pin' },
      schema: 'cache-pins',
      examples: ['cache unpin submitted'],
    })
    .addArgument(new SourcedArgument('<name>', 'a pin', 'pins'))
    .action(
      registrar.action(async (name, options) => (await import('../commands/cache/pin.ts')).cacheUnpin(name, options)),
    );
}

function registerPins(registrar: Registrar, cache: Command): void {
  registrar
    .projectCommand(cache, 'pins', {
      summary: 'List what is pinned.',
      description: [
        'Lists the pins, oldest first, with how many records and bytes each keeps. What is pinned stays when "cache gc" makes room.',
      ],
      files: [READS_CACHE],
      schema: 'cache-pins',
      examples: ['cache pins', 'cache pins --json'],
    })
    .action(registrar.action(async (options) => (await import('../commands/cache/pin.ts')).cachePins(options)));
}

function registerCompact(registrar: Registrar, cache: Command): void {
  registrar
    .projectCommand(cache, 'compact', {
      summary: 'Give the space that was freed in the cache back to the disk.',
      description: [
        'Copies the pages of the database that are in use to a new file and replaces the old one with it, in one step. For a moment there has to be room for both. Waits until no run uses the cache.',
      ],
      files: ['cache/ next to the pipeline file (--cache): writes cache/generation-N/, then removes the old file.'],
      schema: 'cache-compact',
      examples: ['cache compact'],
    })
    .action(registrar.action(async (options) => (await import('../commands/cache/compact.ts')).cacheCompact(options)));
}
