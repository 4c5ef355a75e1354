import { SourceMap } from 'node:module';
import { bundleInFactory, type StageFactory } from '../../keys/stage-factory.ts';
import { clip } from '../terminal/format.ts';

/** A top-level statement of a stage's code, types and comments erased. */
export interface Declaration {
  /** Where it comes from, relative to the folder of the pipeline file. */
  readonly file: string;
  /** What it declares; of a statement that declares nothing, how it begins. */
  readonly name: string;
  readonly text: string;
}

const NAME_CHARACTERS = 40;
const DECLARED =
  /^(?:export )?(?:default )?(?:async )?(?:function\*?|class|var|let|const) ([\p{ID_Start}$_][\p{ID_Continue}$]*)/u;

/** What a line that begins a statement begins with; braces and the like end one. */
const STATEMENT_START = /^[^\s)}\]`]/;

/** Takes the code of a stage apart, as it was hashed and run, laid out for reading. */
export async function declarationsOf(factory: StageFactory): Promise<readonly Declaration[]> {
  const { transform } = await import('esbuild');
  const { text, sourceMap } = bundleInFactory(factory);
  const inlineMap = Buffer.from(sourceMap).toString('base64');
  // The last line names the map's file, which is nowhere.
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
    // The last statement, which says which of them is the stage, is the bundler's and no file's.
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
  // Nothing but an empty object where the position comes from nowhere.
  const source = 'originalSource' in entry ? entry.originalSource : undefined;
  if (source === undefined || /(^|\/)stage\.mjs$/.test(source)) return undefined;
  return source.replace(/^(\.\.\/)+/, '');
}
