import { join } from 'node:path';
import { outputDigest } from '../../../api/project/output-digest.ts';
import { shortDigest } from '../../../base/digest.ts';
import { Failure } from '../../../base/failure.ts';
import type { PlanNode } from '../../../plan/plan.ts';
import { ARTEFACT_EXTENSIONS } from '../../../stage/artefact.ts';
import type { NodeState } from '../../../staleness/survey.ts';
import type { Store } from '../../../store/store.ts';
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
  return withNodes(source.slice(0, dot), options, (states, store) => {
    if (asText) {
      printBytes(onlyArtefact(source, states, output, store));
      return 0;
    }
    const written = states.map((state) => {
      const { node } = state;
      const digest = outputDigest(currentState(state), output);
      const name = defaultName(node, output);
      const bytes = store.artefact(digest);
      const path = writeToPath(states.length === 1 && file !== undefined ? file : join(file ?? '.', name), bytes, name);
      return { node: node.id, output, path, bytes: bytes.length, digest };
    });
    if (options.json) printJson(written);
    else for (const { path, bytes, digest } of written) line(`${path}  ${formatBytes(bytes)}  ${shortDigest(digest)}`);
    return 0;
  });
}

function onlyArtefact(source: string, states: readonly NodeState[], output: string, store: Store): Uint8Array {
  const [state, second] = states;
  if (!state || second) {
    throw new Failure('usage', {
      fact: `"${source}" is more than one artefact, and standard output can hold one`,
      fix: 'name one node, or a folder for all of them',
    });
  }
  return store.artefact(outputDigest(currentState(state), output));
}

function defaultName(node: PlanNode, output: string): string {
  const type = node.stage.outputs[output];
  return `${node.id.replaceAll('/', '-')}.${output}.${type ? ARTEFACT_EXTENSIONS[type] : 'bin'}`;
}
