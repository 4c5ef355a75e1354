import { type CodeFile, codeDigest } from '../../keys/code-file.ts';
import type { CommandCode } from '../../keys/command-code.ts';
import { describeCommand } from '../../pipeline/stages/command.ts';
import type { CommandPaths } from '../../pipeline/stages/command-paths.ts';
import { type ReadableFile, WHOLE_TEXT } from './readable-file.ts';

/** The arguments of a command, and its files, by path. */
export function commandFiles({ program, files }: CommandCode): ReadonlyMap<string, ReadableFile> {
  const { form, words } = program;
  const lines = words.map((word) => describeCommand({ form: 'words', words: [word] })).join('\n');
  const command = whole(form === 'script' ? 'script' : 'arguments', lines);
  const paths = program.paths && ([['paths', readablePaths(program.paths)]] as const);
  return new Map([
    ['command', command],
    ...(paths ?? []),
    ...files.map((file) => [file.path, readable(file)] as const),
  ]);
}

function readablePaths({ inputs, outputs, params }: CommandPaths): ReadableFile {
  const parts = new Map([
    ...Object.entries(inputs).map(([name, path]) => [`inputs.${name}`, path] as const),
    ...Object.entries(outputs).map(([name, path]) => [`outputs.${name}`, path] as const),
    ...params.map(({ path, name }) => [name === undefined ? 'params' : `params.${name}`, path] as const),
  ]);
  const text = ended([...parts].map(([name, path]) => `${name}: ${path}`).join('\n'));
  return { counted: text, text, kind: 'declarations', parts };
}

function readable(file: CodeFile): ReadableFile {
  const found = contentOf(file);
  if (!file.isExecutable) return found;
  return {
    ...found,
    counted: `executable ${found.counted}`,
    text: `(executable)\n${found.text}`,
    parts: new Map([['its executable bit', 'set'], ...found.parts]),
  };
}

function contentOf(file: CodeFile): ReadableFile {
  const { encoding, content, syntax } = file;
  if (encoding === 'base64') return whole('its bytes', `SHA-256 ${codeDigest(file)}`);
  if (!syntax) return whole(WHOLE_TEXT, content);
  const parts = Object.entries(syntax.functions).map(([name, digest]) => [partName(name), digest] as const);
  return { counted: syntax.digest, text: ended(content), kind: 'declarations', parts: new Map(parts) };
}

function whole(name: string, text: string): ReadableFile {
  return { counted: text, text: ended(text), kind: 'whole', parts: new Map([[name, text]]) };
}

/** What stands outside of functions and classes is `<module>` for Python. */
function partName(name: string): string {
  return name === '<module>' ? 'top level' : name;
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
