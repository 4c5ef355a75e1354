import type { CodeFile } from '../../keys/code-file.ts';
import { codeDigest } from '../../keys/code-file.ts';
import type { CommandCode } from '../../keys/command-code.ts';
import { describeCommand } from '../../pipeline/stages/command.ts';
import type { Declaration } from './readable-code.ts';

/** A function or a class of Python, from its first column on. */
const PYTHON_BLOCK = /^(?:async )?(?:def|class) ([\p{ID_Start}_][\p{ID_Continue}]*)/u;

/** The arguments of a command, and its files in parts that have names. */
export function commandDeclarations({ program, files }: CommandCode): readonly Declaration[] {
  const { form, words } = program;
  const lines = words.map((word) => describeCommand({ form: 'words', words: [word] }));
  const name = form === 'script' ? 'script' : 'arguments';
  return [{ file: 'command', name, text: lines.join('\n') }, ...files.flatMap(declarationsIn)];
}

function declarationsIn(file: CodeFile): readonly Declaration[] {
  const { path, encoding, content, isExecutable } = file;
  const mode = isExecutable ? [{ file: path, name: 'its executable bit', text: '(executable)' }] : [];
  if (encoding === 'base64') return [...mode, { file: path, name: 'its bytes', text: `SHA-256 ${codeDigest(file)}` }];
  return [
    ...mode,
    ...(path.endsWith('.py') ? pythonBlocks(path, content) : [{ file: path, name: 'its text', text: content }]),
  ];
}

/** Decorators and comments before a function count to what is above it. */
function pythonBlocks(file: string, content: string): readonly Declaration[] {
  const blocks: { file: string; name: string; text: string }[] = [];
  let current: { file: string; name: string; text: string } | undefined;
  for (const line of content.split('\n')) {
    const name = PYTHON_BLOCK.exec(line)?.[1];
    const leavesBlock = current?.name !== 'top level' && /^[^\s)\]}#]/.test(line);
    if (!current || name !== undefined || leavesBlock) {
      current = { file, name: name ?? 'top level', text: line };
      blocks.push(current);
    } else current.text += `\n${line}`;
  }
  return blocks;
}
