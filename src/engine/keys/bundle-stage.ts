import { statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { resolve } from 'node:path';
import type { Metafile } from 'esbuild';
import type { SourceRange } from '../base/diagnostic.ts';
import { Failure } from '../base/failure.ts';
import { fileKind } from '../base/file-kind.ts';
import { ifThere } from '../base/if-there.ts';
import { packageName } from './package-graph.ts';
import { asStageFactory, type StageFactory } from './stage-factory.ts';

/** Which export of which module is a stage, and where pipeline.yaml says so. */
export interface StageModule {
  readonly path: string;
  readonly exportName: string;
  readonly range: SourceRange;
}

export interface BundledStage extends StageFactory {
  /** Names of the packages that it imports. */
  readonly packages: ReadonlySet<string>;
  /** Names that it may require or resolve by a function that the bundler does not know: all that could be those of packages. */
  readonly mayRequire: ReadonlySet<string>;
  /** What the bundler read, and what it looked for. */
  readonly metafile: Metafile;
}

/**
 * Bundles a stage with the project modules that it reaches. Types, comments, layout and unreachable code leave
 * no trace in the text, so an edit to them does not change the fingerprint.
 *
 * @throws {Failure} kind `usage` when the module does not exist, does not parse, or lacks the export
 */
export async function bundleStage(root: string, module: StageModule): Promise<BundledStage> {
  refuseSpecialFile(root, module);
  const { build } = await import('esbuild');
  const result = await build({
    stdin: {
      contents: `export { ${module.exportName} as default } from ${JSON.stringify(`./${module.path}`)};`,
      resolveDir: root,
      sourcefile: 'stage.mjs',
    },
    absWorkingDir: root,
    // These settings are the only ones: the project's tsconfig.json must not change the text.
    tsconfigRaw: '{"compilerOptions":{"target":"es2022","useDefineForClassFields":true}}',
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20.17',
    treeShaking: true,
    // Without this, esbuild keeps whether an object literal was written on one line or on several.
    minifyWhitespace: true,
    legalComments: 'none',
    charset: 'utf8',
    sourcemap: 'linked',
    sourcesContent: false,
    outfile: resolve(root, 'node_modules/.cache/vmfdag/stage/stage.mjs'),
    write: false,
    metafile: true,
    logLevel: 'silent',
  }).catch((error: unknown) => {
    throw bundlingFailure(error, module);
  });

  const [text, sourceMap] = ['stage.mjs', 'stage.mjs.map'].map(
    (name) =>
      result.outputFiles.find((file) => file.path.endsWith(`/${name}`) || file.path.endsWith(`\\${name}`))?.text,
  ) as [string, string];
  return {
    ...(await asStageFactory(text, sourceMap)),
    packages: externalPackages(result.metafile),
    mayRequire: /createRequire|import\.meta\.resolve/.test(text) ? namesIn(text) : new Set(),
    metafile: result.metafile,
  };
}

/** esbuild would wait for the end of a pipe, which may never come. */
function refuseSpecialFile(root: string, { path, range }: StageModule): void {
  const found = ifThere((options) => statSync(resolve(root, path), options));
  const kind = found ? fileKind(found) : 'file';
  if (kind === 'file' || kind === 'folder') return;
  throw new Failure('usage', { fact: `${path} is a ${kind}, not a file`, fix: 'name the file of a stage', range });
}

function externalPackages(metafile: Metafile): Set<string> {
  const names = new Set<string>();
  for (const output of Object.values(metafile.outputs)) {
    for (const { path, external } of output.imports) {
      // A module that exists only in another release of Node is no package either.
      const isOfNode = path.startsWith('node:') || isBuiltin(path);
      if (external && !isOfNode) names.add(packageName(path));
    }
  }
  return names;
}

/** A text that names a package, or a file of one. */
const SPECIFIER = /(["'`])((?:@[\w.~-]+\/)?[\w~-][\w.~-]*)(?:\/[^"'`\s]*)?\1/g;

function namesIn(text: string): Set<string> {
  return new Set([...text.matchAll(SPECIFIER)].flatMap(([, , name = '']) => (isBuiltin(name) ? [] : [name])));
}

interface BundlerMessage {
  readonly text: string;
  readonly location: {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly length: number;
    readonly lineText: string;
  } | null;
}

function bundlingFailure(error: unknown, module: StageModule): unknown {
  const messages = (error as { errors?: readonly BundlerMessage[] }).errors;
  if (!messages?.length) return error;
  return new Failure(
    'usage',
    messages.map(({ text, location }) => {
      if (location && location.file !== 'stage.mjs') {
        const { file, line, column, length, lineText } = location;
        return { fact: text, range: { file, line, column: column + 1, length, lineText } };
      }
      const missingExport = text.startsWith('No matching export');
      return {
        fact: missingExport
          ? `${module.path} has no export "${module.exportName}"`
          : `the stage module ${module.path} cannot be read: ${text}`,
        fix: missingExport
          ? `export it: export ${module.exportName === 'default' ? 'default' : `const ${module.exportName} =`} defineStage({ … })`
          : 'correct the path after "run:"; it is relative to the folder of the pipeline file',
        range: module.range,
      };
    }),
  );
}
