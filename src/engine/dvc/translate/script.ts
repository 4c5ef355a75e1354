import { shellWord } from '../../base/shell-word.ts';
import type { DvcStage } from '../dvc-stage.ts';
import { literal } from '../literal.ts';
import { scalarText, type TextPart } from '../read/interpolation.ts';
import { textInDvc } from '../read/scalar-text.ts';

/** What `sh` does otherwise than bash, which is the shell of most users of DVC. */
const OF_BASH =
  /\[\[|[<>]\(|<<<|\{[^{}\s'"]*(?:,|\.\.)[^{}\s'"]*\}|&>|\|&|\$'|\(\(|\+?=\(|\b(?:source|function|declare|shopt|let|pushd|popd|pipefail|mapfile|readarray)\b|\becho\s+-[en]|\$\{?(?:RANDOM|SECONDS|BASH\w*|PIPESTATUS)\b|\$\{\w+[:/^,#%]*[/:^,]/;

/** Commands that change the shell itself, which each command of DVC has for itself. */
const CHANGES_SHELL =
  /(?:^|\s)(?:cd|export|set|unset|exit|alias|umask|ulimit|trap|eval|exec|shift|readonly|return|\.|\w+=\S*)(?:\s|$)/;

export interface Script {
  readonly shell: 'sh' | 'bash';
  readonly text: string;
  readonly notes: readonly string[];
}

/** The commands of a stage as one script for `-ec`. @param done the output that says that they have ended; most stages need none */
export function scriptOf(
  { commands, folder }: Pick<DvcStage, 'commands' | 'folder'>,
  done: string | undefined,
): Script {
  const notes: string[] = [];
  const texts = commands.map((parts) => parts.map((part) => partText(part, notes)).join(''));
  const lines = texts.map((text) => (texts.length === 1 ? aloneIn(text) : oneOfMany(text)));
  const enter = folder === '' ? [] : [`mkdir -p ${shellWord(folder)} && cd ${shellWord(folder)}`];
  const body = [...enter, ...lines].join('\n');
  const text = done === undefined ? body : `(\n${body}\n)\ntouch {outputs.${done}}`;
  return { shell: texts.some((each) => OF_BASH.test(each)) ? 'bash' : 'sh', text, notes };
}

/** `-e` would stop a command between its parts, which DVC does not. */
function aloneIn(text: string): string {
  return /[;\n]/.test(text) ? `set +e\n${text}` : text;
}

function oneOfMany(text: string): string {
  const isPlain = !/[;&`\n()#]|\|\|/.test(text) && !CHANGES_SHELL.test(text) && !text.startsWith('!');
  return isPlain ? text : `(\n${aloneIn(text)}\n)`;
}

/** A value stays a reference where both tools put the same text in its place. */
function partText(part: TextPart, notes: string[]): string {
  if (part.kind === 'text') return literal(part.text);
  const text = scalarText(part);
  if (part.isLocal) return literal(text);
  const { tree, path } = part;
  const reference = referenceTo(path);
  const isSame = tree.kind === 'scalar' && textInDvc(tree) === String(tree.value) && /^[\w@%+=:,./-]+$/.test(text);
  if (isSame && reference !== undefined) return reference;
  notes.push(`the value ${text} of ${path.join('.')} is written out: a reference would give another text`);
  return literal(text);
}

/** `${a.b[0]}`; undefined where the name cannot be written so. */
export function referenceTo(path: readonly string[]): string | undefined {
  const [root = '', ...steps] = path;
  const isPlain = (name: string) => /^[^\s.[\]{}$,"'*=]+$/.test(name);
  if (!isPlain(root) || steps.some((step) => /["\\{}]/.test(step))) return undefined;
  const text = steps.map((step) => (/^\d+$/.test(step) ? `[${step}]` : isPlain(step) ? `.${step}` : `["${step}"]`));
  return `\${${root}${text.join('')}}`;
}
