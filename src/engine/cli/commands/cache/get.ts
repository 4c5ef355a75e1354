import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { outputDigest } from '../../../api/project/output-digest.ts';
import { type ArtefactDigest, shortDigest } from '../../../base/digest.ts';
import { Failure } from '../../../base/failure.ts';
import type { NodeId, PlanNode } from '../../../plan/plan.ts';
import { ARTEFACT_EXTENSIONS } from '../../../stage/artefact.ts';
import type { NodeState } from '../../../staleness/survey.ts';
import type { Store } from '../../../store/store.ts';
import { placeArtefact } from '../../../views/results/place-artefact.ts';
import { writeToPath } from '../../../views/results/write-artefact.ts';
import { formatBytes } from '../../../views/terminal/format.ts';
import { line, printBytes, printJson } from '../../process/output.ts';
import { type CacheOptions, currentState, withNodes } from './access.ts';

/** Standard output, as a file to write to. */
const STANDARD_OUTPUT: readonly (string | undefined)[] = ['-', '/dev/stdout'];

/** `vmfdag cache get NODE.OUTPUT [FILE]`: writes an artefact to a file, or to standard output, which then gets nothing else. */
export function cacheGet(source: string, file: string | undefined, options: CacheOptions): Promise<number> {
  const dot = source.lastIndexOf('.');
  if (dot <= 0) {
    throw new Failure('usage', {
      fact: `"${source}" names no output`,
      fix: 'write NODE.OUTPUT, for example cache get train/fnn/1/3.weights',
    });
  }
  const output = source.slice(dot + 1);
  const asText = STANDARD_OUTPUT.includes(file);
  if (asText && options.json) {
    throw new Failure('usage', {
      fact: 'standard output cannot hold the artefact and the JSON of --json',
      fix: 'name a file, or leave --json out',
    });
  }
  return withNodes(source.slice(0, dot), options, async (states, store) => {
    if (asText) {
      for await (const piece of store.files.read(onlyArtefact(source, states, output, store))) await printBytes(piece);
      return 0;
    }
    const written: Written[] = [];
    for (const state of states) {
      const { node } = state;
      const digest = outputDigest(currentState(state), output);
      const name = defaultName(node, output);
      const path = states.length === 1 && file !== undefined ? file : join(file ?? '.', name);
      written.push({ node: node.id, output, ...(await write(digest, path, name, store)), digest });
    }
    if (options.json) printJson(written);
    else for (const { path, bytes, digest } of written) line(`${path}  ${formatBytes(bytes)}  ${shortDigest(digest)}`);
    return 0;
  });
}

interface Written {
  readonly node: NodeId;
  readonly output: string;
  readonly path: string;
  readonly bytes: number;
  readonly digest: ArtefactDigest;
}

/** More bytes than this are never in memory. */
const LARGEST_WHOLE_BYTES = 64 * 1024 * 1024;

/** @param name the name of a new file or folder, where the path is a folder */
async function write(digest: ArtefactDigest, path: string, name: string, store: Store) {
  const entries = store.files.entries(digest);
  const bytes = entries
    ? entries.reduce((sum, entry) => sum + (entry.kind === 'file' ? entry.bytes : 0), 0)
    : (store.artefactBytes(digest) ?? 0);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!entries && (bytes <= LARGEST_WHOLE_BYTES || (found && !found.isFile() && !found.isDirectory()))) {
    return { path: writeToPath(path, store.artefact(digest), name), bytes };
  }
  const place = found?.isDirectory() ? join(path, name) : path;
  if (entries && existsSync(place)) {
    throw new Failure('environment', {
      fact: `${place} exists, where a folder is to be written`,
      fix: 'name a folder that does not exist, or move this one away',
    });
  }
  await placeArtefact(place, digest, store);
  return { path: place, bytes };
}

function onlyArtefact(source: string, states: readonly NodeState[], output: string, store: Store): ArtefactDigest {
  const [state, second] = states;
  if (!state || second) {
    throw new Failure('usage', {
      fact: `"${source}" is more than one artefact, and standard output can hold one`,
      fix: 'name one node, or a folder for all of them',
    });
  }
  const digest = outputDigest(currentState(state), output);
  if (!store.files.isDirectory(digest)) return digest;
  throw new Failure('usage', {
    fact: `"${source}" is a directory, and standard output can hold one file`,
    fix: 'name a folder, or see what it holds with "vmfdag cache show"',
  });
}

function defaultName(node: PlanNode, output: string): string {
  const type = node.stage.outputs[output];
  const extension = type && ARTEFACT_EXTENSIONS[type];
  return `${node.id.replaceAll('/', '-')}.${output}${extension === undefined ? '' : `.${extension}`}`;
}
