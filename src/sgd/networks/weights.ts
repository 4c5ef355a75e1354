import { Failure } from '../../engine/base/failure.ts';
import type { Architecture } from './architecture.ts';
import { elementCount, LOGITS, type Variable, variablesOf } from './variables.ts';

/** The values of a model's variables, by name. */
export type Weights = Readonly<Record<string, WeightTensor>>;

export interface WeightTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The part of a random stream that initialisation needs. */
interface UniformStream {
  /** Uniform on [0, 1). */
  uniform(): number;
}

/**
 * Draws the initial point. Kernels are uniform on ±√(6 / (fanIn + fanOut)) (Glorot & Bengio 2010, equation 16).
 *
 * @param streamOf opens the random stream of one variable, so that no variable's values depend on another's shape.
 */
export function initialWeights(variables: readonly Variable[], streamOf: (variable: string) => UniformStream): Weights {
  return Object.fromEntries(
    variables.map(({ name, shape, initialisation }) => {
      const data = new Float32Array(elementCount(shape));
      if (initialisation.kind === 'constant') {
        data.fill(initialisation.value);
      } else {
        const limit = Math.sqrt(6 / (initialisation.fanIn + initialisation.fanOut));
        const stream = streamOf(name);
        for (let i = 0; i < data.length; i++) data[i] = (2 * stream.uniform() - 1) * limit;
      }
      return [name, { shape, data }];
    }),
  );
}

interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: ArrayBufferView;
}

/**
 * Reads weights from an artefact. The logits' kernel decides the number of classes.
 *
 * @throws {Failure} kind `stage` when they are not the weights of this architecture for images of this shape
 */
export function weightsOf(
  architecture: Architecture,
  imageShape: readonly number[],
  tensors: Readonly<Record<string, StoredTensor>>,
): { readonly classes: number; readonly variables: readonly Variable[]; readonly values: Weights } {
  const classes = tensors[`${LOGITS}/kernel`]?.shape.at(-1) ?? 0;
  const variables = variablesOf(architecture, { imageShape, classes });
  const values: Record<string, WeightTensor> = {};
  for (const { name, shape } of variables) {
    const stored = tensors[name];
    if (!(stored?.data instanceof Float32Array) || stored.shape.join() !== shape.join()) {
      const found = stored ? `${stored.data.constructor.name} [${stored.shape.join(', ')}]` : 'nothing';
      throw new Failure('stage', {
        fact: `the weights hold ${found} as "${name}", where the model has float32 [${shape.join(', ')}]`,
        fix: 'give this stage the same model and dataset as the stage that its weights come from',
      });
    }
    values[name] = { shape, data: stored.data };
  }
  return { classes, variables, values };
}
