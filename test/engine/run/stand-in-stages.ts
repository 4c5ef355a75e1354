import { type ArtefactDigest, type CodeFingerprint, digestBytes } from '../../../src/engine/base/digest.ts';
import { loadPipeline } from '../../../src/engine/pipeline/load-pipeline.ts';
import { buildPlan } from '../../../src/engine/plan/build-plan.ts';
import type { RunRequest } from '../../../src/engine/staleness/subjects.ts';
import type { Job } from '../../../src/engine/workers/protocol.ts';
import { resultOf } from './naive-pipeline.ts';
import { codeOf, type ForOneRun, pipelineText, type World } from './random-pipelines.ts';

/** A random project as the engine sees it, through its real pipeline file and plan. */
export function requestOf(world: World, set?: ForOneRun): RunRequest {
  const overrides = set ? [{ path: `p${set.which}`, value: String(set.value), origin: '--set' }] : [];
  const plan = buildPlan(loadPipeline({ file: 'pipeline.yaml', text: pipelineText(world), overrides }));
  const code = codeOfStages(world);
  return {
    plan,
    fingerprints: new Map(
      plan.nodes.map(({ stage }) => [stage, digestBytes<CodeFingerprint>(code.get(stage.name) as string)] as const),
    ),
    compute: { backend: 'cpu', version: '1', threads: 1 },
    engine: 'V8 11.3',
    environment: {},
    forced: new Set<string>(),
  };
}

export function codeOfStages(world: World): ReadonlyMap<string, string> {
  return new Map(world.stages.map((sketch) => [sketch.name, codeOf(world, sketch)]));
}

/** Artefacts by digest, so that a stage is given the contents of its inputs. */
const contents = new Map<ArtefactDigest, string>();

/** What a node gives. @param addition what a stage that does not repeat its bytes adds to them */
export function contentOf(
  { params, coordinates, inputs }: Pick<Job, 'params' | 'coordinates' | 'inputs'>,
  code: string,
  addition = '',
) {
  const content = (digest: ArtefactDigest) => contents.get(digest) as string;
  const read = Object.fromEntries(
    inputs.map((input) => [
      input.name,
      input.kind === 'one'
        ? content(input.digest)
        : input.items.map(({ coordinates: at, digest }) => [at, content(digest)]),
    ]),
  );
  const result = resultOf(code, params.value, coordinates, read) + addition;
  contents.set(digestOf(result), result);
  return result;
}

/** What an artefact holds. */
export function contentUnder(digest: ArtefactDigest): string {
  return contents.get(digest) as string;
}

/** As the fake pool stores it. */
export function digestOf(content: string): ArtefactDigest {
  return digestBytes<ArtefactDigest>(`out: ${content}`);
}
