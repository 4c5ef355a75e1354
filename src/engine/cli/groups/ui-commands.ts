import { Option } from 'commander';
import type { Registrar } from '../options/registrar.ts';
import { portNumber } from '../options/value-parsers.ts';

/** Registers `ui`. */
export function registerUiCommand(registrar: Registrar): void {
  registrar
    .projectCommand(registrar.program, 'ui', {
      summary: 'Look at runs while they run, in a browser.',
      description: [
        'Serves a page that shows the pipeline and its runs: stages with what is done, nodes with their logs, metrics, inputs and outputs, workers, experiments and results. It follows an active run, whoever has started it, and never slows it. It can start and stop runs. Ctrl-C ends it; runs that were started from the page end first.',
        'The printed address has a token. Whoever has the address can use the page, and with it run code as you. Only this machine reaches the page, unless --host says otherwise; there is no encryption.',
      ],
      files: ['cache/ next to the pipeline file (--cache): reads it, and keeps the code of the stages.'],
      exitCodes: { 1: 'the port cannot be used', 2: 'the command line or the pipeline file is wrong' },
      schema: 'ui',
      examples: ['ui', 'ui --no-open', 'ui --port 9000 --profile smoke', 'run fig5 --ui'],
    })
    .option('--port <port>', 'the port to listen on, 0 for any (default: the first free one from 8417 on)', portNumber)
    .option('--host <address>', 'the address of this machine to listen on', '127.0.0.1')
    .option('--no-open', 'do not open a browser')
    .addOption(new Option('--until-input-ends').hideHelp())
    .action(registrar.action(async (options) => (await import('../commands/ui.ts')).ui(options)));
}
