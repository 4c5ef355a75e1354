import { Argument } from 'commander';
import { SHELLS } from '../completion/scripts.ts';
import type { Registrar } from '../options/registrar.ts';
import { positiveInteger, size } from '../options/value-parsers.ts';
import { SourcedArgument, SourcedOption } from '../options/value-source.ts';

/** Registers the commands that set something up, or serve another machine. @param workerFile the program that worker processes run. */
export function registerMachineCommands(registrar: Registrar, workerFile: string): void {
  registerInit(registrar);
  registerImport(registrar);
  registerBackends(registrar);
  registerDoctor(registrar);
  registerUnit(registrar, workerFile);
  registerJobs(registrar);
  registerCompletion(registrar);
}

function registerInit(registrar: Registrar): void {
  registrar
    .command(registrar.program, 'init', {
      summary: 'Make a new project, with a pipeline that runs at once.',
      description: [
        'Makes a folder with a pipeline file, two stages, a README and a package.json. "vmfdag run" in it works at once, offline: what the stages import is linked where it is not installed.',
        'With --python the stages are Python programs, with a chain of epochs and a table of all of them. They need Python 3.9 or newer as python3, and no package; a figure that is not made by default needs matplotlib.',
      ],
      files: ['DIR: writes a new project; a folder that holds anything but .git is refused.'],
      exitCodes: { 1: 'the folder cannot be written', 2: 'the folder is not empty' },
      schema: 'init',
      examples: ['init', 'init dice', 'init fit --python', 'init dice --json'],
    })
    .addArgument(new SourcedArgument('[dir]', 'the folder; it is made, or must be empty', 'folders').default('.'))
    .option('--python', 'stages as Python programs')
    .option('--json', 'print JSON for scripts')
    .action(
      registrar.action(async (directory, options) => (await import('../commands/init.ts')).init(directory, options)),
    );
}

function registerImport(registrar: Registrar): void {
  registrar
    .command(registrar.program, 'import', {
      summary: 'Write a pipeline file with what a DVC file says.',
      description: [
        'Reads a dvc.yaml with the params, .dvc files and folders next to it, and writes a pipeline file in which each command finds and leaves its files where it does under DVC. It executes nothing. docs/from-dvc.md tells what becomes of what.',
        'What has no counterpart is refused, with its line and what to do. What is right and worth a look is a comment that begins with "check:", and is printed to standard error.',
      ],
      files: [
        'FILE, params files, the names and sizes of the files that it names: reads them.',
        'pipeline.yaml next to FILE (--output): writes it.',
      ],
      exitCodes: {
        1: 'the file cannot be written',
        2: 'FILE has something that cannot be translated, or the output is there already',
      },
      schema: 'import',
      examples: ['import dvc.yaml', 'import dvc.yaml --output - | less', 'import dvc.yaml --force'],
    })
    .addArgument(new SourcedArgument('<file>', 'a dvc.yaml', 'files'))
    .addOption(
      new SourcedOption(
        '-o, --output <file>',
        'where to write it, next to FILE; - for standard output (default: pipeline.yaml)',
        'files',
      ),
    )
    .option('--force', 'replace a file that is there')
    .option('--json', 'print JSON for scripts')
    .action(
      registrar.action(async (file, options) => (await import('../commands/import.ts')).importFile(file, options)),
    );
}

function registerBackends(registrar: Registrar): void {
  registrar
    .projectCommand(registrar.program, 'backends', {
      summary: 'List the backends for stages on this machine, the fastest first.',
      description: [
        'Lists the TensorFlow.js backends that stages with "compute: true" can use, the fastest first: which are available and in what version, and how to get the others. "--set compute.backend=NAME" chooses one; docs/backends.md tells more.',
      ],
      files: ['node_modules/ next to the pipeline file: looks for packages.'],
      schema: 'backends',
      examples: ['backends', 'backends --json'],
    })
    .action(registrar.action(async (options) => (await import('../commands/backends.ts')).backends(options)));
}

function registerDoctor(registrar: Registrar): void {
  registrar
    .projectCommand(registrar.program, 'doctor', {
      summary: 'Check the machine, the pipeline, the cache and the backends.',
      description: [
        'Checks what a run needs: the machine, the pipeline file, the cache and the backends. Says for everything that is missing or broken how to fix it.',
      ],
      files: ['cache/ next to the pipeline file (--cache): opens it.'],
      exitCodes: { 1: 'something is broken' },
      schema: 'doctor',
      examples: ['doctor', 'doctor --json'],
    })
    .action(registrar.action(async (options) => (await import('../commands/doctor.ts')).doctor(options)));
}

