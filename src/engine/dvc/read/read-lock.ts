import { posix } from 'node:path';
import { isFailure } from '../../base/failure.ts';
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import { fileSource } from '../../pipeline/yaml/source.ts';
import { readTree, treeToJson } from '../../pipeline/yaml/tree.ts';
import type { DvcStage } from '../dvc-stage.ts';
import type { ProjectFiles } from '../project-files.ts';

/** What an output of a stage was when DVC ran it last: a clone has the lock file, and often no outputs. */
export type LockedKinds = (stage: DvcStage, path: string) => 'file' | 'directory' | undefined;

export function lockedKinds(files: ProjectFiles): LockedKinds {
  const kinds = new Map<string, 'file' | 'directory'>();
  const stages = partOf(documentOf(files), 'stages');
  for (const [name, stage] of Object.entries(isJsonObject(stages) ? stages : {})) {
    const outs = partOf(stage, 'outs');
    for (const out of Array.isArray(outs) ? outs : []) {
      const [path, hash] = [partOf(out, 'path'), partOf(out, 'md5') ?? partOf(out, 'etag')];
      if (typeof path !== 'string' || typeof hash !== 'string') continue;
      kinds.set(`${name}\0${path}`, hash.endsWith('.dir') ? 'directory' : 'file');
    }
  }
  return ({ name, folder }, path) => kinds.get(`${name}\0${posix.relative(folder, path)}`);
}

/** Undefined also where it cannot be read, as during a merge: it only helps. */
function documentOf(files: ProjectFiles): JsonValue | undefined {
  const text = files.read('dvc.lock');
  if (text === undefined) return undefined;
  try {
    return treeToJson(readTree(fileSource('dvc.lock', text)));
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}

function partOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(value) ? value[name] : undefined;
}
