import { Argument, CommanderError, Option } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { SHELLS } from './completion/scripts.ts';
import { registerCacheCommands } from './groups/cache-commands.ts';
import { registerExperimentsCommands, registerSweepCommand } from './groups/experiments-commands.ts';
import { registerHistoryCommands } from './groups/history-commands.ts';
import { registerMachineCommands } from './groups/machine-commands.ts';
import { registerMetricsCommands } from './groups/metrics-commands.ts';
import { registerRunCommands } from './groups/run-commands.ts';
import { registerUiCommand } from './groups/ui-commands.ts';
import { generalHelp } from './help/general-help.ts';
import { ExplainedCommand } from './options/explained-command.ts';
import { helpWidth, Registrar } from './options/registrar.ts';
import { EXIT } from './process/exit-codes.ts';

export interface Program {
  /** Parses the command line, runs the command, and returns the exit code. */
  run(argv: readonly string[]): Promise<number>;
}

/**
 * The command line: names, options and help. Commands are loaded when they are called, so that each starts fast.
 * @param workerFile the program that worker processes run.
 */
export function buildProgram(workerFile: string): Program {
  const registrar = new Registrar(
    new ExplainedCommand('vmfdag')
      .description('Runs numerical experiments that are declared in pipeline.yaml, and only what has changed of them.')
      .version(manifest.version)
      .addHelpText('after', ({ command }) => generalHelp(helpWidth(command))),
  );
  registerRunCommands(registrar, workerFile);
  registerUiCommand(registrar);
  registerHistoryCommands(registrar);
  registerMetricsCommands(registrar);
  registerExperimentsCommands(registrar);
  registerSweepCommand(registrar, workerFile);
  registerCacheCommands(registrar, workerFile);
  registerMachineCommands(registrar, workerFile);
  registerComplete(registrar);

  return {
    async run(argv) {
      try {
        await registrar.program.parseAsync(argv);
        return registrar.exitCode;
      } catch (error) {
        if (!(error instanceof CommanderError)) throw error;
        // Commander has printed its message; help and version count as done.
        return error.exitCode === 0 ? EXIT.done : EXIT.usage;
      }
    },
  };
}

/** Called by the shells' scripts, not by users. */
function registerComplete(registrar: Registrar): void {
  const { program } = registrar;
  program
    .command('complete', { hidden: true })
    .addOption(new Option('--shell <shell>').choices(SHELLS))
    .addArgument(new Argument('[words...]'))
    .action(
      registrar.action(async (words, { shell }) =>
        (await import('./commands/complete.ts')).complete(program, words, shell),
      ),
    );
}
