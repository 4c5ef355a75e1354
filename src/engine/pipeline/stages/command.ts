import type { ArtefactType } from '../../stage/artefact.ts';
import type { CommandPaths } from './command-paths.ts';
import type { ProgramEnvironment } from './program-environment.ts';

/** A program that the stage starts for each node. All of this is in its keys. */
export interface CommandProgram {
  readonly kind: 'command';
  /** `script`: the only word is a text for `sh -ec`. */
  readonly form: 'words' | 'script';
  readonly words: readonly CommandWord[];
  /** Files, folders and globs of the project that the program finds in its folder. */
  readonly code: readonly string[];
  /** The type of each input, which gives its file an extension. */
  readonly inputs: Readonly<Record<string, ArtefactType>>;
  readonly paths?: CommandPaths | undefined;
  /** Without it, programs are what the machine has. */
  readonly environment?: ProgramEnvironment | undefined;
}

/** One argument in pieces. */
export type CommandWord = readonly CommandPiece[];

export type CommandPiece =
  | { readonly kind: 'text'; readonly text: string }
  /** `${rate}`: the value is in the node's params, under this very text. */
  | { readonly kind: 'param'; readonly name: string }
  /** `${seed}`, where that is a coordinate of the stage. */
  | { readonly kind: 'coordinate'; readonly name: string }
  /** `{inputs.x}`, `{outputs.y}`: a path. */
  | { readonly kind: 'input' | 'output'; readonly name: string };

/** Whether a name in a node's params is that of a reference in its command: `${rate}`. */
export function isReferenceName(name: string): boolean {
  return name.startsWith('${');
}

/** A command as the pipeline file has it, for people. */
export function describeCommand({ form, words }: Pick<CommandProgram, 'form' | 'words'>): string {
  const text = words.map((word) => word.map(describePiece).join('')).join(' ');
  return form === 'script' ? `sh -ec '${text}'` : text;
}

function describePiece(piece: CommandPiece): string {
  switch (piece.kind) {
    case 'text':
      return piece.text;
    case 'param':
      return piece.name;
    case 'coordinate':
      return `\${${piece.name}}`;
    case 'input':
      return `{inputs.${piece.name}}`;
    case 'output':
      return `{outputs.${piece.name}}`;
  }
}
