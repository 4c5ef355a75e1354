import type { Argument, Command, Option } from 'commander';

/** What the word under the cursor stands for. */
export type Place =
  /** The value of an option; `prefix` is what precedes it in the same word, such as `--profile=`. */
  | { readonly kind: 'option value'; readonly option: Option; readonly prefix: string; readonly word: string }
  | { readonly kind: 'option'; readonly word: string }
  /** A subcommand, where none was named yet, or an argument. */
  | {
      readonly kind: 'word';
      readonly subcommands: readonly Command[];
      readonly argument: Argument | undefined;
      readonly word: string;
    };

/** A command line up to the cursor. */
export interface CompletedLine {
  readonly command: Command;
  readonly place: Place;
  /** Values of the options before the cursor, by their names in commander. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/**
 * Reads the words of a command line as commander would.
 * @param words those after the program's name; the last one is under the cursor
 */
export function readLine(program: Command, words: readonly string[]): CompletedLine {
  const values = new Map<string, string[]>();
  const keep = (option: Option, value: string) => {
    const name = option.attributeName();
    values.set(name, [...(values.get(name) ?? []), value]);
  };
  let command = program;
  let waiting: Option | undefined;
  let positionals = 0;
  let onlyArguments = false;
  const known = (text: string) => optionOf(command, text);

  for (const word of words.slice(0, -1)) {
    if (waiting && !(waiting.optional && word.startsWith('-'))) {
      keep(waiting, word);
      waiting = undefined;
      continue;
    }
    waiting = undefined;
    if (onlyArguments || !/^-./.test(word)) {
      const sub = positionals === 0 && !onlyArguments ? subcommand(command, word) : undefined;
      if (sub) command = sub;
      else positionals++;
    } else if (word === '--') {
      onlyArguments = true;
    } else {
      const { option, value } = known(word);
      if (option && value !== undefined) keep(option, value);
      else if (option && takesValue(option)) waiting = option;
    }
  }

  const word = words.at(-1) ?? '';
  const line = (place: Place): CompletedLine => ({ command, place, values });
  if (waiting && !(waiting.optional && word.startsWith('-'))) {
    // The value of [stage] may be left out. Then the word may be anything else, but a value is likelier.
    return line({ kind: 'option value', option: waiting, prefix: '', word });
  }
  if (!onlyArguments && word.startsWith('-')) {
    const equals = word.indexOf('=');
    const { option } = known(word);
    if (word.startsWith('--') && equals > 0 && option && takesValue(option)) {
      return line({ kind: 'option value', option, prefix: word.slice(0, equals + 1), word: word.slice(equals + 1) });
    }
    return line({ kind: 'option', word });
  }
  const subcommands = positionals === 0 && !onlyArguments ? visibleSubcommands(command) : [];
  const argument = command.registeredArguments[positionals] ?? lastIfVariadic(command);
  return line({ kind: 'word', subcommands, argument, word });
}

/** Options of a command that help shows, with `--help`. */
export function visibleOptions(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

function takesValue(option: Option): boolean {
  return option.required || option.optional;
}

function visibleSubcommands(command: Command): readonly Command[] {
  return command.createHelp().visibleCommands(command);
}

function subcommand(command: Command, name: string): Command | undefined {
  return visibleSubcommands(command).find((each) => each.name() === name || each.aliases().includes(name));
}

/** The option that a word is, and the value inside the word: `--jobs=2`, `-j2`. For `-nk` it is the last option. */
function optionOf(
  command: Command,
  word: string,
): { readonly option: Option | undefined; readonly value: string | undefined } {
  const options = visibleOptions(command);
  if (word.startsWith('--')) {
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    return {
      option: options.find(({ long }) => long === name),
      value: equals < 0 ? undefined : word.slice(equals + 1),
    };
  }
  let option: Option | undefined;
  for (let at = 1; at < word.length; at++) {
    option = options.find(({ short }) => short === `-${word[at]}`);
    if (option && takesValue(option)) return { option, value: word.slice(at + 1) || undefined };
  }
  return { option, value: undefined };
}

function lastIfVariadic({ registeredArguments }: Command): Argument | undefined {
  const last = registeredArguments.at(-1);
  return last?.variadic ? last : undefined;
}
