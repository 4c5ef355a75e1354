import { digestBytes } from '../../src/engine/base/digest.ts';
import { safetensors } from '../../src/engine/stage/codecs/safetensors.ts';
import type { Architecture } from '../../src/sgd/networks/architecture.ts';
import evaluate from '../../stages/evaluate.ts';
import init from '../../stages/init.ts';
import sample from '../../stages/sample.ts';
import train from '../../stages/train.ts';
import { brightPixelImages, CLASSES, CONVOLUTIONAL, contextOf, IMAGE_SHAPE, MODEL } from './context.ts';

/** Digests of all that the stages write when small models are drawn, trained, evaluated and sampled. */
export async function digestsOfShortRun(): Promise<readonly Readonly<Record<string, string>>[]> {
  return [await digestsOf(MODEL), await digestsOf(CONVOLUTIONAL)];
}

async function digestsOf(model: Architecture): Promise<Readonly<Record<string, string>>> {
  const data = brightPixelImages(120);
  const common = { model, batchSize: 16, examples: null };
  const seed = 4;
  const { weights } = await init.run(contextOf({ model, inputs: IMAGE_SHAPE, classes: CLASSES }, { seed }, {}));
  const trained = await train.run(
    contextOf({ ...common, learningRate: 0.1, dropLast: true }, { seed, epoch: 1 }, { train: data, weights }),
  );
  const evaluated = await evaluate.run(contextOf(common, { seed, epoch: 1 }, { weights: trained.weights, data }));
  const sampled = await sample.run(
    contextOf(
      { ...common, gradientSamples: 6, jackknifeSamples: 2, method: 'auto' as const },
      { seed, epoch: 1 },
      { train: data, weights: trained.weights },
    ),
  );
  return {
    initial: digestBytes(safetensors.encode(weights)),
    trained: digestBytes(safetensors.encode(trained.weights)),
    training: digestBytes(train.outputs.metrics.encode(trained.metrics)),
    evaluation: digestBytes(evaluate.outputs.metrics.encode(evaluated.metrics)),
    samples: digestBytes(safetensors.encode(sampled.samples)),
    minibatches: digestBytes(safetensors.encode(sampled.minibatches)),
  };
}
