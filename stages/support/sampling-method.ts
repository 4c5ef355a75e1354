import * as v from 'valibot';
import { bytesOfExampleGradients, whyNotFactored } from '../../src/sgd/gradients/example-gradients.ts';
import { type Architecture, architectureSchema } from '../../src/sgd/networks/architecture.ts';
import type { Model } from '../../src/sgd/networks/model.ts';
import { exampleLimit, positiveInteger } from './params.ts';

/** The params of every stage that samples minibatch gradients. */
export const samplingParams = {
  model: architectureSchema,
  batchSize: positiveInteger,
  /** n_s */
  gradientSamples: positiveInteger,
  examples: exampleLimit,
  /** The numbers are the same up to rounding; for `auto` the faster one of those that the model and the memory allow. */
  method: /* @__PURE__ */ v.picklist(['auto', 'loop', 'factored']),
};

interface Method {
  readonly method: 'auto' | 'loop' | 'factored';
  readonly model: Architecture;
}

/** Why the requested method is impossible; undefined if it is possible. */
export function whyImpossible({ method, model }: Method): string | undefined {
  const why = method === 'factored' ? whyNotFactored(model) : undefined;
  return (
    why && `"factored" is for fully connected networks without batch normalisation, and here ${why}; say auto or loop`
  );
}

/** The memory for the factors of all examples, in bytes: a node should stay under 2 GB in all. */
const MAXIMUM_FACTORS = 1.5e9;

/** How many minibatches an example has to be in, on average, for the factored method to be faster. */
const WORTHWHILE_USES = 3;

/** The method of a stage: both give the same numbers. */
export function chosenMethod<Way>(
  { method, batchSize, gradientSamples }: Method & { readonly batchSize: number; readonly gradientSamples: number },
  model: Model,
  examples: number,
  { loop, factored }: { readonly loop: Way; readonly factored: Way },
): Way {
  if (method !== 'auto') return method === 'factored' ? factored : loop;
  const factors = whyNotFactored(model.architecture) === undefined;
  const isWorthwhile = gradientSamples * batchSize >= WORTHWHILE_USES * examples;
  const fits = factors && bytesOfExampleGradients(model) * examples <= MAXIMUM_FACTORS;
  return fits && isWorthwhile ? factored : loop;
}
