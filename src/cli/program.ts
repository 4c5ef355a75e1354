import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { registerCacheCommands } from './cache-program.ts';
import { EXIT } from './exit-codes.ts';

export interface Program {
  /** Parses the command line, runs the command, and returns the exit code. */
  run(argv: readonly string[]): Promise<number>;
}

/**
 * The command line: names, options and help. Commands are loaded when they are called, so that each starts fast.
 * @param workerFile the program that worker processes run.
 */
export function buildProgram(workerFile: string): Program {
  let exitCode: number = EXIT.done;
  const program = new Command('vmfdag')
    .description('Runs numerical experiments that are declared in pipeline.yaml, and only what has changed of them.')
    .version(manifest.version)
    .exitOverride()
    .showSuggestionAfterError()
    .addHelpText('after', EXIT_CODE_HELP);

  /** Registers what a command does; its result is the exit code. */
  const action =
    <Arguments extends unknown[]>(handler: (...args: Arguments) => Promise<number>) =>
    async (...args: Arguments): Promise<void> => {
      exitCode = await handler(...args);
    };

  const command = (parent: Command, name: string, description: string, examples: readonly string[]): Command =>
    parent
      .command(name)
      .description(description)
      .exitOverride()
      .showSuggestionAfterError()
      .addHelpText('after', ['', 'Examples:', ...examples.map((example) => `  $ vmfdag ${example}`)].join('\n'));

  const withProject = (target: Command): Command =>
    target
      .option('-f, --file <path>', 'the pipeline file', 'pipeline.yaml')
      .option('--cache <dir>', 'the cache folder (default: cache beside the pipeline file)')
      .option('-p, --profile <name>', 'the profile of params to use')
      .option('-s, --set <path=value>', 'set a param for this command; may be repeated', collect)
      .option('--json', 'print JSON for scripts');

  const targets = () =>
    new Option('-t, --target <name>', 'a target, stage or node; may be repeated').argParser(collect);

  withProject(
    command(program, 'run', 'Bring targets up to date and write their files.', [
      'run',
      'run --target fig5 --profile smoke',
      'run --set architectures.fnn.batchSize=32 --dry-run',
      'run --force plot-concentration --json',
      'run --watch --target fig5 --profile smoke',
      'run --target train/fnn/1/7 --restore',
      'run --audit 3 --audit-seed 1',
    ]),
  )
    .addOption(targets())
    .option('-j, --jobs <count>', 'nodes to run at the same time (default: one per core)', positiveInteger)
    .option('-n, --dry-run', 'say what would run, and why, and run nothing')
    .option('--force <stage>', 'run the nodes of a stage even if they are up to date; may be repeated', collect)
    .option('--restore', 'make dropped bytes of the targets again, and keep them')
    .option('--audit <count>', 'also execute so many up-to-date nodes again and compare their bytes', positiveInteger)
    .option('--audit-seed <seed>', 'which nodes --audit picks (default: random, and printed)', positiveInteger)
    .option('-k, --keep-going', 'after a failure, go on with what does not depend on it')
    .option('--no-wait', 'end with 1 if another run is at work on the cache, instead of waiting for it')
    .addOption(
      new Option(
        '-w, --watch',
        'run again after every edit of the pipeline file or of the stages, until Ctrl-C',
      ).conflicts('dryRun'),
    )
    .action(
      action(async (options) =>
        options.watch
          ? (await import('./commands/watch.ts')).watchAndRun({ ...options, workerFile })
          : (await import('./commands/run.ts')).run({ ...options, workerFile }),
      ),
    );

  withProject(
    command(program, 'status', 'Show by stage what is up to date.', ['status', 'status --target fig5 --json']),
  )
    .addOption(targets())
    .action(action(async (options) => (await import('./commands/status.ts')).status(options)));

  withProject(
    command(program, 'explain', 'Say why a node will run, or when and how it was made.', [
      'explain train/fnn/1/3',
      'explain "train/fnn/*/3" --json',
      'explain plot-concentration',
      'explain train/fnn/1/3 --diff',
    ]),
  )
    .argument('<node>', 'a node, or a pattern of nodes')
    .option('--diff', 'show in what the code differs from the code of the last time')
    .action(action(async (node, options) => (await import('./commands/explain.ts')).explain(node, options)));

  withProject(
    command(program, 'graph', 'Draw the plan: a box for each stage, with what is up to date.', [
      'graph',
      'graph --format html > graph.html',
      'graph --format svg --target fig5 --expand train > fig5.svg',
      'graph --expand --no-states --format dot | dot -Tpdf > pipeline.pdf',
    ]),
  )
    .addOption(targets())
    .addOption(
      new Option('--format <format>', 'the language to draw in')
        .choices(['mermaid', 'dot', 'svg', 'html'])
        .default('mermaid'),
    )
    .option(
      '--expand [stage]',
      'show the nodes of a stage, or of all stages; ranges of many nodes share a box; may be repeated',
      (stage: string, earlier?: true | readonly string[]) => (earlier === true ? earlier : collect(stage, earlier)),
    )
    .option('--no-states', 'do not look into the cache for what is up to date')
    .action(action(async (options) => (await import('./commands/graph.ts')).graph(options)));

  const history = withProject(
    command(program, 'history', 'List the runs on this cache, newest first.', [
      'history',
      'history --limit 100 --json',
      'history show last~1',
      'history trace last > trace.json',
    ]),
  )
    .option('--limit <count>', 'how many runs to list (default: 20)', positiveInteger)
    .action(action(async (options) => (await import('./commands/history.ts')).history(options)));
  withProject(
    command(history, 'show', 'Show what a run did, by stage.', ['history show last', 'history show 20260102T0304']),
  )
    .argument('<run>', 'an id or the beginning of one, last, or last~N')
    .action(
      action(async (run, _, own: Command) =>
        (await import('./commands/history.ts')).historyShow(run, own.optsWithGlobals()),
      ),
    );
  withProject(
    command(history, 'trace', 'Print a run as a Chrome trace, for ui.perfetto.dev or chrome://tracing.', [
      'history trace last > trace.json',
    ]),
  )
    .argument('<run>', 'an id or the beginning of one, last, or last~N')
    .action(
      action(async (run, _, own: Command) =>
        (await import('./commands/history.ts')).historyTrace(run, own.optsWithGlobals()),
      ),
    );

  withProject(
    command(program, 'diff', 'Show the params, code, artefacts and numbers in which two runs differ.', [
      'diff last~1 last',
      'diff 20260102T0304 last --limit 50',
      'diff last~1 last --json',
    ]),
  )
    .argument('<old>', 'an id or the beginning of one, last, or last~N')
    .argument('<new>', 'the run to compare it with')
    .option('--limit <count>', 'how many nodes and numbers to list (default: 10)', positiveInteger)
    .action(action(async (old, current, options) => (await import('./commands/diff.ts')).diff(old, current, options)));

  registerCacheCommands({ program, command, withProject, action });

  command(program, 'init', 'Make a new project, with a pipeline that runs at once.', ['init', 'init dice'])
    .argument('[dir]', 'the folder; it is made, or must be empty', '.')
    .action(action(async (directory) => (await import('./commands/init.ts')).init(directory)));

  withProject(
    command(
      program,
      'report',
      'Write one HTML page of the results: figures, where they come from, and when they were made.',
      ['report', 'report --target fig5 --output fig5.html'],
    ),
  )
    .addOption(targets())
    .option('-o, --output <file>', 'where to write it (default: report.html in the results folder)')
    .action(action(async (options) => (await import('./commands/report.ts')).report(options)));

  withProject(
    command(program, 'backends', 'List what stages can compute with here, the fastest first.', [
      'backends',
      'backends --json',
    ]),
  ).action(action(async (options) => (await import('./commands/backends.ts')).backends(options)));

  withProject(
    command(program, 'doctor', 'Check the machine, the pipeline, the cache and the backends.', ['doctor']),
  ).action(action(async (options) => (await import('./commands/doctor.ts')).doctor(options)));

  return {
    async run(argv) {
      try {
        await program.parseAsync(argv);
        return exitCode;
      } catch (error) {
        if (!(error instanceof CommanderError)) throw error;
        // Commander has printed its message; help and version count as done.
        return error.exitCode === 0 ? EXIT.done : EXIT.usage;
      }
    },
  };
}

const EXIT_CODE_HELP = `
Exit codes:
  0    done
  1    a stage failed, or the cache or the machine did
  2    the command line or the pipeline file is wrong
  130  interrupted; the same command goes on from where it stopped`;

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It has to be 1 or more.');
  return value;
}
