import { type Canonical, canonicalView } from '../base/canonical.ts';
import { type ArtefactDigest, type CodeFingerprint, digestBytes, digestValue, type NodeKey } from '../base/digest.ts';
import type { JsonObject } from '../base/json.ts';
import type { PlanStage } from '../plan/plan.ts';
import type { ComputeIdentity, Coordinates } from '../stage/stage.ts';

/** Part of every key. Raise it when what a key covers, or its encoding, changes. */
const KEY_SCHEMA = 2;

/** The content of an input, as in the key. */
export type KeyInput<Digest = ArtefactDigest> =
  | { readonly kind: 'one'; readonly name: string; readonly digest: Digest }
  | {
      readonly kind: 'many';
      readonly name: string;
      readonly items: readonly { readonly coordinates: Coordinates; readonly digest: Digest }[];
    };

declare const brand: unique symbol;

/** What nodes of a stage with the same params share, hashed once. */
export type StageKey = string & { readonly [brand]: 'stage key' };

/** The environment that a stage runs in. */
export interface StageSurroundings {
  /** The value of `JAVASCRIPT_ENGINE`. */
  readonly engine: string;
  /** The environment variables that the stage declares; null for one that is not set. */
  readonly variables: Readonly<Record<string, string | null>>;
  /** For a command in an environment: its identity. */
  readonly environment?: string;
  /** For a stage that asks for GPUs: which there are. */
  readonly gpus?: string;
}

/**
 * Hashes what a stage's nodes share: code, declared params, output types, the environment and, where the stage computes with
 * TensorFlow.js, the compute identity. A stage sees its params in the order of the file, so that order counts.
 */
export function stageKey(
  stage: Pick<PlanStage, 'name' | 'outputs'>,
  code: CodeFingerprint,
  params: JsonObject,
  { engine, variables, environment, gpus }: StageSurroundings,
  compute: ComputeIdentity | undefined,
): StageKey {
  const digest: string = digestValue<NodeKey>({
    schema: KEY_SCHEMA,
    stage: stage.name,
    code,
    params: JSON.stringify(params),
    outputs: stage.outputs,
    engine,
    variables,
    compute: compute ? { backend: compute.backend, version: compute.version, threads: compute.threads } : null,
    // Keys of other stages stay as they were.
    ...(environment === undefined ? {} : { environment }),
    ...(gpus === undefined ? {} : { gpus }),
  });
  return digest as StageKey;
}

/**
 * The key of a node: everything that its result depends on. Inputs count by the digests of their bytes, not by how they were
 * made. So an upstream node that runs again and yields the same bytes leaves the keys downstream unchanged. The order of inputs
 * in the pipeline file does not count: a stage gets them by name.
 *
 * It is the SHA-256 of the canonical bytes of `[stage, coordinates, {input: digest or [[coordinates, digest], …]}]`.
 */
export function nodeKey(stage: StageKey, coordinates: Coordinates, inputs: readonly KeyInput[]): NodeKey {
  const contents = inputs.map((input): [string, Canonical] => [
    input.name,
    input.kind === 'one' ? input.digest : input.items.map((item) => [item.coordinates, item.digest]),
  ]);
  return digestBytes<NodeKey>(canonicalView([stage, coordinates, Object.fromEntries(contents)]));
}