function registerUnit(registrar: Registrar, workerFile: string): void {
  registrar
    .command(registrar.program, 'unit', {
      summary: 'Execute what a run on another machine sends.',
      description: [
        'Executes nodes of a run that is on another machine, or in another place of this one. The run starts it: the command line of an executor has it at its other end, such as "ssh gpu1 vmfdag unit -". Messages and bytes come over standard input, and results leave over standard output. It ends with its input, and everything that it has started ends with it. What a FILE holds is executed to its end.',
        "Code and inputs come from the run. Packages are those of --root. Whatever would give another result than on the run's machine is refused: another release of V8, other packages, another backend, another environment of a command. docs/cluster.md tells how to set it up.",
        'What it gets and makes is kept in a cache of its own, which all units of a host share.',
      ],
      files: [
        '~/.cache/vmfdag/units (XDG_CACHE_HOME, --cache): the cache of the units of this host; can be deleted while none runs.',
        'node_modules/.cache/vmfdag/ in the folder of --root: the code that workers execute; can be deleted at any time.',
      ],
      exitCodes: { 0: 'the input has ended' },
      examples: ['unit -', 'unit - --root ~/project'],
    })
    .addArgument(new SourcedArgument('[file]', 'the messages of a run; - for standard input', 'files'))
    .addOption(
      new SourcedOption(
        '--root <dir>',
        "the folder whose packages stages use (default: the project's, if it is here too, or the current one)",
        'folders',
      ),
    )
    .addOption(new SourcedOption('--cache <dir>', 'the cache folder (default: ~/.cache/vmfdag/units)', 'folders'))
    .option('--limit <size>', 'empty the cache first if it is larger and no other unit uses it (default: 20GiB)', size)
    .addOption(
      new SourcedOption(
        '--mailbox <dir>',
        'a new folder for messages, which the run sees too, instead of [file]',
        'folders',
      ),
    )
    .option('--idle <seconds>', 'end after so long without a message in the mailbox', positiveInteger, 600)
    .action(
      registrar.action(async (file, options) =>
        (await import('../commands/unit.ts')).unit(file, { ...options, workerFile }),
      ),
    );
}

function registerJobs(registrar: Registrar): void {
  registrar
    .projectCommand(registrar.program, 'jobs', {
      summary: 'List what runs have waiting and running on clusters.',
      description: [
        'Lists the jobs of SLURM that runs of this project have submitted and that wait or run, also those of runs that were killed. Such jobs finish the nodes that they have, leave the results for the next run, and end a little later.',
      ],
      files: ['.vmfdag/ next to the pipeline file, or the spool folders of the executors: reads them.'],
      exitCodes: { 1: 'the scheduler cannot be asked' },
      schema: 'jobs',
      examples: ['jobs', 'jobs --cancel'],
    })
    .option('--cancel', 'cancel them')
    .action(registrar.action(async (options) => (await import('../commands/jobs.ts')).jobs(options)));
}

function registerCompletion(registrar: Registrar): void {
  registrar
    .command(registrar.program, 'completion', {
      summary: 'Print a script that completes command lines in your shell.',
      description: [
        'Prints a script to be read by a shell. From then on, the tab key completes commands, options and their values: profiles, params, targets, stages, nodes one coordinate at a time, and runs.',
        'The script calls "vmfdag complete" for every tab, which reads the pipeline file that the line names, or pipeline.yaml. It needs vmfdag on the PATH, or a line that begins with the path of it.',
        'bash, in ~/.bashrc: source <(vmfdag completion bash)',
        'zsh, in ~/.zshrc after compinit: source <(vmfdag completion zsh)',
        'fish: vmfdag completion fish > ~/.config/fish/completions/vmfdag.fish',
      ],
      files: ['The pipeline file, and for the names of runs the cache: reads them while you complete.'],
      examples: SHELLS.map((shell) => `completion ${shell}`),
    })
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .action(registrar.action(async (shell) => (await import('../commands/completion.ts')).completion(shell)));
}
