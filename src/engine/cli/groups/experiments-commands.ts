import type { Command } from 'commander';
import { type Registrar, targetOption } from '../options/registrar.ts';
import { collect, positiveInteger } from '../options/value-parsers.ts';
import { RUN_NAME, SourcedArgument, SourcedOption } from '../options/value-source.ts';

const READS_CACHE = 'cache/ next to the pipeline file (--cache): reads it.';
const WRITES_LABEL = 'cache/ next to the pipeline file (--cache): writes what is said about the run, in one step.';
const NO_SUCH_RUN = 'the command line or the pipeline file is wrong: there is no such run';

/** Registers `sweep`. @param workerFile the program that worker processes run. */
export function registerSweepCommand(registrar: Registrar, workerFile: string): void {
  registrar
    .projectCommand(registrar.program, 'sweep', {
      summary: 'Run targets under each of several settings of params, in one run.',
      description: [
        "Brings targets up to date under each of several settings. --set 'PATH=[A, B]' tries each item of the list; several of them make a grid. A param that is a list itself needs a list of lists. --settings takes a file with a list of settings: YAML or JSON ([{batchSize: 16, name: small}, …]), or CSV with paths in its first line. Each of them is combined with the grid.",
        'Nodes that settings share are executed once. A setting that fails leaves the others alone. Each one is a run in the history and in "experiments", and has its files in results/PROFILE/sweep/SETTING/. The same command goes on after an interruption.',
      ],
      files: [
        'cache/ next to the pipeline file (--cache): reads and writes it.',
        'results/PROFILE/sweep/SETTING/ next to the pipeline file: the files of the targets.',
      ],
      exitCodes: {
        0: 'everything is up to date under all settings',
        1: 'a node failed; the cache or the machine cannot be used',
        2: 'the command line, the settings, the pipeline file or what a stage declares is wrong',
        130: 'interrupted; the same command goes on from where it stopped',
      },
      schema: 'run-event',
      examples: [
        "sweep --set 'architectures.fnn.batchSize=[16, 32, 64]' --target fig5",
        "sweep --set 'rate=[0.1, 0.01]' --set 'seeds=[[1, 2], [3, 4]]' --dry-run",
        'sweep --settings settings.csv --tag night --jobs 4',
      ],
    })
    .addArgument(new SourcedArgument('[targets...]', 'targets, stages or nodes, as with --target', 'targets'))
    .addOption(targetOption())
    .addOption(new SourcedOption('--settings <file>', 'a list of settings: YAML, JSON or CSV', 'files'))
    .option('-j, --jobs <count>', 'nodes to run at the same time (default: one per core)', positiveInteger)
    .option('--executor <name>', 'where stages are executed that name no executor (default: local, on this machine)')
    .option('-n, --dry-run', 'say what would run, and run nothing (JSON: sweep-plan.schema.json)')
    .addOption(
      new SourcedOption(
        '--force <stage>',
        'run the nodes of a stage even if they are up to date; may be repeated',
        'stages',
      ).argParser(collect),
    )
    .option('--note <text>', 'what is to be said about each setting')
    .option('--tag <tag>', 'give each setting a tag; may be repeated', collect)
    .option(
      '--notify <way>',
      'tell the end of the run: desktop, github (the summary of a step), the address of a webhook, or a command; may be repeated',
      collect,
    )
    .option('--no-wait', 'end with 1 if another run uses the cache, instead of waiting for it')
    .action(
      registrar.action(async (targets: readonly string[], options) => {
        const asked = { ...options, target: [...(options.target ?? []), ...targets], workerFile };
        return (await import('../commands/sweep.ts')).sweep(asked);
      }),
    );
}

