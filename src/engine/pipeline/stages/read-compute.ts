import type { JsonObject } from '../../base/json.ts';
import type { DeclaredCompute, DeclaredStage } from '../pipeline.ts';
import type { Problems } from '../problems.ts';
import { compileTemplate } from '../references/template.ts';
import { problemAt } from '../yaml/source.ts';
import { entryOf, type Tree, textOf } from '../yaml/tree.ts';

/** Reads the pipeline's compute provider, and the request to it. */
export function readCompute(
  tree: Tree | undefined,
  params: JsonObject,
  problems: Problems,
): DeclaredCompute | undefined {
  const provider = textOf(entryOf(tree, 'provider')?.value);
  if (provider === undefined) return undefined;
  const request = entryOf(tree, 'request')?.value;
  const compiled =
    request &&
    problems.attempt(() => compileTemplate(request, { params, coordinates: [], hidden: [], axes: undefined }));
  return { provider, request: compiled?.kind === 'constant' ? compiled.value : null };
}

/** A stage cannot compute without a provider. */
export function checkCompute(
  stages: Iterable<DeclaredStage>,
  compute: DeclaredCompute | undefined,
  problems: Problems,
): void {
  if (compute) return;
  for (const { name, place, compute: isAsked } of stages) {
    if (!isAsked) continue;
    const fact = `stage "${name}" says compute: true, and the file names no provider`;
    problems.add(
      problemAt(place, fact, 'add for example: compute: {provider: tfjs-backend-onednn, request: {backend: auto}}'),
    );
  }
}
