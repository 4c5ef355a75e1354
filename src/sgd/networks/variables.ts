import type { Architecture, Convolutional, FullyConnected } from './architecture.ts';
import { blocksOf } from './convolutional-blocks.ts';

/** A named tensor of a model. */
export interface Variable {
  readonly name: string;
  readonly shape: readonly number[];
  /** Whether gradients are computed with respect to it, and it counts in d. Running statistics are not trainable. */
  readonly trainable: boolean;
  readonly initialisation: Initialisation;
}

type Initialisation =
  | { readonly kind: 'glorot uniform'; readonly fanIn: number; readonly fanOut: number }
  | { readonly kind: 'constant'; readonly value: number };

/** The shapes of a model's input and output. */
export interface Signature {
  /** Height, width and channels of one image. */
  readonly imageShape: readonly number[];
  readonly classes: number;
}

/** All variables of a model, in the fixed order in which its flattened gradients hold the trainable ones. */
export function variablesOf(architecture: Architecture, signature: Signature): readonly Variable[] {
  return architecture.kind === 'fully-connected'
    ? fullyConnectedVariables(architecture, signature)
    : convolutionalVariables(architecture, signature);
}

/** The dimension d of the gradients: the number of trainable parameters. */
export function trainableDimension(variables: readonly Variable[]): number {
  return variables.reduce((sum, variable) => sum + (variable.trainable ? elementCount(variable.shape) : 0), 0);
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Name of the layer that maps to the logits, in every architecture. */
export const LOGITS = 'logits';

/** Name of a fully-connected network's hidden layer, counted from 1. */
export function hiddenLayer(index: number): string {
  return `hidden${index}`;
}

function fullyConnectedVariables(
  { hidden, batchNorm }: FullyConnected,
  { imageShape, classes }: Signature,
): readonly Variable[] {
  const variables: Variable[] = [];
  let inputs = elementCount(imageShape);
  hidden.forEach((units, position) => {
    const layer = hiddenLayer(position + 1);
    variables.push(kernel(layer, [inputs, units]));
    if (batchNorm) variables.push(...batchNormVariables(layer, units));
    inputs = units;
  });
  return [...variables, kernel(LOGITS, [inputs, classes])];
}

function convolutionalVariables(architecture: Convolutional, { imageShape, classes }: Signature): readonly Variable[] {
  const { kernelSize, batchNorm } = architecture;
  const layers = blocksOf(architecture, imageShape.at(-1) ?? 0).flatMap((block) => block.layers);
  const variables = layers.flatMap(({ name, inputChannels, outputChannels }) => [
    kernel(name, [kernelSize, kernelSize, inputChannels, outputChannels]),
    ...(batchNorm ? batchNormVariables(name, outputChannels) : []),
  ]);
  return [...variables, kernel(LOGITS, [layers.at(-1)?.outputChannels ?? 0, classes])];
}

/** @param shape […window, inputs, outputs]; each input and output of a convolution counts once for each place in the window. */
function kernel(layer: string, shape: readonly number[]): Variable {
  const window = elementCount(shape.slice(0, -2));
  const [inputs, outputs] = shape.slice(-2) as [number, number];
  return {
    name: `${layer}/kernel`,
    shape,
    trainable: true,
    initialisation: { kind: 'glorot uniform', fanIn: window * inputs, fanOut: window * outputs },
  };
}

function batchNormVariables(layer: string, units: number): readonly Variable[] {
  const variable = (name: string, value: number, trainable: boolean): Variable => ({
    name: `${layer}/${name}`,
    shape: [units],
    trainable,
    initialisation: { kind: 'constant', value },
  });
  return [
    variable('gamma', 1, true),
    variable('beta', 0, true),
    variable('movingMean', 0, false),
    variable('movingVariance', 1, false),
  ];
}
