import { mkdirSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { ArtefactDigest } from '../../base/digest.ts';
import { Failure, isFailure } from '../../base/failure.ts';
import { describeValue } from '../../stage/codecs/describe-value.ts';
import type { ArtefactFiles, GivenArtefact, TakenArtefact } from '../../store/artefact-files.ts';
import type { Job } from '../protocol.ts';

/** The files of one node: its folder, inputs that it reads by their paths, and outputs that it has written. */
export class NodeFiles {
  private readonly files: ArtefactFiles;
  private readonly job: Job;
  private readonly folders: string[] = [];
  private readonly given: { readonly input: string; readonly artefact: GivenArtefact }[] = [];
  private readonly taken: TakenArtefact[] = [];
  private scratchFolder: string | undefined;
  private inputFolder: string | undefined;

  constructor(files: ArtefactFiles, job: Job) {
    this.files = files;
    this.job = job;
  }

  /** An empty folder, made when the stage first asks for it. */
  get scratch(): string {
    this.scratchFolder ??= this.newFolder();
    return this.scratchFolder;
  }

  /** The path of an input. @param place below the folder of inputs */
  async give(input: string, digest: ArtefactDigest, type: 'file' | 'directory', place: string): Promise<string> {
    this.requireKind(input, digest, type);
    this.inputFolder ??= this.newFolder();
    const path = join(this.inputFolder, place);
    mkdirSync(dirname(path), { recursive: true });
    this.given.push({ input, artefact: await this.files.give(digest, path, 'read') });
    return path;
  }

  /** @throws {Failure} for a directory that is read as a value or a file, and the other way round */
  requireKind(input: string, digest: ArtefactDigest, type: string): void {
    const isDirectory = this.files.isDirectory(digest);
    if (isDirectory === (type === 'directory')) return;
    const { stage, module } = this.job;
    throw new Failure('usage', {
      fact: `the input "${input}" of stage ${stage} is ${isDirectory ? 'a directory' : 'no directory'}`,
      fix: `declare it in ${module} as one(${isDirectory ? 'directory' : 'file'}) or many(${isDirectory ? 'directory' : 'file'})`,
    });
  }

  /**
   * Call it when the stage has returned.
   * @throws {Failure} if an input changed meanwhile, which several nodes may read
   */
  checkInputs(): void {
    const changed = this.given.find(({ artefact }) => !artefact.isUnchanged());
    if (!changed) return;
    throw new Failure('stage', {
      fact: `the file of the input "${changed.input}" of stage ${this.job.stage} was written to while the node was executed`,
      fix: 'copy an input to context.scratch before changing it; the next run repairs the one in the cache',
    });
  }

  /** Takes what a stage returned for an output. */
  async take(output: string, type: 'file' | 'directory', value: unknown): Promise<TakenArtefact> {
    const { stage, module } = this.job;
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
        `return the path of a ${type === 'file' ? 'file' : 'folder'} below context.scratch from run() in ${module}`,
      );
    }
    const { scratch } = this;
    const place = resolve(scratch, value);
    if (!isBelow(place, scratch)) {
      throw refused(`${value} is not below context.scratch`, `write it below context.scratch in ${module}`);
    }
    try {
      const taken = await this.files.take(place, type, true);
      this.taken.push(taken);
      return taken;
    } catch (error) {
      if (!isFailure(error) || error.kind !== 'stage') throw error;
      const [first] = error.diagnostics;
      throw refused(`${first?.fact}`.replaceAll(`${scratch}/`, ''), `${first?.fix}`, error.cause);
    }
  }

  /** Something that was taken elsewhere, and is an output of the node too. */
  keep(taken: TakenArtefact): void {
    this.taken.push(taken);
  }

  /** Removes the folders. Call it however the node ends. */
  async remove(): Promise<void> {
    for (const folder of this.folders) await rm(folder, { recursive: true, force: true }).catch(() => {});
  }

  /** Removes the outputs of a node that are not kept. */
  async discard(): Promise<void> {
    // Where that is impossible, the next collection does it.
    for (const taken of this.taken) await this.files.release(taken).catch(() => {});
  }

  private newFolder(): string {
    const folder = this.files.newPath();
    mkdirSync(folder);
    this.folders.push(folder);
    return folder;
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
