import { EXIT, EXIT_MEANINGS, type ExitCode } from '../process/exit-codes.ts';

/** The manual page of a command, without its usage and its options. */
export interface Manual {
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What the command does, in paragraphs. */
  readonly description: readonly string[];
  /** What it reads and writes, and where. */
  readonly files: readonly string[];
  /** The meaning of exit codes for this command, where there is more to say than in general. */
  readonly exitCodes?: Readonly<Partial<Record<ExitCode, string>>>;
  /** The schema of the output of `--json`: the name of a file in `schemas/output`. */
  readonly schema?: string;
  readonly examples: readonly string[];
}

/** Any command can end with these. Those that execute nodes say it in their own words. */
const USUAL_MEANINGS: typeof EXIT_MEANINGS = { ...EXIT_MEANINGS, 1: 'the cache, a file or the machine cannot be used' };
const USUAL_CODES: readonly ExitCode[] = [EXIT.done, EXIT.failed, EXIT.usage];

/** The sections below the options. */
export function manualSections({ files, exitCodes = {}, schema, examples }: Manual, width: number): string {
  const codes = Object.values(EXIT).filter((code) => USUAL_CODES.includes(code) || code in exitCodes);
  const sections = [
    section(
      'Files',
      files.map((text) => wrap(text, width, '  ', '    ')),
    ),
    section(
      'JSON',
      schema === undefined
        ? []
        : [
            wrap(
              `--json prints what schemas/output/${schema}.schema.json of this package describes.`,
              width,
              '  ',
              '  ',
            ),
          ],
    ),
    section(
      'Exit codes',
      definitions(
        codes.map((code) => [String(code), exitCodes[code] ?? USUAL_MEANINGS[code]]),
        width,
      ),
    ),
    section(
      'Examples',
      examples.map((example) => `  $ vmfdag ${example}`),
    ),
  ];
  return sections.filter((text) => text !== '').join('\n');
}

export function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `\n${title}:\n${lines.join('\n')}`;
}

/** Names, with their meanings in a second column. */
export function definitions(
  list: readonly (readonly [name: string, meaning: string])[],
  width: number,
): readonly string[] {
  const column = Math.max(...list.map(([name]) => name.length)) + 4;
  return list.map(([name, meaning]) => wrap(meaning, width, `  ${name}`.padEnd(column), ' '.repeat(column)));
}

/** Breaks a text at spaces; a longer word gets a line of its own. */
function wrap(text: string, width: number, first: string, rest: string): string {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = rest;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line].join('\n');
}
