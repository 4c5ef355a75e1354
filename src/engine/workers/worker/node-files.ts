import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { ArtefactDigest } from '../../base/digest.ts';
import { Failure } from '../../base/failure.ts';
import { removeFolder } from '../../base/remove-folder.ts';
import type { ArtefactFiles, GivenArtefact, TakenArtefact } from '../../store/artefact-files.ts';
import type { Job } from '../protocol.ts';
import { unmadeFolder } from './unmade-folder.ts';

/** The files of one node: its folders, inputs that it reads by their paths, and outputs that it has written. */
export class NodeFiles {
  private readonly files: ArtefactFiles;
  private readonly job: Pick<Job, 'stage' | 'node'>;
  private readonly folders = new Map<string, () => void>();
  private readonly given: { readonly input: string; readonly artefact: GivenArtefact }[] = [];
  private readonly taken: TakenArtefact[] = [];

  constructor(files: ArtefactFiles, job: Pick<Job, 'stage' | 'node'>) {
    this.files = files;
    this.job = job;
  }

  /** An empty folder that is removed with the others. */
  newFolder(): string {
    const folder = this.files.newPath();
    try {
      mkdirSync(folder);
    } catch (error) {
      throw unmadeFolder(this.job.node, error);
    }
    this.folders.set(folder, () => {});
    return folder;
  }

  /** A folder that somebody else has made is removed with the others. */
  removeLater(folder: string, onRemoval: () => void): void {
    this.folders.set(folder, onRemoval);
  }

  /** A folder is not removed. */
  keepFolder(folder: string): void {
    this.folders.delete(folder);
  }

  isDirectory(digest: ArtefactDigest): boolean {
    return this.files.isDirectory(digest);
  }

  /** Puts an input at a path, for reading. */
  async giveAt(path: string, input: string, digest: ArtefactDigest): Promise<void> {
    this.given.push({ input, artefact: await this.files.give(digest, path, 'read') });
  }

  /**
   * Call it when the node has read its inputs.
   * @throws {Failure} if an input changed meanwhile, which several nodes may read
   */
  checkInputs(): void {
    const changed = this.given.find(({ artefact }) => !artefact.isUnchanged());
    if (!changed) return;
    throw new Failure('stage', {
      fact: `the file of the input "${changed.input}" of stage ${this.job.stage} was written to while the node was executed`,
      fix: 'copy an input before changing it; the next run repairs the one in the cache',
    });
  }

  /** Takes a file or a folder of the node as an output. @throws {Failure} kind `stage` for what cannot be kept */
  async takeFrom(path: string, type: 'file' | 'directory'): Promise<TakenArtefact> {
    const taken = await this.files.take(path, type, true);
    this.taken.push(taken);
    return taken;
  }

  /** Something that was taken elsewhere, and is an output of the node too. */
  keep(taken: TakenArtefact): void {
    this.taken.push(taken);
  }

  /** Removes the folders. Call it however the node ends. */
  async remove(): Promise<void> {
    for (const [folder, onRemoval] of this.folders) {
      onRemoval();
      // Many files take long, and other messages come meanwhile.
      const removed = rm(folder, { recursive: true, force: true });
      await removed.catch(() => removeFolder(folder)).catch(() => {});
    }
  }

  /** Removes the outputs of a node that are not kept. */
  async discard(): Promise<void> {
    // Where that is impossible, the next collection does it.
    for (const taken of this.taken) await this.files.release(taken).catch(() => {});
  }
}
