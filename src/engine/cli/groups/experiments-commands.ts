import type { Command } from 'commander';
import type { Registrar } from '../options/registrar.ts';
import { collect, positiveInteger } from '../options/value-parsers.ts';
import { SourcedArgument, SourcedOption } from '../options/value-source.ts';

const READS_CACHE = 'cache/ next to the pipeline file (--cache): reads it.';
const WRITES_LABEL = 'cache/ next to the pipeline file (--cache): writes what is said about the run, in one step.';
const RUN = 'the name of a run, an id or the beginning of one, last, or last~N';
const NO_SUCH_RUN = 'the command line or the pipeline file is wrong: there is no such run';

/** Registers `experiments` and its subcommands. */
export function registerExperimentsCommands(registrar: Registrar): void {
  const experiments = registrar
    .projectCommand(registrar.program, 'experiments', {
      summary: 'List runs with the params in which they differ, and their metrics.',
      description: [
        'Lists runs, newest first: how each ended, the params in which they differ, and metrics. Of runs that were asked for the same, the last one stands for all, unless one has a name, a note or a tag.',
        'A metric is the last value that a node reported; NAME=min and NAME=max are the least and the greatest of all values, NAME=500 is the value at step 500. The nodes of a chain count as one. Of several nodes and chains it is the mean, and their number stands in parentheses.',
        'Columns are run, name, state, reason, tags, note, started, took, executed, profile, targets, code, params by their path or its end, and metrics. A condition is a column, one of = != < <= > >= ~ (contains), and a value.',
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
      .addArgument(new SourcedArgument('<run>', RUN, 'runs'));
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
