import { hash } from 'node:crypto';
import { existsSync, mkdirSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ArtefactDigest, CodeFingerprint } from '../base/digest.ts';
import type { PackageGraph } from '../keys/package-graph.ts';
import type { ArtefactFiles } from '../store/artefact-files.ts';

/** Where the code of a stage lies when it is executed (workers/worker/executable-file.ts): its packages are looked for from there. */
export function codeFolder(root: string, fingerprint: CodeFingerprint): string {
  return join(root, 'node_modules/.cache/vmfdag', fingerprint);
}

/** A linked package of the run. */
export interface SentPackage {
  readonly name: string;
  readonly directory: ArtefactDigest;
}

/**
 * Puts linked packages of the run where the code of a stage finds them. They lie outside of node_modules, as they do there, since Node erases types
 * only of such; next to them are links to the installed packages that they import.
 */
export async function placePackages(
  sent: readonly SentPackage[],
  { packages }: PackageGraph,
  place: { readonly root: string; readonly cacheDirectory: string; readonly fingerprint: CodeFingerprint },
  files: ArtefactFiles,
): Promise<void> {
  const { root, cacheDirectory, fingerprint } = place;
  const top = join(cacheDirectory, 'linked', hash('sha256', `${root}\0${fingerprint}`).slice(0, 32));
  const copies = new Map<string, string>();
  for (const { name, directory } of sent) {
    const folder = join(top, `${name.replaceAll('/', '+')}-${directory.slice(0, 12)}`);
    await give(files, directory, folder);
    copies.set(name, folder);
  }
  for (const name of new Set(packages.map((each) => each.name))) {
    const target = copies.get(name) ?? installed(name, root);
    if (target !== undefined) link(target, join(top, 'node_modules', name));
  }
  for (const [name, folder] of copies) link(folder, join(codeFolder(root, fingerprint), 'node_modules', name));
}

/** Another unit of this host may do the same at the same time. */
async function give(files: ArtefactFiles, directory: ArtefactDigest, folder: string): Promise<void> {
  if (existsSync(folder)) return;
  const part = `${folder}.${process.pid}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(dirname(part), { recursive: true });
  await files.give(directory, part, 'own');
  try {
    renameSync(part, folder);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

/** In one step, since another unit of this host may import by it at the same time. */
function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const part = `${path}.${process.pid}.part`;
  rmSync(part, { force: true });
  symlinkSync(target, part);
  renameSync(part, path);
}

/** As Node finds it from the project's folder. */
function installed(name: string, root: string): string | undefined {
  for (let directory = root; ; directory = dirname(directory)) {
    const found = join(directory, 'node_modules', name);
    if (existsSync(found)) return realpathSync(found);
    if (directory === dirname(directory)) return undefined;
  }
}
