import type { Command } from 'commander';
import { type Registrar, targetOption } from '../options/registrar.ts';
import { positiveInteger } from '../options/value-parsers.ts';
import { RUN_NAME, SourcedArgument, SourcedOption } from '../options/value-source.ts';

const READS_CACHE = 'cache/ next to the pipeline file (--cache): reads it.';
const NO_SUCH_RUN = 'the command line is wrong: there is no such run, or the name is the beginning of several';

/** Registers the commands that look back. */
export function registerHistoryCommands(registrar: Registrar): void {
  registerHistory(registrar);
  registerDiff(registrar);
  registerReport(registrar);
  registerArchive(registrar);
}

function registerHistory(registrar: Registrar): void {
  const history = registrar
    .projectCommand(registrar.program, 'history', {
      summary: 'List the runs on this cache, newest first.',
      description: [
        'Lists the runs on this cache, newest first: how each ended, how many nodes it executed, how long it took, from which commit, and what it was asked for. A run whose process ended before it did is shown as killed.',
      ],
      files: [READS_CACHE],
      schema: 'history',
      examples: ['history', 'history --limit 100 --json', 'history show last~1', 'history trace last > trace.json'],
    })
    .option('--limit <count>', 'how many runs to list (default: 20)', positiveInteger)
    .action(registrar.action(async (options) => (await import('../commands/history.ts')).history(options)));
  registrar
    .projectCommand(history, 'show', {
      summary: 'Show what a run did, by stage, or the outcome of a node in it.',
      description: [
        'Shows what a run was asked for and the outcomes of its nodes, by stage: executed, up to date, cut off, failed, not run; where its time went (in sum, and how long nodes that were ready waited for a worker), and which nodes failed.',
        'With NODE, shows that node in the run: its outcome, each attempt and why it was made, the errors with their causes, and its log (JSON: history-show-node.schema.json).',
      ],
      files: [READS_CACHE],
      exitCodes: { 2: `${NO_SUCH_RUN}; or the run has no such node` },
      schema: 'history-show',
      examples: ['history show last', 'history show 20260102T0304', 'history show last train/fnn/1/3'],
    })
    .addArgument(new SourcedArgument('<run>', RUN_NAME, 'runs'))
    .addArgument(new SourcedArgument('[node]', 'a node of the run', 'nodes'))
    .action(
      registrar.action(async (run, node: string | undefined, _, own: Command) =>
        node === undefined
          ? (await import('../commands/history.ts')).historyShow(run, own.optsWithGlobals())
          : (await import('../commands/history-node.ts')).historyNode(run, node, own.optsWithGlobals()),
      ),
    );
  registrar
    .projectCommand(history, 'trace', {
      summary: 'Print a run as a Chrome trace, for ui.perfetto.dev or chrome://tracing.',
      description: [
        'Prints which worker executed what when as a Chrome trace: JSON in the format that ui.perfetto.dev and chrome://tracing open, with or without --json.',
      ],
      files: [READS_CACHE],
      exitCodes: { 2: `${NO_SUCH_RUN}; or the run executed nothing` },
      examples: ['history trace last > trace.json'],
    })
    .addArgument(new SourcedArgument('<run>', RUN_NAME, 'runs'))
    .action(
      registrar.action(async (run, _, own: Command) =>
        (await import('../commands/history.ts')).historyTrace(run, own.optsWithGlobals()),
      ),
    );
  registerLineage(registrar, history);
}

function registerLineage(registrar: Registrar, history: Command): void {
  registrar
    .projectCommand(history, 'lineage', {
      summary: 'Print a run as events of OpenLineage, for collectors of lineage.',
      description: [
        'Prints the run events of OpenLineage (2-0-2), one a line: a start and an end of the run, and of each attempt to execute a node, with the outputs that it read and made. The same run gives the same events, with or without --json.',
      ],
      files: [READS_CACHE],
      exitCodes: { 2: `${NO_SUCH_RUN}; or nothing is recorded of the run` },
      examples: ['history lineage last > events.ndjson'],
    })
    .addArgument(new SourcedArgument('<run>', RUN_NAME, 'runs'))
    .action(
      registrar.action(async (run, _, own: Command) =>
        (await import('../commands/history-lineage.ts')).historyLineage(run, own.optsWithGlobals()),
      ),
    );
}

function registerDiff(registrar: Registrar): void {
  registrar
    .projectCommand(registrar.program, 'diff', {
      summary: 'Show the params, code, environments, artefacts and numbers in which two runs differ.',
      description: [
        'Compares two runs: the params that differ, the files and declarations of the code that differ, the environments and the installed software of commands, the nodes whose artefacts have other bytes, and the numbers in JSON artefacts that changed. It reads what the runs left in the cache; the pipeline file may have changed since.',
      ],
      files: [READS_CACHE],
      exitCodes: { 2: NO_SUCH_RUN },
      schema: 'diff',
      examples: ['diff last~1 last', 'diff 20260102T0304 last --limit 50', 'diff last~1 last --json'],
    })
    .addArgument(new SourcedArgument('<old>', RUN_NAME, 'runs'))
    .addArgument(new SourcedArgument('<new>', 'the run to compare it with', 'runs'))
    .option('--limit <count>', 'how many nodes and numbers to list (default: 10)', positiveInteger)
    .action(
      registrar.action(async (old, current, options) =>
        (await import('../commands/diff.ts')).diff(old, current, options),
      ),
    );
}

function registerReport(registrar: Registrar): void {
  registrar
    .projectCommand(registrar.program, 'report', {
      summary: 'Write one HTML page of the results: figures, where they come from, and when they were made.',
      description: [
        'Writes one self-contained HTML page: the figures and tables of the targets as they are in the cache, for each where it comes from, the graph, and a timeline of the runs. Runs nothing; targets that are not up to date are marked.',
      ],
      files: [
        'cache/ next to the pipeline file (--cache): reads it.',
        'results/PROFILE/report.html (--output): writes it.',
      ],
      schema: 'report',
      examples: ['report', 'report --target fig5 --output fig5.html'],
    })
    .addOption(targetOption())
    .addOption(
      new SourcedOption(
        '-o, --output <file>',
        'where to write it (default: report.html in the results folder)',
        'files',
      ),
    )
    .action(registrar.action(async (options) => (await import('../commands/report.ts')).report(options)));
}

function registerArchive(registrar: Registrar): void {
  registrar
    .projectCommand(registrar.program, 'archive', {
      summary: 'Write the files of targets, with how they were made, into one zip.',
      description: [
        'Writes one zip: the files of targets, the records of the nodes that made them and of all upstream, the pipeline file, the code of the project, references to data from outside, and ro-crate-metadata.json, which describes all of it as a Workflow Run RO-Crate. The same results give the same bytes.',
        'In the unpacked archive, "vmfdag explain FILE" answers from the records, without a cache.',
      ],
      files: [READS_CACHE, 'PIPELINE-TARGET.zip in this folder, or what --output says: writes it, in one step.'],
      exitCodes: {
        2: 'the command line or the pipeline file is wrong; or a node is not up to date, or bytes are missing',
      },
      schema: 'archive',
      examples: ['archive fig5', 'archive fig5 fig3 --output paper.zip', 'explain paper/results/fig5.svg'],
    })
    .addArgument(new SourcedArgument('<targets...>', 'targets, stages or nodes', 'targets'))
    .addOption(new SourcedOption('-o, --output <file>', 'the zip to write', 'files'))
    .action(
      registrar.action(async (targets: readonly string[], options) =>
        (await import('../commands/archive.ts')).archive(targets, options),
      ),
    );
}
