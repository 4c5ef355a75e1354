import { Option } from 'commander';
import { type Registrar, targetOption } from '../options/registrar.ts';
import { collect, positiveInteger } from '../options/value-parsers.ts';
import { SourcedArgument, SourcedOption } from '../options/value-source.ts';

/** Registers the commands that plan, run and explain. @param workerFile the program that worker processes run. */
export function registerRunCommands(registrar: Registrar, workerFile: string): void {
  registerRun(registrar, workerFile);
  registerStatus(registrar);
  registerExplain(registrar);
  registerGraph(registrar);
}

function registerRun(registrar: Registrar, workerFile: string): void {
  registrar
    .projectCommand(registrar.program, 'run', {
      summary: 'Bring targets up to date and write their files.',
      description: [
        'Brings targets up to date and writes their files. A node is executed if there is no result in the cache under the digest of everything that it depends on: the code that it reaches, its params, the bytes of its inputs, and what it computes with. Everything else is found, however it got there.',
        'Results are written one by one, each in one flushed transaction. The run can be interrupted or killed at any moment: the same command goes on from there. The first Ctrl-C lets running nodes finish, the second one ends them.',
        'Runs on one cache wait for each other.',
      ],
      files: [
        'cache/ next to the pipeline file (--cache): reads and writes it.',
        'results/PROFILE/ next to the pipeline file (results/NAME/PROFILE/ for NAME.yaml; results/ without profiles): the files of the targets.',
        'node_modules/.cache/vmfdag/ next to the pipeline file: the code that workers execute; can be deleted at any time.',
      ],
      exitCodes: {
        0: 'everything that was asked for is up to date',
        1: 'a node failed, or an audit found other bytes; the cache or the machine cannot be used; with --no-wait, another run uses the cache',
        2: 'the command line, the pipeline file or what a stage declares is wrong; what else was finished is kept',
        130: 'interrupted; the same command goes on from where it stopped',
      },
      schema: 'run-event',
      examples: [
        'run',
        'run fig5 --profile smoke',
        'run --set architectures.fnn.batchSize=32 --dry-run',
        'run --force plot-concentration --json',
        'run fig5 --watch --profile smoke',
        'run train/fnn/1/7 --restore',
        'run --audit 3 --audit-seed 1',
      ],
    })
    .addArgument(new SourcedArgument('[targets...]', 'targets, stages or nodes, as with --target', 'targets'))
    .addOption(targetOption())
    .option('-j, --jobs <count>', 'nodes to run at the same time (default: one per core)', positiveInteger)
    .option('--executor <name>', 'where stages are executed that name no executor (default: local, on this machine)')
    .option('-n, --dry-run', 'say what would run, and why, and run nothing (JSON: node-states.schema.json)')
    .addOption(
      new SourcedOption(
        '--force <stage>',
        'run the nodes of a stage even if they are up to date; may be repeated',
        'stages',
      ).argParser(collect),
    )
    .option('--restore', 'restore evicted bytes of the targets, and keep them')
    .option('--audit <count>', 'also execute so many up-to-date nodes again and compare their bytes', positiveInteger)
    .option('--audit-seed <seed>', 'which nodes --audit picks (default: random, and printed)', positiveInteger)
    .option('-k, --keep-going', 'after a failure, go on with what does not depend on it')
    .option('--cancel-jobs', 'first cancel what earlier runs that were killed still have on clusters')
    .option('--name <name>', 'name this run, for "experiments" and commands that take a run')
    .option('--note <text>', 'what is to be said about this run')
    .option('--tag <tag>', 'give this run a tag; may be repeated', collect)
    .option(
      '--notify <way>',
      'tell the end of the run: desktop, github (the summary of a step), the address of a webhook, or a command; may be repeated',
      collect,
    )
    .option('--no-wait', 'end with 1 if another run uses the cache, instead of waiting for it')
    .addOption(
      new Option(
        '-w, --watch',
        'run again after every edit of the pipeline file or of the stages, until Ctrl-C',
      ).conflicts('dryRun'),
    )
    .option('--ui', 'serve the live page while it runs, and say where ("vmfdag ui --help" says more)')
    .action(
      registrar.action(async (targets: readonly string[], options) => {
        const asked = { ...options, target: [...(options.target ?? []), ...targets], workerFile };
        const run = async () =>
          options.watch
            ? (await import('../commands/watch.ts')).watchAndRun(asked)
            : (await import('../commands/run.ts')).run(asked);
        return options.ui ? (await import('../process/live-page.ts')).withLivePage(asked, run) : run();
      }),
    );
}

