import { Failure } from '../../../base/failure.ts';
import type { JsonValue } from '../../../base/json.ts';
import { shellLine } from '../../../base/shell-word.ts';
import type { ProgramLine } from '../../../environments/program-line.ts';
import type { CommandPiece, CommandProgram, CommandWord } from '../../../pipeline/stages/command.ts';
import type { Job } from '../../protocol.ts';
import type { NodePaths } from './node-paths.ts';

/** What a node's command refers to. */
export type CommandValues = Pick<Job, 'stage' | 'params' | 'coordinates'>;

/**
 * The command of a node, with values and paths in their places.
 * @throws {Failure} kind `usage` for a value that has no text
 */
export function commandLine(program: CommandProgram, node: CommandValues, paths: NodePaths): ProgramLine {
  const textsOf = (piece: CommandPiece) => texts(piece, node, paths);
  if (program.form === 'script') {
    const [word = []] = program.words;
    return { program: SHELL, arguments: ['-ec', word.map((piece) => scriptText(piece, textsOf(piece))).join('')] };
  }
  const [name = '', ...rest] = program.words.flatMap((word) => argumentsOf(word, textsOf, node));
  return { program: name, arguments: rest };
}

/** The command line as one would type it. */
export function typed({ program, arguments: rest }: ProgramLine): string {
  return shellLine([program, ...rest]);
}

/** A word that is one reference to a list, or one gathered input, becomes as many arguments as there are items. */
function argumentsOf(
  word: CommandWord,
  textsOf: (piece: CommandPiece) => readonly string[],
  { stage }: CommandValues,
): readonly string[] {
  const [only] = word;
  if (word.length === 1 && only) return textsOf(only);
  const joined = word.map((piece) => {
    const [text = '', ...more] = textsOf(piece);
    if (piece.kind === 'text' || more.length === 0) return text;
    throw new Failure('usage', {
      fact: `stage ${stage}: "${piece.name}" has ${more.length + 1} items, and is only a part of an argument`,
      fix: 'let it be an argument of its own: then each item is one',
    });
  });
  return [joined.join('')];
}

function scriptText(piece: CommandPiece, found: readonly string[]): string {
  return piece.kind === 'text' ? piece.text : shellLine(found);
}

function texts(piece: CommandPiece, node: CommandValues, paths: NodePaths): readonly string[] {
  switch (piece.kind) {
    case 'text':
      return [piece.text];
    case 'input': {
      const found = paths.inputs[piece.name] ?? [];
      return typeof found === 'string' ? [found] : found.map(({ path }) => path);
    }
    case 'output':
      return [paths.outputs[piece.name] ?? ''];
    case 'coordinate':
      return [String(node.coordinates[piece.name])];
    case 'param': {
      const value = node.params[piece.name] as JsonValue;
      return (Array.isArray(value) ? value : [value]).map((item) => scalarText(item, piece.name, node));
    }
  }
}

function scalarText(value: JsonValue, name: string, { stage }: CommandValues): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  const what = value === null ? 'null' : Array.isArray(value) ? 'a list in a list' : 'a mapping';
  throw new Failure('usage', {
    fact: `stage ${stage}: ${name} is ${what}, which cannot be an argument`,
    fix: 'pass it in "params": the program reads it from the file that VMFDAG_PARAMS names',
  });
}

/** By its path: looking along PATH takes a system call for each folder, in each child. */
const SHELL = '/bin/sh';
