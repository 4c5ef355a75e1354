import type { Command, Option } from 'commander';
import { printable } from '../../base/printable.ts';
import { type Manual, manualSections } from '../help/manual.ts';
import { EXIT } from '../process/exit-codes.ts';
import { collect } from './value-parsers.ts';
import { SourcedOption } from './value-source.ts';

/** A commander command's help is as wide as the terminal; a wider paragraph is hard to read. */
const WIDEST = 100;

/** Registers commands, each with its manual and its function. */
export class Registrar {
  readonly program: Command;
  /** The exit code of the command that ran. */
  exitCode: number = EXIT.done;

  constructor(program: Command) {
    this.program = program;
    configure(program);
  }

  /** A command with its manual page. */
  command(parent: Command, name: string, manual: Manual): Command {
    return configure(parent.command(name))
      .summary(manual.summary)
      .description(manual.description.join('\n\n'))
      .addHelpText('after', ({ command }) => manualSections(manual, helpWidth(command)));
  }

  /** A command that reads a pipeline file or its cache. */
  projectCommand(parent: Command, name: string, manual: Manual): Command {
    return this.command(parent, name, manual)
      .addOption(new SourcedOption('-f, --file <path>', 'the pipeline file', 'files').default('pipeline.yaml'))
      .addOption(
        new SourcedOption('--cache <dir>', 'the cache folder (default: cache next to the pipeline file)', 'folders'),
      )
      .addOption(new SourcedOption('-p, --profile <name>', 'the profile of params to use', 'profiles'))
      .addOption(
        new SourcedOption(
          '-s, --set <path=value>',
          'set a param for this command; may be repeated',
          'param assignments',
        ).argParser(collect),
      )
      .option('--json', 'print JSON for scripts');
  }

  /** What a command does; its result is the exit code. */
  action<Arguments extends unknown[]>(
    handler: (...args: Arguments) => Promise<number>,
  ): (...args: Arguments) => Promise<void> {
    return async (...args) => {
      this.exitCode = await handler(...args);
    };
  }
}

/** `--target`, for commands that work on a part of the pipeline. */
export function targetOption(): Option {
  return new SourcedOption('-t, --target <name>', 'a target, stage or node; may be repeated', 'targets').argParser(
    collect,
  );
}

/** The columns that help may take. */
export function helpWidth(command: Command): number {
  return Math.min(command.configureOutput().getOutHelpWidth?.() ?? 80, WIDEST);
}

function configure(command: Command): Command {
  return command
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(printable(text)) })
    .configureHelp({ helpWidth: helpWidth(command) });
}