/** Registers `experiments` and its subcommands. */
export function registerExperimentsCommands(registrar: Registrar): void {
  const experiments = registrar
    .projectCommand(registrar.program, 'experiments', {
      summary: 'List runs with the params in which they differ, and their metrics.',
      description: [
        'Lists runs, newest first: how each ended, the params in which they differ, and metrics. Of runs that were asked for the same, the last one stands for all, unless one has a name, a note or a tag.',
        'A metric is the last value that a node reported; NAME=min and NAME=max are the least and the greatest of all values, NAME=500 is the value at step 500. The nodes of a chain count as one. Of several nodes and chains it is the mean, and their number stands in parentheses.',
        'OUTPUT.PATH is a number in a JSON output: eval.test.loss. Where no node reports a metric, the numbers of JSON files that targets publish are shown.',
        'Columns are run, sweep, setting, name, state, reason, tags, note, started, took, executed, profile, targets, code, params by their path or its end, and metrics. A condition is a column, one of = != < <= > >= ~ (contains), and a value.',
      ],
      files: [READS_CACHE],
      exitCodes: { 2: 'the command line or the pipeline file is wrong: there is no such column' },
      schema: 'experiments',
      examples: [
        'experiments',
        'experiments --metric loss=min --sort loss=min',
        "experiments --filter state=done --filter 'batchSize>=32' --columns name,batchSize,loss",
        "experiments --metric accuracy=max --node 'train/fnn/*' --csv",
        'experiments name last wide',
        'experiments tag last~1 baseline',
      ],
    })
    .option('--metric <name>', 'a metric: NAME, NAME=min, NAME=max or NAME=STEP; may be repeated', collect)
    .addOption(
      new SourcedOption('--node <pattern>', 'take metrics of these nodes only; may be repeated', 'nodes').argParser(
        collect,
      ),
    )
    .option('--filter <condition>', 'only runs for which this holds; may be repeated', collect)
    .option('--sort <column>', 'sort by a column; COLUMN:desc turns the order round')
    .option('--columns <names>', 'the columns to show, with commas between')
    .option('--limit <count>', 'how many runs to list (default: 50)', positiveInteger)
    .option('--all', 'also runs that a later one has replaced')
    .option('--csv', 'print the table as CSV')
    .action(
      registrar.action(async (options) => (await import('../commands/experiments/list.ts')).experiments(options)),
    );

  const label = (name: string, summary: string, description: string, examples: readonly string[]) =>
    registrar
      .projectCommand(experiments, name, {
        summary,
        description: [
          description,
          'It is kept next to the record of the run, and is in no key. A run that is under way can be named too.',
        ],
        files: [WRITES_LABEL],
        exitCodes: { 2: NO_SUCH_RUN },
        schema: 'experiments-label',
        examples,
      })
      .addArgument(new SourcedArgument('<run>', RUN_NAME, 'runs'));
  const load = () => import('../commands/experiments/label.ts');

  label('name', 'Name a run.', 'Names a run. Commands that take a run take its name.', [
    'experiments name last wide',
    'experiments name last',
  ])
    .argument('[name]', 'the name; without it, the run has none')
    .action(
      registrar.action(async (run, name: string | undefined, _, own: Command) =>
        (await load()).nameExperiment(run, name, own.optsWithGlobals()),
      ),
    );
  label('note', 'Write a note about a run.', 'Writes a note about a run, in place of an earlier one.', [
    'experiments note wide "diverges after epoch 3"',
  ])
    .argument('[text]', 'the note; without it, the run has none')
    .action(
      registrar.action(async (run, text: string | undefined, _, own: Command) =>
        (await load()).noteExperiment(run, text, own.optsWithGlobals()),
      ),
    );
  label('tag', 'Give a run tags, or remove them.', 'Adds tags to a run; with --remove, removes them.', [
    'experiments tag last baseline paper',
    'experiments tag last baseline --remove',
  ])
    .argument('<tags...>', 'the tags')
    .option('--remove', 'remove these tags')
    .action(
      registrar.action(async (run, tags: readonly string[], _, own: Command) =>
        (await load()).tagExperiment(run, tags, own.optsWithGlobals()),
      ),
    );
}
