import { join } from 'node:path';
import { suggestName } from '../../../base/diagnostic.ts';
import { type ArtefactDigest, shortDigest } from '../../../base/digest.ts';
import { Failure } from '../../../base/failure.ts';
import { ARTEFACT_EXTENSIONS } from '../../../contract/artefact.ts';
import type { PlanNode } from '../../../plan/plan.ts';
import { writeArtefact } from '../../../report/publish.ts';
import { outputOrder } from '../../../store/output-order.ts';
import { formatBytes } from '../../../ui/format.ts';
import { line, printJson } from '../../output.ts';
import { type CacheOptions, currentState, withNodes } from './access.ts';

/** `vmfdag cache get NODE.OUTPUT [FILE]`: writes an artefact to a file. */
export function cacheGet(source: string, file: string | undefined, options: CacheOptions): Promise<number> {
  const dot = source.lastIndexOf('.');
  if (dot <= 0) {
    throw new Failure('usage', {
      fact: `"${source}" names no output`,
      fix: 'write NODE.OUTPUT, for example cache get train/fnn/1/3.weights',
    });
  }
  const output = source.slice(dot + 1);
  return withNodes(source.slice(0, dot), options, (states, store) => {
    const written = states.map((state) => {
      const { node, outputs } = currentState(state);
      const digest = outputs[outputPosition(node, output)] as ArtefactDigest;
      const path = states.length === 1 && file !== undefined ? file : join(file ?? '.', defaultName(node, output));
      const bytes = store.artefact(digest);
      writeArtefact(path, bytes);
      return { node: node.id, output, path, bytes: bytes.length, digest };
    });
    if (options.json) printJson(written);
    else for (const { path, bytes, digest } of written) line(`${path}  ${formatBytes(bytes)}  ${shortDigest(digest)}`);
    return 0;
  });
}

function outputPosition(node: PlanNode, output: string): number {
  const names = outputOrder(node.stage.outputs);
  const position = names.indexOf(output);
  if (position < 0) {
    throw new Failure('usage', { fact: `${node.id} has no output "${output}"`, fix: suggestName(output, names) });
  }
  return position;
}

function defaultName(node: PlanNode, output: string): string {
  const type = node.stage.outputs[output];
  return `${node.id.replaceAll('/', '-')}.${output}.${type ? ARTEFACT_EXTENSIONS[type] : 'bin'}`;
}
