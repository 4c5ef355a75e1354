import { isUtf8 } from 'node:buffer';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { Failure, isFailure } from '../../base/failure.ts';
import { readRegularFile } from '../../base/regular-file.ts';
import { loadPipeline, type ParamOverride } from '../../pipeline/load-pipeline.ts';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import { readSettings, type Settings } from '../../settings/settings.ts';
import type { ResultsFolder } from '../../views/results/publish-files.ts';

/** Which pipeline file, under which params. */
export interface ProjectSource {
  readonly file: string;
  /** Folder of the cache; without it, `cache` next to the pipeline file. */
  readonly cache?: string;
  /** Without it, the profile that says `default: true`. */
  readonly profile?: string;
  readonly overrides?: readonly ParamOverride[];
  /** Executes the stages that name no executor, instead of the workers of this machine. */
  readonly executor?: string;
}

/** A pipeline file, read, with the folders and the settings that belong to it. */
export interface Project {
  readonly root: string;
  /** The pipeline file's name in that folder. */
  readonly file: string;
  /** Of the pipeline file. */
  readonly text: string;
  readonly pipeline: Pipeline;
  /** Params that were set for this use of it. */
  readonly overrides: readonly ParamOverride[];
  readonly cacheDirectory: string;
  readonly results: ResultsFolder;
  /** Those of the user and of the project, read when they are first asked for. @throws {Failure} kind `usage`, with what is wrong in them */
  readonly settings: () => Settings;
  /** Executes the stages that name no executor, instead of the workers of this machine. */
  readonly executor: string | undefined;
}

/**
 * Reads the pipeline file.
 * @throws {Failure} kind `usage`, with everything that is wrong with it
 */
export function openProject(source: ProjectSource): Project {
  const file = resolve(source.file);
  const root = dirname(file);
  const { overrides = [] } = source;
  const text = readPipelineText(file, source.file);
  const pipeline = loadPipeline({
    file: relative(process.cwd(), file) || source.file,
    text,
    ...(source.profile === undefined ? {} : { profile: source.profile }),
    overrides,
  });
  return {
    root,
    file: basename(file),
    text,
    pipeline,
    overrides,
    cacheDirectory: cacheDirectory(source),
    results: resultsFolder(root, basename(file), pipeline.profile),
    settings: once(() => readSettings(root, process.env)),
    executor: source.executor,
  };
}

/** A folder may hold several pipeline files: those of other names than the usual one have folders of their own, so that none replaces the files of another. */
function resultsFolder(root: string, file: string, profile = ''): ResultsFolder {
  const results = join(root, 'results');
  const name = file.replace(/\.ya?ml$/, '');
  return { root: results, directory: name === 'pipeline' ? join(results, profile) : join(results, name, profile) };
}

/** The cache folder: the one asked for, or the one next to the pipeline file. */
export function cacheDirectory({ file, cache }: Pick<ProjectSource, 'file' | 'cache'>): string {
  return cache === undefined ? join(dirname(resolve(file)), 'cache') : resolve(cache);
}

/** More than anyone writes: a file that takes seconds to parse is no use as a pipeline file. */
const PIPELINE_LIMIT = 64 * 1024 * 1024;

function readPipelineText(file: string, asGiven: string): string {
  if (asGiven === '-') {
    throw new Failure('usage', {
      fact: 'a pipeline is not read from standard input: its stages are looked for in the folder of its file',
      fix: 'name a file with --file PATH (a file of the name "-" is ./-)',
    });
  }
  try {
    const bytes = readRegularFile(file, PIPELINE_LIMIT);
    if (!isUtf8(bytes)) throw notUtf8(bytes, asGiven);
    return bytes.toString('utf8');
  } catch (error) {
    if (isFailure(error)) throw error;
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const isUsual = missing && asGiven === 'pipeline.yaml';
    throw new Failure(
      'usage',
      {
        fact: missing ? `there is no file ${asGiven} here` : `cannot read ${asGiven} (${(error as Error).message})`,
        fix: `go to the folder of the pipeline, or name its file with --file PATH${isUsual ? '; "vmfdag init DIR" makes a new project' : ''}`,
      },
      { cause: error },
    );
  }
}

/** Other encodings would silently be read as U+FFFD. */
function notUtf8(bytes: Buffer, file: string): Failure {
  let start = 0;
  let line = 1;
  for (
    let end = bytes.indexOf('\n');
    end >= 0 && isUtf8(bytes.subarray(start, end));
    end = bytes.indexOf('\n', start)
  ) {
    start = end + 1;
    line++;
  }
  return new Failure('usage', { fact: `line ${line} of ${file} is not UTF-8`, fix: 'save the file as UTF-8' });
}

function once<T>(read: () => T): () => T {
  let found: { readonly value: T } | undefined;
  return () => {
    found ??= { value: read() };
    return found.value;
  };
}