function registerStatus(registrar: Registrar): void {
  registrar
    .projectCommand(registrar.program, 'status', {
      summary: 'Show by stage what is up to date.',
      description: [
        'Counts by stage how many nodes are up to date, how many are stale and will run, and how many wait: whether those run depends on the bytes that the stale nodes upstream give. Nothing is run.',
      ],
      files: ['cache/ next to the pipeline file (--cache): reads it, and keeps the code of the stages.'],
      schema: 'node-states',
      examples: ['status', 'status --target fig5 --json'],
    })
    .addOption(targetOption())
    .action(registrar.action(async (options) => (await import('../commands/status.ts')).status(options)));
}

function registerExplain(registrar: Registrar): void {
  registrar
    .projectCommand(registrar.program, 'explain', {
      summary: 'Say why a node will run, when and how it was made, or where a file of the results comes from.',
      description: [
        'Walks the rules that decide whether a node runs, in their order, and shows the verdict of each. For a node that will run, it says what changed since the last time, and follows a changed input upstream to where the change began. For one that is up to date, it says when, where and from what it was made; for one that failed last, how.',
        'For a file of the results, or a copy of it anywhere, it says which run, node, params and code made it, and whether it is up to date (JSON: explain-file.schema.json). A file is known by its bytes.',
      ],
      files: ['cache/ next to the pipeline file (--cache): reads it, and keeps the code of the stages.'],
      schema: 'explain',
      examples: [
        'explain train/fnn/1/3',
        'explain "train/fnn/*/3" --json',
        'explain plot-concentration',
        'explain train/fnn/1/3 --diff',
        'explain results/quick/fig5.svg',
      ],
    })
    .addArgument(new SourcedArgument('<node-or-file>', 'a node, a pattern of nodes, or the path of a file', 'nodes'))
    .option('--diff', 'show in what the code differs from the code of the last time')
    .action(registrar.action(async (node, options) => (await import('../commands/explain.ts')).explain(node, options)));
}

function registerGraph(registrar: Registrar): void {
  registrar
    .projectCommand(registrar.program, 'graph', {
      summary: 'Draw the plan: a box for each stage, with what is up to date.',
      description: [
        'Draws the plan of targets and of what they need, to standard output: a box for each stage, coloured by what is up to date, and arrows for the outputs that go from one to another. --expand shows the nodes of a stage; ranges of many nodes share a box.',
      ],
      files: ['cache/ next to the pipeline file (--cache): reads it, unless --no-states is given.'],
      schema: 'graph',
      examples: [
        'graph',
        'graph --format html > graph.html',
        'graph --format svg --target fig5 --expand train > fig5.svg',
        'graph --expand --no-states --format dot | dot -Tpdf > pipeline.pdf',
      ],
    })
    .addOption(targetOption())
    .addOption(
      new Option('--format <format>', 'the language to draw in')
        .choices(['mermaid', 'dot', 'svg', 'html'])
        .default('mermaid'),
    )
    .addOption(
      new SourcedOption(
        '--expand [stage]',
        'show the nodes of a stage, or of all stages; ranges of many nodes share a box; may be repeated',
        'stages',
      ).argParser((stage: string, earlier?: true | readonly string[]) =>
        earlier === true ? earlier : collect(stage, earlier),
      ),
    )
    .option('--no-states', 'do not look into the cache for what is up to date')
    .action(registrar.action(async (options) => (await import('../commands/graph.ts')).graph(options)));
}
