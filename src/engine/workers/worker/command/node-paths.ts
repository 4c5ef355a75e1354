import { dirname, join } from 'node:path';
import type { JsonObject } from '../../../base/json.ts';
import { type CommandProgram, isReferenceName } from '../../../pipeline/stages/command.ts';
import { ARTEFACT_EXTENSIONS, type ArtefactType } from '../../../stage/artefact.ts';
import type { Coordinates } from '../../../stage/stage.ts';
import type { Job } from '../../protocol.ts';
import { inOrderOfNames } from '../in-order-of-names.ts';

/** Paths of a node's inputs and outputs, relative to the folder in which its command starts: they are the same each time. */
export interface NodePaths {
  readonly inputs: Readonly<Record<string, string | readonly GatheredPath[]>>;
  readonly outputs: Readonly<Record<string, string>>;
}

interface GatheredPath {
  readonly coordinates: Coordinates;
  readonly path: string;
}

/** What a node reads and makes, as far as its paths tell it. */
export interface NodePlaces {
  readonly inputs: readonly (
    | { readonly kind: 'one'; readonly name: string }
    | { readonly kind: 'many'; readonly name: string; readonly items: readonly { readonly coordinates: Coordinates }[] }
  )[];
  readonly outputs: Readonly<Record<string, ArtefactType>>;
}

export function nodePaths(
  node: NodePlaces,
  { inputs: inputTypes, paths }: Pick<CommandProgram, 'inputs' | 'paths'>,
): NodePaths {
  const inputs: Record<string, string | readonly GatheredPath[]> = {};
  for (const input of node.inputs) {
    const type = inputTypes[input.name] ?? 'file';
    const own = paths?.inputs[input.name];
    inputs[input.name] =
      input.kind === 'one'
        ? (own ?? `inputs/${fileName(input.name, type)}`)
        : input.items.map(({ coordinates }, position) => ({
            coordinates: inOrderOfNames(coordinates),
            path: `${own ?? `inputs/${input.name}`}/${fileName(String(position), type)}`,
          }));
  }
  const outputs = Object.entries(node.outputs).map(
    ([name, type]) => [name, paths?.outputs[name] ?? `outputs/${fileName(name, type)}`] as const,
  );
  return { inputs, outputs: Object.fromEntries(outputs) };
}

/** Absolute paths of all inputs: those of gathered ones, and of many, are in one folder. */
export function readOnlyPaths(folder: string, { inputs }: NodePaths): readonly string[] {
  const places = Object.values(inputs).flatMap((place) =>
    typeof place === 'string' ? [place] : place.map(({ path }) => dirname(path)),
  );
  const tops = places.map((place) => (place.startsWith('inputs/') ? 'inputs' : place));
  return [...new Set(tops)].map((place) => join(folder, place));
}

/** What the file of VMFDAG_PARAMS holds. */
export function paramsDocument(job: Job, { inputs, outputs }: NodePaths): JsonObject {
  const params = Object.entries(job.params).filter(([name]) => !isReferenceName(name));
  return {
    params: Object.fromEntries(params),
    coordinates: { ...inOrderOfNames(job.coordinates) },
    inputs: inputs as JsonObject,
    outputs,
  };
}

function fileName(name: string, type: ArtefactType): string {
  const extension = ARTEFACT_EXTENSIONS[type];
  return extension === undefined ? name : `${name}.${extension}`;
}
