import { Command, type ErrorOptions, type Option } from 'commander';
import { type Diagnostic, nearestName, renderDiagnostic, suggestName } from '../../base/diagnostic.ts';

/** A command whose messages about its line are as all others of this program: the fact, and what to type. */
export class ExplainedCommand extends Command {
  constructor(name?: string) {
    super(name);
    // Those of commander are no sentences of ours.
    this.showSuggestionAfterError(false);
  }

  override createCommand(name?: string): ExplainedCommand {
    return new ExplainedCommand(name);
  }

  override error(message: string, options: ErrorOptions = {}): never {
    return super.error(renderDiagnostic(explained(this, message.replace(/^error: /, ''), options.code)), options);
  }
}

/** @param fact what commander says */
function explained(command: Command, fact: string, code: string | undefined): Diagnostic {
  const line = lineOf(command);
  const option = optionIn(fact, command);
  switch (code) {
    case 'commander.unknownCommand':
      return unknownCommand(command);
    case 'commander.excessArguments':
      // A word after a command that has others below it is meant as the name of one.
      return namesOf(command).length > 0 ? unknownCommand(command) : excessArgument(command);
    case 'commander.missingArgument':
      return { fact, fix: usage(command) };
    case 'commander.unknownOption':
      return unknownOption(command, fact);
    case 'commander.optionMissingArgument':
      if (option) return { fact: `option ${option.long} has no value`, fix: `write ${wholeOption(option)}` };
      break;
    case 'commander.missingMandatoryOptionValue':
      if (option) return { fact: `${line} needs the option ${option.long}`, fix: `add ${wholeOption(option)}` };
      break;
    case 'commander.conflictingOption':
      return { fact, fix: 'leave one of the two out' };
    case 'commander.invalidArgument':
      return invalidValue(fact);
  }
  return { fact, fix: `"${line} --help" says what it takes` };
}

function unknownCommand(command: Command): Diagnostic {
  const [word = ''] = command.args;
  return { fact: `there is no command "${lineOf(command)} ${word}"`, fix: suggestName(word, namesOf(command)) };
}

function excessArgument(command: Command): Diagnostic {
  const count = command.registeredArguments.length;
  return {
    fact: `${lineOf(command)} takes ${count === 0 ? 'no argument' : `at most ${count}`}: "${command.args[count]}" is too many`,
    fix: `${usage(command)}; a value with spaces needs quotes`,
  };
}

function unknownOption(command: Command, fact: string): Diagnostic {
  const flag = /^unknown option '([^'=]*)/.exec(fact)?.[1] ?? '';
  const options = command.createHelp().visibleOptions(command);
  const nearest = nearestName(
    flag,
    options.flatMap(({ long }) => long ?? []),
  );
  return {
    fact,
    fix: nearest === undefined ? `"${lineOf(command)} --help" lists the options` : `did you mean "${nearest}"?`,
  };
}

/** The second sentence is of the parser of the value, or lists the choices. */
function invalidValue(text: string): Diagnostic {
  const [, fact, rest] = /^(.* is invalid.*?)\. (.*)$/s.exec(text) ?? [];
  if (fact === undefined || rest === undefined) return { fact: text };
  return { fact, fix: rest.replace(/^Allowed choices are (.*)\.$/s, 'use one of $1') };
}

/** The option that a message names. */
function optionIn(text: string, { options }: Command): Option | undefined {
  return options.find(({ flags }) => text.includes(`'${flags}'`));
}

/** `--jobs <count>, how many nodes run at the same time`. */
function wholeOption({ long, flags, description }: Option): string {
  return `${flags.slice(flags.indexOf(long ?? flags))}, ${description}`;
}

function usage(command: Command): string {
  return `type "${lineOf(command)} ${command.usage()}"`;
}

/** `vmfdag cache get`. */
function lineOf(command: Command): string {
  return command.parent ? `${lineOf(command.parent)} ${command.name()}` : command.name();
}

function namesOf(command: Command): readonly string[] {
  const help = command.createHelp();
  return help
    .visibleCommands(command)
    .map((each) => each.name())
    .filter((name) => name !== 'help');
}
