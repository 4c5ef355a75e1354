import { lstatSync } from 'node:fs';
import { type ArtefactDigest, digestBytes } from '../../base/digest.ts';
import { digestOfFile } from '../blobs/file-bytes.ts';
import { type DirectoryEntry, encodeManifest } from './manifest.ts';
import { readTree } from './read-tree.ts';

/**
 * The digest that a folder would have as an artefact. Nothing is stored.
 * @throws for a folder that cannot be one
 */
export function digestOfFolder(folder: string): ArtefactDigest {
  const entries = [...readTree(folder)].map((found): DirectoryEntry => {
    if (found.kind !== 'file') return found;
    const { kind, path, place, isExecutable } = found;
    return { kind, path, isExecutable, digest: digestOfFile(place), bytes: lstatSync(place).size };
  });
  return digestBytes<ArtefactDigest>(encodeManifest(entries));
}
