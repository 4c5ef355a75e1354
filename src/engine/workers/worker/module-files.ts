import { mkdirSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { ArtefactDigest } from '../../base/digest.ts';
import { Failure, isFailure } from '../../base/failure.ts';
import { describeValue } from '../../stage/codecs/describe-value.ts';
import type { TakenArtefact } from '../../store/artefact-files.ts';
import type { ModuleJob } from '../protocol.ts';
import type { NodeFiles } from './node-files.ts';

/** The files of a node whose stage is a module. */
export class ModuleFiles {
  private readonly files: NodeFiles;
  private readonly job: ModuleJob;
  private scratchFolder: string | undefined;
  private inputFolder: string | undefined;

  constructor(files: NodeFiles, job: ModuleJob) {
    this.files = files;
    this.job = job;
  }

  /** An empty folder, made when the stage first asks for it. */
  get scratch(): string {
    this.scratchFolder ??= this.files.newFolder();
    return this.scratchFolder;
  }

  /** The path of an input. @param place below the folder of inputs */
  async give(input: string, digest: ArtefactDigest, type: 'file' | 'directory', place: string): Promise<string> {
    this.requireKind(input, digest, type);
    this.inputFolder ??= this.files.newFolder();
    const path = join(this.inputFolder, place);
    mkdirSync(dirname(path), { recursive: true });
    await this.files.giveAt(path, input, digest);
    return path;
  }

  /** @throws {Failure} for a directory that is read as a value or a file, and the other way round */
  requireKind(input: string, digest: ArtefactDigest, type: string): void {
    const isDirectory = this.files.isDirectory(digest);
    if (isDirectory === (type === 'directory')) return;
    const { stage, program } = this.job;
    throw new Failure('usage', {
      fact: `the input "${input}" of stage ${stage} is ${isDirectory ? 'a directory' : 'no directory'}`,
      fix: `declare it in ${program.path} as one(${isDirectory ? 'directory' : 'file'}) or many(${isDirectory ? 'directory' : 'file'})`,
    });
  }

  /** Takes what a stage returned for an output. */
  async take(output: string, type: 'file' | 'directory', value: unknown): Promise<TakenArtefact> {
    const { stage, program } = this.job;
    const refused = (fact: string, fix: string, cause?: unknown) =>
      new Failure(
        'stage',
        { fact: `the output "${output}" of stage ${stage} cannot be stored: ${fact}`, fix },
        { cause },
      );
    if (typeof value !== 'string') {
      const fact = `it must be a path, and is ${describeValue(value)}`;
      throw refused(
        fact,
        `return the path of a ${type === 'file' ? 'file' : 'folder'} below context.scratch from run() in ${program.path}`,
      );
    }
    const { scratch } = this;
    const place = resolve(scratch, value);
    if (!isBelow(place, scratch)) {
      throw refused(`${value} is not below context.scratch`, `write it below context.scratch in ${program.path}`);
    }
    try {
      return await this.files.takeFrom(place, type);
    } catch (error) {
      if (!isFailure(error) || error.kind !== 'stage') throw error;
      const [first] = error.diagnostics;
      throw refused(`${first?.fact}`.replaceAll(`${scratch}/`, ''), `${first?.fix}`, error.cause);
    }
  }
}

/** Wherever links on the way lead. What the path itself is, is looked at when it is taken. */
function isBelow(path: string, folder: string): boolean {
  try {
    const way = relative(realpathSync(folder), realpathSync(path === folder ? path : dirname(path)));
    return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  } catch {
    // The folder is missing: that is what taking it will say.
    return resolve(path).startsWith(`${folder}${sep}`);
  }
}
