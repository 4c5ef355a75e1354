import type { Registrar } from '../options/registrar.ts';
import { positiveInteger } from '../options/value-parsers.ts';
import { RUN_NAME, SourcedArgument, SourcedOption } from '../options/value-source.ts';

const READS_CACHE = 'cache/ next to the pipeline file (--cache): reads it.';
const NO_SUCH = 'the command line or the pipeline file is wrong: there is no such run or node';
const NODES = 'a target with all that it is made from; or a stage, a node or a pattern';

/** Registers `metrics` and its subcommands. */
export function registerMetricsCommands(registrar: Registrar): void {
  const metrics = registrar.command(registrar.program, 'metrics', {
    summary: 'Show, compare and export what nodes reported while they ran.',
    description: [
      'Shows, compares and exports metrics: the numbers that nodes report by name and step while they run. They are kept with the record of the node.',
    ],
    files: [READS_CACHE],
    examples: ['metrics show train', 'metrics diff last~1 last', 'metrics export --csv metrics.csv'],
  });
  const run = () => new SourcedOption('--run <run>', `take the results of this run: ${RUN_NAME}`, 'runs');
  const nodes = () => new SourcedArgument('[nodes...]', `${NODES} (default: the default targets)`, 'targets');

  registrar
    .projectCommand(metrics, 'show', {
      summary: 'Show the last, least and greatest value of each metric of nodes.',
      description: [
        'Shows for each metric of each node how many values there were, the step and the value of the last one, and the least and the greatest. It takes the last result of each node, or with --run what that run resolved to. A target stands for its nodes and all that they are made from.',
      ],
      files: [READS_CACHE],
      exitCodes: { 2: NO_SUCH },
      schema: 'metrics-show',
      examples: [
        'metrics show',
        'metrics show train/fnn/1',
        "metrics show 'train/*/1' --run last~1",
        'metrics show --csv',
      ],
    })
    .addArgument(nodes())
    .addOption(run())
    .option('--csv', 'print the table as CSV')
    .action(
      registrar.action(async (names, options) =>
        (await import('../commands/metrics/show.ts')).metricsShow(names, options),
      ),
    );

  registrar
    .projectCommand(metrics, 'diff', {
      summary: 'Show the metrics in which two runs differ.',
      description: [
        'Compares the metrics of the nodes of two runs. A node with the same key in both is left out: it is one result. The table has the last values; --json has count, least and greatest value too.',
      ],
      files: [READS_CACHE],
      exitCodes: { 2: NO_SUCH },
      schema: 'metrics-diff',
      examples: ['metrics diff last~1 last', 'metrics diff 20260102T0304 last --json'],
    })
    .addArgument(new SourcedArgument('<old>', RUN_NAME, 'runs'))
    .addArgument(new SourcedArgument('<new>', 'the run to compare it with', 'runs'))
    .option('--limit <count>', 'how many metrics to list (default: 40)', positiveInteger)
    .action(
      registrar.action(async (old, current, options) =>
        (await import('../commands/metrics/diff.ts')).metricsDiff(old, current, options),
      ),
    );

  registrar
    .projectCommand(metrics, 'export', {
      summary: 'Write all values of the metrics of nodes, for other programs.',
      description: [
        'Writes a table with a row for each value: run, node, stage, a column for each coordinate, metric, step, time (milliseconds since 1970) and value. FILE may be - for standard output.',
        'With --mlflow, writes to an MLflow tracking server: an MLflow run for each run of vmfdag, and in it one for each node that this run executed, with params, coordinates and metrics. It may be repeated: what is there already is not written twice. Users and passwords are taken from the address, or from MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD or MLFLOW_TRACKING_TOKEN.',
      ],
      files: [READS_CACHE, 'FILE: writes it, in one step.'],
      exitCodes: { 1: 'the file cannot be written, or the tracking server refuses', 2: NO_SUCH },
      schema: 'metrics-export',
      examples: [
        'metrics export --csv metrics.csv',
        'metrics export train --run last --arrow metrics.arrow',
        'metrics export --mlflow http://localhost:5000',
      ],
    })
    .addArgument(nodes())
    .addOption(run())
    .addOption(new SourcedOption('--csv <file>', 'write CSV', 'files'))
    .addOption(new SourcedOption('--arrow <file>', 'write an Arrow file', 'files'))
    .option('--mlflow <url>', 'write to an MLflow tracking server')
    .option('--experiment <name>', 'the experiment of MLflow (default: the name of the pipeline)')
    .action(
      registrar.action(async (names, options) =>
        (await import('../commands/metrics/export.ts')).metricsExport(names, options),
      ),
    );
}
