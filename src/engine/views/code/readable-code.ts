import { SourceMap } from 'node:module';
import { bundleInFactory, type StageFactory } from '../../keys/stage-factory.ts';
import { clip } from '../terminal/format.ts';

/** A top-level statement of a stage's code, types and comments erased. */
export interface Declaration {
  /** Its file, relative to the folder of the pipeline file. */
  readonly file: string;
  /** What it declares; the beginning of a statement that declares nothing. */
  readonly name: string;
  readonly text: string;
}

const NAME_CHARACTERS = 40;
const DECLARED =
  /^(?:export )?(?:default )?(?:async )?(?:function\*?|class|var|let|const) ([\p{ID_Start}$_][\p{ID_Continue}$]*)/u;

/** How a line that begins a statement begins; braces and the like end one. */
const STATEMENT_START = /^[^\s)}\]`]/;

/** Divides the code of a stage, as it was hashed and run, into statements laid out for reading. */
export async function declarationsOf(factory: StageFactory): Promise<readonly Declaration[]> {
  const { transform } = await import('esbuild');
  const { text, sourceMap } = bundleInFactory(factory);
  const inlineMap = Buffer.from(sourceMap).toString('base64');
  // The last line names a file of the map that does not exist.
  const body = text.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '');
  const { code, map } = await transform(`${body}\n//# sourceMappingURL=data:application/json;base64,${inlineMap}`, {
    format: 'esm',
    target: 'node20',
    charset: 'utf8',
    legalComments: 'none',
    sourcemap: 'external',
    sourcesContent: false,
    logLevel: 'silent',
  });
  const positions = new SourceMap(JSON.parse(map));
  const declarations: Declaration[] = [];
  const lines = code.trimEnd().split('\n');
  let start = 0;
  for (let end = 1; end <= lines.length; end++) {
    if (end < lines.length && !STATEMENT_START.test(lines[end] ?? '')) continue;
    const first = lines[start] ?? '';
    const file = fileAt(positions, start, first.length);
    // The last statement, which names the stage among them, is the bundler's and belongs to no file.
    if (file !== undefined && first !== 'export {')
      declarations.push({ file, name: nameOf(first), text: lines.slice(start, end).join('\n') });
    start = end;
  }
  return declarations;
}

function nameOf(line: string): string {
  return DECLARED.exec(line)?.[1] ?? clip(line, NAME_CHARACTERS);
}

function fileAt(positions: SourceMap, line: number, column: number): string | undefined {
  const entry = positions.findEntry(line, Math.max(0, column - 1));
  // An empty object where the position has no source.
  const source = 'originalSource' in entry ? entry.originalSource : undefined;
  if (source === undefined || /(^|\/)stage\.mjs$/.test(source)) return undefined;
  return source.replace(/^(\.\.\/)+/, '');
}
