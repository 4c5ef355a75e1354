import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../src/engine/base/random.ts';
import { safetensors } from '../../src/engine/stage/codecs/safetensors.ts';
import type { Tensors } from '../../src/engine/stage/index.ts';
import estimate from '../../stages/estimate.ts';
import init from '../../stages/init.ts';
import sample from '../../stages/sample.ts';
import type { SampleStatistics } from '../../stages/support/checkpoints.ts';
import { contextOf } from '../stages/context.ts';
import { PACKAGE, pythonWith, run } from './python.ts';

const found = pythonWith('torch', 'numpy');
const CLASSES = 10;
const NORMALISATION = { epsilon: 1e-5, momentum: 0.9 };
const FNN = { kind: 'fully-connected' as const, hidden: [800], batchNorm: false as const };
const CNN_RES_BN = {
  kind: 'convolutional' as const,
  stem: 16,
  filters: [16, 32, 64],
  convolutionsPerGroup: 4,
  kernelSize: 3,
  residual: true,
  batchNorm: NORMALISATION,
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmfdag-python-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Images of ten classes, each with bright rows of its own under noise. */
function stripedImages(examples: number, shape: readonly [number, number, number]): Tensors {
  const stream = randomStream(5, 'striped images');
  const [height, width, channels] = shape;
  const labels = Uint8Array.from({ length: examples }, () => stream.integer(CLASSES));
  const size = height * width * channels;
  const pixels = Uint8Array.from({ length: examples * size }, (_, i) => {
    const row = Math.floor((i % size) / (width * channels));
    return row % CLASSES === labels[Math.floor(i / size)] ? 130 + stream.integer(126) : stream.integer(90);
  });
  return {
    images: { shape: [examples, ...shape], data: pixels },
    labels: { shape: [examples], data: labels },
  };
}

describe('GradientStatistics', () => {
  it.for([
    { name: 'fnn', model: FNN, shape: [28, 28, 1] as const, gradientSamples: 30, tolerance: 1e-6 },
    { name: 'cnn+res+bn', model: CNN_RES_BN, shape: [32, 32, 3] as const, gradientSamples: 8, tolerance: 1e-4 },
  ])(
    'agrees with the stages at the same weights and minibatches: $name',
    { timeout: 300_000 },
    async (network, { skip }) => {
      if ('reason' in found) return skip(found.reason);
      const { model, shape, gradientSamples, tolerance } = network;
      // All of them: of fully connected networks, the stage measures groups of parameters on these alone.
      const jackknifeSamples = gradientSamples;
      const train = stripedImages(400, [...shape]);
      const coordinates = { architecture: network.name, seed: 1, epoch: 0 };
      const { weights } = await init.run(
        contextOf({ model, inputs: [...shape], classes: CLASSES }, coordinates, {} as Record<string, never>),
      );
      const params = {
        model,
        batchSize: 64,
        gradientSamples,
        jackknifeSamples,
        examples: null,
        method: 'loop' as const,
      };
      const { samples, minibatches } = await sample.run(contextOf(params, coordinates, { weights, train }));
      const ours = await estimateOf(samples);

      const path = (name: string) => join(folder, `${network.name}-${name}`);
      const inputs = { weights, train, minibatches };
      for (const [name, tensors] of Object.entries(inputs)) {
        writeFileSync(path(`${name}.safetensors`), safetensors.encode(tensors));
      }
      const document = {
        params: { model, classes: CLASSES, jackknifeSamples, batchSize: params.batchSize },
        coordinates,
        inputs: Object.fromEntries(Object.keys(inputs).map((name) => [name, path(`${name}.safetensors`)])),
        outputs: { samples: path('samples.safetensors'), statistics: path('statistics.json') },
      };
      writeFileSync(path('params.json'), JSON.stringify(document));
      const program = join(PACKAGE, 'tests/measure_paper_network.py');
      const done = run(found.python, [program], { timeout: 280_000, env: { VMFDAG_PARAMS: path('params.json') } });
      expect(done.status, done.stderr).toBe(0);

      // Through the stage, as a pipeline would, and as the package gives them directly.
      const theirs = await estimateOf(safetensors.decode(readFileSync(path('samples.safetensors'))));
      const direct = JSON.parse(readFileSync(path('statistics.json'), 'utf8')) as SampleStatistics;
      const { groups, ...ofAll } = ours;
      for (const name of Object.keys(ofAll) as (keyof typeof ofAll)[]) {
        // The standard error is a difference of products: it has fewer digits.
        const allowed = name === 'kappaStandardError' ? 100 * tolerance : tolerance;
        expect(relativeError(theirs[name], ofAll[name]), name).toBeLessThan(allowed);
        expect(relativeError(direct[name], theirs[name]), name).toBeLessThan(1e-12);
      }
      const partOf = (of: SampleStatistics, name: string) => of.groups.find((group) => group.name === name);
      const compared = groups.filter(({ name }) => name !== 'normalisation');
      expect(theirs.groups.map(({ name }) => name).sort()).toEqual(compared.map(({ name }) => name).sort());
      for (const { name, ...group } of compared) {
        for (const quantity of ['dimension', 'snr', 'noiseScale', 'mCoherence', 'kappa', 'noiseFloor'] as const) {
          expect(relativeError(partOf(theirs, name)?.[quantity], group[quantity]), `${name} ${quantity}`).toBeLessThan(
            // One layer has fewer components for rounding to cancel in.
            10 * tolerance,
          );
        }
      }
      if (process.env.VMFDAG_SHOW) console.log(network.name, ours, theirs);
    },
  );
});

/** Both null is no error. */
function relativeError(found: number | null | undefined, expected: number | null | undefined): number {
  if (found === expected) return 0;
  return Math.abs((found ?? Number.NaN) / (expected ?? Number.NaN) - 1);
}

async function estimateOf(samples: Tensors): Promise<SampleStatistics> {
  const { statistics } = await estimate.run(
    contextOf(
      {},
      { architecture: 'any', seed: 1, epoch: 0 },
      { samples: safetensors.decode(safetensors.encode(samples)) },
    ),
  );
  return statistics;
}
